"""A whole run in this process."""

import logging
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from crosscom import DAG, BaseOperator, SkipException, task
from crosscom.errors import DagCycle, InvalidName, LeaseLost, RunExists
from crosscom.model import RunState, TaskState
from crosscom.runtime.inline import run_inline
from crosscom.runtime.processes import this_process
from crosscom.runtime.workplace import Workplace
from crosscom.settings import Settings
from crosscom.stores.memory import MemoryStore
from crosscom.stores.opening import open_store

SETTINGS = Settings(home=Path("/nowhere"), store_url="memory:")


class Listener:
    """Keeps what it is told, as short words."""

    def __init__(self):
        self.heard = []

    def run_started(self, run, description):
        self.heard.append(f"run {run.state} of {len(description.tasks)}")

    def try_started(self, ti, try_number):
        self.heard.append(f"{ti.task_id} {try_number}")

    def try_ended(self, ti, try_number, end, seconds):
        self.heard.append(f"{ti.task_id} {try_number} {end.task_state}")

    def settled(self, ti, state):
        self.heard.append(f"{ti.task_id} {state}")

    def note(self, text):
        self.heard.append(text)

    def run_ended(self, run):
        self.heard.append(f"run {run.state}")


def place(dag):
    """Give the workplace of *dag* in a memory store."""
    return Workplace.of(dag, MemoryStore(), SETTINGS)


def states(workplace, run):
    """Give the state of each task by its id."""
    records = workplace.store.task_instances(run.key)
    return {record.key.task_id: record.state.value for record in records}


def test_a_run_goes_through_its_tasks_and_tells_its_watcher():
    """Tries follow each other in topological order; who watches hears each step once."""
    with DAG("d") as dag:

        @task(retries=1)
        def first(ti=None):
            if ti.try_number == 1:
                raise ValueError

        @task
        def skip():
            raise SkipException

        @task
        def after():
            pass

        first() >> skip() >> after()
    workplace, listener = place(dag), Listener()
    run = run_inline(workplace, workplace.new_run(), listener)

    assert run.state is RunState.SUCCESS
    assert listener.heard == [
        "run running of 3",
        "first 1",
        "first 1 up_for_retry",
        "first 2",
        "first 2 success",
        "skip 1",
        "skip 1 skipped",
        "after skipped",
        "run success",
    ]


def test_a_retry_delay_is_not_waited_for():
    """A retry that is due in an hour starts at once."""
    with DAG("d") as dag:

        @task(retries=2, retry_delay=timedelta(hours=1))
        def work(ti=None):
            if ti.try_number < 3:
                raise ValueError

        work()
    workplace = place(dag)

    # Waiting would keep this test for two hours.
    assert run_inline(workplace, workplace.new_run()).state is RunState.SUCCESS


def test_a_failed_task_fails_what_waits_for_it():
    """The run goes on where it can, and ends as failed."""
    with DAG("d") as dag:

        @task
        def bad():
            raise ValueError

        @task
        def good():
            pass

        bad() >> task(task_id="after")(lambda: None)()
        good()
    workplace = place(dag)
    run = run_inline(workplace, workplace.new_run())

    assert run.state is RunState.FAILED
    assert states(workplace, run) == {
        "bad": "failed",
        "after": "upstream_failed",
        "good": "success",
    }


def test_a_run_without_tasks_succeeds():
    """An empty DAG has nothing that could fail."""
    workplace = place(DAG("d"))

    assert run_inline(workplace, workplace.new_run()).state is RunState.SUCCESS


def test_the_run_names_this_process_as_its_scheduler():
    """Others can see who runs it, and whether that process still lives."""
    with DAG("d") as dag:

        @task
        def work():
            return workplace.store.runs()[0].scheduler.pid

        work()
    workplace = place(dag)
    run = run_inline(workplace, workplace.new_run())

    assert run.scheduler == this_process()
    assert workplace.show(run).get_task_instance("work").xcom_pull() == os.getpid()


def test_what_is_cleared_while_it_runs_runs_again():
    """A task that was cleared in the middle of its try starts again, and so does a finished one."""
    with DAG("d") as dag:

        @task
        def first():
            calls.append("first")

        @task
        def second(ti=None):
            calls.append("second")
            if calls.count("second") == 1:
                tis = [r.key for r in workplace.store.task_instances(ti.key.run)]
                workplace.store.clear(tis, reason="a test")

        first() >> second()
    calls: list[str] = []
    workplace = place(dag)
    run = run_inline(workplace, workplace.new_run())

    assert run.state is RunState.SUCCESS
    assert calls == ["first", "second", "first", "second"]


def test_what_is_cleared_behind_its_back_runs_again():
    """A finished task that another process clears is seen after the next try."""
    with DAG("d") as dag:

        @task
        def first():
            calls.append("first")

        @task
        def second(ti=None):
            calls.append("second")
            if calls.count("second") == 1:
                first_key = workplace.store.task_instances(ti.key.run)[0].key
                workplace.store.clear([first_key], reason="a test")

        first() >> second()
    calls: list[str] = []
    workplace = place(dag)
    run = run_inline(workplace, workplace.new_run())

    assert run.state is RunState.SUCCESS
    assert calls == ["first", "second", "first"]


def test_a_run_that_was_taken_over_stops():
    """When another scheduler adopted the run, this one writes nothing any more."""
    with DAG("d") as dag:

        @task
        def work(ti=None):
            run = workplace.store.run(ti.key.run)
            workplace.store.adopt_run(ti.key.run, this_process(), lease=run.lease)

        work() >> task(task_id="after")(lambda: None)()
    workplace = place(dag)

    with pytest.raises(LeaseLost):
        run_inline(workplace, workplace.new_run())
    assert states(workplace, workplace.store.runs()[0])["after"] == "none"


def test_ctrl_c_interrupts_the_run():
    """A real Ctrl-C ends the try, marks the run as interrupted and reaches the caller."""
    with DAG("d") as dag:

        @task(retries=5)
        def work():
            signal.raise_signal(signal.SIGINT)

        work()
    workplace, listener = place(dag), Listener()

    with pytest.raises(KeyboardInterrupt):
        run_inline(workplace, workplace.new_run(), listener)
    assert workplace.store.runs()[0].state is RunState.INTERRUPTED
    assert listener.heard[-2:] == ["work 1 up_for_retry", "run interrupted"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_keyboard_interrupt_of_the_tasks_own_is_a_failure():
    """A task that raises KeyboardInterrupt fails; the run goes on."""
    with DAG("d") as dag:

        @task
        def work():
            raise KeyboardInterrupt

        work()
    workplace = place(dag)

    assert run_inline(workplace, workplace.new_run()).state is RunState.FAILED


def test_a_run_may_take_place_in_any_thread(caplog):
    """Outside of the main thread everything works but execution_timeout, which is told."""
    with DAG("d") as dag:
        task(task_id="work", execution_timeout=timedelta(seconds=60))(lambda: 1)()
    workplace = place(dag)
    ended = []
    thread = threading.Thread(
        target=lambda: ended.append(run_inline(workplace, workplace.new_run()))
    )
    thread.start()
    thread.join()

    assert ended[0].state is RunState.SUCCESS
    assert caplog.messages == ["execution_timeout is not kept outside of the main thread"]


def test_execution_timeout_ends_a_try():
    """A try that takes longer is interrupted, told to clean up, and fails."""

    class Slow(BaseOperator):
        def execute(self, context):
            while True:
                time.sleep(0.01)

        def on_kill(self):
            killed.append(self.task_id)

    killed: list[str] = []
    with DAG("d") as dag:
        Slow(task_id="work", execution_timeout=timedelta(seconds=0.05))
    workplace = place(dag)
    run = run_inline(workplace, workplace.new_run())
    (attempt,) = workplace.store.attempts(run.key)

    assert run.state is RunState.FAILED
    assert attempt.error == "TimeIsUp: execution_timeout of 0.05 s is over"
    assert killed == ["work"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_try_in_time_is_left_alone():
    """A timeout that is not reached changes nothing and leaves no alarm behind."""
    with DAG("d") as dag:
        task(task_id="work", execution_timeout=timedelta(seconds=60))(lambda: 1)()
    before = signal.getsignal(signal.SIGALRM)
    workplace = place(dag)

    assert run_inline(workplace, workplace.new_run()).state is RunState.SUCCESS
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_new_run_is_named_by_its_time():
    """Without an id a run is `manual__` and the time; its date is now, its conf empty."""
    run = place(DAG("d")).new_run()

    assert run.key.run_id.startswith("manual__20")
    assert run.key.run_id.endswith("+00:00")
    assert (run.conf, run.params, run.run_type) == ("{}", "{}", "manual")
    assert run.logical_date_us is not None


@pytest.mark.parametrize(
    "date",
    [
        datetime(2025, 1, 1, 12),  # noqa: DTZ001 - no zone is what is tested
        datetime(2025, 1, 1, 12, tzinfo=UTC),
        datetime(2025, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_logical_date_without_a_zone_is_in_utc(date):
    """A date keeps its moment, and one without a zone is taken as UTC."""
    workplace = place(DAG("d"))
    run = workplace.store.create_run(workplace.new_run(logical_date=date))

    assert workplace.show(run).logical_date == datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("conf", [{"k": {1}}, {"k": float("nan")}, {"k": datetime.now(UTC)}])
def test_a_conf_that_is_no_json_is_refused(conf):
    """What a run is started with is plain JSON; the text shows no value of it."""
    with pytest.raises(TypeError) as info:
        place(DAG("d")).new_run(conf)

    assert str(info.value) == (
        "the conf of a run must be plain JSON: a dict of texts, numbers, lists and dicts"
    )


def test_bad_runs_are_refused_before_anything_is_stored():
    """A broken run id, a taken one, and a cycle store nothing."""
    workplace = place(DAG("d"))
    with pytest.raises(InvalidName):
        workplace.new_run(run_id="a/b")
    run_inline(workplace, workplace.new_run(run_id="r"))
    with pytest.raises(RunExists):
        run_inline(workplace, workplace.new_run(run_id="r"))
    with DAG("d") as dag:
        one, other = (task(task_id=name)(lambda: None)() for name in "ab")
        one >> other >> one
    with pytest.raises(DagCycle):
        place(dag)
    assert len(workplace.store.runs()) == 1


class TestDagTest:
    """`DAG.test()`: the configured store."""

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CROSSCOM_HOME", str(tmp_path / "home"))
        monkeypatch.chdir(tmp_path)

    def test_it_keeps_its_run_in_the_configured_store(self, tmp_path):
        """What DAG.test ran is there for every other process."""
        with DAG("d") as dag:
            task(task_id="work")(lambda dag_run=None: dag_run.conf["n"])()
        date = datetime(2025, 1, 1, tzinfo=UTC)
        run = dag.test(run_conf={"n": 3}, run_id="r1", logical_date=date)

        assert (run.dag_id, run.run_id, run.state) == ("d", "r1", "success")
        assert run.logical_date == date
        assert run.get_task_instance("work").xcom_pull() == 3
        other = open_store(f"sqlite://{tmp_path}/home/crosscom.db")
        assert [record.key.run_id for record in other.runs()] == ["r1"]
        other.close()

    def test_a_refused_run_closes_the_store(self):
        """A taken run id leaves no connection behind."""
        dag = DAG("d")
        dag.test(run_id="r1")

        with pytest.raises(RunExists):
            dag.test(run_id="r1")


def test_a_run_and_its_task_instances_have_airflows_names():
    """A DagRun gives its task instances, as they stand, by id or by state."""
    with DAG("d") as dag:

        @task
        def good(ti=None):
            ti.xcom_push("k", 1)

        @task
        def bad():
            raise ValueError

        good()
        bad()
    workplace = place(dag)
    run = workplace.show(run_inline(workplace, workplace.new_run({"a": 1}, run_id="r1")))

    assert (run.dag_id, run.run_id, run.state, run.conf) == ("d", "r1", "failed", {"a": 1})
    assert (run.run_type, run.dag) == ("manual", dag)
    assert run.queued_at <= run.start_date <= run.end_date
    assert repr(run) == "<DagRun d@r1 failed>"
    assert [ti.task_id for ti in run.get_task_instances()] == ["bad", "good"]
    assert [ti.task_id for ti in run.get_task_instances("failed")] == ["bad"]
    assert [ti.task_id for ti in run.get_task_instances([TaskState.SUCCESS])] == ["good"]
    assert run.get_task_instance("nosuch") is None
    assert run.get_task_instance("good", map_index=3) is None
    good_ti = run.get_task_instance("good")
    assert (good_ti.state, good_ti.try_number, good_ti.map_index) == ("success", 1, -1)
    assert good_ti.task is dag.get_task("good")
    assert good_ti.dag_run is run
    assert good_ti.start_date <= good_ti.end_date


def test_a_push_on_a_finished_task_instance_is_by_hand():
    """People may push where no try runs; the audit keeps that."""
    with DAG("d") as dag:
        task(task_id="work")(lambda: 1)()
    workplace = place(dag)
    run = workplace.show(run_inline(workplace, workplace.new_run(run_id="r1")))
    work = run.get_task_instance("work")
    work.xcom_push("fix", [1])

    assert work.xcom_pull(key="fix") == [1]
    (entry,) = [e for e in workplace.xcoms().entries(work.key.run) if e.address.key == "fix"]
    assert entry.attempt is None


def test_the_log_of_a_failed_try_reaches_whoever_listens(caplog):
    """Tries log to `crosscom.task` as they do in a process of their own."""
    with DAG("d") as dag:

        @task
        def work():
            raise ValueError("boom")

        work()
    workplace = place(dag)
    run_inline(workplace, workplace.new_run(run_id="r1"))

    assert caplog.record_tuples[0][:2] == ("crosscom.task", logging.ERROR)
    assert "ValueError: boom" in caplog.text
