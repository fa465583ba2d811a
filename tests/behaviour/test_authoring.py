"""DAG files: what is written in them is what happens."""

import json
from datetime import UTC, datetime
from typing import TypedDict

import pytest

from crosscom import (
    DAG,
    BaseOperator,
    FailException,
    Label,
    Param,
    SkipException,
    Variable,
    chain,
    cross_downstream,
    dag,
    get_current_context,
    task,
)
from crosscom.errors import InvalidParam, NotInTask, XComNotFound
from crosscom.operators import BashOperator, EmptyOperator, PythonOperator
from crosscom.testing import run_dag, run_task


def pushed(run):
    """Give what each task returned."""
    return {ti.task_id: ti.xcom_pull() for ti in run.get_task_instances()}


def states(run):
    """Give how each task ended."""
    return {ti.task_id: ti.state for ti in run.get_task_instances()}


class Totals(TypedDict):
    """What a task says it returns."""

    rows: int
    amount: float


def test_a_file_written_for_airflow_runs_when_its_import_is_changed():
    """Decorators, defaults, operators, references, templates and arrows as in Airflow."""

    @dag(
        dag_id="etl",
        schedule="@daily",
        start_date=datetime(2021, 1, 1, tzinfo=UTC),
        catchup=False,
        default_args={"owner": "data", "retries": 1, "email_on_failure": False},
        tags=["example"],
    )
    def etl():
        @task()
        def extract():
            return json.loads('{"1001": 301.27, "1002": 433.21}')

        @task(multiple_outputs=True)
        def transform(order_data: dict[str, float]):
            return {"total": sum(order_data.values()), "count": len(order_data)}

        @task()
        def load(total: float, **context):
            return f"{context['ti'].task_id}: {total:.2f}"

        summary = transform(extract())
        shout = BashOperator(
            task_id="shout",
            bash_command="echo {{ ti.xcom_pull(task_ids='transform', key='count') }} orders",
        )
        load(summary["total"]) >> shout

    run = run_dag(etl())

    assert run.state == "success"
    assert pushed(run) == {
        "extract": {"1001": 301.27, "1002": 433.21},
        "transform": {"total": 734.48, "count": 2},
        "load": "load: 734.48",
        "shout": "2 orders",
    }


def test_a_reference_anywhere_in_the_arguments_becomes_the_value():
    """Also in lists, tuples, dicts, and in op_kwargs; tasks run after those they refer to."""
    with DAG("d") as made:

        @task
        def show(*args, **kwargs):
            return args, kwargs["x"]

        @task
        def one():
            return {"a": 1}

        first = EmptyOperator(task_id="first")
        number = one()
        show([number], (number, "b"), x={"y": number})
        PythonOperator(
            task_id="named", python_callable=lambda rows: rows, op_kwargs={"rows": [number]}
        )
        first >> number

    run = run_dag(made)

    value = {"a": 1}
    assert pushed(run)["show"] == (([value], (value, "b")), {"y": value})
    assert pushed(run)["named"] == [value]


def test_each_reference_gives_a_value_of_its_own():
    """What one argument does to its value, the other does not see."""

    @task
    def twice(left, right):
        left.append(2)
        return right

    with DAG("d") as made:
        rows = task(task_id="rows")(lambda: [1])()
        twice(rows, rows)

    assert pushed(run_dag(made))["twice"] == [1]


def test_keys_of_a_returned_dict_are_references_of_their_own():
    """A TypedDict in the annotation is enough; the whole dict is there as well."""
    with DAG("d") as made:

        @task
        def total() -> Totals:
            return {"rows": 2, "amount": 1.5}

        @task
        def show(rows, whole):
            return rows, whole

        totals = total()
        show(totals["rows"], totals)

    assert pushed(run_dag(made))["show"] == (2, {"rows": 2, "amount": 1.5})


def test_a_key_that_was_not_pushed_fails_the_task_that_needs_it():
    """Unless the producer has multiple outputs; what a task did not return is None."""

    @task
    def show(value):
        return repr(value)

    with DAG("d"):
        silent = EmptyOperator(task_id="silent")
        split = EmptyOperator(task_id="split", multiple_outputs=True)
        needs = show(silent.output["rows"])
        takes = show(silent.output)
        may = show(split.output["rows"])

    assert isinstance(run_task(needs).exception, XComNotFound)
    assert run_task(takes).value == "None"
    assert run_task(may).value == "None"


def test_the_context_comes_by_name():
    """As keyword arguments, all of it, or from any depth by get_current_context."""

    def deep():
        return get_current_context()["ti"].task_id

    @task
    def show(prefix, ti=None, ds=None, *, params, **context):
        return prefix, ti.task_id, ds, params["n"], context["dag_run"].conf, deep()

    with DAG("d", params={"n": 1}) as made:
        show("x")

    run = run_dag(made, {"n": 2}, logical_date=datetime(2026, 1, 31, tzinfo=UTC))

    assert pushed(run)["show"] == ("x", "show", "2026-01-31", 2, {"n": 2}, "show")
    with pytest.raises(NotInTask):
        deep()


def test_conf_comes_before_params_and_is_checked():
    """A value that breaks its rule stops the run before it begins."""
    with DAG("d", params={"n": Param(1, type="integer", minimum=1), "zone": "eu"}) as made:

        @task
        def show(params):
            return params

        show()

    assert pushed(run_dag(made))["show"] == {"n": 1, "zone": "eu"}
    assert pushed(run_dag(made, {"n": 7}))["show"] == {"n": 7, "zone": "eu"}
    with pytest.raises(InvalidParam, match="the value of param 'n' must not be less than 1"):
        run_dag(made, {"n": 0})


def test_arguments_of_a_dag_function_are_params():
    """Tasks get the value of the run, not the one of the call."""

    @dag
    def pipeline(rows=10):
        task(task_id="show")(lambda rows, text: (rows, text))(rows, f"{rows} rows")

    assert pushed(run_dag(pipeline(20)))["show"] == (20, "20 rows")
    assert pushed(run_dag(pipeline(20), {"rows": 5}))["show"] == (5, "5 rows")


def test_default_args_count_for_every_task():
    """What a task says itself counts more."""
    calls = []

    def flaky():
        calls.append(1)
        raise ValueError("no")

    with DAG("d", default_args={"retries": 2}) as made:
        task(task_id="default")(flaky)()
        task(task_id="own", retries=0)(flaky)()

    run = run_dag(made)

    assert {ti.task_id: ti.try_number for ti in run.get_task_instances()} == {
        "default": 3,
        "own": 1,
    }
    assert len(calls) == 4


def test_an_own_operator_is_a_task_like_any_other():
    """Template fields, references, what it returns."""

    class Query(BaseOperator):
        template_fields = ("sql", "rows")

        def __init__(self, sql, rows=(), **kwargs):
            super().__init__(**kwargs)
            self.sql = sql
            self.rows = rows

        def execute(self, context):
            context["ti"].xcom_push("sql", self.sql)
            return self.rows

    with DAG("d") as made:
        first = Query(task_id="first", sql="select '{{ ds }}'", rows=[1, 2])
        Query(task_id="second", sql="{{ ti.xcom_pull('first', key='sql') }};", rows=first.output)

    run = run_dag(made, logical_date=datetime(2026, 1, 31, tzinfo=UTC))

    assert pushed(run) == {"first": [1, 2], "second": [1, 2]}
    assert run.get_task_instance("second").xcom_pull(key="sql") == "select '2026-01-31';"


def test_a_task_without_a_dag_can_be_tried_again_and_again():
    """Trying it puts neither it nor what it refers to into a DAG."""
    first = EmptyOperator(task_id="first")
    show = task(task_id="show")(lambda rows: rows)([first.output])

    assert run_task(show, {"first": 3}).value == [3]
    assert run_task(show, {"first": 4}).value == [4]
    assert (first.dag, show.operator.dag) == (None, None)


def test_tasks_end_themselves_as_skipped_or_failed():
    """SkipException skips, FailException leaves no retry, and trigger rules see both."""

    @task(retries=5)
    def stop(error):
        raise error("enough")

    with DAG("d") as made:
        skipped = stop.override(task_id="skipped")(SkipException)
        failed = stop.override(task_id="failed")(FailException)
        after = EmptyOperator(task_id="after")
        always = EmptyOperator(task_id="always", trigger_rule="all_done")
        failed >> after
        [skipped, failed] >> always

    run = run_dag(made)

    assert states(run) == {
        "skipped": "skipped",
        "failed": "failed",
        "after": "upstream_failed",
        "always": "success",
    }
    assert run.get_task_instance("failed").try_number == 1


def test_edges_decide_the_order():
    """`>>`, `<<`, chain, cross_downstream and labels."""
    order = []

    @task
    def step(name):
        order.append(name)

    with DAG("d") as made:
        a, b, c, d, e, f = (step.override(task_id=name)(name) for name in "abcdef")
        f >> Label("first") >> e
        d << e
        cross_downstream([d], [c, b])
        chain([c, b], a)

    run_dag(made)

    assert "".join(order) in {"fedcba", "fedbca"}


def test_a_task_may_return_without_pushing():
    """`do_xcom_push=False` keeps what is returned; explicit pushes still work."""

    @task(do_xcom_push=False)
    def quiet(ti=None):
        ti.xcom_push("said", 1)
        return "nothing"

    result = run_task(quiet)

    assert result.xcoms == {"said": 1}


def test_variables_are_read_and_written_in_tasks():
    """All tasks of the store see them; they belong to no run."""

    @task
    def write():
        Variable.set("region", "eu")

    @task
    def read():
        return Variable.get("region"), Variable.get("nope", default=None)

    with DAG("d") as made:
        write() >> read()

    assert pushed(run_dag(made))["read"] == ("eu", None)


def test_a_dag_can_be_tried_in_the_configured_store(tmp_path, monkeypatch):
    """`DAG.test` runs it here and keeps what passed."""
    monkeypatch.setenv("CROSSCOM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with DAG("d", params={"n": 1}) as made:
        task(task_id="show")(lambda params, ds: (params["n"], ds))()

    run = made.test(datetime(2026, 1, 31, tzinfo=UTC), {"n": 2}, run_id="r1")

    assert (run.dag_id, run.run_id, run.state) == ("d", "r1", "success")
    assert run.get_task_instance("show").xcom_pull() == (2, "2026-01-31")
    assert (tmp_path / "home" / "crosscom.db").exists()


def test_a_bash_task_passes_on_its_last_line():
    """And takes values in by templates, or as text of a reference, which makes no edge."""
    with DAG("d") as made:

        @task
        def extract():
            return "three  words here"

        rows = extract()
        count = BashOperator(
            task_id="count",
            bash_command=f"echo counting; echo '{rows}' | wc -w",
            output_processor=int,
        )
        skip = BashOperator(task_id="skip", bash_command="exit 99")
        fail = BashOperator(task_id="fail", bash_command="exit 1")
        rows >> count >> [skip, fail]

    run = run_dag(made)

    assert pushed(run)["count"] == 3
    assert states(run) == {
        "extract": "success",
        "count": "success",
        "skip": "skipped",
        "fail": "failed",
    }
    assert made.describe().by_id["count"].reads == ()
