"""The port for what people did by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that a person did by hand."""

    at_us: int
    """Microseconds since 1970, UTC."""
    actor: str
    """The name of the user whose process did it."""
    action: str
    """`push`, `delete` or `clear`."""
    address: str
    """The XCom or task instance as text."""
    reason: str


class AuditStore(Protocol):
    """Remembers what people did by hand. The methods that do it write the lines themselves."""

    def audit_lines(self, *, limit: int = 100) -> list[AuditLine]:
        """List what was done by hand, the latest first."""
