"""Task instances and runs as schedulers and people move them, without starting a try."""

from __future__ import annotations

from collections.abc import Mapping

from crosscom.model import (
    ProcessIdentity,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
)
from crosscom.stores.rules import check_finish, check_settled, now_us, task_instance_not_found
from crosscom.stores.sqlite.database import Row
from crosscom.stores.sqlite.rows import (
    OverDatabase,
    process_as_text,
    run_record,
    task_instance_record,
)

# Take a run over.
_ADOPT = """
UPDATE dag_run
   SET lease = lease + 1, scheduler = ?, state = 'running', ended_at = NULL,
       started_at = coalesce(started_at, ?)
 WHERE id = ?
RETURNING dag_id, run_id, state, logical_date, run_type, conf, params, description, bundle,
          scheduler, lease, revision, created_at, started_at, ended_at, code_root
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

# End a run, if it still has the revision that was decided on.
_FINISH = """
UPDATE dag_run SET state = ?, ended_at = ? WHERE id = ? AND (? IS NULL OR revision = ?)
"""

# The task instances of a run.
_TASK_INSTANCES = """
SELECT task_id, map_index, state, try_number, max_tries, lost_tries, attempt, retry_at,
       started_at, ended_at
  FROM task_instance
 WHERE run = ?
 ORDER BY task_id, map_index
"""


class TaskInstancesInSQLite(OverDatabase):
    """The part of `TryStore` that starts and ends no try."""

    __slots__ = ()

    def adopt_run(self, key: RunKey, scheduler: ProcessIdentity, *, lease: int) -> RunRecord:
        """Take the run over; see `TryStore.adopt_run`."""
        with self._db.transaction:
            run = self._held_run(key, lease)
            row = self._db.rows(_ADOPT, (process_as_text(scheduler), now_us(), run))[0]
        return run_record(row)

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
            decided_on = (number, revision, revision)
            return self._db.execute(_FINISH, (state, now_us(), *decided_on)).rowcount == 1

    def task_instances(self, run: RunKey) -> list[TaskInstanceRecord]:
        """List a run's task instances; see `TryStore.task_instances`."""
        rows = self._db.rows(_TASK_INSTANCES, (self._run_number(run),))
        return [task_instance_record(run, row) for row in rows]

    def _place(self, ti: TaskInstanceKey, run: RunKey, number: int) -> Row:
        place = (number, ti.task_id, ti.map_index)
        if ti.run != run or self._db.row(_HAS_TASK_INSTANCE, place) is None:
            raise task_instance_not_found(ti, run)
        return place
