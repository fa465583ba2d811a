"""The XComs concept, statement by statement, as Airflow's documentation of it puts it."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from crosscom import DAG, BaseOperator, Variable, XComArg, task
from crosscom.operators import BashOperator, PythonOperator
from crosscom.runtime.inline import run_inline
from crosscom.runtime.workplace import Workplace
from crosscom.settings import load_settings
from crosscom.stores.memory import MemoryStore
from crosscom.testing import run_dag


@dataclass
class Order:
    """A value of the DAG's own class."""

    amount: Decimal
    at: datetime


def pulled(run, task_id, key="return_value"):
    """Give what a task of a finished run pushed."""
    return run.get_task_instance(task_id).xcom_pull(key=key, required=True)


def test_xcoms_let_tasks_talk():
    """What one task pushed, a later task of the run pulls."""
    with DAG("d") as dag:

        @task
        def speak(ti=None):
            ti.xcom_push("word", "hello")

        @task
        def listen(ti=None):
            return ti.xcom_pull("speak", key="word")

        speak() >> listen()

    assert pulled(run_dag(dag), "listen") == "hello"


def test_an_xcom_is_identified_by_its_key():
    """One task keeps several values apart by their keys."""
    with DAG("d") as dag:

        @task
        def work(ti=None):
            for key in ("a", "b", "a b/c: é"):
                ti.xcom_push(key, f"value of {key}")

        work()
    run = run_dag(dag)

    assert [pulled(run, "work", key) for key in ("a", "b", "a b/c: é")] == [
        "value of a",
        "value of b",
        "value of a b/c: é",
    ]


def test_an_xcom_is_identified_by_its_task():
    """Two tasks use one key, and their values stay apart."""
    with DAG("d") as dag:
        for name in ("one", "other"):
            task(task_id=name)(lambda ti=None: ti.xcom_push("k", ti.task_id))()
    run = run_dag(dag)

    assert (pulled(run, "one", "k"), pulled(run, "other", "k")) == ("one", "other")


def test_an_xcom_is_identified_by_its_dag():
    """Two DAGs with equal tasks, keys and run ids in one store keep their values apart."""
    store = MemoryStore()
    for dag_id in ("one", "other"):
        with DAG(dag_id) as dag:
            task(task_id="t")(lambda dag=None: dag.dag_id)()
        place = Workplace.of(dag, store, load_settings())
        run_inline(place, place.new_run(run_id="r"))
    with DAG("reader") as dag:

        @task
        def read(ti=None):
            return [ti.xcom_pull("t", dag_id=dag_id) for dag_id in ("one", "other")]

        read()
    place = Workplace.of(dag, store, load_settings())

    assert pulled(place.show(run_inline(place, place.new_run(run_id="r"))), "read") == [
        "one",
        "other",
    ]


def test_an_xcom_can_have_any_serializable_value():
    """Values of many types, nested, come back equal and of the same type."""
    value = {
        1: (b"\x00", {Decimal("0.10")}, frozenset({2})),
        "order": Order(Decimal("9.90"), datetime(2025, 1, 1, tzinfo=UTC)),
        None: [timedelta(days=1), UUID(int=7), 2**80, 1j, range(3)],
    }
    with DAG("d") as dag:

        @task
        def push():
            return value

        @task
        def pull(given):
            return given == value and [type(one) for one in given.values()] == [tuple, Order, list]

        pull(push())

    assert pulled(run_dag(dag), "pull") is True


def test_push_and_pull_are_explicit_on_task_instances():
    """`xcom_push` and `xcom_pull` are methods of the ti and of task_instance, the same object."""
    with DAG("d") as dag:

        @task
        def work(ti=None, task_instance=None):
            ti.xcom_push(key="identifier as a string", value=[1, 2])
            return task_instance.xcom_pull(key="identifier as a string", task_ids="work")

        work()

    assert pulled(run_dag(dag), "work") == [1, 2]


def test_operators_push_what_they_return():
    """Operators auto-push their result into return_value; decorated functions do so as well."""

    class Own(BaseOperator):
        def execute(self, context):
            return "own"

    with DAG("d") as dag:
        Own(task_id="own")
        PythonOperator(task_id="python", python_callable=lambda: "python")
        BashOperator(task_id="bash", bash_command="echo first; echo bash")
        task(task_id="decorated")(lambda: "decorated")()
    run = run_dag(dag)

    for task_id in dag.task_ids:
        assert pulled(run, task_id, "return_value") == task_id


def test_auto_push_can_be_turned_off():
    """With do_xcom_push=False the result is not pushed; an explicit push still is."""
    with DAG("d") as dag:

        @task(do_xcom_push=False)
        def work(ti=None):
            ti.xcom_push("k", 1)
            return 2

        work()
    work_ti = run_dag(dag).get_task_instance("work")

    assert (work_ti.xcom_pull(default="D"), work_ti.xcom_pull(key="k")) == ("D", 1)


def test_a_pull_without_a_key_means_return_value():
    """`xcom_pull(task_ids=...)` gives what the task returned."""
    with DAG("d") as dag:

        @task
        def pushing_task():
            return 42

        @task
        def work(task_instance=None):
            return task_instance.xcom_pull(task_ids="pushing_task")

        pushing_task() >> work()

    assert pulled(run_dag(dag), "work") == 42


def test_xcoms_can_be_used_in_templates():
    """A template field pulls with `task_instance.xcom_pull`, as an f-string with an XComArg does."""

    class Sql(BaseOperator):
        template_fields = ("sql",)

        def __init__(self, *, sql, **kwargs):
            super().__init__(**kwargs)
            self.sql = sql

        def execute(self, context):
            return self.sql

    with DAG("d") as dag:
        foo = task(task_id="foo")(lambda ti=None: ti.xcom_push("table_name", "orders"))()
        select = "SELECT * FROM {{ task_instance.xcom_pull(task_ids='foo', key='table_name') }}"
        foo >> Sql(task_id="by_hand", sql=select)
        foo >> Sql(task_id="by_text", sql=f"SELECT * FROM {foo['table_name']}")
    run = run_dag(dag)

    assert {pulled(run, "by_hand"), pulled(run, "by_text")} == {"SELECT * FROM orders"}


def test_multiple_outputs_push_several_at_once():
    """A returned dict becomes one XCom for each key, beside the whole."""
    with DAG("d") as dag:

        @task(multiple_outputs=True)
        def work():
            return {"low": 1, "high": 9}

        @task
        def spread(low, high):
            return high - low

        both = work()
        spread(both["low"], both["high"])
    run = run_dag(dag)

    assert pulled(run, "work") == {"low": 1, "high": 9}
    assert pulled(run, "spread") == 8


def test_an_xcom_arg_is_a_value_of_the_future():
    """Passing what a call gave, or `.output`, makes the edge and becomes the value."""
    with DAG("d") as dag:
        first = PythonOperator(task_id="first", python_callable=lambda: [1, 2])
        last = task(task_id="last")(sum)(first.output)

    assert isinstance(last, XComArg)
    assert dag.get_task("last").upstream_task_ids == {"first"}
    assert pulled(run_dag(dag), "last") == 3


def test_xcoms_are_per_task_instance_and_variables_global():
    """A Variable outlives its run and has no task; an XCom belongs to one task of one run."""
    with DAG("d") as dag:

        @task
        def work(ti=None, run_id=None):
            seen = Variable.get("last_run", default=None)
            Variable.set("last_run", run_id)
            return seen, ti.xcom_pull(key="mine", default=None), ti.xcom_push("mine", run_id)

        work()
    place = Workplace.of(dag, MemoryStore(), load_settings())
    runs = [place.show(run_inline(place, place.new_run(run_id=name))) for name in ("r1", "r2")]

    assert [pulled(run, "work") for run in runs] == [(None, None, None), ("r1", None, None)]
    assert [pulled(run, "work", "mine") for run in runs] == ["r1", "r2"]


def test_on_every_retry_xcoms_are_cleared():
    """A new try begins without the XComs of the earlier ones, whoever looks."""
    with DAG("d") as dag:

        @task(retries=2)
        def work(ti=None):
            found = ti.xcom_pull(key="row", default="cleared")
            ti.xcom_push("row", ti.try_number)
            if ti.try_number < 3:
                ti.xcom_push(f"only in {ti.try_number}", found)
                raise ValueError
            return found

        work()
    work_ti = run_dag(dag).get_task_instance("work")

    assert (work_ti.state, work_ti.try_number) == ("success", 3)
    assert (work_ti.xcom_pull(), work_ti.xcom_pull(key="row")) == ("cleared", 3)
    assert work_ti.xcom_pull(key="only in 1", default="gone") == "gone"


def test_tasks_are_isolated():
    """What a task does to a value, its arguments or its operator reaches no other task or try."""

    class Counter(BaseOperator):
        template_fields = ("numbers",)

        def __init__(self, *, numbers, **kwargs):
            super().__init__(**kwargs)
            self.numbers = numbers
            self.calls = 0

        def execute(self, context):
            self.calls += 1
            self.numbers.append(random.random())
            if context["ti"].try_number == 1:
                raise ValueError
            return self.calls, len(self.numbers)

    with DAG("d") as dag:
        numbers = task(task_id="numbers")(lambda: [1, 2])()
        for name in ("one", "other"):
            Counter(task_id=name, numbers=numbers, retries=1)
    run = run_dag(dag)

    assert [pulled(run, name) for name in ("one", "other")] == [(1, 3), (1, 3)]
    assert pulled(run, "numbers") == [1, 2]
