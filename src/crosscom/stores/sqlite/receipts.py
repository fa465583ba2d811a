"""Receipts in SQLite: which tries pulled which entries."""

from __future__ import annotations

from collections.abc import Collection

from crosscom.model import Receipt, RunKey, TaskInstanceKey
from crosscom.stores.sqlite.database import Database, Row
from crosscom.stores.sqlite.rows import OverDatabase

# Note that a try pulled an entry.
_RECEIPT = "INSERT INTO receipt (entry, attempt) VALUES (?, ?) ON CONFLICT DO NOTHING"

# Which tries pulled the entries of a run.
_RECEIPTS = """
SELECT rc.entry, rc.attempt, r.dag_id, r.run_id, a.task_id, a.map_index, a.try_number
  FROM xcom AS x
  JOIN receipt AS rc ON rc.entry = x.id
  JOIN attempt AS a ON a.id = rc.attempt
  JOIN dag_run AS r ON r.id = a.run
 WHERE x.run = ?
 ORDER BY rc.entry, rc.attempt
"""

# Forget who pulled the entries of an address.
_DELETE_RECEIPTS = """
DELETE FROM receipt WHERE entry IN
    (SELECT id FROM xcom WHERE run = ? AND task_id = ? AND map_index = ? AND key = ?)
"""


class ReceiptsInSQLite(OverDatabase):
    """The part of `XComStore` that tells who pulled."""

    __slots__ = ()

    def receipts(self, run: RunKey) -> list[Receipt]:
        """List which tries pulled the entries of a run; see `XComStore.receipts`."""
        rows = self._db.rows(_RECEIPTS, (self._run_number(run),))
        return [
            Receipt(entry, attempt, TaskInstanceKey(*reader), try_number)
            for entry, attempt, *reader, try_number in rows
        ]


def write_receipts(database: Database, attempt: int, reads: Collection[int]) -> None:
    """Note what a try pulled, inside of the transaction that ends it."""
    database.execute_many(_RECEIPT, [(entry, attempt) for entry in reads])


def forget_receipts(database: Database, place: Row) -> None:
    """Forget who pulled the entries of an address, inside of the transaction that forgets them."""
    database.execute(_DELETE_RECEIPTS, place)
