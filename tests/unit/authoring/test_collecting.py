"""Which DAGs a loaded file has, and which one takes in a task."""

import pytest

from crosscom import DAG, dag, task
from crosscom.authoring import collect_dags, recording_dags
from crosscom.authoring.current_dag import current_dag
from crosscom.errors import DagError
from crosscom.operators import EmptyOperator


def load(source):
    """Run the text of a DAG file; give the ids of its DAGs."""
    namespace = {"__name__": "dag_file"}
    with recording_dags() as recorded:
        exec(source, namespace)
    return [dag.dag_id for dag in collect_dags(namespace, recorded)]


def test_every_way_to_make_a_dag_is_found():
    """With a block, by a call, in a function, or as a global; bound to a name or not."""
    source = """
from crosscom import DAG, dag
with DAG("block"):
    pass
with DAG("named") as d:
    pass
@dag
def called():
    pass
called()
def make(name):
    with DAG(name):
        pass
make("made")
plain = DAG("plain")
same = plain
"""

    assert load(source) == ["block", "named", "called", "made", "plain"]


def test_a_dag_function_that_is_not_called_makes_no_dag():
    """`@dag` alone describes how to make one."""
    assert load("from crosscom import dag\n@dag\ndef never(): pass\n") == []


def test_a_block_that_failed_makes_no_dag():
    """What a file gave up half way is not offered."""
    source = """
from crosscom import DAG
try:
    with DAG("broken"):
        1 / 0
except ZeroDivisionError:
    pass
"""

    assert load(source) == []


def test_a_block_entered_twice_is_one_dag():
    """Going on with a DAG later is allowed."""
    source = """
from crosscom import DAG
with DAG("d") as d:
    pass
with d:
    pass
"""

    assert load(source) == ["d"]


def test_two_dags_cannot_share_an_id():
    """The text names the id."""
    with pytest.raises(DagError) as caught:
        load("from crosscom import DAG\na = DAG('d')\nb = DAG('d')")
    assert str(caught.value) == "there are two DAGs with the id 'd' in this file; rename one"


def test_recording_ends_with_its_block():
    """DAGs made outside, or inside of an inner recording, are not in the list."""
    with recording_dags() as outer:
        with DAG("a"):
            pass
        with recording_dags() as inner, DAG("b"):
            pass
    with DAG("c"):
        pass

    assert [[dag.dag_id for dag in dags] for dags in (outer, inner)] == [["a"], ["b"]]


def test_the_innermost_block_takes_tasks_in():
    """Blocks nest; outside of all there is no DAG."""
    with DAG("outer") as outer:
        with DAG("inner") as inner:
            EmptyOperator(task_id="i")
        EmptyOperator(task_id="o")

    assert (outer.task_ids, inner.task_ids) == (["o"], ["i"])
    assert current_dag() is None


def test_dag_and_task_are_found_by_their_public_names():
    """The decorators are what `crosscom` exports."""

    @dag
    def pipeline():
        @task
        def one():
            return 1

        one()

    assert pipeline().task_ids == ["one"]
