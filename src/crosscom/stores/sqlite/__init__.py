"""The store in one SQLite file: its parts by port, its connection, its faults, its schema."""

from crosscom.stores.sqlite.store import SQLiteStore

__all__ = ["SQLiteStore"]
