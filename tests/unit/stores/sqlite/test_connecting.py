"""What a writing connection needs, and what is said where it cannot have it."""

import sqlite3
import threading
from contextlib import closing

import pytest

from crosscom.errors import StoreError, StoreUnavailable
from crosscom.stores.sqlite.connecting import connect, prepare
from crosscom.stores.sqlite.database import Database


class WithoutWal(Database):
    """A file on a file system that has no shared memory, as SQLite tells it."""

    __slots__ = ()

    def row(self, sql, parameters=()):
        """Give what SQLite answers there."""
        return ("delete",) if "journal_mode" in sql else super().row(sql, parameters)


def test_file_system_without_wal_is_told(tmp_path):
    """Where SQLite cannot switch to WAL nothing is promised: the store is refused."""
    path = tmp_path / "store.db"
    with (
        closing(WithoutWal(path, mode="rwc", is_writable=True, lock_timeout_seconds=1)) as database,
        pytest.raises(StoreError) as caught,
    ):
        prepare(database, lock_timeout_seconds=1)

    assert str(caught.value) == (
        f"cannot use sqlite://{path} as a store: its file system cannot do WAL (delete)"
    )


@pytest.fixture
def rival(tmp_path):
    """Give another connection that is in the middle of writing a file without WAL."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as rival:
        rival.execute("CREATE TABLE word (text)")
        rival.execute("BEGIN IMMEDIATE")
        yield rival


def test_switch_to_wal_waits_for_its_turn(tmp_path, rival):
    """Switching to WAL waits while another process writes, and goes on when it is done."""
    with closing(
        connect(tmp_path / "store.db", lock_timeout_seconds=30, create=True, read_only=False)
    ) as database:
        done = threading.Timer(0.05, rival.execute, ["COMMIT"])
        done.start()
        prepare(database, lock_timeout_seconds=30)
        done.join()

        assert database.row("PRAGMA journal_mode") == ("wal",)


def test_switch_to_wal_waits_no_longer_than_allowed(tmp_path, rival):
    """Switching to WAL gives up when its time is over."""
    with (
        closing(
            connect(tmp_path / "store.db", lock_timeout_seconds=0, create=True, read_only=False)
        ) as database,
        pytest.raises(StoreUnavailable, match="others held its lock for 0 seconds"),
    ):
        prepare(database, lock_timeout_seconds=0)
