"""How the difference between two descriptions of a DAG is told."""

from dataclasses import replace

import pytest

from crosscom.model import DagDescription, TaskDescription
from crosscom.runtime.changes import describe_change, describe_change_of_shape

EXTRACT = TaskDescription("extract", "@task")
LOAD = TaskDescription("load", "@task", upstream=("extract",))
DAG = DagDescription("churn", (EXTRACT, LOAD))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (DAG, None),
        (replace(DAG, tasks=(EXTRACT,)), "there is no task 'load' any more"),
        (
            replace(DAG, tasks=(EXTRACT, LOAD, replace(LOAD, task_id="report"))),
            "there is a new task 'report'",
        ),
        (
            replace(DAG, tasks=(EXTRACT, replace(LOAD, upstream=()))),
            "upstream of task 'load' changed",
        ),
        (
            replace(DAG, tasks=(replace(EXTRACT, retries=1, doc="new"), LOAD)),
            "retries, doc of task 'extract' changed",
        ),
        (replace(DAG, schedule="@daily"), "the DAG's schedule changed"),
        (replace(DAG, tasks=(LOAD, EXTRACT)), "the order of its tasks changed"),
    ],
)
def test_a_change_is_named(found, expected):
    """Each difference is named, with its task."""
    assert describe_change(DAG, found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (replace(DAG, tasks=(replace(EXTRACT, retries=1), LOAD), schedule="@daily"), None),
        (
            replace(DAG, tasks=(EXTRACT, replace(LOAD, upstream=()))),
            "upstream of task 'load' changed",
        ),
        (replace(DAG, dag_id="other"), "the DAG's dag_id changed"),
    ],
)
def test_a_change_of_shape_is_one_of_tasks_and_edges(found, expected):
    """Retries and timeouts are no part of a DAG's shape."""
    assert describe_change_of_shape(DAG, found) == expected


def test_many_changes_are_counted():
    """Of many differences five are named, and the others are counted."""
    many = replace(DAG, tasks=tuple(TaskDescription(f"t{n}", "@task") for n in range(9)))

    text = describe_change(replace(DAG, tasks=()), many) or ""

    assert text.count("there is a new task") == 5
    assert text.endswith("; 4 more")
