"""An opened store: push and pull by address, without a DAG."""

from __future__ import annotations

import logging
from enum import Enum
from functools import lru_cache
from typing import Any, Self

from crosscom.backends import Backend
from crosscom.handles.finding import description_of, find_place, find_run, task_not_found
from crosscom.handles.handle import Listing, XComHandle
from crosscom.handles.looking import as_pattern, get_at, history_at, list_at
from crosscom.handles.places import OpenPlace, class_finder
from crosscom.model import AddressPattern, RunKey, XComAddress
from crosscom.runtime.absence import explain_absence
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.xcoms import MISSING, XComs

_log = logging.getLogger("crosscom.xcom")
_REASON = "pushed through crosscom.open"
_MOST_RUNS_KNOWN = 1024


class _Unset(Enum):
    UNSET = "unset"


_UNSET = _Unset.UNSET


class OpenedStore:
    """A store as a library: values by address, nothing else to set up.

    Use it in one thread at a time, and not across a fork. As a context manager it closes itself.

    >>> import crosscom
    >>> with crosscom.open("memory:") as store:
    ...     store.push("sales@2026-01/extract:rows", [1, 2, 3])
    ...     store.pull("sales/extract:rows")
    [1, 2, 3]
    """

    def __init__(self, store: Store, settings: Settings, classes: tuple[type, ...] = ()) -> None:
        """Use *store*, which this object closes; *classes* may come back from it."""
        backend = Backend(class_finder(settings, classes))
        self._store = store
        self._xcoms = XComs(store, backend)
        self._place = OpenPlace(store, backend)
        self._is_strict = settings.on_missing == "error"
        self._tasks: dict[RunKey, frozenset[str] | None] = {}

    @property
    def url(self) -> str:
        """Which store this is, without credentials."""
        return self._store.url

    def push(self, address: str | XComAddress, value: object, *, reason: str = _REASON) -> None:
        """Keep *value* at *address*; it is stored and visible to all when the call returns.

        A run that is named and missing is made, with state `external`. What rested at the
        address becomes history.

        Args:
            address: `dag_id@run_id/task_id[:key]`. Without `@run_id` it is the latest run.
            value: Anything that can be kept exactly.
            reason: Why; kept in the audit.

        Raises:
            XComSerializationError: The value cannot be kept exactly; nothing was stored.
            RunNotFound, DagNotFound: No run is named, and there is none.
            TaskNotFound: The run is one of a DAG that has no such task.
            InvalidAddress, InvalidName: The address is none.
            StoreError: The store could not do it; nothing was stored.
        """
        full = self._place_for(address)
        self._xcoms.push_by_hand(full, value, reason=reason, create_run=True)

    def pull(
        self, address: str | XComAddress, default: Any = _UNSET, *, required: bool = False
    ) -> Any:
        """Give the value that was last pushed to *address*; it is your own.

        Args:
            address: `dag_id[@run_id]/task_id[[map_index]][:key]`.
            default: What to give where nothing rests; a pushed `None` is a value. Without it
                that is `None`, with one line in the log that says what is there instead.
            required: Raise where nothing rests.

        Raises:
            XComNotFound: Nothing rests there, and it is *required* or `core.on_missing` is
                `error`.
            XComDecodeError: A class it needs may not come back: name it in `open(classes=...)`.
            XComCorrupted: The bytes are not those that were pushed. *default* never masks it.
            RunNotFound, DagNotFound: No run is named, and there is none.
            InvalidAddress, InvalidName: The address is none.
            TypeError: Both *default* and *required* were given.
        """
        if required and default is not _UNSET:
            msg = "pull takes default= or required=True, not both"
            raise TypeError(msg)
        full = _full_address(address) or self._in_latest_run(as_pattern(address))
        value = self._xcoms.pull(full)
        if value is not MISSING:
            return value
        return self._absent(full, required=required) if default is _UNSET else default

    def get(self, address: str | XComAddress) -> XComHandle:
        """Give a handle of the XCom at *address*, which loads nothing yet.

        Raises:
            XComNotFound: Nothing rests there.
            DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
            InvalidAddress, InvalidName: The address is none.
        """
        return get_at(self._place, address)

    def ls(self, address: str | XComAddress | None = None) -> Listing:
        """List one level down: DAGs, a DAG's runs, a run's tasks, a task's XComs.

        Raises:
            DagNotFound, RunNotFound, TaskNotFound, XComNotFound: There is no such thing.
            InvalidAddress, InvalidName: The address is none.
        """
        return list_at(self._place, address)

    def history(self, address: str | XComAddress) -> Listing:
        """List every entry that was ever pushed at *address*, oldest first, the live one last.

        Raises:
            XComNotFound: Nothing was ever pushed there.
            DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
            InvalidAddress, InvalidName: The address is none.
        """
        return history_at(self._place, address)

    def close(self) -> None:
        """Let go of the store; closing twice is harmless."""
        self._store.close()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def __repr__(self) -> str:
        """Name the store."""
        return f"<OpenedStore {self.url}>"

    def _in_latest_run(self, pattern: AddressPattern) -> XComAddress:
        return pattern.at(find_run(self._store, pattern).key)

    def _place_for(self, address: str | XComAddress) -> XComAddress:
        """Give where to push; refuse a task that the run's DAG does not have."""
        full = _full_address(address)
        if full is None:
            return find_place(self._store, as_pattern(address))
        ti = full.task_instance
        tasks = self._tasks_of(RunKey(ti.dag_id, ti.run_id))
        if tasks is not None and ti.task_id not in tasks:
            raise task_not_found(ti.run, ti.task_id, sorted(tasks))
        return full

    def _tasks_of(self, key: RunKey) -> frozenset[str] | None:
        """Give the tasks of a run's DAG, or None where no DAG ran; asked once for each run."""
        try:
            return self._tasks[key]
        except KeyError:
            pass
        run = self._store.run(key)
        description = None if run is None else description_of(self._store, run)
        tasks = None if description is None else frozenset(description.by_id)
        if run is not None:
            if len(self._tasks) >= _MOST_RUNS_KNOWN:
                self._tasks.clear()
            self._tasks[key] = tasks
        return tasks

    def _absent(self, address: XComAddress, *, required: bool) -> None:
        error, is_known_none = explain_absence(address, self._store, self._xcoms)
        if required or (self._is_strict and not is_known_none):
            raise error
        if not is_known_none:
            _log.warning("pulled None: %s", error)


def _full_address(address: str | XComAddress) -> XComAddress | None:
    """Give an address that names its run, or None where the store has to be asked."""
    if isinstance(address, XComAddress):
        return address
    return _known_address(address) if type(address) is str else None


# The same few texts come again and again, and reading one takes as long as a pull.
@lru_cache(maxsize=4096)
def _known_address(text: str) -> XComAddress | None:
    pattern = as_pattern(text)
    if pattern.run_id is None:
        return None
    return pattern.at(RunKey(pattern.dag_id, pattern.run_id))
