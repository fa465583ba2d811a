"""XComs over runs, DAGs and hands, with each store."""

from datetime import UTC, datetime

import pytest

from crosscom import DAG, task
from crosscom.backends import Backend
from crosscom.errors import RunNotFound
from crosscom.model import RunKey, RunState, TaskInstanceKey, XComAddress
from crosscom.xcoms import XComs


def day(number):
    """Give a day of January."""
    return datetime(2025, 1, number, tzinfo=UTC)


def states(run):
    """Give the state of each task by its id."""
    return {ti.task_id: ti.state for ti in run.get_task_instances()}


def test_a_run_does_not_see_the_values_of_another(run):
    """Two runs of one DAG have their own XComs."""
    with DAG("d") as dag:
        task(task_id="t")(lambda run_id=None: run_id)()
    runs = [run(dag, run_id=name) for name in ("r1", "r2")]

    assert [one.get_task_instance("t").xcom_pull() for one in runs] == ["r1", "r2"]


def test_a_task_may_read_an_earlier_run_by_its_id(run):
    """run_id= reads another run of this DAG."""
    with DAG("d") as dag:

        @task
        def t(ti=None, run_id=None, dag_run=None):
            before = dag_run.conf.get("before")
            return run_id if before is None else ti.xcom_pull("t", run_id=before)

        t()
    run(dag, run_id="r1")

    assert run(dag, {"before": "r1"}, run_id="r2").get_task_instance("t").xcom_pull() == "r1"


def test_prior_dates_are_looked_at_when_asked(run):
    """The latest logical date before this run's counts, not the order of the runs."""
    with DAG("d") as dag:

        @task
        def mark(ti=None, ds=None, dag_run=None):
            if dag_run.conf.get("push", True):
                ti.xcom_push("at", ds)

        @task
        def look(ti=None):
            return ti.xcom_pull("mark", key="at", include_prior_dates=True, default="none")

        mark() >> look()
    for number in (5, 2, 1):
        run(dag, logical_date=day(number))
    late = run(dag, {"push": False}, logical_date=day(4))
    first = run(dag, {"push": False}, run_id="first", logical_date=datetime(2024, 1, 1, tzinfo=UTC))

    assert late.get_task_instance("look").xcom_pull() == "2025-01-02"
    assert first.get_task_instance("look").xcom_pull() == "none"


def test_another_dags_values_are_read_at_the_same_run_id(run):
    """dag_id= looks at the run of that DAG which has this run's id, else at none."""
    with DAG("source") as source:
        task(task_id="t")(lambda: 5)()
    with DAG("reader") as reader:
        task(task_id="read")(lambda ti=None: ti.xcom_pull("t", dag_id="source", default="none"))()
    run(source, run_id="monday")

    assert run(reader, run_id="monday").get_task_instance("read").xcom_pull() == 5
    assert run(reader, run_id="tuesday").get_task_instance("read").xcom_pull() == "none"


def test_a_push_by_hand_unblocks_what_reads_it(run, store):
    """A value that a person pushed is pulled like any other, and the audit says why."""
    with DAG("d") as dag:
        task(task_id="t")(lambda: None)()
    one = run(dag, run_id="r1")
    address = XComAddress(TaskInstanceKey("d", "r1", "t"), "fix")
    XComs(store, Backend()).push_by_hand(address, [1], reason="the source was down")

    assert one.get_task_instance("t").xcom_pull(key="fix") == [1]
    assert [line.reason for line in store.audit_lines()] == ["the source was down"]


def test_a_push_by_hand_may_make_its_run(store):
    """A store without any DAG keeps values for a run that only holds them."""
    xcoms = XComs(store, Backend())
    address = XComAddress(TaskInstanceKey("d", "r1", "t"), "k")
    with pytest.raises(RunNotFound):
        xcoms.push_by_hand(address, 1, reason="a test")
    xcoms.push_by_hand(address, 1, reason="a test", create_run=True)

    assert xcoms.pull(address) == 1
    assert store.run(RunKey("d", "r1")).state is RunState.EXTERNAL


def test_what_was_deleted_is_gone_with_its_history(run, store):
    """Deleting an address forgets every value that was ever pushed there."""
    with DAG("d") as dag:

        @task
        def t(ti=None):
            ti.xcom_push("k", 1)
            ti.xcom_push("k", 2)

        t()
    t_ti = run(dag, run_id="r1").get_task_instance("t")
    xcoms, address = XComs(store, Backend()), XComAddress(t_ti.key, "k")

    assert xcoms.delete(address, reason="personal data") == 2
    assert xcoms.history(address) == []
    assert t_ti.xcom_pull(key="k", default="gone") == "gone"


def test_equal_values_have_equal_digests(run, store):
    """Two runs that push equal values can be compared without opening them."""
    with DAG("d") as dag:
        task(task_id="t")(lambda dag_run=None: {"rows": dag_run.conf["rows"]})()
    for name, rows in (("r1", [1, 2]), ("r2", [1, 2]), ("r3", [1, 3])):
        run(dag, {"rows": rows}, run_id=name)
    entries = [store.entries(RunKey("d", name))[0] for name in ("r1", "r2", "r3")]

    assert entries[0].digest == entries[1].digest != entries[2].digest
    assert [entry.preview for entry in entries] == ['{"rows":[1,2]}'] * 2 + ['{"rows":[1,3]}']


def test_a_reader_may_be_an_all_done_task_of_a_failed_one(run):
    """What a failed last try pushed stays readable for tasks that run all the same."""
    with DAG("d") as dag:

        @task
        def bad(ti=None):
            ti.xcom_push("progress", 7)
            raise ValueError

        @task(trigger_rule="all_done")
        def report(ti=None):
            return ti.xcom_pull("bad", key="progress")

        bad() >> report()
    one = run(dag)

    assert states(one) == {"bad": "failed", "report": "success"}
    assert one.get_task_instance("report").xcom_pull() == 7
