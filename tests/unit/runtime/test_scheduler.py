"""One scheduler and one run, in this process: what it writes, tells, and does when others write."""

import selectors
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crosscom import DAG, task
from crosscom.errors import LeaseLost, StoreFull
from crosscom.model import AttemptState, NewRun, RunKey, RunState, TaskInstanceKey
from crosscom.runtime.child import Code
from crosscom.runtime.inline_workers import InlineWorkers
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.job import Job
from crosscom.runtime.processes import this_process
from crosscom.runtime.scheduler import Scheduler
from crosscom.runtime.watcher import Nobody
from crosscom.settings import Settings
from crosscom.stores.memory import MemoryStore

RUN = RunKey("d", "r")


class Recorder(Nobody):
    """Keeps what a scheduler tells, and does something at a chosen line."""

    def __init__(self):
        self.lines = []
        self.at = {}

    def _tell(self, line):
        self.lines.append(line)
        self.at.pop(line, lambda: None)()

    def try_started(self, ti, try_number):
        self._tell(f"{ti.task_id} {try_number} started")

    def try_ended(self, ti, try_number, end, seconds):
        assert seconds >= 0
        self._tell(f"{ti.task_id} {try_number} {end.attempt_state}")

    def settled(self, ti, state):
        self._tell(f"{ti.task_id} {state}")


class Running:
    """A DAG in a memory store, and the scheduler of its one run."""

    def __init__(self, dag, home):
        self.store = MemoryStore()
        self.watcher = Recorder()
        self.interrupts = Interrupts()
        settings = Settings(home, "memory:", slots=4)
        code = Code(dag, dag.describe(), home, settings)
        new = NewRun(RUN, code.description, None, None, scheduler=this_process())
        self.run = self.store.create_run(new)
        self._job = Job(self.run, code.description, self.store, settings, self.watcher, "b")
        self._code = code

    def go(self):
        """Bring the run to its end."""
        with self.interrupts, selectors.DefaultSelector() as selector:
            selector.register(self.interrupts, selectors.EVENT_READ)
            workers = InlineWorkers(self._code, self.store, self.interrupts, selector)
            return Scheduler(self._job, workers, self.interrupts).run()

    def states(self):
        """Give the state of each task."""
        return {one.key.task_id: str(one.state) for one in self.store.task_instances(RUN)}

    def clear(self, task_id):
        """Clear a task, as somebody else does."""
        self.store.clear([TaskInstanceKey("d", "r", task_id)], reason="a test")


@pytest.fixture
def running(tmp_path):
    """Make a run of a DAG whose tasks are functions, each after the one before."""

    def make(*functions, **options):
        with DAG("d") as dag:
            tasks = [task(**options)(function)() for function in functions]
            for before, after in pairwise(tasks):
                before >> after
        return Running(dag, tmp_path)

    return make


def one():
    return 1


def two():
    return 2


def bad():
    msg = "bad"
    raise ValueError(msg)


def test_a_run_comes_to_its_end(running):
    """Tries are begun and ended in order, the code of each is noted, and the run has its state."""
    made = running(one, two)

    assert made.go() is RunState.SUCCESS
    assert made.watcher.lines == [
        "one 1 started",
        "one 1 success",
        "two 1 started",
        "two 1 success",
    ]
    assert made.store.run(RUN).state is RunState.SUCCESS
    assert {attempt.bundle_digest for attempt in made.store.attempts(RUN)} == {"b"}


def test_what_cannot_start_is_settled(running):
    """After a failure what depends on it is told and kept as upstream_failed."""
    made = running(one, bad, two)

    assert made.go() is RunState.FAILED
    assert made.states() == {"one": "success", "bad": "failed", "two": "upstream_failed"}
    assert made.watcher.lines[-1] == "two upstream_failed"


def test_a_retry_waits_for_its_delay(running):
    """A failed try starts again, not before its delay is over."""
    made = running(bad, retries=1, retry_delay=timedelta(seconds=0.3))

    made.go()

    first, second = made.store.attempts(RUN)
    assert second.started_at_us - first.started_at_us >= 300_000


def test_a_scheduler_without_its_lease_stops_before_it_starts_a_try(running):
    """Taken over between two tries, it raises and writes nothing more."""
    made = running(one, two)
    made.watcher.at["one 1 success"] = lambda: made.store.adopt_run(
        RUN, this_process(), lease=made.run.lease
    )

    with pytest.raises(LeaseLost):
        made.go()

    assert made.states() == {"one": "success", "two": "none"}
    assert made.store.run(RUN).state is RunState.RUNNING


def test_a_task_that_is_cleared_while_it_runs_runs_again(running):
    """What its stale try returns is refused; the next try makes the value."""

    def cleared():
        if len(made.store.attempts(RUN)) == 1:
            made.clear("cleared")
        return len(made.store.attempts(RUN))

    made = running(cleared)

    assert made.go() is RunState.SUCCESS
    states = [attempt.state for attempt in made.store.attempts(RUN)]
    assert states == [AttemptState.CLEARED, AttemptState.SUCCESS]
    assert made.watcher.lines == [
        "cleared 1 started",
        "cleared 1 cleared",
        "cleared 2 started",
        "cleared 2 success",
    ]


def test_a_task_that_is_cleared_as_the_run_ends_runs_again(running):
    """Cleared after its last try ended and before the run did: the run goes on."""
    made = running(one, two)
    made.watcher.at["two 1 success"] = lambda: made.clear("one")

    assert made.go() is RunState.SUCCESS
    assert made.watcher.lines.count("one 2 success") == 1
    assert made.watcher.lines.count("two 1 success") == 1


def test_an_interrupted_run_starts_nothing_more(running):
    """After a signal between two tries the run is interrupted, and the next task untouched."""
    made = running(one, two)

    def interrupt():
        made.interrupts.count += 1

    made.watcher.at["one 1 success"] = interrupt

    assert made.go() is RunState.INTERRUPTED
    assert made.states() == {"one": "success", "two": "none"}
    assert made.store.run(RUN).state is RunState.INTERRUPTED


def test_whoever_watches_may_break_and_the_run_can_be_resumed(running):
    """An error outside of any task leaves an interrupted run, and is raised."""
    made = running(one, two)

    def full():
        msg = "no room"
        raise StoreFull(msg, url="memory:")

    made.watcher.at["two 1 started"] = full

    with pytest.raises(StoreFull):
        made.go()

    assert made.states() == {"one": "success", "two": "up_for_retry"}
    assert made.store.attempts(RUN)[1].state is AttemptState.INTERRUPTED
    assert made.store.run(RUN).state is RunState.INTERRUPTED


def test_output_is_shown_and_kept(running, capsys):
    """In this process what a task prints goes to the error stream and to its log."""

    def speak():
        sys.stdout.write("spoken\n")

    made = running(speak)

    made.go()

    log = Path(made._job.settings.home) / "logs/d/r/speak.1.log"
    assert capsys.readouterr() == ("", "spoken\n")
    assert log.read_text() == "spoken\n"


def test_an_interrupted_run_waits_for_no_retry(running):
    """A retry that is due in an hour does not keep an interrupted run from ending."""
    made = running(bad, retries=1, retry_delay=timedelta(hours=1))

    def interrupt():
        made.interrupts.count += 1

    made.watcher.at["bad 1 failed"] = interrupt

    assert made.go() is RunState.INTERRUPTED
    assert made.states() == {"bad": "up_for_retry"}
