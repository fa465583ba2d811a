"""Running: one try of a task instance, a run of a DAG, and the processes they happen in.

Reads DAGs from authoring and writes through stores. Nothing here knows the command line.
"""
