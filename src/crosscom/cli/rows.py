"""What the commands print as tables."""

from __future__ import annotations

from crosscom.handles.formatting import (
    human_size,
    printable,
    seconds_between,
    short_text,
    short_time,
)
from crosscom.handles.listing import DagListing, TaskListing
from crosscom.model import (
    RETURN_KEY,
    UNMAPPED,
    AttemptRecord,
    RunRecord,
    TaskInstanceKey,
    XComEntry,
)
from crosscom.serializers import preview_text

_MOST_XCOMS_NAMED = 4

DAG_HEADER = ("dag", "latest run", "state", "made")
RUN_HEADER = ("run", "state", "started", "seconds")
TASK_HEADER = ("task", "state", "tries", "seconds", "pushed")
ENTRY_HEADER = ("key", "type", "size", "pushed", "by", "preview")
HISTORY_HEADER = ("by", "state", "type", "size", "pushed", "ended", "preview")
ATTEMPT_HEADER = ("try", "state", "started", "seconds", "error")


def dag_row(dag: DagListing) -> list[str]:
    """Give one DAG."""
    latest = dag.latest
    return [dag.dag_id, latest.key.run_id, latest.state.value, short_time(latest.created_at_us)]


def run_row(run: RunRecord) -> list[str]:
    """Give one run."""
    return [
        run.key.run_id,
        run.state.value,
        short_time(run.started_at_us or run.created_at_us),
        seconds_text(run.started_at_us, run.ended_at_us),
    ]


def task_row(task: TaskListing) -> list[str]:
    """Give one task instance and what it pushed."""
    record = task.record
    return [
        task_text(record.key),
        record.state.value,
        str(record.try_number),
        seconds_text(record.started_at_us, record.ended_at_us),
        _pushed(task.entries),
    ]


def entry_row(entry: XComEntry) -> list[str]:
    """Give one live XCom."""
    index = entry.address.task_instance.map_index
    place = "" if index == UNMAPPED else f"[{index}]:"
    return [
        place + short_text(entry.address.key),
        short_text(entry.type_name),
        human_size(entry.size_bytes),
        short_time(entry.pushed_at_us),
        pusher(entry),
        short_text(preview_text(entry.preview)),
    ]


def history_row(entry: XComEntry) -> list[str]:
    """Give one entry of a history."""
    return [
        pusher(entry),
        "live" if entry.live else "history",
        short_text(entry.type_name),
        human_size(entry.size_bytes),
        short_time(entry.pushed_at_us),
        short_time(entry.ended_at_us),
        short_text(preview_text(entry.preview)),
    ]


def attempt_row(attempt: AttemptRecord) -> list[str]:
    """Give one try."""
    return [
        str(attempt.try_number),
        attempt.state.value,
        short_time(attempt.started_at_us),
        seconds_text(attempt.started_at_us, attempt.ended_at_us),
        short_text(attempt.error or "", 200),
    ]


def pusher(entry: XComEntry) -> str:
    """Give who pushed an entry."""
    return "by hand" if entry.attempt is None else f"try {entry.try_number}"


def task_text(ti: TaskInstanceKey) -> str:
    """Give a task instance without its run."""
    return ti.task_id if ti.map_index == UNMAPPED else f"{ti.task_id}[{ti.map_index}]"


def reason_text(error: str, ti: TaskInstanceKey) -> str:
    """Give why a try of *ti* failed, for a line that names *ti* already."""
    own = f"cannot push {ti}:"
    return printable(error.replace(f"{own}{RETURN_KEY}: ", "", 1).replace(own, "cannot push ", 1))


def seconds_text(started_at_us: int | None, ended_at_us: int | None) -> str:
    """Give a duration, or nothing where it has no start or end."""
    seconds = seconds_between(started_at_us, ended_at_us)
    return "" if seconds is None else f"{seconds:.3f}"


def _pushed(entries: tuple[XComEntry, ...]) -> str:
    named = ", ".join(
        f"{short_text(entry.address.key, 40)} ({entry.type_name}, {human_size(entry.size_bytes)})"
        for entry in entries[:_MOST_XCOMS_NAMED]
    )
    more = len(entries) - _MOST_XCOMS_NAMED
    return named + (f" and {more} more" if more > 0 else "")
