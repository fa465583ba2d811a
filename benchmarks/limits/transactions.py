"""Two bare transactions a task: it runs, it ended with a value."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Self

_TABLE = "CREATE TABLE IF NOT EXISTS task (place INTEGER PRIMARY KEY, state TEXT, value TEXT)"
_BEGIN = "INSERT OR REPLACE INTO task VALUES (?, 'running', NULL)"
_END = "UPDATE task SET state = 'success', value = ? WHERE place = ?"


class BareTries:
    """One row for each task: no fence, no history, no runs."""

    def __init__(self, path: Path) -> None:
        """Open *path* as crosscom opens its store; each statement is its own transaction."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 4000")
        self._connection.execute(_TABLE)

    def begin(self, place: int) -> None:
        """Commit that a task runs."""
        self._connection.execute(_BEGIN, (place,))

    def end(self, place: int, value: object) -> None:
        """Commit that it ended, and its value."""
        self._connection.execute(_END, (json.dumps(value), place))

    def both(self, place: int) -> None:
        """Commit a whole task."""
        self.begin(place)
        self.end(place, {"number": place, "ok": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
