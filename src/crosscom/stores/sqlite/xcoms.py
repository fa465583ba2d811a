"""Entries in SQLite: one statement stores a new key, one transaction replaces an old one."""

from __future__ import annotations

from crosscom.model import (
    EncodedValue,
    Fence,
    Payload,
    RunKey,
    TaskInstanceKey,
    XComAddress,
    XComEntry,
)
from crosscom.stores.rules import now_us, stale_put
from crosscom.stores.sqlite.audit import write_audit
from crosscom.stores.sqlite.database import Database, Row
from crosscom.stores.sqlite.receipts import forget_receipts
from crosscom.stores.sqlite.rows import OverDatabase

# Store a value where nothing rests, if its attempt may write there.
_PUT = """
INSERT INTO xcom (run, task_id, map_index, try_number, attempt, sequence, key,
                  backend, encoding, type_name, size_bytes, digest, preview, pushed_at, data)
SELECT ti.run, ti.task_id, ti.map_index, ti.try_number, ti.attempt, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
  FROM dag_run AS r JOIN task_instance AS ti ON ti.run = r.id
 WHERE r.dag_id = ? AND r.run_id = ? AND ti.task_id = ? AND ti.map_index = ?
   AND ti.attempt = ? AND ti.state = 'running'
   AND NOT EXISTS (SELECT 1 FROM xcom AS x WHERE x.run = ti.run AND x.task_id = ti.task_id
           AND x.map_index = ti.map_index AND x.key = ? AND x.live = 1)
"""

# Make what rests at an address history, if an attempt may write there and this put was not done.
_MAKE_ROOM = """
UPDATE xcom SET live = NULL, ended_at = ?
 WHERE id = (
    SELECT x.id
      FROM dag_run AS r JOIN task_instance AS ti ON ti.run = r.id
      JOIN xcom AS x ON x.run = ti.run AND x.task_id = ti.task_id AND x.map_index = ti.map_index
     WHERE r.dag_id = ? AND r.run_id = ? AND ti.task_id = ? AND ti.map_index = ?
       AND ti.attempt = ? AND ti.state = 'running'
       AND x.key = ? AND x.live = 1 AND (x.attempt IS NOT ti.attempt OR x.sequence <> ?)
       AND NOT EXISTS (SELECT 1 FROM xcom AS past WHERE past.run = ti.run
               AND past.task_id = ti.task_id AND past.map_index = ti.map_index
               AND past.key = x.key AND past.live IS NULL
               AND past.attempt = ti.attempt AND past.sequence = ?))
"""

# Whether a put was done before.
_WAS_DONE = """
SELECT 1 FROM xcom
 WHERE run = ? AND task_id = ? AND map_index = ? AND key = ? AND live = 1
   AND attempt = ? AND sequence = ?
UNION ALL
SELECT 1 FROM xcom
 WHERE run = ? AND task_id = ? AND map_index = ? AND key = ? AND live IS NULL
   AND attempt = ? AND sequence = ?
"""

# Make what rests at an address history.
_ARCHIVE_ADDRESS = """
UPDATE xcom SET live = NULL, ended_at = ?
 WHERE live = 1 AND run = ? AND task_id = ? AND map_index = ? AND key = ?
"""

# Make a run that only holds values from outside.
_MAKE_RUN = """
INSERT INTO dag_run (dag_id, run_id, state, run_type, conf, params, created_at)
VALUES (?, ?, 'external', 'manual', '{}', '{}', ?)
"""

# Make a task instance that no DAG described.
_MAKE_TASK_INSTANCE = """
INSERT INTO task_instance (run, task_id, map_index, state, retries, max_tries)
VALUES (?, ?, ?, 'none', 0, 1)
    ON CONFLICT DO NOTHING
"""

# Store a value without a try.
_PUT_BY_HAND = """
INSERT INTO xcom (run, task_id, map_index, try_number, key,
                  backend, encoding, type_name, size_bytes, digest, preview, pushed_at, data)
SELECT run, task_id, map_index, try_number, ?, ?, ?, ?, ?, ?, ?, ?, ?
  FROM task_instance
 WHERE run = ? AND task_id = ? AND map_index = ?
"""

# The live payload at an address.
_GET = """
SELECT encoding, data, backend, id, digest
  FROM xcom
 WHERE live = 1 AND run = (SELECT id FROM dag_run WHERE dag_id = ? AND run_id = ?)
   AND task_id = ? AND map_index = ? AND key = ?
"""

# The live payload at an address in this run or the nearest earlier one of its DAG.
_GET_LATEST = """
SELECT x.encoding, x.data, x.backend, x.id, x.digest
  FROM dag_run AS this
  JOIN dag_run AS r ON r.dag_id = this.dag_id
   AND coalesce(r.logical_date, r.created_at) <= coalesce(this.logical_date, this.created_at)
  JOIN xcom AS x ON x.live = 1 AND x.run = r.id
   AND x.task_id = ? AND x.map_index = ? AND x.key = ?
 WHERE this.dag_id = ? AND this.run_id = ?
 ORDER BY coalesce(r.logical_date, r.created_at) DESC, x.id DESC
 LIMIT 1
"""

# The payload of one entry.
_GET_ENTRY = "SELECT encoding, data, backend, id, digest FROM xcom WHERE id = ? AND run IS NOT NULL"

_ENTRY = """
SELECT id, task_id, map_index, key, live, try_number, attempt, encoding, backend, type_name,
       size_bytes, digest, coalesce(preview, CAST(data AS TEXT)), pushed_at, ended_at
  FROM xcom
"""

# The live entries of a run, in the order of their push.
_ENTRIES = f"""{_ENTRY}
 WHERE live = 1 AND run = ? AND (? IS NULL OR map_index = ?)
 ORDER BY id
"""

# The live entries of one task, in the order of their push.
_ENTRIES_OF_TASK = f"""{_ENTRY}
 WHERE live = 1 AND run = ? AND (? IS NULL OR map_index = ?) AND task_id = ?
 ORDER BY id
"""

# Every entry of an address, oldest first.
_HISTORY = f"""{_ENTRY}
 WHERE run = ? AND task_id = ? AND map_index = ? AND key = ?
 ORDER BY id
"""

# Forget every entry of an address.
_DELETE = "DELETE FROM xcom WHERE run = ? AND task_id = ? AND map_index = ? AND key = ?"

# The id that was given last.
_NEWEST = "SELECT max(id) FROM xcom"

# Keep a forgotten newest id from being given again.
_MARK = """
INSERT INTO xcom (id, run, live, task_id, map_index, key, try_number, backend, encoding, type_name,
                  size_bytes, digest, pushed_at, data)
SELECT ?, NULL, NULL, '', -1, '', 0, '', '', '', 0, x'', 0, x''
 WHERE NOT EXISTS (SELECT 1 FROM xcom WHERE id = ?)
"""

# Drop the marks that newer entries made needless.
_DELETE_MARKS = "DELETE FROM xcom WHERE run IS NULL AND id < ?"


_MOST_REMEMBERED = 1000


class XComsInSQLite(OverDatabase):
    """The `XComStore` part of the store."""

    __slots__ = ("_replaced",)

    def __init__(self, database: Database) -> None:
        """Work on *database*."""
        super().__init__(database)
        # What was replaced once is likely replaced again, so it is not first tried as a new key:
        # that takes a tenth of the time. Where nothing rests any more, replacing stores it too.
        self._replaced: set[XComAddress] = set()

    def put(self, address: XComAddress, value: EncodedValue, fence: Fence) -> None:
        """Keep *value* at *address*; see `XComStore.put`."""
        row = _fenced_row(address, value, fence)
        if address in self._replaced or self._db.execute(_PUT, row).rowcount == 0:
            with self._db.transaction:
                self._replace(address, fence, row)
            if len(self._replaced) >= _MOST_REMEMBERED:
                self._replaced.clear()
            self._replaced.add(address)

    def _put_in_transaction(self, address: XComAddress, value: EncodedValue, fence: Fence) -> None:
        row = _fenced_row(address, value, fence)
        if self._db.execute(_PUT, row).rowcount == 0:
            self._replace(address, fence, row)

    def _replace(self, address: XComAddress, fence: Fence, row: Row) -> None:
        ti, key = address.task_instance, address.key
        attempt, sequence = fence
        place = (ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        push = (attempt, key, sequence, sequence)
        self._db.execute(_MAKE_ROOM, (now_us(), *place, *push))
        if self._db.execute(_PUT, row).rowcount == 0 and not self._was_done(address, fence):
            raise stale_put(attempt, ti)

    def _was_done(self, address: XComAddress, fence: Fence) -> bool:
        ti = address.task_instance
        place = (self._run_number(ti.run), ti.task_id, ti.map_index, address.key)
        return self._db.row(_WAS_DONE, (*place, *fence, *place, *fence)) is not None

    def put_by_hand(
        self, address: XComAddress, value: EncodedValue, *, reason: str, create_run: bool = False
    ) -> None:
        """Keep *value* at *address* without a try; see `XComStore.put_by_hand`."""
        ti = address.task_instance
        now = now_us()
        with self._db.transaction:
            run = self._run_number(ti.run)
            if run is None:
                if not create_run:
                    raise self._run_not_found(ti.run)
                run = self._db.execute(_MAKE_RUN, (ti.dag_id, ti.run_id, now)).lastrowid
            place = (run, ti.task_id, ti.map_index)
            self._db.execute(_MAKE_TASK_INSTANCE, place)
            self._db.execute(_ARCHIVE_ADDRESS, (now, *place, address.key))
            self._db.execute(_PUT_BY_HAND, (address.key, *_value_columns(value, now), *place))
            write_audit(self._db, "push", str(address), reason)

    def get(self, address: XComAddress) -> Payload | None:
        """Give the live payload at *address*, or None; see `XComStore.get`."""
        ti = address.task_instance
        place = (ti.dag_id, ti.run_id, ti.task_id, ti.map_index, address.key)
        row = self._db.row(_GET, place)
        return None if row is None else Payload(*row)

    def get_latest(self, address: XComAddress) -> Payload | None:
        """Give the live payload of this or the nearest earlier run; see `XComStore.get_latest`."""
        ti = address.task_instance
        place = (ti.task_id, ti.map_index, address.key, ti.dag_id, ti.run_id)
        row = self._db.row(_GET_LATEST, place)
        return None if row is None else Payload(*row)

    def get_entry(self, entry_id: int) -> Payload | None:
        """Give the payload of one entry, live or history; see `XComStore.get_entry`."""
        row = self._db.row(_GET_ENTRY, (entry_id,))
        return None if row is None else Payload(*row)

    def entries(
        self, run: RunKey, task_id: str | None = None, map_index: int | None = None
    ) -> list[XComEntry]:
        """List live entries in the order of their push; see `XComStore.entries`."""
        number = self._run_number(run)
        if task_id is None:
            rows = self._db.rows(_ENTRIES, (number, map_index, map_index))
        else:
            rows = self._db.rows(_ENTRIES_OF_TASK, (number, map_index, map_index, task_id))
        return _entry_records(run, rows)

    def history(self, address: XComAddress) -> list[XComEntry]:
        """List every entry of *address*, oldest first; see `XComStore.history`."""
        ti = address.task_instance
        place = (self._run_number(ti.run), ti.task_id, ti.map_index, address.key)
        return _entry_records(ti.run, self._db.rows(_HISTORY, place))

    def delete(self, address: XComAddress, *, reason: str) -> int:
        """Forget every entry of *address*; see `XComStore.delete`."""
        ti = address.task_instance
        with self._db.transaction:
            newest = self._db.row(_NEWEST)[0]
            place = (self._run_number(ti.run), ti.task_id, ti.map_index, address.key)
            forget_receipts(self._db, place)
            forgotten = self._db.execute(_DELETE, place).rowcount
            if forgotten:
                self._db.execute(_DELETE_MARKS, (newest,))
                self._db.execute(_MARK, (newest, newest))
                write_audit(self._db, "delete", str(address), reason)
        return forgotten


def _value_columns(value: EncodedValue, now: int) -> Row:
    encoding, data, backend, *_ = value.payload
    return (
        backend,
        encoding,
        value.type_name,
        value.size_bytes,
        value.digest,
        value.preview,
        now,
        data,
    )


def _fenced_row(address: XComAddress, value: EncodedValue, fence: Fence) -> Row:
    ti = address.task_instance
    attempt, sequence = fence
    columns = _value_columns(value, now_us())
    place = (ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
    return (sequence, address.key, *columns, *place, attempt, address.key)


def _entry_records(run: RunKey, rows: list[Row]) -> list[XComEntry]:
    known: dict[tuple[str, int], TaskInstanceKey] = {}
    entries = []
    for number, task_id, map_index, key, live, *rest in rows:
        ti = known.get((task_id, map_index))
        if ti is None:
            ti = TaskInstanceKey(run.dag_id, run.run_id, task_id, map_index)
            known[task_id, map_index] = ti
        entries.append(XComEntry(number, XComAddress(ti, key), bool(live), *rest))
    return entries
