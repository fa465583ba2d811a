"""What a run remembers of its DAG is canonical text."""

from crosscom.model import DagDescription, TaskDescription

EXTRACT = TaskDescription("extract", "@task")
LOAD = TaskDescription("load", "BashOperator", ("extract",), (("extract", "rows"),), retries=2)


def test_json_undoes_itself():
    """A description comes back from its JSON as it was."""
    description = DagDescription("sales", (EXTRACT, LOAD), tags=("a",), doc="Sales.")

    assert DagDescription.from_json(description.to_json()) == description


def test_equal_descriptions_have_equal_digests():
    """The digest names exactly what is described."""
    one, same = (DagDescription("sales", (EXTRACT, LOAD)) for _ in range(2))

    assert one.digest == same.digest
    assert one.digest != DagDescription("sales", (EXTRACT,)).digest


def test_missing_fields_take_their_defaults():
    """A description written before a field existed can still be read."""
    text = (
        '{"dag_id":"d","tags":[],"tasks":[{"task_id":"t","operator":"o","upstream":[],"reads":[]}]}'
    )

    assert DagDescription.from_json(text).tasks[0].trigger_rule == "all_success"
