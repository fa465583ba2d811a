"""The audit in SQLite: what people did by hand, and why."""

from __future__ import annotations

from crosscom.stores.audit import AuditLine
from crosscom.stores.rules import actor, now_us, storable
from crosscom.stores.sqlite.database import Database
from crosscom.stores.sqlite.rows import OverDatabase

# Add a line.
_WRITE = "INSERT INTO audit (at, actor, action, address, reason) VALUES (?, ?, ?, ?, ?)"

# The latest lines, the latest first.
_LINES = "SELECT at, actor, action, address, reason FROM audit ORDER BY id DESC LIMIT ?"


def write_audit(database: Database, action: str, address: str, reason: str) -> None:
    """Add a line, inside of the transaction that does what it tells."""
    database.execute(_WRITE, (now_us(), actor(), action, address, storable(reason)))


class AuditInSQLite(OverDatabase):
    """The `AuditStore` part of the store."""

    __slots__ = ()

    def audit_lines(self, *, limit: int = 100) -> list[AuditLine]:
        """List what was done by hand, the latest first; see `AuditStore.audit_lines`."""
        return [AuditLine(*row) for row in self._db.rows(_LINES, (limit,))]
