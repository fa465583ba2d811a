"""Connecting to a SQLite file: who may do what with it, and whether it is a current store."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from crosscom.errors import StoreError, StoreFull, StoreReadOnly, StoreUnavailable
from crosscom.stores.sqlite.database import Database

APPLICATION_ID = 0x78636F6D
"""`xcom` in ASCII: marks a SQLite file as a store of crosscom."""

SCHEMA = 1
"""The number of the newest migration: the schema this crosscom reads and writes."""

_OLDEST_SQLITE = (3, 37, 0)

# 16 MB of log between two waits for the disk: replacing keys takes a quarter less time than with
# SQLite's 1,000 pages.
_CHECKPOINT_PAGES = 4000
_RETRY_SECONDS = 0.005

# The mode for a file that nobody writes meanwhile: nothing is made beside it.
_UNWRITTEN = "ro&immutable=1"
_CANNOT_MAKE_FILES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


def connect(
    path: str | Path, *, lock_timeout_seconds: float, create: bool, read_only: bool
) -> Database:
    """Connect to a file, whatever is in it; only for reading where writing is impossible.

    Raises:
        StoreError: It is missing or out of reach.
        StoreReadOnly: It is missing and cannot be made.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        msg = (
            f"cannot open store {path}: this Python has SQLite {sqlite3.sqlite_version}, "
            "which is too old; 3.37 or newer is needed"
        )
        raise StoreError(msg, url=f"sqlite://{path}")
    file = Path(path).absolute()
    try:
        exists = _check_place(file)
    except OSError as error:
        msg = f"cannot open store {file}: {error.strerror}"
        raise StoreError(msg, url=f"sqlite://{file}") from error
    if read_only and _size(file) == 0:
        raise no_store(file)
    may_write = not read_only and _may_write(file, exists=exists)
    if not exists:
        _check_may_make(file, create=create, may_write=may_write)
    if not may_write:
        return _connect_to_read(file, lock_timeout_seconds=lock_timeout_seconds)
    mode = "rwc" if create else "rw"
    return Database(file, mode=mode, is_writable=True, lock_timeout_seconds=lock_timeout_seconds)


def no_store(file: Path) -> StoreError:
    """Give the error for a file that is missing, or in which nothing was ever stored."""
    msg = f"there is no store {file}; run a DAG or push a value to make one"
    return StoreError(msg, url=f"sqlite://{file}")


def is_new(database: Database) -> bool:
    """Tell whether the file holds nothing yet."""
    return bool(database.row("SELECT count(*) FROM sqlite_master")[0] == 0)


def is_current(database: Database) -> bool:
    """Tell whether the file is a store of this crosscom's schema."""
    (schema,) = database.row("PRAGMA user_version")
    (application,) = database.row("PRAGMA application_id")
    return bool(schema == SCHEMA and application == APPLICATION_ID)


def prepare(database: Database, *, lock_timeout_seconds: float) -> None:
    """Set what each writing connection needs.

    Raises:
        StoreError: The file system cannot do WAL.
        StoreUnavailable: Others kept the file locked.
    """
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    deadline = time.monotonic() + lock_timeout_seconds
    while True:
        try:
            mode = database.row("PRAGMA journal_mode = WAL")[0]
        except StoreError as error:
            # Where two switch at once SQLite refuses one without waiting.
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            break
    if mode != "wal":
        msg = f"cannot use {database.url} as a store: its file system cannot do WAL ({mode})"
        raise StoreError(msg, url=database.url)


def _is_busy(error: StoreError) -> bool:
    return _result_code(error) == sqlite3.SQLITE_BUSY


def _result_code(error: StoreError) -> int | None:
    cause = error.__cause__
    return cause.sqlite_errorcode & 0xFF if isinstance(cause, sqlite3.OperationalError) else None


def _check_place(file: Path) -> bool:
    if file.is_dir():
        msg = f"cannot open store {file}: it is a folder; name a file in it"
    elif not file.parent.is_dir():
        msg = f"cannot open store {file}: there is no folder {file.parent}; make it first"
    elif file.exists() and not os.access(file, os.R_OK):
        msg = f"cannot open store {file}: this process may not read it"
    else:
        return file.exists()
    raise StoreError(msg, url=f"sqlite://{file}")


def _may_write(file: Path, *, exists: bool) -> bool:
    # WAL makes files beside the store, so the folder counts too.
    in_folder = os.access(file.parent, os.W_OK)
    return in_folder and (not exists or os.access(file, os.W_OK))


def _check_may_make(file: Path, *, create: bool, may_write: bool) -> None:
    if not create:
        raise no_store(file)
    if not may_write:
        msg = f"cannot make store {file}: its folder is read-only for this process"
        raise StoreReadOnly(msg, url=f"sqlite://{file}")


def _connect_to_read(file: Path, *, lock_timeout_seconds: float) -> Database:
    def opened(mode: str) -> Database:
        return Database(
            file, mode=mode, is_writable=False, lock_timeout_seconds=lock_timeout_seconds
        )

    database = opened(_reading_mode(file))
    try:
        # Only the first statement makes the files beside the store.
        database.row("PRAGMA user_version")
    except StoreError as error:
        database.close()
        if _size(_log(file)) == 0 and _result_code(error) in _CANNOT_MAKE_FILES:
            # No room for them: nobody else can have them either, so nobody writes.
            return opened(_UNWRITTEN)
        if isinstance(error, StoreFull):
            raise _log_out_of_reach(file, "room on its full disk; make some") from error
        raise
    return database


def _reading_mode(file: Path) -> str:
    # A reader of a WAL file makes files beside it, unless it is told that nobody writes.
    # That may be said only where the log is empty, or what is in it would not be seen.
    if _may_write(file, exists=True):
        return "ro"
    if _size(_log(file)) == 0:
        return _UNWRITTEN
    index = file.with_name(file.name + "-shm")
    if not index.exists() and not os.access(file.parent, os.W_OK):
        raise _log_out_of_reach(file, "a folder that may be written; copy both files to one")
    return "ro"


def _log_out_of_reach(file: Path, what: str) -> StoreUnavailable:
    msg = (
        f"cannot read store {file}: its last changes rest in {_log(file).name}, which needs {what}"
    )
    return StoreUnavailable(msg, url=f"sqlite://{file}")


def _log(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
