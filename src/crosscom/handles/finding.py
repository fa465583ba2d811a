"""What an address names in a store, or the error that says what is there instead."""

from __future__ import annotations

from collections.abc import Sequence

from crosscom.errors import DagNotFound, InvalidAddress, RunNotFound, TaskNotFound, XComNotFound
from crosscom.model import (
    UNMAPPED,
    AddressPattern,
    DagDescription,
    RunKey,
    RunRecord,
    TaskInstanceRecord,
    XComAddress,
    XComEntry,
)
from crosscom.model.nearest import meant
from crosscom.stores.base import Store

_MOST_NAMED = 10


def find_run(store: Store, pattern: AddressPattern) -> RunRecord:
    """Give the run that *pattern* names: by its id, or by its place before the latest.

    Raises:
        DagNotFound: The DAG has no run at all.
        RunNotFound: The DAG has other runs.
    """
    if pattern.run_id is not None:
        named = store.run(RunKey(pattern.dag_id, pattern.run_id))
        if named is None:
            raise run_not_found(store, pattern.dag_id, pattern.run_id)
        return named
    runs = store.runs(pattern.dag_id, limit=pattern.back + 1)
    if not runs:
        raise dag_not_found(store, pattern.dag_id)
    if len(runs) <= pattern.back:
        count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        msg = f"DAG {pattern.dag_id!r} has only {count}, so there is no @^{pattern.back}"
        raise RunNotFound(msg, dag_id=pattern.dag_id, run_id=None)
    return runs[pattern.back]


def find_task_instances(
    store: Store, run: RunRecord, pattern: AddressPattern
) -> list[TaskInstanceRecord]:
    """Give the task instances that *pattern* names in *run*: one, or all of a mapped task.

    Raises:
        TaskNotFound: The run has no such task, or the task no such map index.
        InvalidAddress: The pattern names no task.
    """
    if pattern.task_id is None:
        msg = f"address {pattern} names no task; write it as {pattern}/TASK_ID"
        raise InvalidAddress(msg)
    everything = store.task_instances(run.key)
    of_task = [each for each in everything if each.key.task_id == pattern.task_id]
    if not of_task:
        raise task_not_found(run.key, pattern.task_id, [each.key.task_id for each in everything])
    if pattern.map_index is None:
        return of_task
    found = [each for each in of_task if each.key.map_index == pattern.map_index]
    if not found:
        raise _index_not_found(run.key, pattern.task_id, pattern.map_index, of_task)
    return found


def find_task_instance(store: Store, run: RunRecord, pattern: AddressPattern) -> TaskInstanceRecord:
    """Give the one task instance that *pattern* names in *run*.

    Raises:
        TaskNotFound: The run has no such task, or the task no such map index.
        InvalidAddress: The pattern names no task, or a mapped one without its index.
    """
    found = find_task_instances(store, run, pattern)
    wanted = UNMAPPED if pattern.map_index is None else pattern.map_index
    for each in found:
        if each.key.map_index == wanted:
            return each
    msg = (
        f"task {pattern.task_id!r} of {run.key} is mapped ({_indexes(found)}); "
        f"write which one, as {pattern.task_id}[{found[0].key.map_index}]"
    )
    raise InvalidAddress(msg)


def find_address(store: Store, pattern: AddressPattern) -> XComAddress:
    """Give the full address of a value; whether something rests there is not looked at.

    Raises:
        DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
        InvalidAddress: The pattern names no task, or a mapped one without its index.
    """
    run = find_run(store, pattern)
    ti = find_task_instance(store, run, pattern).key
    address = pattern.at(run.key)
    return XComAddress(ti, address.key)


def find_entry(store: Store, pattern: AddressPattern) -> XComEntry:
    """Give the live entry at an address.

    Raises:
        XComNotFound: Nothing rests there; the text names what the task instance pushed.
        DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
        InvalidAddress: The pattern names no task, or a mapped one without its index.
    """
    address = find_address(store, pattern)
    ti = address.task_instance
    for entry in store.entries(ti.run, ti.task_id, ti.map_index):
        if entry.address.key == address.key:
            return entry
    raise value_not_found(store, address)


def find_place(store: Store, pattern: AddressPattern) -> XComAddress:
    """Give the full address to push to: the run must be there, its task instance need not.

    Raises:
        DagNotFound, RunNotFound: There is no such run.
        TaskNotFound: The run remembers its DAG, and that has no such task.
        InvalidAddress: The pattern names no task.
    """
    run = find_run(store, pattern)
    address = pattern.at(run.key)
    description = description_of(store, run)
    if description is not None and address.task_instance.task_id not in description.by_id:
        raise task_not_found(run.key, address.task_instance.task_id, list(description.by_id))
    return address


def names_run(address: str | XComAddress) -> bool:
    """Tell whether an address names a run: `churn` is the DAG, `churn@^0` its latest run."""
    return isinstance(address, XComAddress) or "@" in address


def description_of(store: Store, run: RunRecord) -> DagDescription | None:
    """Give what a run remembers of its DAG, or None where no DAG ran."""
    digest = run.description_digest
    return None if digest is None else store.description(digest)


def value_not_found(store: Store, address: XComAddress) -> XComNotFound:
    """Give the error for an address where nothing rests: it names what was pushed instead."""
    # Only for an error: the serializers behind it take milliseconds to load.
    from crosscom.backends import Backend  # noqa: PLC0415
    from crosscom.xcoms import XComs  # noqa: PLC0415  # as above

    return XComs(store, Backend()).not_found(address)


def dag_not_found(store: Store, dag_id: str) -> DagNotFound:
    """Give the error for a DAG without runs: it names those that have some."""
    known = store.dag_ids()
    there = f"there are runs of: {_named(known)}" if known else "it has no runs at all"
    msg = f"store {store.url} has no run of DAG {dag_id!r}; {there}{meant(dag_id, known)}"
    return DagNotFound(msg, dag_id=dag_id)


def run_not_found(store: Store, dag_id: str, run_id: str) -> DagNotFound | RunNotFound:
    """Give the error for a run that is not there: it names the DAG's latest ones."""
    known = [run.key.run_id for run in store.runs(dag_id, limit=100)]
    if not known:
        return dag_not_found(store, dag_id)
    msg = f"DAG {dag_id!r} has no run {run_id!r}; its latest: {_named(known)}{meant(run_id, known)}"
    return RunNotFound(msg, dag_id=dag_id, run_id=run_id)


def task_not_found(run: RunKey, task_id: str, known: Sequence[str]) -> TaskNotFound:
    """Give the error for a task that a run does not have: it names those it has."""
    names = sorted(set(known))
    there = f"its tasks: {_named(names)}" if names else "it has no tasks"
    msg = f"run {run} has no task {task_id!r}; {there}{meant(task_id, names)}"
    return TaskNotFound(msg, dag_id=run.dag_id, run_id=run.run_id, task_id=task_id)


def _index_not_found(
    run: RunKey, task_id: str, map_index: int, there: Sequence[TaskInstanceRecord]
) -> TaskNotFound:
    is_mapped = any(each.key.map_index != UNMAPPED for each in there)
    instead = f"it has {_indexes(there)}" if is_mapped else "it is not mapped"
    msg = f"task {task_id!r} of {run} has no index {map_index}; {instead}"
    return TaskNotFound(msg, dag_id=run.dag_id, run_id=run.run_id, task_id=task_id)


def _indexes(records: Sequence[TaskInstanceRecord]) -> str:
    indexes = sorted(each.key.map_index for each in records)
    if len(indexes) == 1:
        return f"index {indexes[0]}"
    return f"{len(indexes)} indexes, {indexes[0]} to {indexes[-1]}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join(names[:_MOST_NAMED])
    return listed + (f" and {more} more" if more > 0 else "")
