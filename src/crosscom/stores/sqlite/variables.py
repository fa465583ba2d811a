"""Variables in SQLite."""

from __future__ import annotations

from crosscom.stores.rules import now_us, storable
from crosscom.stores.sqlite.rows import OverDatabase

# The text of a Variable.
_GET = "SELECT text FROM variable WHERE key = ?"

# Keep a Variable; a description stays until another one is given.
_SET = """
INSERT INTO variable (key, text, description, updated_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE
   SET text = excluded.text, updated_at = excluded.updated_at,
       description = coalesce(excluded.description, description)
"""

# Forget a Variable.
_DELETE = "DELETE FROM variable WHERE key = ?"

# The keys that begin with a text; compared as it is, no character is special.
_KEYS = "SELECT key FROM variable WHERE substr(key, 1, length(?)) = ? ORDER BY key"


class VariablesInSQLite(OverDatabase):
    """The `VariableStore` part of the store."""

    __slots__ = ()

    def get_variable(self, key: str) -> str | None:
        """Give a Variable's text, or None; see `VariableStore.get_variable`."""
        row = self._db.row(_GET, (key,))
        return None if row is None else str(row[0])

    def set_variable(self, key: str, text: str, *, description: str | None = None) -> None:
        """Keep *text* under *key*; see `VariableStore.set_variable`."""
        about = None if description is None else storable(description)
        self._db.execute(_SET, (key, text, about, now_us()))

    def delete_variable(self, key: str) -> bool:
        """Forget a Variable; see `VariableStore.delete_variable`."""
        return self._db.execute(_DELETE, (key,)).rowcount == 1

    def variable_keys(self, prefix: str = "") -> list[str]:
        """List keys, sorted; see `VariableStore.variable_keys`."""
        return [str(row[0]) for row in self._db.rows(_KEYS, (prefix, prefix))]
