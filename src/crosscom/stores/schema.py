"""Bringing a store's schema up to what this crosscom works with."""

from __future__ import annotations

from crosscom.stores.opening import sqlite_path
from crosscom.stores.sqlite.connecting import connect
from crosscom.stores.sqlite.migrations import migrate, packaged_migrations


def upgrade(url: str, *, lock_timeout_seconds: float = 60.0) -> list[str]:
    """Apply the migrations that a store lacks, in one transaction; make it where it is missing.

    Safe while others have the store open, and from any number of processes at once.

    Returns:
        The names of the migrations that were applied; empty where it was current.

    Raises:
        SettingsError: No store is kept under such a *url*.
        StoreError: The file is not crosscom's, or cannot be written.
        StoreVersionError: Its schema is newer than this crosscom's.
    """
    path = sqlite_path(url)
    if path is None:
        return []
    database = connect(
        path, lock_timeout_seconds=lock_timeout_seconds, create=True, read_only=False
    )
    try:
        return migrate(database, packaged_migrations(), lock_timeout_seconds=lock_timeout_seconds)
    finally:
        database.close()
