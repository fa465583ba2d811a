"""The SQLite store as one class: the parts of each port over one connection."""

from __future__ import annotations

from pathlib import Path

from crosscom.stores.sqlite.audit import AuditInSQLite
from crosscom.stores.sqlite.opening import open_database
from crosscom.stores.sqlite.receipts import ReceiptsInSQLite
from crosscom.stores.sqlite.runs import RunsInSQLite
from crosscom.stores.sqlite.task_instances import TaskInstancesInSQLite
from crosscom.stores.sqlite.tries import TriesInSQLite
from crosscom.stores.sqlite.variables import VariablesInSQLite


class SQLiteStore(
    TriesInSQLite,
    ReceiptsInSQLite,
    TaskInstancesInSQLite,
    RunsInSQLite,
    VariablesInSQLite,
    AuditInSQLite,
):
    """A store in one SQLite file, for any number of processes on one machine.

    The file is in WAL mode with `synchronous=NORMAL`: what a method committed survives the death
    of any process, and after a power loss the store is whole, though the last commits may be gone.
    Where the file or its folder may only be read, reading works and writing raises `StoreReadOnly`.
    On a full disk writing raises `StoreFull`, and what opens the store with *read_only* reads it.

    Args:
        path: The file.
        lock_timeout_seconds: How long to wait while another process writes.
        create: Make the file where it is missing; its folder must be there.
        read_only: Only read, also where writing would be possible.

    Raises:
        StoreError: The file is missing (without *create*), is none of crosscom's, or is damaged.
        StoreReadOnly: The file is missing and cannot be made.
        StoreVersionError: Its schema is older or newer than this crosscom's.
        StoreUnavailable: It stayed locked, or cannot be reached.
    """

    __slots__ = ()

    def __init__(
        self,
        path: str | Path,
        *,
        lock_timeout_seconds: float = 60.0,
        create: bool = True,
        read_only: bool = False,
    ) -> None:
        """Open the file at *path*."""
        super().__init__(
            open_database(
                path,
                lock_timeout_seconds=lock_timeout_seconds,
                create=create,
                read_only=read_only,
            )
        )

    @property
    def url(self) -> str:
        """Which store this is: `sqlite:///path`."""
        return self._db.url

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        self._db.close()
