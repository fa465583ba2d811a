"""Task instances and tries in SQLite. The fence moves here, always in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crosscom.model import (
    AttemptRecord,
    AttemptState,
    EncodedValue,
    Fence,
    ProcessIdentity,
    RunKey,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.rules import (
    check_end,
    now_us,
    stale_end,
    storable_error,
    task_instance_not_found,
    unknown_attempt,
)
from crosscom.stores.sqlite.audit import write_audit
from crosscom.stores.sqlite.database import Row
from crosscom.stores.sqlite.receipts import write_receipts
from crosscom.stores.sqlite.rows import (
    attempt_record,
    process_as_text,
)
from crosscom.stores.sqlite.xcoms import XComsInSQLite

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
UPDATE xcom SET live = NULL, ended_at = ?
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
            tries, _ = self._vacate(ti, place, now)
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
        reads: Collection[int] = (),
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
            write_receipts(self._db, attempt, reads)
            error = storable_error(end.error)
            self._db.execute(_END, (end.attempt_state, now, error, attempt))
            more_tries = 0 if end.uses_retry else 1
            was_lost = end.attempt_state is AttemptState.LOST
            fate = (end.task_state, end.retry_at_us, now, more_tries, was_lost)
            self._db.execute(_END_TASK_INSTANCE, (*fate, run, ti.task_id, ti.map_index))

    def clear(self, tis: Sequence[TaskInstanceKey], *, reason: str) -> list[AttemptRecord]:
        """Move the fence and make XComs history; see `TryStore.clear`."""
        now = now_us()
        with self._db.transaction:
            runs = {ti.run: self._known_run(ti.run) for ti in tis}
            cleared = []
            for ti in dict.fromkeys(tis):
                place = (runs[ti.run], ti.task_id, ti.map_index)
                _, running = self._vacate(ti, place, now)
                cleared += running
                self._db.execute(_CLEAR, place)
                write_audit(self._db, "clear", str(ti), reason)
            for number in runs.values():
                self._db.execute(_REVISE, (number,))
            return [attempt_record(self._db.row(_ONE_ATTEMPT, (one,))) for one in cleared]

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

    def _vacate(self, ti: TaskInstanceKey, place: Row, now: int) -> tuple[int, list[int]]:
        """Take the fence from whoever holds it; give the tries so far and the attempt that ran."""
        before = self._db.row(_BEFORE_TRY, place)
        if before is None:
            raise task_instance_not_found(ti, ti.run)
        state, tries, attempt = before
        running = [int(attempt)] if state == TaskState.RUNNING else []
        for one in running:
            self._db.execute(_CLEAR_ATTEMPT, (now, one))
        self._db.execute(_ARCHIVE_TASK_INSTANCE, (now, *place))
        return int(tries), running
