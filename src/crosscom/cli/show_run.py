"""A run, for `crosscom show`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crosscom.cli.bodies import Body, attempt_body, run_body, task_body
from crosscom.cli.output import emit, emit_facts, emit_table, emit_title
from crosscom.cli.passing import PASSED_HEADER, passed_rows, readers_of
from crosscom.cli.rows import TASK_HEADER, seconds_text, task_row
from crosscom.handles.finding import description_of
from crosscom.handles.formatting import printable, short_time
from crosscom.handles.listing import TaskListing, list_tasks
from crosscom.model import (
    AttemptRecord,
    Bundle,
    DagDescription,
    Receipt,
    RunRecord,
    TaskDescription,
)
from crosscom.runtime.finding_runs import bundle_of
from crosscom.stores.base import Store


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything about one run."""

    run: RunRecord
    description: DagDescription | None
    bundle: Bundle | None
    tasks: list[TaskListing]
    attempts: list[AttemptRecord]
    receipts: list[Receipt]

    def body(self) -> Body:
        """Give it as JSON."""
        return {
            **run_body(self.run),
            "conf": json.loads(self.run.conf),
            "params": json.loads(self.run.params),
            "dag": None if self.description is None else json.loads(self.description.to_json()),
            "code": None if self.bundle is None else _bundle_body(self.bundle),
            "tasks": [
                {**task_body(task), "tries": [attempt_body(each) for each in self._tries(task)]}
                for task in self.tasks
            ],
            "pulled": [
                {"address": str(entry.address), "by": readers}
                for task in self.tasks
                for entry in task.entries
                if (readers := readers_of(entry, self.run.key, self.receipts))
            ],
        }

    def show(self) -> None:
        """Print it for a person."""
        run = self.run
        emit_facts(
            [
                ("run", str(run.key)),
                ("state", run.state.value),
                ("type", run.run_type),
                ("logical date", short_time(run.logical_date_us)),
                ("started", short_time(run.started_at_us)),
                ("ended", short_time(run.ended_at_us)),
                ("seconds", seconds_text(run.started_at_us, run.ended_at_us)),
                ("conf", _unless_empty(run.conf)),
                ("params", _unless_empty(run.params)),
                *_dag_facts(self.description),
                *_code_facts(self.bundle),
            ]
        )
        if self.tasks:
            emit_title("tasks")
            emit_table(TASK_HEADER, [task_row(task) for task in self.tasks])
        self._show_edges()
        self._show_passed()
        self._show_errors()

    def _show_edges(self) -> None:
        edges = [_edge(task) for task in (self.description.tasks if self.description else ())]
        if any(edges):
            emit_title("edges")
        for edge in filter(None, edges):
            emit(edge)

    def _show_passed(self) -> None:
        rows = passed_rows(self.run.key, self.tasks, self.receipts)
        if rows:
            emit_title("passed")
            emit_table(PASSED_HEADER, rows)

    def _show_errors(self) -> None:
        failed = [each for each in self.attempts if each.error]
        if failed:
            emit_title("errors")
        for each in failed:
            emit(f"{each.task_instance} try {each.try_number}: {printable(each.error or '')}")

    def _tries(self, task: TaskListing) -> list[AttemptRecord]:
        return [each for each in self.attempts if each.task_instance == task.record.key]


def view_run(store: Store, run: RunRecord) -> RunView:
    """Ask the store for everything about a run."""
    return RunView(
        run=run,
        description=description_of(store, run),
        bundle=bundle_of(store, run),
        tasks=list_tasks(store, run),
        attempts=store.attempts(run.key),
        receipts=store.receipts(run.key),
    )


def _bundle_body(bundle: Bundle) -> Body:
    return {
        "digest": bundle.digest,
        "root": bundle.root,
        "dag_file": bundle.dag_file,
        "files": dict(bundle.files),
    }


def _dag_facts(description: DagDescription | None) -> list[tuple[str, str]]:
    if description is None:
        return []
    return [
        ("schedule", printable(description.schedule or "")),
        ("tags", printable(", ".join(description.tags))),
        ("doc", printable((description.doc or "").strip().partition("\n")[0])),
    ]


def _code_facts(bundle: Bundle | None) -> list[tuple[str, str]]:
    if bundle is None:
        return []
    count = "1 file" if len(bundle.files) == 1 else f"{len(bundle.files)} files"
    return [("code", f"{bundle.dag_file} in {bundle.root} ({count}, {bundle.digest[:12]})")]


def _edge(task: TaskDescription) -> str:
    return f"{', '.join(task.upstream)} >> {task.task_id}" if task.upstream else ""


def _unless_empty(text: str) -> str:
    return "" if text == "{}" else printable(text)
