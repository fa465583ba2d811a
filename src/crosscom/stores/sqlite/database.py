"""One connection to one SQLite file: statements, transactions, and what they raise."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, NoReturn
from weakref import WeakSet

from crosscom.errors import StoreError, StoreUnavailable
from crosscom.stores.sqlite.faults import store_error

Row = tuple[Any, ...]

# More than there are statements: none is ever parsed twice.
_CACHED_STATEMENTS = 256


class Database:
    """A connection that belongs to the process that made it.

    Every statement outside of `transaction` is a transaction of its own. Whether the connection
    may be used is no question on the way of a statement: closing and forking change what
    `_execute` is.
    """

    __slots__ = (
        "__weakref__",
        "_connection",
        "_execute",
        "_lock_timeout_seconds",
        "is_writable",
        "lock",
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
        # Threads of one task share the connection, and SQLite's transactions belong to it.
        self.lock = RLock()
        self.transaction = Transaction(self)
        self._lock_timeout_seconds = lock_timeout_seconds
        try:
            self._connection = sqlite3.connect(
                f"file://{_quoted(str(path))}?mode={mode}",
                timeout=lock_timeout_seconds,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_CACHED_STATEMENTS,
                uri=True,
            )
        except sqlite3.Error as error:
            raise self.fault(error) from error
        self._execute: Callable[[str, Sequence[Any]], sqlite3.Cursor] = self._connection.execute
        _open_here.add(self)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement.

        Raises:
            StoreError: It could not be run; it changed nothing.
        """
        try:
            with self.lock:
                return self._execute(sql, parameters)
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of *rows*, inside of a transaction."""
        for row in rows:
            self.execute(sql, row)

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Give the first row of a query, or None."""
        try:
            with self.lock:
                return self._execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Give all rows of a query."""
        try:
            with self.lock:
                return self._execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self.fault(error) from error

    def fault(self, error: sqlite3.Error) -> StoreError:
        """Give the store's error for what SQLite raised."""
        is_full = _has_no_room(self.path)
        return store_error(error, self.url, self._lock_timeout_seconds, is_full=is_full)

    def roll_back(self) -> None:
        """Undo an open transaction. SQLite has done it already after some faults."""
        if self in _open_here and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        if self in _open_here:
            _open_here.discard(self)
            self._execute = self._refuse_closed
            self._connection.close()

    def leave_to_parent(self) -> None:
        """Refuse all use in a child of the process that connected.

        The connection is not closed: SQLite would drop locks that are the parent's.
        """
        self._execute = self._refuse_forked
        # A thread of the parent may have held it, and that thread is not here.
        self.lock = RLock()

    def _refuse_closed(self, sql: str, parameters: Sequence[Any]) -> NoReturn:
        del sql, parameters
        msg = f"store {self.url} is closed; open it again"
        raise StoreUnavailable(msg, url=self.url)

    def _refuse_forked(self, sql: str, parameters: Sequence[Any]) -> NoReturn:
        del sql, parameters
        msg = f"store {self.url} was opened before this process was forked; open a new one here"
        raise StoreUnavailable(msg, url=self.url)


# The connections of this process. A forked child has none: what it inherits is its parent's.
_open_here: WeakSet[Database] = WeakSet()


def _leave_all_to_parent() -> None:
    for database in _open_here:
        database.leave_to_parent()
    _inherited.extend(database for database in _open_here)
    _open_here.clear()


# Kept from being closed by the garbage collector of the child.
_inherited: list[Database] = []

os.register_at_fork(after_in_child=_leave_all_to_parent)


class Transaction:
    """Makes the statements of one `with` block a single step, the only writer meanwhile."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Work on *database*."""
        self._database = database

    def __enter__(self) -> None:
        self._database.lock.acquire()
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except BaseException:
            # Ctrl-C may come just after the statement: no transaction may stay open.
            self._roll_back()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._roll_back()
            return
        try:
            self._database.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self._database.lock.release()

    def _roll_back(self) -> None:
        self._database.roll_back()
        self._database.lock.release()


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _has_no_room(path: Path) -> bool:
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail == 0 or (room.f_files > 0 and room.f_favail == 0)
