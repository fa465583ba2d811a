"""`run_dag` and `run_task`: DAGs and tasks without a store, a home or another process."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosscom import DAG, BaseOperator, Param, SkipException, XComArg, task
from crosscom.errors import InvalidParam, TaskNotFound, XComSerializationError
from crosscom.testing import TaskResult, run_dag, run_task


class Echo(BaseOperator):
    """Returns its rendered text."""

    template_fields = ("text",)

    def __init__(self, *, text, **kwargs):
        super().__init__(**kwargs)
        self.text = text

    def execute(self, context):
        return self.text


@dataclass
class Row:
    """A class of this file."""

    n: int


@pytest.fixture
def sales():
    """Give a DAG of three tasks: extract, double, show."""
    with DAG("sales", params={"factor": 2}) as dag:

        @task
        def extract(ti=None):
            ti.xcom_push("rows", [1, 2])
            return 3

        @task
        def double(number, params=None):
            return number * params["factor"]

        double(extract())
        Echo(task_id="show", text="{{ ti.xcom_pull('extract', key='rows') | length }} rows")
    dag.get_task("extract") >> dag.get_task("show")
    return dag


def test_run_dag_runs_to_the_end_and_shows_what_passed(sales):
    """States and XComs are there by Airflow's names."""
    run = run_dag(sales)

    assert run.state == "success"
    assert {ti.task_id: ti.xcom_pull() for ti in run.get_task_instances()} == {
        "extract": 3,
        "double": 6,
        "show": "2 rows",
    }


def test_run_dag_takes_conf_params_id_and_date(sales):
    """What a run is started with reaches its tasks; params are given as conf."""
    date = datetime(2025, 1, 1, tzinfo=UTC)
    run = run_dag(sales, {"a": 1}, params={"factor": 5}, run_id="r1", logical_date=date)

    assert (run.run_id, run.logical_date) == ("r1", date)
    assert run.conf == {"factor": 5, "a": 1}
    assert run.get_task_instance("double").xcom_pull() == 15


def test_run_dag_keeps_nothing(sales, tmp_path, monkeypatch):
    """Two runs may have one id, and no file is made."""
    monkeypatch.chdir(tmp_path)
    run_dag(sales, run_id="r1")
    run_dag(sales, run_id="r1")

    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (lambda: None, "run_dag takes a DAG, not a function; call it"),
        ("sales.py", "run_dag takes a DAG, not a str"),
    ],
)
def test_run_dag_takes_a_dag(wrong, text):
    """Something else is refused with what was given."""
    with pytest.raises(TypeError) as info:
        run_dag(wrong)

    assert str(info.value) == text


def test_run_dag_refuses_a_param_without_a_value():
    """What a run must be told is asked for before it is made."""
    with pytest.raises(InvalidParam):
        run_dag(DAG("d", params={"n": Param(type="integer")}))


def test_run_task_tries_one_task_on_given_values(sales):
    """Arguments, templates and pulls see the given values; no other task runs."""
    result = run_task(sales.get_task("double"), given={"extract": 21})

    assert result == TaskResult("success", 42, {"return_value": 42}, None, None, 1)
    assert run_task(sales.get_task("show"), given={("extract", "rows"): [1]}).value == "1 rows"


def test_run_task_takes_what_a_task_call_gave(sales):
    """An XComArg stands for its task."""
    assert run_task(XComArg(sales.get_task("extract"))).xcoms == {
        "rows": [1, 2],
        "return_value": 3,
    }


def test_run_task_takes_a_task_function_without_a_dag():
    """A `@task` function need not be called, nor be in a DAG; given may name any task."""

    @task
    def report(ti=None):
        return f"{ti.xcom_pull('extract')} rows"

    assert run_task(report, given={"extract": 7}).value == "7 rows"


def test_run_task_takes_an_operator_without_a_dag():
    """An operator made outside of a DAG is tried, and may join one afterwards."""
    echo = Echo(task_id="echo", text="{{ params.name }}")

    assert run_task(echo, params={"name": "a"}).value == "a"
    assert run_task(echo, conf={"name": "b"}, params={"name": "a"}).value == "b"
    assert echo.dag is None
    DAG("d").add_task(echo)


def test_run_task_links_what_a_call_outside_of_a_dag_was_given():
    """An argument that is another task's XComArg is filled from the given values."""

    @task
    def extract():
        raise AssertionError

    @task
    def double(number):
        return number * 2

    assert run_task(double(extract()), given={"extract": 4}).value == 8


def test_run_task_tells_how_the_task_failed(sales):
    """Text and exception of what was raised are there, and what was pushed before."""
    error = ValueError("no rows")

    @task
    def work(ti=None):
        ti.xcom_push("k", 1)
        raise error

    result = run_task(work)

    assert (result.state, result.value, result.xcoms) == ("failed", None, {"k": 1})
    assert (result.error, result.exception) == ("ValueError: no rows", error)


def test_run_task_tells_skipped_and_up_for_retry():
    """The state is the one that the try leaves behind."""

    @task
    def skips():
        raise SkipException

    @task(retries=1)
    def fails():
        raise ValueError

    assert run_task(skips).state == "skipped"
    assert run_task(fails).state == "up_for_retry"


def test_run_task_can_be_a_later_try():
    """The tries before it failed; the task sees its number."""

    @task(retries=1)
    def work(ti=None):
        if ti.try_number == 1:
            raise ValueError
        return ti.try_number, ti.max_tries

    result = run_task(work, try_number=2)

    assert (result.state, result.value, result.try_number) == ("success", (2, 1), 2)
    assert run_task(work, try_number=3).value == (3, 2)


def test_run_task_gives_none_as_a_value(sales, caplog):
    """A given None is a value like any other."""
    result = run_task(sales.get_task("double"), given={"extract": None})

    assert isinstance(result.exception, TypeError)
    assert all(record.name != "crosscom.xcom" for record in caplog.records)


def test_run_task_logs_what_is_missing(sales, caplog):
    """Without a given value the task finds what it would find in a run: nothing, and a line."""
    with caplog.at_level(logging.WARNING, "crosscom.xcom"):
        run_task(sales.get_task("double"))

    assert "/extract has no XCom 'return_value'" in caplog.text


def test_run_task_refuses_values_of_tasks_that_the_dag_has_not(sales):
    """A typing mistake in given is told with the nearest name."""
    with pytest.raises(TaskNotFound) as info:
        run_task(sales.get_task("double"), given={"extrct": 1})
    assert str(info.value) == (
        "run_task was given a value of 'extrct', but DAG 'sales' has no such task; "
        "did you mean 'extract'?"
    )

    with pytest.raises(TaskNotFound) as info:
        run_task(sales.get_task("double"), given={("q", "k"): 1})
    assert str(info.value).endswith("; its tasks: extract, double, show")


def test_run_task_refuses_given_values_that_no_task_could_push(sales):
    """Given values are kept as pushed ones are."""
    with pytest.raises(XComSerializationError):
        run_task(sales.get_task("double"), given={"extract": object()})


def test_run_task_takes_a_task():
    """Something else is refused with what to do."""
    for wrong in (lambda: None, 3):
        with pytest.raises(TypeError) as info:
            run_task(wrong)  # type: ignore[arg-type] # what is tested

        assert str(info.value) == (
            f"run_task takes a task, not a {type(wrong).__name__}; decorate the function with @task"
        )


def test_classes_of_the_test_file_come_back():
    """The folder of the test is the bundle: its dataclasses pass as they are."""

    @task
    def work(ti=None):
        ti.xcom_push("row", Row(1))
        return ti.xcom_pull("extract", key="row").n + ti.xcom_pull(key="row").n

    result = run_task(work, given={("extract", "row"): Row(2)})

    assert (result.value, result.xcoms["row"]) == (3, Row(1))
