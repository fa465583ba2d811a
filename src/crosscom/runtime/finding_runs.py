"""Runs and tasks that people name: found, or refused with what is there instead."""

from __future__ import annotations

from dataclasses import replace

from crosscom.errors import DagChanged, RunActive, RunError, RunNotFound, TaskNotFound
from crosscom.model import Bundle, DagDescription, RunKey, RunRecord, RunState
from crosscom.model.nearest import nearest
from crosscom.runtime.changes import describe_change, describe_change_of_shape
from crosscom.runtime.processes import is_alive
from crosscom.stores.base import Store

_SHOWN_RUNS = 5


def known_run(store: Store, run: RunKey) -> RunRecord:
    """Give a run that has a DAG.

    Raises:
        RunNotFound: There is none, or it only holds values that were pushed from outside.
    """
    record = store.run(run)
    if record is not None and record.description_digest is not None:
        return record
    others = [str(one.key) for one in store.runs(run.dag_id, limit=_SHOWN_RUNS)]
    there = f"the latest of its DAG are {', '.join(others)}" if others else "its DAG has no run"
    msg = f"there is no run {run}; {there}"
    if record is not None:
        msg = f"the run {run} has no DAG: it only holds values that were pushed from outside"
    raise RunNotFound(msg, dag_id=run.dag_id, run_id=run.run_id)


def has_live_scheduler(record: RunRecord) -> bool:
    """Tell whether a process of this machine works on a run."""
    if record.state is not RunState.RUNNING or record.scheduler is None:
        return False
    return is_alive(record.scheduler)


def bundle_of(store: Store, record: RunRecord) -> Bundle | None:
    """Give the code of a run, as it lay in the folder that this run was started from."""
    if record.bundle_digest is None:
        return None
    bundle = store.bundle(record.bundle_digest)
    return replace(bundle, root=record.code_root or bundle.root)


def resumable_run(store: Store, run: RunKey) -> RunRecord:
    """Give a run that nobody works on.

    Raises:
        RunNotFound: There is none, or it never had a DAG.
        RunActive: A live scheduler works on it.
        RunError: Its code was not kept.
    """
    record = known_run(store, run)
    if record.bundle_digest is None:
        msg = (
            f"cannot resume {run}: it was made in Python, as DAG.test() does, and its code was not "
            "kept; run its file with `crosscom run`"
        )
        raise RunError(msg, dag_id=run.dag_id, run_id=run.run_id)
    if has_live_scheduler(record):
        assert record.scheduler is not None  # noqa: S101 - it lives
        msg = (
            f"cannot resume {run}: process {record.scheduler.pid} works on it; wait until it is "
            "done, or stop it with Ctrl-C"
        )
        raise RunActive(msg, dag_id=run.dag_id, run_id=run.run_id)
    return record


def check_unchanged(
    stored: DagDescription, found: DagDescription, run: RunKey, *, latest: bool
) -> None:
    """Refuse code that describes another DAG; with *latest* only tasks and edges count.

    Raises:
        DagChanged: It does; names the difference.
    """
    compare = describe_change_of_shape if latest else describe_change
    change = compare(stored, found)
    if change is None:
        return
    what = "today's file" if latest else "its stored code"
    msg = (
        f"cannot resume {run}: {what} describes another DAG than the run was started with: "
        f"{change}; start a new run"
    )
    raise DagChanged(msg, dag_id=run.dag_id)


def check_task(description: DagDescription, run: RunKey, task_id: str) -> None:
    """Refuse a task that the run does not have.

    Raises:
        TaskNotFound: It does not.
    """
    if task_id in description.by_id:
        return
    near = nearest(task_id, description.by_id)
    hint = f"did you mean {near!r}?" if near else f"it has {', '.join(description.by_id)}"
    msg = f"the run {run} has no task {task_id!r}; {hint}"
    raise TaskNotFound(msg, dag_id=run.dag_id, run_id=run.run_id, task_id=task_id)
