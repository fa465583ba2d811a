"""Opening a SQLite file as a store, and making one where there is none.

An existing store is recognised by two pragmas. What is rarer (making one, telling why a file is
none) is in `migrations` and loaded only then.
"""

from __future__ import annotations

from pathlib import Path

from crosscom.stores.sqlite.connecting import connect, is_current, is_new, prepare
from crosscom.stores.sqlite.database import Database


def holds_nothing(path: str | Path, *, lock_timeout_seconds: float) -> bool:
    """Tell whether nothing was ever stored; see `stores.opening.holds_nothing`."""
    file = Path(path)
    # A full disk may leave the file without a byte, or without a table.
    if not file.exists() or file.stat().st_size == 0:
        return True
    database = connect(
        file, lock_timeout_seconds=lock_timeout_seconds, create=False, read_only=True
    )
    try:
        return is_new(database)
    finally:
        database.close()


def open_database(
    path: str | Path, *, lock_timeout_seconds: float, create: bool, read_only: bool
) -> Database:
    """Open a store of the current schema, or make one; see `SQLiteStore` for what it raises."""
    database = connect(
        path, lock_timeout_seconds=lock_timeout_seconds, create=create, read_only=read_only
    )
    try:
        if not is_current(database):
            # Only then: the import takes milliseconds, and most openings do not need it.
            from crosscom.stores.sqlite.migrations import make_current  # noqa: PLC0415

            make_current(database, lock_timeout_seconds=lock_timeout_seconds)
        if database.is_writable:
            prepare(database, lock_timeout_seconds=lock_timeout_seconds)
    except BaseException:
        database.close()
        raise
    return database
