"""Handles: things of a store as they stood when they were asked for. They load no value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, overload

from crosscom.errors import XComNotFound
from crosscom.handles.formatting import human_size, iso_time, short_text, short_time
from crosscom.handles.listing import (
    DagListing,
    TaskListing,
    list_runs,
    list_tasks,
)
from crosscom.handles.places import Place
from crosscom.handles.tables import html_table, text_table
from crosscom.model import RunRecord, RunState, TaskState, XComAddress, XComEntry
from crosscom.serializers import preview_text
from crosscom.xcoms import MISSING, XComs


class Handle(ABC):
    """One thing in a store: a DAG, a run, a task instance or an XCom."""

    @property
    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What is known about it, for people: name and text."""

    def __repr__(self) -> str:
        """Show what is known, without loading anything."""
        return f"<{type(self).__name__} {' '.join(text for text in self.facts.values() if text)}>"

    def _repr_html_(self) -> str:
        """Show what is known as a table of two columns, escaped."""
        return html_table("", ["", ""], [[name, text] for name, text in self.facts.items()])


class Listing(Sequence[Any]):
    """Handles of one level, in order; shows itself as a table."""

    def __init__(self, title: str, handles: Sequence[Handle]) -> None:
        """Hold *handles* under a *title*."""
        self._title = title
        self._handles = tuple(handles)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Listing: ...
    def __getitem__(self, place: int | slice) -> Any:
        """Give one handle, or a listing of several."""
        if isinstance(place, slice):
            return Listing(self._title, self._handles[place])
        return self._handles[place]

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._handles)

    def __repr__(self) -> str:
        """Show them as aligned text, without loading anything."""
        return text_table(*self._cells()) if self._handles else f"nothing in {self._title}"

    def _repr_html_(self) -> str:
        """Show them as a table, escaped."""
        header, rows = self._cells()
        return html_table(self._title, header, rows)

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = [list(handle.facts.values()) for handle in self._handles]
        return (list(self._handles[0].facts) if self._handles else []), rows


class XComHandle(Handle):
    """One pushed value, live or history: this very entry, also when another replaces it.

    Attributes:
        entry: What the store knows of it.
    """

    def __init__(self, place: Place, entry: XComEntry) -> None:
        """Name *entry* of *place*."""
        self._place = place
        self.entry = entry

    @property
    def address(self) -> XComAddress:
        """Where it rests, or rested."""
        return self.entry.address

    @property
    def key(self) -> str:
        """The key it was pushed under."""
        return self.entry.address.key

    @property
    def type_name(self) -> str:
        """The type of its value, as `dict`."""
        return self.entry.type_name

    @property
    def size_bytes(self) -> int:
        """The size of its encoded value."""
        return self.entry.size_bytes

    @property
    def preview(self) -> str:
        """A bounded JSON text that shows its value."""
        return self.entry.preview

    @property
    def value(self) -> Any:
        """The value, loaded anew each time: it is your own.

        Raises:
            XComNotFound: The entry was forgotten since.
            XComDecodeError: A class it needs may not come back here: name it with `classes=`.
            XComCorrupted: The bytes are not those that were pushed.
        """
        with self._place.store() as store:
            value = XComs(store, self._place.backend).pull_entry(self.entry)
        if value is MISSING:
            msg = f"{self.address} was forgotten since this handle was made; ask for it again"
            raise XComNotFound(msg, address=str(self.address))
        return value

    def history(self) -> Listing:
        """List every entry that was ever pushed at its address, oldest first."""
        with self._place.store() as store:
            entries = store.history(self.address)
        return Listing(str(self.address), [XComHandle(self._place, entry) for entry in entries])

    @property
    def facts(self) -> dict[str, str]:
        """What is known about it, for people."""
        entry = self.entry
        return {
            "address": str(entry.address),
            "type": short_text(entry.type_name),
            "size": human_size(entry.size_bytes),
            "try": "by hand" if entry.attempt is None else str(entry.try_number),
            "pushed": short_time(entry.pushed_at_us),
            "ended": "" if entry.ended_at_us is None else f"ended {iso_time(entry.ended_at_us)}",
            "preview": short_text(preview_text(entry.preview)),
        }


class TaskHandle(Handle):
    """One task instance of a run.

    Attributes:
        record: How it stood.
    """

    def __init__(self, place: Place, listed: TaskListing) -> None:
        """Name the task instance that was *listed* in *place*."""
        self._place = place
        self._pushed = listed.entries
        self.record = listed.record

    @property
    def task_id(self) -> str:
        """Its task."""
        return self.record.key.task_id

    @property
    def map_index(self) -> int:
        """Which of a mapped task's instances it is; -1 where it is not mapped."""
        return self.record.key.map_index

    @property
    def state(self) -> TaskState:
        """How it stood."""
        return self.record.state

    def ls(self) -> Listing:
        """List what it had pushed."""
        handles = [XComHandle(self._place, entry) for entry in self._pushed]
        return Listing(str(self.record.key), handles)

    @property
    def facts(self) -> dict[str, str]:
        """What is known about it, for people."""
        return {
            "task": str(self.record.key),
            "state": self.record.state.value,
            "tries": str(self.record.try_number),
            "pushed": ", ".join(entry.address.key for entry in self._pushed),
        }


class RunHandle(Handle):
    """One run of a DAG.

    Attributes:
        record: How it stood.
    """

    def __init__(self, place: Place, record: RunRecord) -> None:
        """Name the run of *record* in *place*."""
        self._place = place
        self.record = record

    @property
    def run_id(self) -> str:
        """Its id."""
        return self.record.key.run_id

    @property
    def state(self) -> RunState:
        """How it stood."""
        return self.record.state

    def ls(self) -> Listing:
        """List its task instances, in the order of the DAG."""
        with self._place.store() as store:
            listed = list_tasks(store, self.record)
        return Listing(str(self.record.key), [TaskHandle(self._place, task) for task in listed])

    @property
    def facts(self) -> dict[str, str]:
        """What is known about it, for people."""
        return {
            "run": str(self.record.key),
            "state": self.record.state.value,
            "started": short_time(self.record.started_at_us),
            "ended": short_time(self.record.ended_at_us),
        }


class DagHandle(Handle):
    """One DAG that has runs.

    Attributes:
        latest: Its latest run, as it stood.
    """

    def __init__(self, place: Place, listed: DagListing) -> None:
        """Name the DAG that was *listed* in *place*."""
        self._place = place
        self.dag_id = listed.dag_id
        self.latest = listed.latest

    def ls(self) -> Listing:
        """List its runs, the latest made first."""
        with self._place.store() as store:
            runs = list_runs(store, self.dag_id)
        return Listing(self.dag_id, [RunHandle(self._place, run) for run in runs])

    @property
    def facts(self) -> dict[str, str]:
        """What is known about it, for people."""
        return {
            "dag": self.dag_id,
            "latest run": self.latest.key.run_id,
            "state": self.latest.state.value,
            "made": short_time(self.latest.created_at_us),
        }
