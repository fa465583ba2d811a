"""One run, from where it stands to its end: starts tries, hears how they end, keeps their time."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from contextlib import suppress

from crosscom.errors import CrosscomError, LeaseLost, StaleTryError
from crosscom.model import (
    AttemptState,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
)
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.job import Job, Plan, RunningTry
from crosscom.runtime.processes import ending
from crosscom.runtime.retries import after_failure, after_interrupt
from crosscom.runtime.wire import Begin, Ended
from crosscom.runtime.workers import Event, Gone, Worker, Workers
from crosscom.stores.rules import now_us

_POLL_SECONDS = 0.25
"""How often a scheduler looks whether others changed its run."""

_CLEARED = TryEnd(AttemptState.CLEARED, TaskState.NONE, error="its task instance was cleared")


class Scheduler:
    """Brings one run to its end. It alone starts tries, while it holds the run's lease."""

    def __init__(self, job: Job, workers: Workers, interrupts: Interrupts) -> None:
        """Take the run as it stands in the store.

        Args:
            job: What to do.
            workers: Where tries run.
            interrupts: Ends the run early.
        """
        self._job = job
        self._store = job.store
        self._run = job.run
        self._workers = workers
        self._interrupts = interrupts
        self._tries: dict[TaskInstanceKey, RunningTry] = {}
        self._heard_interrupts = 0
        self._next_poll = time.monotonic() + _POLL_SECONDS
        self._plan = self._make_plan()

    def run(self) -> RunState:
        """Go on until the run ends or is interrupted; nothing runs any more then.

        Raises:
            LeaseLost: Another scheduler took the run over; what ran here was killed, and
                nothing was written.
            StoreError: The store cannot keep what happens; what ran was killed.
        """
        try:
            while (state := self._step()) is None or not self._finish(state):
                pass
        except LeaseLost:
            self._workers.kill()
            raise
        except BaseException:
            self._abandon()
            raise
        return state

    def _step(self) -> RunState | None:
        self._notice_interrupts()
        is_stopping = self._interrupts.count > 0
        if not is_stopping:
            self._advance()
        if not self._tries and is_stopping:
            return RunState.INTERRUPTED
        if not self._tries and self._plan.finished is not None:
            return self._plan.finished
        for event in self._workers.wait(self._patience()):
            self._hear(event)
        self._keep_time()
        return None

    def _finish(self, state: RunState) -> bool:
        """End the run, unless task instances were cleared meanwhile."""
        run = self._run
        revision = None if state is RunState.INTERRUPTED else run.revision
        if self._store.finish_run(run.key, state, lease=run.lease, revision=revision):
            return True
        self._poll()
        return False

    def _make_plan(self) -> Plan:
        records = self._store.task_instances(self._run.key)
        self._forget_cleared(records)
        return Plan.of(self._job.description, records)

    # --- what comes next

    def _advance(self) -> None:
        settled = self._plan.take(now_us())
        if settled:
            self._store.settle(self._run.key, settled, lease=self._run.lease)
            for key, state in settled.items():
                self._job.watcher.settled(key, state)
        self._start_ready()

    def _start_ready(self) -> None:
        queue, slots = self._plan.queue, self._job.slots
        for _ in range(len(queue)):
            if len(self._tries) >= slots:
                break
            key = queue.popleft()
            if key in self._tries:
                # Its last process is still about to end.
                queue.append(key)
                continue
            worker = self._workers.take()
            if worker is None:
                queue.appendleft(key)
                break
            self._start(key, worker)
        unstarted = self._plan.open - sum(not one.is_over for one in self._tries.values())
        # One spare gets ready while another is taken.
        self._workers.want(min(slots, max(len(queue), min(unstarted, 2))))

    def _start(self, key: TaskInstanceKey, worker: Worker) -> None:
        attempt = self._store.begin_try(
            key,
            worker.process,
            lease=self._run.lease,
            bundle_digest=self._job.bundle_digest,
        )
        max_tries = self._plan.max_tries[key]
        number = attempt.try_number
        worker.begin(
            Begin(attempt.id, key, number, max_tries, self._run, self._job.stored_description)
        )
        started = time.monotonic()
        seconds = self._job.timeout_seconds(key)
        deadline = None if seconds is None else started + seconds
        self._tries[key] = RunningTry(key, attempt.id, number, max_tries, worker, started, deadline)
        self._job.watcher.try_started(key, number)

    # --- what happened

    def _hear(self, event: Event) -> None:
        one = next((t for t in self._tries.values() if t.worker is event.worker), None)
        if one is None:
            return
        if isinstance(event, Gone):
            self._bury(one, event)
        elif not one.is_over:
            del self._tries[one.key]
            self._workers.give_back(one.worker)
            if isinstance(event.message, Ended):
                self._note(one, event.message.end)
            else:
                self._end_for_it(one, event.message.error)

    def _bury(self, one: RunningTry, gone: Gone) -> None:
        # What it put into other process groups and sessions does not outlive it.
        self._workers.signal([one.worker], signal.SIGKILL)
        del self._tries[one.key]
        if not one.is_over:
            how = "" if gone.status is None else f" by {ending(gone.status)}"
            self._end_for_it(one, f"its process ended{how} before the try did")

    def _end_for_it(self, one: RunningTry, error: str) -> None:
        """End a try that did not say how it ended, unless its end is committed already."""
        end = self._failure(one, error)
        try:
            self._store.end_try(one.attempt, end)
        except StaleTryError:
            end = self._committed_end(one)
        self._note(one, end)

    def _committed_end(self, one: RunningTry) -> TryEnd:
        records = self._store.task_instances(self._run.key)
        attempt = self._store.attempt(one.attempt)
        record = next(record for record in records if record.key == one.key)
        if attempt is None or record.attempt != one.attempt:
            return _CLEARED
        return TryEnd(attempt.state, record.state, record.retry_at_us, error=attempt.error)

    def _note(self, one: RunningTry, end: TryEnd) -> None:
        if end is _CLEARED:
            self._next_poll = 0.0
        else:
            self._plan.note(one.key, end)
        self._job.watcher.try_ended(one.key, one.try_number, end, one.seconds)

    def _failure(self, one: RunningTry, error: str) -> TryEnd:
        task = self._job.description.by_id[one.key.task_id]
        return after_failure(task, one.key, one.try_number, one.max_tries, now_us(), error)

    # --- time

    def _patience(self) -> float:
        """Give the seconds until something is due."""
        now = time.monotonic()
        due = [self._next_poll, *(m for one in self._tries.values() for m in one.due)]
        if self._plan.wake_us is not None:
            due.append(now + (self._plan.wake_us - now_us()) / 1e6)
        return max(0.0, min(due) - now)

    def _keep_time(self) -> None:
        now = time.monotonic()
        for one in list(self._tries.values()):
            if one.deadline is not None and one.deadline <= now:
                one.deadline = None
                seconds = self._job.timeout_seconds(one.key)
                self._stop([one], self._failure(one, f"timed out after {seconds:g} s"))
            if one.kill_at is not None and one.kill_at <= now:
                one.kill_at = None
                self._workers.signal([one.worker], signal.SIGKILL)
        if now >= self._next_poll:
            self._poll()

    def _stop(self, tries: Iterable[RunningTry], end: TryEnd) -> None:
        """Commit how tries end, and only then end their processes: the fence keeps them out."""
        stopped = []
        for one in tries:
            # Where it was quicker, its own end is on its way.
            with suppress(StaleTryError):
                self._store.end_try(one.attempt, end)
                one.is_over = True
                stopped.append(one)
        self._terminate(stopped)
        for one in stopped:
            self._note(one, end)

    def _terminate(self, tries: list[RunningTry]) -> None:
        grace = self._job.settings.kill_grace_seconds
        if tries:
            first = signal.SIGTERM if grace > 0 else signal.SIGKILL
            self._workers.signal([one.worker for one in tries], first)
        for one in tries:
            one.kill_at = time.monotonic() + grace

    # --- others

    def _poll(self) -> None:
        """Look whether others changed the run: took it over, or cleared task instances."""
        self._next_poll = time.monotonic() + _POLL_SECONDS
        run = self._store.run(self._run.key)
        if run is None or run.lease != self._run.lease:
            key = self._run.key
            msg = f"the run {key} was taken over by another scheduler; this one wrote nothing more"
            raise LeaseLost(msg, dag_id=key.dag_id, run_id=key.run_id)
        if run.revision != self._run.revision:
            self._run = run
            self._plan = self._make_plan()

    def _forget_cleared(self, records: Iterable[TaskInstanceRecord]) -> None:
        """Kill what still runs for an attempt that is not current any more."""
        current = {record.key: record.attempt for record in records}
        cleared = [
            one
            for one in self._tries.values()
            if not one.is_over and current.get(one.key) != one.attempt
        ]
        for one in cleared:
            one.is_over = True
            self._job.watcher.try_ended(one.key, one.try_number, _CLEARED, one.seconds)
        self._terminate(cleared)

    def _notice_interrupts(self) -> None:
        """First ask what runs to end, and give it time; then kill it."""
        self._interrupts.drain()
        count = self._interrupts.count
        if count > self._heard_interrupts:
            # No retry is waited for any more.
            self._plan.wake_us = None
            running = [one for one in self._tries.values() if not one.is_over]
            self._stop(running, after_interrupt(now_us()))
            if count > 1:
                self._workers.signal([t.worker for t in self._tries.values()], signal.SIGKILL)
        self._heard_interrupts = count

    def _abandon(self) -> None:
        """Leave the run so that `resume` can go on, as far as the store still takes it."""
        for one in self._tries.values():
            if not one.is_over:
                with suppress(CrosscomError):
                    self._store.end_try(one.attempt, after_interrupt(now_us()))
        self._workers.kill()
        with suppress(CrosscomError):
            self._store.finish_run(self._run.key, RunState.INTERRUPTED, lease=self._run.lease)
