"""One connection to one SQLite file: statements, transactions, and what they raise."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from os import getpid
from pathlib import Path
from types import TracebackType
from typing import Any

from crosscom.errors import StoreError, StoreUnavailable
from crosscom.stores.sqlite.faults import store_error

Row = tuple[Any, ...]

# More than there are statements: none is ever parsed twice.
_CACHED_STATEMENTS = 256


class Database:
    """A connection that belongs to the process that made it.

    Every statement outside of `transaction` is a transaction of its own.
    """

    __slots__ = (
        "_connection",
        "_lock_timeout_seconds",
        "_pid",
        "is_writable",
        "path",
        "transaction",
        "url",
    )

    def __init__(
        self, path: Path, *, mode: str, is_writable: bool, lock_timeout_seconds: float
    ) -> None:
        """Connect to the file at *path* (absolute); *mode* is of SQLite's URIs: `rwc`, `ro`.

        Raises:
            StoreError: The file cannot be opened.
        """
        self.path = path
        self.url = f"sqlite://{path}"
        self.is_writable = is_writable
        self.transaction = Transaction(self)
        self._lock_timeout_seconds = lock_timeout_seconds
        self._pid = getpid()
        try:
            self._connection: sqlite3.Connection | None = sqlite3.connect(
                f"file://{_quoted(str(path))}?mode={mode}",
                timeout=lock_timeout_seconds,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_CACHED_STATEMENTS,
                uri=True,
            )
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement.

        Raises:
            StoreError: It could not be run; it changed nothing.
        """
        if self._connection is None or self._pid != getpid():
            raise self._not_ours()
        try:
            return self._connection.execute(sql, parameters)
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of *rows*, inside of a transaction."""
        if self._connection is None or self._pid != getpid():
            raise self._not_ours()
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Give the first row of a query, or None."""
        cursor = self.execute(sql, parameters)
        try:
            return cursor.fetchone()
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Give all rows of a query."""
        cursor = self.execute(sql, parameters)
        try:
            return cursor.fetchall()
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def fault(self, error: sqlite3.Error) -> StoreError:
        """Give the store's error for what SQLite raised."""
        is_full = _has_no_room(self.path)
        return store_error(error, self.url, self._lock_timeout_seconds, is_full=is_full)

    def roll_back(self) -> None:
        """Undo an open transaction. SQLite has done it already after some faults."""
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        # A forked child leaves its parent's connection alone: closing it would drop its locks.
        if self._connection is not None and self._pid == getpid():
            self._connection.close()
            self._connection = None

    def _not_ours(self) -> StoreUnavailable:
        if self._connection is None:
            msg = f"store {self.url} is closed; open it again"
        else:
            msg = f"store {self.url} was opened before this process was forked; open a new one here"
        return StoreUnavailable(msg, url=self.url)


class Transaction:
    """Makes the statements of one `with` block a single step, the only writer meanwhile."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Work on *database*."""
        self._database = database

    def __enter__(self) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except BaseException:
            # Ctrl-C may come just after the statement: no transaction may stay open.
            self._database.roll_back()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._database.execute("COMMIT")
        finally:
            self._database.roll_back()


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _has_no_room(path: Path) -> bool:
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail == 0 or (room.f_files > 0 and room.f_favail == 0)
