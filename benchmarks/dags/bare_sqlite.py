"""The limit of push and pull: encode, one bare upsert, commit; and one bare select, decode."""

import sqlite3
from pathlib import Path
from typing import Any, Self

import msgspec

# As the store of crosscom opens its file.
_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4000")
_TABLE = """
CREATE TABLE IF NOT EXISTS xcom (
    dag_id TEXT, run_id TEXT, task_id TEXT, map_index INTEGER, key TEXT, data BLOB,
    PRIMARY KEY (dag_id, run_id, task_id, map_index, key)
) WITHOUT ROWID
"""
_PUSH = """
INSERT INTO xcom VALUES ('bench', 'run', 'measure', -1, ?, ?)
ON CONFLICT DO UPDATE SET data = excluded.data
"""
_PULL = """
SELECT data FROM xcom
WHERE dag_id = 'bench' AND run_id = 'run' AND task_id = 'measure' AND map_index = -1 AND key = ?
"""


class BareSqlite:
    """XComs as a loop in C would keep them: no fence, no history, no digest, no preview."""

    def __init__(self, path: Path) -> None:
        """Open *path*, each statement being its own transaction."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(_TABLE)

    def push(self, key: str, value: object) -> None:
        """Encode and keep."""
        self._connection.execute(_PUSH, (key, msgspec.json.encode(value)))

    def pull(self, key: str) -> Any:
        """Fetch and decode."""
        return msgspec.json.decode(self._connection.execute(_PULL, (key,)).fetchone()[0])

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()
