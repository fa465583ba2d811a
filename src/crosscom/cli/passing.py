"""What each task passed to whom: every live XCom of a run, and the tasks that pulled it."""

from __future__ import annotations

from collections.abc import Sequence

from crosscom.cli.rows import task_text
from crosscom.handles.formatting import human_size, short_text
from crosscom.handles.listing import TaskListing
from crosscom.model import RETURN_KEY, Receipt, RunKey, XComEntry
from crosscom.serializers import preview_text

PASSED_HEADER = ("value", "type", "size", "pulled by", "preview")


def passed_rows(
    run: RunKey, tasks: Sequence[TaskListing], receipts: Sequence[Receipt]
) -> list[list[str]]:
    """Give a row for each live XCom of a run, in the order of its DAG."""
    return [
        [
            _name(entry),
            short_text(entry.type_name, 30),
            human_size(entry.size_bytes),
            ", ".join(readers_of(entry, run, receipts)),
            short_text(preview_text(entry.preview), 40),
        ]
        for task in tasks
        for entry in task.entries
    ]


def readers_of(entry: XComEntry, run: RunKey, receipts: Sequence[Receipt]) -> list[str]:
    """Give the task instances that pulled an entry, each once; those of other runs in full."""
    readers = [receipt.reader for receipt in receipts if receipt.entry == entry.id]
    return [
        task_text(reader) if reader.run == run else str(reader) for reader in dict.fromkeys(readers)
    ]


def _name(entry: XComEntry) -> str:
    """Give the address within its run; without the key where that is `return_value`."""
    task, key = task_text(entry.address.task_instance), entry.address.key
    return task if key == RETURN_KEY else f"{task}:{short_text(key, 30)}"
