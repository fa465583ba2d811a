"""`@task`: tasks from functions."""

import inspect
from typing import Any, TypedDict

import pytest

from crosscom import DAG, BaseOperator, XComArg, task
from crosscom.errors import InvalidName


class Totals(TypedDict):
    """What a task may say it returns."""

    rows: int


@task
def extract(day="mon", *, limit=5):
    """Fetch a day.

    And more.
    """
    return [day] * limit


def test_a_call_makes_a_task_and_gives_its_reference():
    """The function's name is the id, its docstring the task's."""
    with DAG("d") as dag:
        result = extract("tue")

    operator: Any = dag.get_task("extract")
    assert result == XComArg(operator)
    assert isinstance(dag.get_task("extract"), BaseOperator)
    assert (operator.op_args, operator.op_kwargs) == (("tue",), {})
    assert operator.doc_md == "Fetch a day.\n\nAnd more."
    assert operator.describe().operator == "@task"
    assert repr(operator) == "<Task(@task): extract>"


def test_the_function_itself_can_still_be_called():
    """`.function` is what was decorated; the wrapper carries its name and text."""
    assert extract.function("wed", limit=1) == ["wed"]
    assert (extract.__name__, extract.__doc__) == ("extract", extract.function.__doc__)
    assert inspect.signature(extract).parameters["limit"].default == 5
    assert repr(extract) == "<@task extract>"


def test_the_same_function_can_be_called_again():
    """Later tasks get a number after their id, past ids that are taken."""
    with DAG("d") as dag:
        for _ in range(3):
            extract()
        extract.override(task_id="extract__3")()
        extract()
        extract.override(task_id="other")()
        extract.override(task_id="other")()

    assert dag.task_ids == [
        "extract",
        "extract__1",
        "extract__2",
        "extract__3",
        "extract__4",
        "other",
        "other__1",
    ]


def test_arguments_of_the_operator_can_be_given_and_overridden():
    """`override` leaves the task function it is called on as it was."""
    base = task(retries=1, task_id="load", trigger_rule="all_done")(lambda: 0)
    other = base.override(retries=2)

    with DAG("d", default_args={"retries": 9, "retry_delay": 1}) as dag:
        base()
        other()

    assert [(one.task_id, one.retries) for one in dag.tasks] == [("load", 1), ("load__1", 2)]
    assert dag.tasks[1].trigger_rule == "all_done"
    assert dag.tasks[1].retry_delay.total_seconds() == 1


def test_default_args_reach_decorated_tasks():
    """What the decorator does not say, the DAG may."""
    with DAG("d", default_args={"retries": 9}) as dag:
        extract()

    assert dag.tasks[0].retries == 9


def test_references_in_arguments_make_edges():
    """Also nested in lists, tuples, dicts and sets."""

    @task
    def load(*rows, **more):
        """Take anything."""

    with DAG("d") as dag:
        days = [extract.override(task_id=name)() for name in "abcde"]
        load(days[0], [days[1]], (days[2]["k"],), x={"y": {days[3]}})

    assert dag.get_task("load").upstream_task_ids == {"a", "b", "c", "d"}
    assert dag.describe().by_id["load"].reads == (
        ("a", "return_value"),
        ("b", "return_value"),
        ("c", "k"),
        ("d", "return_value"),
    )


def test_a_task_without_a_dag_can_be_made():
    """A test of one function needs no DAG."""
    assert extract().operator.dag is None


def test_a_dag_can_be_given():
    """`dag=` is as good as a `with` block."""
    dag = DAG("d")

    task(dag=dag)(lambda: 0).override(task_id="x")()

    assert dag.task_ids == ["x"]


def test_a_wrong_call_is_refused_when_the_file_is_read():
    """Missing and unknown arguments are named."""
    with pytest.raises(TypeError, match=r"^f\(\) is missing the argument 'rows'$"):
        task(named("f", lambda rows, ti: 0))()
    with pytest.raises(TypeError, match=r"^f\(\) got an unexpected keyword argument 'x'$"):
        task(named("f", lambda rows: 0))(1, x=2)
    with pytest.raises(ValueError, match="^Context key parameter ds can't have a default other"):
        task(named("f", lambda ds="today": 0))()
    with pytest.raises(TypeError, match=r"^@task \(task 'f'\) got unknown argument 'retires'; did"):
        task(retires=1)(named("f", lambda: 0))()


def test_a_lambda_needs_a_task_id():
    """Its name is no id."""
    with pytest.raises(InvalidName, match="^task_id of 8 characters is refused"):
        task(lambda: 0)()


@pytest.mark.parametrize("wrong", [Totals, 5, int])
def test_only_functions_become_tasks(wrong):
    """A class cannot be decorated."""
    with pytest.raises(
        TypeError, match="^@task is for functions, not for classes or other things$"
    ):
        task()(wrong)


def test_methods_do_not_become_tasks():
    """There would be no self to give them."""
    with pytest.raises(TypeError, match=r"^@task does not support methods, as .*Job\.run$"):

        class Job:
            @task
            def run(self):
                """Do nothing."""


def named(name, function):
    """Give the function another name."""
    function.__name__ = name
    return function


def test_what_comes_later_is_not_there():
    """Mapping and other kinds of tasks belong to later versions."""
    for name in ("expand", "partial", "expand_kwargs"):
        assert not hasattr(extract, name)
    for name in ("branch", "bash", "sensor"):
        assert not hasattr(task, name)
