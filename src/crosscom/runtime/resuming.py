"""What a scheduler does before it goes on with a run that another one began."""

from __future__ import annotations

from collections.abc import Iterable

from crosscom.model import (
    AttemptRecord,
    AttemptState,
    DagDescription,
    RunRecord,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
)
from crosscom.runtime.processes import end_sessions
from crosscom.runtime.retries import after_loss
from crosscom.stores.base import Store
from crosscom.stores.rules import now_us

_START_AGAIN = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})


def take_up(store: Store, run: RunRecord, description: DagDescription) -> None:
    """Bring a run that was just adopted to where a scheduler can go on.

    What is left of its old tries is killed. Tries that are found running then were lost: their
    task instances start again and use no retry, at most 3 times in a row. Task instances that
    failed or could not start because of that start again, with all their retries.
    """
    attempts = store.attempts(run.key)
    _end_leftovers(attempts)
    records = store.task_instances(run.key)
    _end_lost(store, records, attempts, description)
    again = to_start_again(description, records)
    if again:
        store.settle(run.key, dict.fromkeys(again, TaskState.NONE), lease=run.lease)


def to_start_again(
    description: DagDescription, records: Iterable[TaskInstanceRecord]
) -> list[TaskInstanceKey]:
    """Give those that failed, that a failure kept from starting, or that were skipped after it."""
    by_task = {record.key.task_id: record for record in records}
    again: dict[str, TaskInstanceKey] = {}
    for task in description.tasks:
        record = by_task[task.task_id]
        follows = record.state is TaskState.SKIPPED and not again.keys().isdisjoint(task.upstream)
        if record.state in _START_AGAIN or follows:
            again[task.task_id] = record.key
    return list(again.values())


def downstream_of(description: DagDescription, task_ids: Iterable[str]) -> list[str]:
    """Give these tasks and all that depend on them, in topological order."""
    found = set(task_ids)
    for task in description.tasks:
        if not found.isdisjoint(task.upstream):
            found.add(task.task_id)
    return [task.task_id for task in description.tasks if task.task_id in found]


def _end_leftovers(attempts: Iterable[AttemptRecord]) -> None:
    """Kill what is left of tries; one that ended may have put something apart on purpose."""
    found = [(one.state, one.process) for one in attempts if one.process is not None]
    end_sessions([process for state, process in found if state is AttemptState.RUNNING])
    end_sessions([process for _, process in found], everywhere=False)


def _end_lost(
    store: Store,
    records: Iterable[TaskInstanceRecord],
    attempts: Iterable[AttemptRecord],
    description: DagDescription,
) -> None:
    now = now_us()
    for record in records:
        if record.state is not TaskState.RUNNING or record.attempt is None:
            continue
        task = description.by_id[record.key.task_id]
        mine = [one for one in attempts if one.task_instance == record.key]
        end = after_loss(
            task,
            record.key,
            record.try_number,
            record.max_tries,
            now,
            lost_tries=_lost_in_a_row(mine),
        )
        store.end_try(record.attempt, end)


def _lost_in_a_row(attempts: list[AttemptRecord]) -> int:
    """Count the lost tries before the one that runs."""
    lost = 0
    for one in reversed(attempts[:-1]):
        if one.state is not AttemptState.LOST:
            break
        lost += 1
    return lost
