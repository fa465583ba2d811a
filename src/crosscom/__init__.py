"""crosscom: letting the tasks of a workflow talk to each other."""
