"""The store in memory: the same promises, for tests and for runs that leave nothing behind."""

from crosscom.stores.memory.store import MemoryStore

__all__ = ["MemoryStore"]
