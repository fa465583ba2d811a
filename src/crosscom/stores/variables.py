"""The port for Variables."""

from __future__ import annotations

from typing import Protocol


class VariableStore(Protocol):
    """Keeps Variables: named texts that belong to no run."""

    def get_variable(self, key: str) -> str | None:
        """Give a Variable's text, or None where it is absent."""

    def set_variable(self, key: str, text: str, *, description: str | None = None) -> None:
        """Keep *text* under *key*, replacing what was there.

        Without a *description* the one that is there stays.
        """

    def delete_variable(self, key: str) -> bool:
        """Forget a Variable; tell whether it was there."""

    def variable_keys(self, prefix: str = "") -> list[str]:
        """List the keys that begin with *prefix*, sorted."""
