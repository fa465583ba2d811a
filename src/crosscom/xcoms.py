"""What push, pull and clear mean. Every rule about XComs that is not a store's promise is here."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

from crosscom.backends import Backend
from crosscom.errors import XComNotFound
from crosscom.model import EncodedValue, Fence, RunKey, TaskInstanceKey, XComAddress, XComEntry
from crosscom.model.nearest import nearest
from crosscom.stores.base import XComStore


class Absent(Enum):
    """The answer for an address where nothing rests. `None` is a value like any other."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        """Be false, as nothing is."""
        return False


MISSING = Absent.MISSING

_MOST_KEYS_NAMED = 20


class XComs:
    """The XComs of one store, read and written through one backend.

    >>> from crosscom.stores.memory import MemoryStore
    >>> xcoms = XComs(MemoryStore(), Backend())
    >>> rows = XComAddress(TaskInstanceKey("sales", "r1", "extract"), "rows")
    >>> xcoms.push_by_hand(rows, (1, 2), reason="an example", create_run=True)
    >>> xcoms.pull(rows)
    (1, 2)
    """

    __slots__ = ("_backend", "_store", "pulled")

    def __init__(self, store: XComStore, backend: Backend) -> None:
        """Use *store* as the place and *backend* for the bytes."""
        self._store = store
        self._backend = backend
        self.pulled: set[int] = set()
        """The ids of the entries that were pulled: the end of a try makes receipts of them."""

    def push(self, address: XComAddress, value: object, fence: Fence) -> None:
        """Keep *value* at *address*; it is stored and visible to all when the call returns.

        What rested there becomes history. The same push again (same *fence*) changes nothing.

        Raises:
            XComSerializationError: The value cannot be kept exactly; nothing was stored.
            StaleTryError: The try is not the current, running one; nothing was stored.
            StoreError: The store could not do it; nothing was stored.
        """
        self._store.put(address, self._backend.encode(value, address), fence)

    def push_by_hand(
        self, address: XComAddress, value: object, *, reason: str, create_run: bool = False
    ) -> None:
        """Keep *value* at *address* without a try; *reason* is kept in the audit.

        Raises:
            RunNotFound: There is no such run, and *create_run* is false.
            XComSerializationError: The value cannot be kept exactly; nothing was stored.
        """
        encoded = self._backend.encode(value, address)
        self._store.put_by_hand(address, encoded, reason=reason, create_run=create_run)

    def encode(self, address: XComAddress, value: object) -> EncodedValue:
        """Give the bytes of a value that becomes visible later, with the end of its try.

        Raises:
            XComSerializationError: The value cannot be kept exactly.
        """
        return self._backend.encode(value, address)

    def pull(self, address: XComAddress, *, include_prior_dates: bool = False) -> Any:
        """Give the value that was last pushed to *address*, or `MISSING`.

        It is the caller's own: changing it changes nothing stored.

        Args:
            address: Where to look.
            include_prior_dates: Look also in earlier runs of the DAG; the latest date wins.

        Raises:
            XComDecodeError: The bytes are there, but this process cannot read them.
            XComCorrupted: The bytes are not what a push writes.
        """
        find = self._store.get_latest if include_prior_dates else self._store.get
        payload = find(address)
        if payload is None:
            return MISSING
        value = self._backend.decode(payload, address)
        self.pulled.add(payload.entry)
        return value

    def pull_entry(self, entry: XComEntry) -> Any:
        """Give the value of one entry, live or history, or `MISSING` where it was forgotten."""
        payload = self._store.get_entry(entry.id)
        return MISSING if payload is None else self._backend.decode(payload, entry.address)

    def entries(
        self, run: RunKey, task_id: str | None = None, map_index: int | None = None
    ) -> list[XComEntry]:
        """List the live entries of a run, task or task instance, in the order of their push."""
        return self._store.entries(run, task_id, map_index)

    def history(self, address: XComAddress) -> list[XComEntry]:
        """List every entry ever pushed at *address*, oldest first, the live one last."""
        return self._store.history(address)

    def delete(self, address: XComAddress, *, reason: str) -> int:
        """Forget the live entry and its history; tell how many entries that were."""
        return self._store.delete(address, reason=reason)

    def not_found(self, address: XComAddress) -> XComNotFound:
        """Give the error for an empty *address*: it says what was pushed there instead."""
        ti = address.task_instance
        entries = self._store.entries(ti.run, ti.task_id, ti.map_index)
        pushed = [entry.address.key for entry in entries]
        return _not_found(ti, address, pushed)


def _not_found(ti: TaskInstanceKey, address: XComAddress, pushed: list[str]) -> XComNotFound:
    near = nearest(address.key, pushed)
    message = f"task instance {ti} has no XCom {address.key!r}; {_instead(pushed)}"
    if near is not None:
        message += f"; did you mean {near!r}?"
    return XComNotFound(message, address=str(address), pushed=pushed, nearest=near)


def _instead(pushed: list[str]) -> str:
    if not pushed:
        return (
            "there is nothing of it in this run: it may not have run yet, a retry cleared it, "
            "or it was removed by hand"
        )
    named = ", ".join(repr(key) for key in pushed[:_MOST_KEYS_NAMED])
    more = len(pushed) - _MOST_KEYS_NAMED
    return f"it pushed: {named}" + (f" and {more} more" if more > 0 else "")
