"""The memory store as one class: the parts of each port over one set of contents."""

from __future__ import annotations

from crosscom.stores.audit import AuditLine
from crosscom.stores.memory.contents import Contents, alone
from crosscom.stores.memory.runs import RunsInMemory
from crosscom.stores.memory.tries import TriesInMemory
from crosscom.stores.rules import storable


class MemoryStore(TriesInMemory, RunsInMemory):
    """A store of this process alone, gone with it; its methods may be called from any thread.

    It keeps every promise of a store but the one about the death of processes.

    >>> MemoryStore().url
    'memory:'
    """

    __slots__ = ()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(Contents())

    @alone
    def get_variable(self, key: str) -> str | None:
        """Give a Variable's text, or None; see `VariableStore.get_variable`."""
        found = self._held.variables.get(key)
        return None if found is None else found[0]

    @alone
    def set_variable(self, key: str, text: str, *, description: str | None = None) -> None:
        """Keep *text* under *key*; see `VariableStore.set_variable`."""
        before = self._held.variables.get(key, ("", None))[1]
        about = before if description is None else storable(description)
        self._held.variables[key] = (text, about)

    @alone
    def delete_variable(self, key: str) -> bool:
        """Forget a Variable; see `VariableStore.delete_variable`."""
        return self._held.variables.pop(key, None) is not None

    @alone
    def variable_keys(self, prefix: str = "") -> list[str]:
        """List keys, sorted; see `VariableStore.variable_keys`."""
        return sorted(key for key in self._held.variables if key.startswith(prefix))

    @alone
    def audit_lines(self, *, limit: int = 100) -> list[AuditLine]:
        """List what was done by hand, the latest first; see `AuditStore.audit_lines`."""
        return self._held.audit[::-1][:limit]

    @property
    def url(self) -> str:
        """Which store this is: `memory:`."""
        return "memory:"

    def close(self) -> None:
        """Do nothing: what it holds goes with the store itself."""
