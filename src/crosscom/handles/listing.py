"""What lies one level below an address: DAGs, a DAG's runs, a run's tasks, a task's XComs."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from crosscom.handles.finding import (
    dag_not_found,
    description_of,
    find_entry,
    find_run,
    find_task_instances,
)
from crosscom.model import (
    AddressPattern,
    RunRecord,
    TaskInstanceKey,
    TaskInstanceRecord,
    XComEntry,
)
from crosscom.stores.base import Store


class DagListing(NamedTuple):
    """A DAG that has runs."""

    dag_id: str
    latest: RunRecord


class TaskListing(NamedTuple):
    """A task instance and what it pushed."""

    record: TaskInstanceRecord
    entries: tuple[XComEntry, ...]
    """In the order of their push."""


def list_dags(store: Store) -> list[DagListing]:
    """List every DAG that has a run, by name."""
    listed = []
    for dag_id in store.dag_ids():
        runs = store.runs(dag_id, limit=1)
        # Its last run may have gone since it was listed.
        if runs:
            listed.append(DagListing(dag_id, runs[0]))
    return listed


def list_runs(store: Store, dag_id: str) -> list[RunRecord]:
    """List the runs of a DAG, the latest made first.

    Raises:
        DagNotFound: It has none.
    """
    runs = store.runs(dag_id)
    if not runs:
        raise dag_not_found(store, dag_id)
    return runs


def list_tasks(store: Store, run: RunRecord) -> list[TaskListing]:
    """List a run's task instances in the order of their DAG, with what each pushed."""
    pushed: dict[TaskInstanceKey, list[XComEntry]] = defaultdict(list)
    for entry in store.entries(run.key):
        pushed[entry.address.task_instance].append(entry)
    records = store.task_instances(run.key)
    description = description_of(store, run)
    if description is not None:
        place = {task.task_id: number for number, task in enumerate(description.tasks)}
        records.sort(key=lambda record: place.get(record.key.task_id, len(place)))
    return [TaskListing(record, tuple(pushed[record.key])) for record in records]


def list_entries(store: Store, pattern: AddressPattern) -> list[XComEntry]:
    """List the live XComs of the task or value that *pattern* names, in the order of their push.

    Raises:
        XComNotFound: A key was named, and nothing rests there.
        DagNotFound, RunNotFound, TaskNotFound: There is no such task.
        InvalidAddress: The pattern names no task.
    """
    if pattern.key is not None:
        return [find_entry(store, pattern)]
    run = find_run(store, pattern)
    find_task_instances(store, run, pattern)
    return store.entries(run.key, pattern.task_id, pattern.map_index)
