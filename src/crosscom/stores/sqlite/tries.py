"""Task instances and tries in SQLite. The fence moves here, always in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
from crosscom.stores.sqlite.audit import write_audit
from crosscom.stores.sqlite.database import Row
from crosscom.stores.sqlite.rows import (
    attempt_record,
    process_as_text,
    run_record,
    task_instance_record,
)
from crosscom.stores.sqlite.xcoms import XComsInSQLite

# The inner number and the lease of a run.
_LEASE = "SELECT id, lease, revision FROM dag_run WHERE dag_id = ? AND run_id = ?"

# Take a run over.
_ADOPT = """
UPDATE dag_run
   SET lease = lease + 1, scheduler = ?, state = 'running', ended_at = NULL,
       started_at = coalesce(started_at, ?)
 WHERE id = ?
RETURNING dag_id, run_id, state, logical_date, run_type, conf, params, description, bundle,
          scheduler, lease, revision, created_at, started_at, ended_at
"""

# How a task instance stands before its next try.
_BEFORE_TRY = """
SELECT state, try_number, attempt FROM task_instance
 WHERE run = ? AND task_id = ? AND map_index = ?
"""

# Take the fence from an attempt that still runs.
_CLEAR_ATTEMPT = """
UPDATE attempt SET state = 'cleared', ended_at = ? WHERE id = ? AND state = 'running'
"""

# Make everything that rests at a task instance history.
_ARCHIVE_TASK_INSTANCE = """
UPDATE xcom SET live = 0, ended_at = ?
 WHERE live = 1 AND run = ? AND task_id = ? AND map_index = ?
"""

# Start a try.
_BEGIN = """
INSERT INTO attempt (run, task_id, map_index, try_number, state, process, bundle, started_at)
VALUES (?, ?, ?, ?, 'running', ?, ?, ?)
"""

# Give the fence to the new try.
_BEGIN_TASK_INSTANCE = """
UPDATE task_instance
   SET state = 'running', try_number = ?, attempt = ?, retry_at = NULL,
       started_at = ?, ended_at = NULL
 WHERE run = ? AND task_id = ? AND map_index = ?
"""

# A try, and whether it still holds the fence.
_BEFORE_END = """
SELECT a.state, a.run, r.dag_id, r.run_id, a.task_id, a.map_index
  FROM attempt AS a JOIN dag_run AS r ON r.id = a.run
 WHERE a.id = ?
"""

# End a try.
_END = "UPDATE attempt SET state = ?, ended_at = ?, error = ? WHERE id = ?"

# What the end of a try makes of its task instance.
_END_TASK_INSTANCE = """
UPDATE task_instance
   SET state = ?, retry_at = ?, ended_at = ?, max_tries = max_tries + ?,
       lost_tries = CASE WHEN ? THEN lost_tries + 1 ELSE 0 END
 WHERE run = ? AND task_id = ? AND map_index = ?
"""

# Give a task instance a state without a try. A running one is left to its try.
_SETTLE = """
UPDATE task_instance
   SET state = ?, retry_at = NULL, ended_at = ?
 WHERE run = ? AND task_id = ? AND map_index = ? AND state <> 'running'
"""

# Let a task instance start again, with all its retries.
_SETTLE_AS_NONE = """
UPDATE task_instance
   SET state = 'none', retry_at = NULL, started_at = NULL, ended_at = NULL,
       max_tries = try_number + retries + 1, lost_tries = 0
 WHERE run = ? AND task_id = ? AND map_index = ? AND state <> 'running'
"""

# Whether a run has a task instance.
_HAS_TASK_INSTANCE = "SELECT 1 FROM task_instance WHERE run = ? AND task_id = ? AND map_index = ?"

# End a run.
_FINISH = "UPDATE dag_run SET state = ?, ended_at = ? WHERE id = ?"

# Take the fence away and let a task instance start again, with all its retries.
_CLEAR = """
UPDATE task_instance
   SET state = 'none', attempt = NULL, retry_at = NULL, started_at = NULL, ended_at = NULL,
       max_tries = try_number + retries + 1, lost_tries = 0
 WHERE run = ? AND task_id = ? AND map_index = ?
"""

# Tell the scheduler of a run that its task instances were changed, or let it be resumed.
_REVISE = """
UPDATE dag_run
   SET revision = revision + 1,
       ended_at = CASE WHEN state IN ('success', 'failed') THEN NULL ELSE ended_at END,
       state = CASE WHEN state IN ('success', 'failed') THEN 'queued' ELSE state END
 WHERE id = ?
"""

# The task instances of a run.
_TASK_INSTANCES = """
SELECT task_id, map_index, state, try_number, max_tries, lost_tries, attempt, retry_at,
       started_at, ended_at
  FROM task_instance
 WHERE run = ?
 ORDER BY task_id, map_index
"""

_ATTEMPT = """
SELECT a.id, r.dag_id, r.run_id, a.task_id, a.map_index, a.try_number, a.state, a.process,
       a.bundle, a.started_at, a.ended_at, a.error
  FROM dag_run AS r JOIN attempt AS a ON a.run = r.id
"""

# The tries of a run, oldest first.
_ATTEMPTS = f"{_ATTEMPT} WHERE r.dag_id = ? AND r.run_id = ? ORDER BY a.id"

# The tries of one task, oldest first.
_ATTEMPTS_OF_TASK = f"""{_ATTEMPT}
 WHERE r.dag_id = ? AND r.run_id = ? AND a.task_id = ? ORDER BY a.id
"""

# One try.
_ONE_ATTEMPT = f"{_ATTEMPT} WHERE a.id = ?"


class TriesInSQLite(XComsInSQLite):
    """The `TryStore` part of the store. It stands on the XComs, which a try's end pushes."""

    __slots__ = ()

    def adopt_run(self, key: RunKey, scheduler: ProcessIdentity, *, lease: int) -> RunRecord:
        """Take the run over; see `TryStore.adopt_run`."""
        with self._db.transaction:
            run = self._held_run(key, lease)
            row = self._db.rows(_ADOPT, (process_as_text(scheduler), now_us(), run))[0]
        return run_record(row)

    def begin_try(
        self,
        ti: TaskInstanceKey,
        process: ProcessIdentity | None,
        *,
        lease: int,
        bundle_digest: str | None = None,
    ) -> AttemptRecord:
        """Start the next try; see `TryStore.begin_try`."""
        now = now_us()
        with self._db.transaction:
            place = (self._held_run(ti.run, lease), ti.task_id, ti.map_index)
            before = self._db.row(_BEFORE_TRY, place)
            if before is None:
                raise task_instance_not_found(ti, ti.run)
            state, tries, earlier = before
            if state == TaskState.RUNNING:
                self._db.execute(_CLEAR_ATTEMPT, (now, earlier))
            self._db.execute(_ARCHIVE_TASK_INSTANCE, (now, *place))
            row = (*place, tries + 1, process_as_text(process), bundle_digest, now)
            attempt = self._db.execute(_BEGIN, row).lastrowid or 0
            self._db.execute(_BEGIN_TASK_INSTANCE, (tries + 1, attempt, now, *place))
        return AttemptRecord(
            id=attempt,
            task_instance=ti,
            try_number=tries + 1,
            state=AttemptState.RUNNING,
            process=process,
            bundle_digest=bundle_digest,
            started_at_us=now,
            ended_at_us=None,
            error=None,
        )

    def end_try(
        self,
        attempt: int,
        end: TryEnd,
        values: Sequence[tuple[str, EncodedValue]] = (),
        *,
        first_sequence: int = 0,
    ) -> None:
        """End a try, its values and its state together; see `TryStore.end_try`."""
        check_end(end)
        now = now_us()
        with self._db.transaction:
            before = self._db.row(_BEFORE_END, (attempt,))
            if before is None:
                raise unknown_attempt(attempt)
            state, run, *names = before
            if state == end.attempt_state:
                return
            ti = TaskInstanceKey(*names)
            if state != AttemptState.RUNNING:
                raise stale_end(attempt, ti, AttemptState(state))
            for sequence, (key, value) in enumerate(values, first_sequence):
                self._put_in_transaction(XComAddress(ti, key), value, Fence(attempt, sequence))
            error = storable_error(end.error)
            self._db.execute(_END, (end.attempt_state, now, error, attempt))
            more_tries = 0 if end.uses_retry else 1
            was_lost = end.attempt_state is AttemptState.LOST
            fate = (end.task_state, end.retry_at_us, now, more_tries, was_lost)
            self._db.execute(_END_TASK_INSTANCE, (*fate, run, ti.task_id, ti.map_index))

    def settle(
        self, run: RunKey, states: Mapping[TaskInstanceKey, TaskState], *, lease: int
    ) -> None:
        """Give task instances a state that no try gave them; see `TryStore.settle`."""
        check_settled(states.values())
        now = now_us()
        with self._db.transaction:
            number = self._held_run(run, lease)
            for ti, state in states.items():
                place = self._place(ti, run, number)
                if state is TaskState.NONE:
                    self._db.execute(_SETTLE_AS_NONE, place)
                else:
                    self._db.execute(_SETTLE, (state, now, *place))

    def finish_run(
        self, run: RunKey, state: RunState, *, lease: int, revision: int | None = None
    ) -> bool:
        """End a run, or mark it interrupted; see `TryStore.finish_run`."""
        check_finish(state)
        with self._db.transaction:
            number = self._held_run(run, lease)
            if revision is not None and revision != self._lease_row(run)[2]:
                return False
            self._db.execute(_FINISH, (state, now_us(), number))
        return True

    def clear(self, tis: Sequence[TaskInstanceKey], *, reason: str) -> list[AttemptRecord]:
        """Move the fence and make XComs history; see `TryStore.clear`."""
        now = now_us()
        with self._db.transaction:
            runs = {ti.run: self._known_run(ti.run) for ti in tis}
            cleared = []
            for ti in dict.fromkeys(tis):
                place = self._place(ti, ti.run, runs[ti.run])
                state, _, attempt = self._db.row(_BEFORE_TRY, place)
                if state == TaskState.RUNNING:
                    self._db.execute(_CLEAR_ATTEMPT, (now, attempt))
                    cleared.append(attempt)
                self._db.execute(_ARCHIVE_TASK_INSTANCE, (now, *place))
                self._db.execute(_CLEAR, place)
                write_audit(self._db, "clear", str(ti), reason)
            for number in runs.values():
                self._db.execute(_REVISE, (number,))
            return [attempt_record(self._db.row(_ONE_ATTEMPT, (one,))) for one in cleared]

    def task_instances(self, run: RunKey) -> list[TaskInstanceRecord]:
        """List a run's task instances; see `TryStore.task_instances`."""
        rows = self._db.rows(_TASK_INSTANCES, (self._run_number(run),))
        return [task_instance_record(run, row) for row in rows]

    def attempts(self, run: RunKey, task_id: str | None = None) -> list[AttemptRecord]:
        """List the tries of a run, oldest first; see `TryStore.attempts`."""
        if task_id is None:
            rows = self._db.rows(_ATTEMPTS, (run.dag_id, run.run_id))
        else:
            rows = self._db.rows(_ATTEMPTS_OF_TASK, (run.dag_id, run.run_id, task_id))
        return [attempt_record(row) for row in rows]

    def attempt(self, attempt: int) -> AttemptRecord | None:
        """Give one try, or None; see `TryStore.attempt`."""
        row = self._db.row(_ONE_ATTEMPT, (attempt,))
        return None if row is None else attempt_record(row)

    def _lease_row(self, key: RunKey) -> Row:
        row: Row | None = self._db.row(_LEASE, (key.dag_id, key.run_id))
        if row is None:
            raise self._run_not_found(key)
        return row

    def _held_run(self, key: RunKey, lease: int) -> int:
        number, found, _ = self._lease_row(key)
        if found != lease:
            raise lease_lost(key, lease, found)
        return int(number)

    def _known_run(self, key: RunKey) -> int:
        return int(self._lease_row(key)[0])

    def _place(self, ti: TaskInstanceKey, run: RunKey, number: int) -> tuple[Any, ...]:
        place = (number, ti.task_id, ti.map_index)
        if ti.run != run or self._db.row(_HAS_TASK_INSTANCE, place) is None:
            raise task_instance_not_found(ti, run)
        return place
