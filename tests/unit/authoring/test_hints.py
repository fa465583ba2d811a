"""Arguments of Airflow's that are taken and not acted on."""

# Hints are attributes that no type checker knows.
# mypy: disable-error-code="arg-type,attr-defined"

import warnings

import pytest

from crosscom import DAG
from crosscom.authoring.hints import DAG_HINTS, HINTS
from crosscom.operators import EmptyOperator


def test_what_would_change_a_run_in_airflow_is_told_once():
    """A callback is kept, and one warning for its place says that it is not called."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        with DAG("d", default_args={"on_failure_callback": print}) as dag:
            for number in range(3):
                EmptyOperator(task_id=f"e{number}")

    assert dag.tasks[0].on_failure_callback is print
    assert [str(one.message) for one in caught] == [
        "on_failure_callback is kept with the task or DAG, but crosscom does not act on it"
    ]


def test_the_warning_names_the_line_that_gives_the_argument():
    """The file and line are the DAG file's, for operators, functions and DAGs alike."""
    lines = [
        "from crosscom import DAG, task",
        "from crosscom.operators import EmptyOperator",
        "with DAG('d', fail_fast=True):",
        "    @task(pool='p')",
        "    def f(): ...",
        "    EmptyOperator(task_id='e', pool='p')",
        "    f()",
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        exec(compile("\n".join(lines), "sales.py", "exec"), {"__name__": "sales"})

    assert [(one.filename, one.lineno, str(one.message).split()[0]) for one in caught] == [
        ("sales.py", 3, "fail_fast"),
        ("sales.py", 6, "pool"),
        ("sales.py", 7, "pool"),
    ]


@pytest.mark.parametrize("value", [None, False, []])
def test_nothing_is_told_of_a_hint_that_is_off(value):
    """`depends_on_past=False` stands in most files, and is what happens anyway."""
    assert EmptyOperator(task_id="e", depends_on_past=value).depends_on_past is value


@pytest.mark.filterwarnings("ignore:.*does not act on it")
@pytest.mark.parametrize("hint", sorted(HINTS))
def test_operators_take_every_hint(hint):
    """Each can be given by name, and is an attribute."""
    assert getattr(EmptyOperator(task_id="e", **{hint: 1}), hint) == 1


@pytest.mark.filterwarnings("ignore:.*does not act on it")
@pytest.mark.parametrize("hint", sorted(DAG_HINTS))
def test_dags_take_every_hint(hint):
    """Each can be given by name, and is an attribute."""
    assert getattr(DAG("d", **{hint: 1}), hint) == 1


def test_a_dag_refuses_what_it_does_not_know():
    """The text names the argument and what may have been meant."""
    with pytest.raises(TypeError) as caught:
        DAG("d", schedule_interval="@daily")
    assert str(caught.value) == (
        "DAG 'd' got unknown argument 'schedule_interval'; did you mean 'schedule'?"
    )
