"""A task instance, for `crosscom show`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from crosscom.cli.bodies import Body, attempt_body, entry_body, task_body
from crosscom.cli.output import emit_facts, emit_table, emit_title
from crosscom.cli.rows import ATTEMPT_HEADER, ENTRY_HEADER, attempt_row, entry_row, seconds_text
from crosscom.handles.finding import description_of, find_task_instance
from crosscom.handles.formatting import printable, short_time
from crosscom.handles.listing import TaskListing
from crosscom.model import (
    AddressPattern,
    AttemptRecord,
    RunRecord,
    TaskDescription,
    TaskInstanceRecord,
    XComEntry,
)
from crosscom.runtime.logs import log_path
from crosscom.settings import Settings
from crosscom.stores.base import Store


@dataclass(frozen=True, slots=True)
class TaskView:
    """Everything about one task instance."""

    record: TaskInstanceRecord
    description: TaskDescription | None
    downstream: tuple[str, ...]
    entries: tuple[XComEntry, ...]
    attempts: tuple[AttemptRecord, ...]
    home: Path

    def body(self) -> Body:
        """Give it as JSON."""
        described = None if self.description is None else dataclasses.asdict(self.description)
        return {
            "address": str(self.record.key),
            "dag_id": self.record.key.dag_id,
            "run_id": self.record.key.run_id,
            **task_body(TaskListing(self.record, self.entries)),
            "max_tries": self.record.max_tries,
            "task": described,
            "downstream": list(self.downstream),
            "xcoms": [entry_body(entry) for entry in self.entries],
            "tries": [
                {**attempt_body(each), "log": str(self._log(each.try_number))}
                for each in self.attempts
            ],
        }

    def show(self) -> None:
        """Print it for a person."""
        record = self.record
        emit_facts(
            [
                ("task", str(record.key)),
                ("state", record.state.value),
                ("tries", f"{record.try_number} of {record.max_tries}"),
                ("started", short_time(record.started_at_us)),
                ("ended", short_time(record.ended_at_us)),
                ("seconds", seconds_text(record.started_at_us, record.ended_at_us)),
                ("next try at", short_time(record.retry_at_us)),
                *_described(self.description),
                ("downstream", ", ".join(self.downstream)),
                ("log", str(self._log(record.try_number)) if record.try_number else ""),
            ]
        )
        if self.attempts:
            emit_title("tries")
            emit_table(ATTEMPT_HEADER, [attempt_row(each) for each in self.attempts])
        if self.entries:
            emit_title("pushed")
            emit_table(ENTRY_HEADER, [entry_row(entry) for entry in self.entries])

    def _log(self, try_number: int) -> Path:
        return log_path(self.home, self.record.key, try_number)


def view_task(
    store: Store, run: RunRecord, pattern: AddressPattern, settings: Settings
) -> TaskView:
    """Ask the store for everything about a task instance.

    Raises:
        TaskNotFound: The run has no such task, or the task no such map index.
        InvalidAddress: The task is mapped, and the pattern names no index.
    """
    record = find_task_instance(store, run, pattern)
    ti = record.key
    dag = description_of(store, run)
    tasks = () if dag is None else dag.tasks
    return TaskView(
        record,
        None if dag is None else dag.by_id.get(ti.task_id),
        tuple(task.task_id for task in tasks if ti.task_id in task.upstream),
        tuple(store.entries(run.key, ti.task_id, ti.map_index)),
        tuple(each for each in store.attempts(run.key, ti.task_id) if each.task_instance == ti),
        settings.home,
    )


def _described(task: TaskDescription | None) -> list[tuple[str, str]]:
    if task is None:
        return []
    timeout = task.execution_timeout_seconds
    return [
        ("operator", task.operator),
        ("rule", task.trigger_rule),
        (
            "retries",
            f"{task.retries}, after {task.retry_delay_seconds:g} s" if task.retries else "",
        ),
        ("timeout", "" if timeout is None else f"{timeout:g} s"),
        ("doc", printable((task.doc or "").strip().partition("\n")[0])),
        ("upstream", ", ".join(task.upstream)),
        ("reads", ", ".join(f"{task_id}:{key}" for task_id, key in task.reads)),
    ]
