"""Task instances and tries in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from crosscom.model import (
    AttemptRecord,
    AttemptState,
    EncodedValue,
    Fence,
    ProcessIdentity,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.memory.contents import alone
from crosscom.stores.memory.xcoms import XComsInMemory, is_of
from crosscom.stores.rules import (
    check_end,
    check_finish,
    check_settled,
    lease_lost,
    now_us,
    stale_end,
    storable_error,
    task_instance_not_found,
    unknown_attempt,
)


class TriesInMemory(XComsInMemory):
    """The `TryStore` part of the store. It stands on the XComs, which a try's end pushes."""

    __slots__ = ()

    @alone
    def adopt_run(self, key: RunKey, scheduler: ProcessIdentity, *, lease: int) -> RunRecord:
        """Take the run over; see `TryStore.adopt_run`."""
        run = self._held_run(key, lease)
        adopted = replace(
            run,
            state=RunState.RUNNING,
            scheduler=scheduler,
            lease=lease + 1,
            started_at_us=now_us() if run.started_at_us is None else run.started_at_us,
            ended_at_us=None,
        )
        self._held.runs[key] = adopted
        return adopted

    @alone
    def begin_try(
        self,
        ti: TaskInstanceKey,
        process: ProcessIdentity | None,
        *,
        lease: int,
        bundle_digest: str | None = None,
    ) -> AttemptRecord:
        """Start the next try; see `TryStore.begin_try`."""
        self._held_run(ti.run, lease)
        before = self._task_instance(ti, ti.run)
        now = now_us()
        self._clear_running(before, now)
        self._archive_all(ti)
        attempt = AttemptRecord(
            id=len(self._held.attempts) + 1,
            task_instance=ti,
            try_number=before.try_number + 1,
            state=AttemptState.RUNNING,
            process=process,
            bundle_digest=bundle_digest,
            started_at_us=now,
            ended_at_us=None,
            error=None,
        )
        self._held.attempts[attempt.id] = attempt
        self._held.task_instances[ti] = replace(
            before,
            state=TaskState.RUNNING,
            try_number=attempt.try_number,
            attempt=attempt.id,
            retry_at_us=None,
            started_at_us=now,
            ended_at_us=None,
        )
        return attempt

    @alone
    def end_try(
        self,
        attempt: int,
        end: TryEnd,
        values: Sequence[tuple[str, EncodedValue]] = (),
        *,
        first_sequence: int = 0,
        reads: Collection[int] = (),
    ) -> None:
        """End a try, its values and its state together; see `TryStore.end_try`."""
        check_end(end)
        before = self._held.attempts.get(attempt)
        if before is None:
            raise unknown_attempt(attempt)
        if before.state is end.attempt_state:
            return
        ti = before.task_instance
        if before.state is not AttemptState.RUNNING:
            raise stale_end(attempt, ti, before.state)
        for sequence, (key, value) in enumerate(values, first_sequence):
            self.put(XComAddress(ti, key), value, Fence(attempt, sequence))
        self._held.receipts.update((entry, attempt) for entry in reads)
        now = now_us()
        self._held.attempts[attempt] = replace(
            before, state=end.attempt_state, ended_at_us=now, error=storable_error(end.error)
        )
        record = self._held.task_instances[ti]
        was_lost = end.attempt_state is AttemptState.LOST
        self._held.task_instances[ti] = replace(
            record,
            state=end.task_state,
            retry_at_us=end.retry_at_us,
            ended_at_us=now,
            max_tries=record.max_tries + (0 if end.uses_retry else 1),
            lost_tries=record.lost_tries + 1 if was_lost else 0,
        )

    @alone
    def settle(
        self, run: RunKey, states: Mapping[TaskInstanceKey, TaskState], *, lease: int
    ) -> None:
        """Give task instances a state that no try gave them; see `TryStore.settle`."""
        check_settled(states.values())
        self._held_run(run, lease)
        found = [self._task_instance(ti, run) for ti in states]
        now = now_us()
        for record in found:
            state = states[record.key]
            if record.state is TaskState.RUNNING:
                continue
            if state is TaskState.NONE:
                self._held.task_instances[record.key] = self._anew(record)
            else:
                self._held.task_instances[record.key] = replace(
                    record, state=state, retry_at_us=None, ended_at_us=now
                )

    @alone
    def finish_run(
        self, run: RunKey, state: RunState, *, lease: int, revision: int | None = None
    ) -> bool:
        """End a run, or mark it interrupted; see `TryStore.finish_run`."""
        check_finish(state)
        record = self._held_run(run, lease)
        if revision is not None and revision != record.revision:
            return False
        self._held.runs[run] = replace(record, state=state, ended_at_us=now_us())
        return True

    @alone
    def clear(self, tis: Sequence[TaskInstanceKey], *, reason: str) -> list[AttemptRecord]:
        """Move the fence and make XComs history; see `TryStore.clear`."""
        for ti in tis:
            self._known_run(ti.run)
        found = [self._task_instance(ti, ti.run) for ti in dict.fromkeys(tis)]
        now = now_us()
        cleared = []
        for record in found:
            cleared += self._clear_running(record, now)
            self._archive_all(record.key)
            self._held.task_instances[record.key] = replace(self._anew(record), attempt=None)
            self._write_audit("clear", str(record.key), reason)
        for run in {ti.run for ti in tis}:
            self._revise(run)
        return cleared

    @alone
    def task_instances(self, run: RunKey) -> list[TaskInstanceRecord]:
        """List a run's task instances; see `TryStore.task_instances`."""
        found = [one for ti, one in self._held.task_instances.items() if is_of(ti, run)]
        return sorted(found, key=lambda record: (record.key.task_id, record.key.map_index))

    @alone
    def attempts(self, run: RunKey, task_id: str | None = None) -> list[AttemptRecord]:
        """List the tries of a run, oldest first; see `TryStore.attempts`."""
        return [
            attempt
            for attempt in self._held.attempts.values()
            if is_of(attempt.task_instance, run)
            and task_id in (None, attempt.task_instance.task_id)
        ]

    @alone
    def attempt(self, attempt: int) -> AttemptRecord | None:
        """Give one try, or None; see `TryStore.attempt`."""
        return self._held.attempts.get(attempt)

    def _known_run(self, key: RunKey) -> RunRecord:
        run = self._held.runs.get(key)
        if run is None:
            raise self._run_not_found(key)
        return run

    def _held_run(self, key: RunKey, lease: int) -> RunRecord:
        run = self._known_run(key)
        if run.lease != lease:
            raise lease_lost(key, lease, run.lease)
        return run

    def _task_instance(self, ti: TaskInstanceKey, run: RunKey) -> TaskInstanceRecord:
        record = self._held.task_instances.get(ti)
        if record is None or ti.run != run:
            raise task_instance_not_found(ti, run)
        return record

    def _anew(self, record: TaskInstanceRecord) -> TaskInstanceRecord:
        return replace(
            record,
            state=TaskState.NONE,
            max_tries=record.try_number + self._held.retries[record.key] + 1,
            lost_tries=0,
            retry_at_us=None,
            started_at_us=None,
            ended_at_us=None,
        )

    def _clear_running(self, record: TaskInstanceRecord, now: int) -> list[AttemptRecord]:
        if record.state is not TaskState.RUNNING or record.attempt is None:
            return []
        attempt = replace(
            self._held.attempts[record.attempt], state=AttemptState.CLEARED, ended_at_us=now
        )
        self._held.attempts[attempt.id] = attempt
        return [attempt]

    def _revise(self, key: RunKey) -> None:
        run = replace(self._held.runs[key], revision=self._held.runs[key].revision + 1)
        if run.state in (RunState.SUCCESS, RunState.FAILED):
            run = replace(run, state=RunState.QUEUED, ended_at_us=None)
        self._held.runs[key] = run
