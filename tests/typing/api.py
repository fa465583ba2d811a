"""What a type checker sees of crosscom. Never run: mypy --strict reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

from crosscom import (
    DAG,
    BaseOperator,
    Context,
    Label,
    Param,
    TriggerRule,
    Variable,
    XComArg,
    __version__,
    chain,
    cross_downstream,
    dag,
    get_current_context,
    literal,
    task,
)
from crosscom.operators import BashOperator, EmptyOperator, PythonOperator


@task
def extract(day: str, limit: int = 5) -> list[str]:
    """A bare decorator keeps the function's types in `.function`."""
    return [day] * limit


@task(multiple_outputs=True, retries=2, retry_delay=timedelta(seconds=1))
def split(rows: list[str]) -> dict[str, int]:
    """So does one with arguments."""
    return {"count": len(rows)}


class Query(BaseOperator):
    """An own operator, as Airflow's documentation writes them."""

    template_fields: Sequence[str] = ("sql",)
    template_ext = (".sql",)

    def __init__(self, sql: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sql = sql

    def execute(self, context: Context) -> int:
        """The context's names have types."""
        assert_type(context["run_id"], str)
        assert_type(context["params"], dict[str, Any])
        assert_type(context["logical_date"], datetime)
        context["ti"].xcom_push("rows", 5)
        context["ti"].xcom_pull(task_ids=["a", "b"], key="rows", default=None, required=False)
        return len(self.sql)


def calls_give_references() -> None:
    """Whatever a function returns: in a DAG file its call is a reference."""
    rows = extract("mon")
    assert_type(rows, XComArg)
    assert_type(extract(rows), XComArg)
    assert_type(rows["count"], XComArg)
    assert_type(split.override(task_id="again")(rows), XComArg)
    assert_type(extract.function("mon", limit=2), list[str])
    assert_type(split.function([]), dict[str, int])


def dags_are_made() -> None:
    """With a block, or of a function whose own arguments are checked."""
    with DAG(
        "d",
        schedule=None,
        default_args={"retries": 1},
        params={"n": Param(5, type="integer"), "zone": "eu"},
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        tags=["a"],
        render_template_as_native_obj=True,
        user_defined_macros={"double": lambda number: number * 2},
        isolation="none",
    ) as made:
        begin = EmptyOperator(task_id="begin")
    assert_type(made, DAG)
    assert_type(made.get_task("begin"), BaseOperator)
    assert_type(made.task_dict, dict[str, BaseOperator])
    assert_type(made.resolve_params({"n": 6}), dict[str, Any])
    assert_type(begin.output, XComArg)

    @dag(schedule="@daily", tags=["a"])
    def pipeline(rows: int = 5) -> None:
        extract(f"{rows}")

    @dag
    def bare() -> None: ...

    assert_type(pipeline(rows=6), DAG)
    assert_type(bare(), DAG)
    pipeline("six")  # type: ignore[arg-type] # the function's own types are checked
    made.test(run_conf={"n": 7}, run_id="r1").get_task_instance("begin").xcom_pull()


def edges_are_drawn() -> None:
    """What stands right of an arrow is what comes back."""
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    rows = extract("mon")
    assert_type(a >> b, EmptyOperator)
    assert_type(b << rows, XComArg)
    assert_type(a >> [b, a], list[EmptyOperator])
    [a, b] >> rows >> Label("then") >> a
    a.set_downstream([b, rows])
    chain(a, [b, rows], Label("x"), a)
    cross_downstream([a, b], [rows])


def operators_are_made() -> None:
    """Airflow's arguments have their types."""

    def load(rows: list[str], **context: Any) -> None: ...

    PythonOperator(task_id="p", python_callable=load, op_args=[extract("mon")], op_kwargs={})
    BashOperator(task_id="b", bash_command="echo {{ ds }}", env={"A": "b"}, skip_on_exit_code=[3])
    BashOperator(task_id="c", bash_command=f"echo {extract('mon')}", output_processor=int, cwd="/")
    Query(task_id="q", sql="select 1", retries=3, trigger_rule=TriggerRule.ALL_DONE, owner="me")
    Query(task_id="r", sql=1)  # type: ignore[arg-type] # an own operator's types are checked
    assert_type(literal("{{ n }}").resolve({}), Any)


def the_context_is_asked_for() -> None:
    """Inside of a task."""
    context = get_current_context()
    assert_type(context["ti"].try_number, int)
    conf: Mapping[str, Any] = context["dag_run"].conf
    assert_type(conf, Mapping[str, Any])
    context["nope"]  # type: ignore[typeddict-item] # the names are known


def variables_are_read() -> None:
    """A default may be anything."""
    assert_type(Variable.get("region"), Any)
    assert_type(Variable.get("limits", default=None, deserialize_json=True), Any)
    Variable.set("limits", {"rows": 5}, serialize_json=True)
    assert_type(Variable.keys("l"), list[str])
    assert_type(Variable.delete("limits"), bool)
    assert_type(__version__, str)
