"""`@dag`: DAGs from functions."""

from typing import Any

import pytest

from crosscom import DAG, dag, task
from crosscom.authoring.params import Param
from crosscom.errors import InvalidParam


@task
def load(rows, where=""):
    """Take rows."""


SOME = Param(5, minimum=1)


@dag(schedule="@daily", tags=["b", "a"], default_args={"retries": 2})
def pipeline(rows: int = 10, where: str = "eu"):
    """Load rows.

    Every day.
    """
    load(rows, f"to {where}")


def test_a_call_gives_the_dag():
    """Its id is the function's name, its doc the docstring; arguments are those of DAG."""
    made = pipeline()

    assert isinstance(made, DAG)
    assert (made.dag_id, made.task_ids, made.tasks[0].retries) == ("pipeline", ["load"], 2)
    description = made.describe()
    assert (description.schedule, description.tags) == ("@daily", ("a", "b"))
    assert description.doc == "Load rows.\n\nEvery day."
    assert made.fileloc == __file__


def test_arguments_become_params(context_of):
    """The call's arguments are defaults; a run's conf reaches the tasks, in f-strings as well."""
    made = pipeline(20)
    operator: Any = made.get_task("load")

    assert dict(made.params) == {"rows": 20, "where": "eu"}
    assert operator.prepare(context_of(operator)).op_args == (20, "to eu")
    conf = {"rows": 1, "where": "us"}
    assert operator.prepare(context_of(operator, conf=conf)).op_args == (1, "to us")


def test_a_param_object_can_be_the_default():
    """Its schema holds for the call and for the conf."""

    @dag
    def checked(n=SOME):
        """Do nothing."""

    assert checked().resolve_params() == {"n": 5}
    with pytest.raises(InvalidParam, match="must not be less than 1"):
        checked().resolve_params({"n": 0})


def test_every_call_makes_another_dag():
    """DAGs of one function share nothing."""
    first, second = pipeline(1), pipeline(2)

    assert first is not second
    assert dict(first.params) != dict(second.params)


def test_an_id_can_be_given():
    """By place or by name."""

    def empty():
        """Do nothing."""

    assert dag("one")(empty)().dag_id == "one"
    assert dag(dag_id="two", doc_md="Mine.")(empty)().describe().doc == "Mine."


def test_arguments_are_checked_as_in_any_call():
    """Python's own errors tell what is wrong."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'row'"):
        pipeline(row=1)  # type: ignore[call-arg] # on purpose


def test_further_arguments_are_no_params():
    """What a function takes by `*args` or `**kwargs` has no name of its own."""
    seen = []

    @dag
    def free(*args, **kwargs):
        seen.append((args, kwargs))

    made = free(1, two=2)

    assert seen == [((1,), {"two": 2})]
    assert dict(made.params) == {}
