"""What the commands print as JSON. Sizes are bytes, durations seconds, times ISO 8601 in UTC."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from crosscom.handles.formatting import iso_time, seconds_between
from crosscom.handles.listing import DagListing, TaskListing
from crosscom.model import AttemptRecord, RunRecord, XComEntry

Body = dict[str, Any]


def dag_body(dag: DagListing) -> Body:
    """Give one DAG of `ls`."""
    return {
        "dag_id": dag.dag_id,
        "latest_run_id": dag.latest.key.run_id,
        "state": dag.latest.state.value,
        "created_at": iso_time(dag.latest.created_at_us),
    }


def run_body(run: RunRecord) -> Body:
    """Give one run of `ls`."""
    return {
        "dag_id": run.key.dag_id,
        "run_id": run.key.run_id,
        "state": run.state.value,
        "run_type": run.run_type,
        "logical_date": _time(run.logical_date_us),
        "created_at": iso_time(run.created_at_us),
        "started_at": _time(run.started_at_us),
        "ended_at": _time(run.ended_at_us),
        "seconds": seconds_between(run.started_at_us, run.ended_at_us),
    }


def result_body(run: RunRecord, tasks: Sequence[TaskListing]) -> Body:
    """Give the object that `run` and `resume` end with."""
    return {
        "dag_id": run.key.dag_id,
        "run_id": run.key.run_id,
        "state": run.state.value,
        "tasks": [task_body(task) for task in tasks],
    }


def task_body(task: TaskListing) -> Body:
    """Give one task instance of a run."""
    record = task.record
    return {
        "task_id": record.key.task_id,
        "map_index": record.key.map_index,
        "state": record.state.value,
        "try_number": record.try_number,
        "seconds": seconds_between(record.started_at_us, record.ended_at_us),
        "xcoms": [xcom_body(entry) for entry in task.entries],
    }


def xcom_body(entry: XComEntry) -> Body:
    """Give one XCom of a task instance."""
    return {
        "key": entry.address.key,
        "type": entry.type_name,
        "size_bytes": entry.size_bytes,
        "preview": preview_of(entry),
    }


def entry_body(entry: XComEntry) -> Body:
    """Give everything a store knows of one XCom without opening it."""
    ti = entry.address.task_instance
    return {
        "address": str(entry.address),
        "task_id": ti.task_id,
        "map_index": ti.map_index,
        **xcom_body(entry),
        "live": entry.live,
        "try_number": entry.try_number,
        "by_hand": entry.attempt is None,
        "encoding": entry.encoding,
        "backend": entry.backend,
        "digest": entry.digest.hex(),
        "pushed_at": iso_time(entry.pushed_at_us),
        "ended_at": _time(entry.ended_at_us),
    }


def attempt_body(attempt: AttemptRecord) -> Body:
    """Give one try of a task instance."""
    return {
        "try_number": attempt.try_number,
        "state": attempt.state.value,
        "started_at": iso_time(attempt.started_at_us),
        "ended_at": _time(attempt.ended_at_us),
        "seconds": seconds_between(attempt.started_at_us, attempt.ended_at_us),
        "pid": None if attempt.process is None else attempt.process.pid,
        "error": attempt.error,
    }


def preview_of(entry: XComEntry) -> Any:
    """Give a preview as the JSON it is; as text where it is none."""
    try:
        return json.loads(entry.preview)
    except ValueError:
        return entry.preview


def _time(time_us: int | None) -> str | None:
    return None if time_us is None else iso_time(time_us)
