"""SQLite's faults as the store's errors. Decided by result codes, never by texts."""

from __future__ import annotations

import sqlite3

from crosscom.errors import StoreError, StoreFull, StoreReadOnly, StoreUnavailable

_PRIMARY = 0xFF
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_OUT_OF_REACH = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL})

_LOCKED_TEXT = (
    "store {url} cannot be written: others held its lock for {waited:g} seconds; "
    "try again, or raise lock_timeout_seconds"
)
_MOVED_TEXT = "store {url} cannot be written: its file was moved or removed; open it again"
_OUT_OF_REACH_TEXT = "store {url} cannot be reached ({name}); see to its disk and try again"
_DAMAGED_TEXT = "{url} is no store, or its file is damaged ({name}); restore it or choose another"


def store_error(
    error: sqlite3.Error, url: str, lock_timeout_seconds: float, *, is_full: bool = False
) -> StoreError:
    """Give the error that tells what *error* means for whoever uses the store.

    Args:
        error: What SQLite raised.
        url: The store.
        lock_timeout_seconds: How long it waited for its turn.
        is_full: Whether the disk has no room: SQLite cannot tell that of every write.
    """
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code = extended & _PRIMARY
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full):
        return full(url)
    if code == sqlite3.SQLITE_READONLY and extended != sqlite3.SQLITE_READONLY_DBMOVED:
        return read_only(url)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind: type[StoreError]
    if code in _LOCKED:
        kind, text = StoreUnavailable, _LOCKED_TEXT.format(url=url, waited=lock_timeout_seconds)
    elif extended == sqlite3.SQLITE_READONLY_DBMOVED:
        kind, text = StoreUnavailable, _MOVED_TEXT.format(url=url)
    elif code in _OUT_OF_REACH:
        kind, text = StoreUnavailable, _OUT_OF_REACH_TEXT.format(url=url, name=name)
    elif code in _DAMAGED:
        kind, text = StoreError, _DAMAGED_TEXT.format(url=url, name=name)
    else:
        kind, text = StoreError, f"store {url} refused a statement ({name}: {error})"
    return kind(text, url=url)


def full(url: str) -> StoreFull:
    """Give the error for a disk without room."""
    msg = f"cannot write to store {url}: its disk is full; nothing was changed, make room"
    return StoreFull(msg, url=url)


def read_only(url: str) -> StoreReadOnly:
    """Give the error for a store that this process may only read."""
    msg = f"cannot write to store {url}: it is read-only for this process; nothing was changed"
    return StoreReadOnly(msg, url=url)
