"""What each of SQLite's result codes means for whoever uses the store."""

import sqlite3

import pytest

from crosscom.errors import StoreError, StoreFull, StoreReadOnly, StoreUnavailable
from crosscom.stores.sqlite.faults import store_error

URL = "sqlite:///data/store.db"


def fault(code, *, is_full=False):
    """Give the store's error for one result code."""
    error = sqlite3.OperationalError("a text that decides nothing")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_NAME"
    return store_error(error, URL, 60.0, is_full=is_full)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreUnavailable),
        (sqlite3.SQLITE_LOCKED, StoreUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable),
        (sqlite3.SQLITE_IOERR_WRITE, StoreUnavailable),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreUnavailable),
        (sqlite3.SQLITE_READONLY, StoreReadOnly),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreReadOnly),
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreError),
        (sqlite3.SQLITE_NOTADB, StoreError),
        (sqlite3.SQLITE_ERROR, StoreError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreError),
    ],
)
def test_code_decides(code, kind):
    """The kind of error comes from the code, and each error names the store."""
    error = fault(code)

    assert type(error) is kind
    assert error.url == URL
    assert URL in str(error)
    assert "\n" not in str(error)


def test_failed_write_on_a_full_disk_is_a_full_disk():
    """A write that failed for a reason SQLite cannot tell is told by the room that is left."""
    assert type(fault(sqlite3.SQLITE_IOERR_WRITE, is_full=True)) is StoreFull
    assert type(fault(sqlite3.SQLITE_BUSY, is_full=True)) is StoreUnavailable


def test_error_without_a_code_is_a_store_error():
    """Errors of the module itself carry no code; they are store errors too."""
    error = store_error(sqlite3.ProgrammingError("wrong number of bindings"), URL, 60.0)

    assert type(error) is StoreError
    assert str(error) == (
        f"store {URL} refused a statement (ProgrammingError: wrong number of bindings)"
    )
