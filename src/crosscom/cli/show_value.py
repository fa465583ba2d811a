"""A value, for `crosscom show`."""

from __future__ import annotations

from dataclasses import dataclass

from crosscom.cli.bodies import Body, entry_body
from crosscom.cli.output import emit, emit_facts, emit_title
from crosscom.cli.passing import readers_of
from crosscom.cli.rows import pusher
from crosscom.handles.finding import find_entry
from crosscom.handles.formatting import human_size, iso_time, printable
from crosscom.model import AddressPattern, XComEntry
from crosscom.serializers import preview_text
from crosscom.stores.base import Store


@dataclass(frozen=True, slots=True)
class ValueView:
    """Everything about one XCom but its value."""

    entry: XComEntry
    earlier: int
    """How many entries of its address are history."""
    readers: list[str]
    """The task instances that pulled it."""

    def body(self) -> Body:
        """Give it as JSON."""
        return {**entry_body(self.entry), "earlier": self.earlier, "pulled_by": self.readers}

    def show(self) -> None:
        """Print it for a person."""
        entry = self.entry
        emit_facts(
            [
                ("address", str(entry.address)),
                ("type", printable(entry.type_name)),
                ("size", _size(entry.size_bytes)),
                ("pushed", f"{iso_time(entry.pushed_at_us)} by {_who(entry)}"),
                ("pulled", f"by {', '.join(self.readers)}" if self.readers else "by nobody"),
                ("encoding", entry.encoding),
                ("backend", entry.backend),
                ("digest", entry.digest.hex()),
                ("history", f"{self.earlier} earlier" if self.earlier else "none"),
            ]
        )
        emit_title("preview")
        emit(printable(preview_text(entry.preview)))


def view_value(store: Store, pattern: AddressPattern) -> ValueView:
    """Ask the store for everything about an XCom.

    Raises:
        XComNotFound: Nothing rests there.
        TaskNotFound: There is no such task instance.
    """
    entry = find_entry(store, pattern)
    run = entry.address.task_instance.run
    earlier = sum(not each.live for each in store.history(entry.address))
    return ValueView(entry, earlier, readers_of(entry, run, store.receipts(run)))


def _who(entry: XComEntry) -> str:
    return "hand" if entry.attempt is None else pusher(entry)


def _size(size_bytes: int) -> str:
    size = human_size(size_bytes)
    return size if size_bytes < 1000 else f"{size} ({size_bytes} bytes)"
