"""Rows as records, and the few reads that several ports share."""

from __future__ import annotations

import json
from typing import Any

from crosscom.errors import RunNotFound
from crosscom.model import (
    AttemptRecord,
    AttemptState,
    ProcessIdentity,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
)
from crosscom.stores.rules import LATEST_RUNS_NAMED, lease_lost, run_not_found
from crosscom.stores.sqlite.database import Database, Row

# The inner number of a run.
_RUN = "SELECT id FROM dag_run WHERE dag_id = ? AND run_id = ?"

# The inner number and the lease of a run.
_LEASE = "SELECT id, lease FROM dag_run WHERE dag_id = ? AND run_id = ?"

# The latest run ids of a DAG.
_LATEST_RUNS = "SELECT run_id FROM dag_run WHERE dag_id = ? ORDER BY id DESC LIMIT ?"


class OverDatabase:
    """What reads and writes one database: the base of each port's part of the store."""

    __slots__ = ("_db",)

    def __init__(self, database: Database) -> None:
        """Work on *database*."""
        self._db = database

    def _run_number(self, key: RunKey) -> int | None:
        row = self._db.row(_RUN, (key.dag_id, key.run_id))
        return None if row is None else int(row[0])

    def _known_run(self, key: RunKey) -> int:
        run = self._run_number(key)
        if run is None:
            raise self._run_not_found(key)
        return run

    def _held_run(self, key: RunKey, lease: int) -> int:
        row = self._db.row(_LEASE, (key.dag_id, key.run_id))
        if row is None:
            raise self._run_not_found(key)
        run, found = row
        if found != lease:
            raise lease_lost(key, lease, found)
        return int(run)

    def _run_not_found(self, key: RunKey) -> RunNotFound:
        latest = self._db.rows(_LATEST_RUNS, (key.dag_id, LATEST_RUNS_NAMED))
        return run_not_found(key, [str(row[0]) for row in latest])


def run_record(row: Row) -> RunRecord:
    """Read a row of `dag_run` in the order of the record's fields."""
    dag_id, run_id, state, logical_date, run_type, conf, params, description, bundle, *rest = row
    scheduler, lease, revision, created_at, started_at, ended_at, code_root = rest
    return RunRecord(
        key=RunKey(dag_id, run_id),
        state=RunState(state),
        logical_date_us=logical_date,
        run_type=run_type,
        conf=conf,
        params=params,
        description_digest=description,
        bundle_digest=bundle,
        scheduler=process_from_text(scheduler),
        lease=lease,
        revision=revision,
        created_at_us=created_at,
        started_at_us=started_at,
        ended_at_us=ended_at,
        code_root=code_root,
    )


def task_instance_record(run: RunKey, row: Row) -> TaskInstanceRecord:
    """Read a row of `task_instance` in the order of the record's fields."""
    task_id, map_index, state, *rest = row
    key = TaskInstanceKey(run.dag_id, run.run_id, task_id, map_index)
    return TaskInstanceRecord(key, TaskState(state), *rest)


def attempt_record(row: Row) -> AttemptRecord:
    """Read a row of `attempt` joined with its run."""
    number, dag_id, run_id, task_id, map_index, try_number, state, process, *rest = row
    return AttemptRecord(
        number,
        TaskInstanceKey(dag_id, run_id, task_id, map_index),
        try_number,
        AttemptState(state),
        process_from_text(process),
        *rest,
    )


def process_as_text(process: ProcessIdentity | None) -> str | None:
    """Write a process identity as JSON."""
    if process is None:
        return None
    return json.dumps(
        {
            "host": process.host,
            "boot_id": process.boot_id,
            "pid": process.pid,
            "started_ticks": process.started_ticks,
        }
    )


def process_from_text(text: Any) -> ProcessIdentity | None:
    """Read what `process_as_text` wrote."""
    return None if text is None else ProcessIdentity(**json.loads(text))
