"""Why nothing rests at an address: the text of a pull's log line, or of its error."""

from __future__ import annotations

from typing import NamedTuple

from crosscom.errors import XComNotFound
from crosscom.model import RETURN_KEY, DagDescription, TaskInstanceKey, TaskState, XComAddress
from crosscom.model.nearest import meant
from crosscom.stores.base import Store
from crosscom.xcoms import XComs

_MOST_NAMED = 20


class Absence(NamedTuple):
    """What is known about an empty address."""

    error: XComNotFound
    """Says what is there instead, and what was most likely meant."""
    is_known_none: bool = False
    """The task succeeded and what it returned was `None`: nobody made a mistake."""


def explain_absence(address: XComAddress, store: Store, xcoms: XComs) -> Absence:
    """Say why nothing rests at *address*: no such run, task or key, or a returned `None`.

    For addresses where a pull found nothing; it asks the store several times.
    """
    ti = address.task_instance
    run = store.run(ti.run)
    if run is None:
        return Absence(_no_run(address, store))
    state = _state(ti, store)
    if run.description_digest is not None:
        description = store.description(run.description_digest)
        task = description.by_id.get(ti.task_id)
        if task is None:
            return Absence(_no_task(address, description))
        if state is TaskState.SUCCESS and address.key == RETURN_KEY:
            error = xcoms.not_found(address) if task.do_xcom_push else _not_pushed(address)
            return Absence(error, is_known_none=task.do_xcom_push)
    return Absence(_no_key(address, state, xcoms))


def _no_run(address: XComAddress, store: Store) -> XComNotFound:
    ti = address.task_instance
    runs = [run.key.run_id for run in store.runs(ti.dag_id, limit=_MOST_NAMED)]
    there = f"its latest runs: {_named(runs)}" if runs else "it has none"
    message = f"DAG {ti.dag_id!r} has no run {ti.run_id!r}; {there}{meant(ti.run_id, runs)}"
    return XComNotFound(message, address=str(address))


def _no_task(address: XComAddress, description: DagDescription) -> XComNotFound:
    ti = address.task_instance
    tasks = list(description.by_id)
    there = f"its tasks: {_named(tasks)}{meant(ti.task_id, tasks)}"
    message = f"DAG {ti.dag_id!r} has no task {ti.task_id!r}; {there}"
    return XComNotFound(message, address=str(address))


def _not_pushed(address: XComAddress) -> XComNotFound:
    message = (
        f"task instance {address.task_instance} has no XCom {address.key!r}; "
        "what it returns is not pushed (do_xcom_push=False)"
    )
    return XComNotFound(message, address=str(address))


def _no_key(address: XComAddress, state: TaskState | None, xcoms: XComs) -> XComNotFound:
    error = xcoms.not_found(address)
    if error.pushed or state is None:
        return error
    message = (
        f"task instance {address.task_instance} has no XCom {address.key!r}; "
        f"there is nothing of it in this run, and its state is {state.value}"
    )
    return XComNotFound(message, address=str(address))


def _state(ti: TaskInstanceKey, store: Store) -> TaskState | None:
    return next((each.state for each in store.task_instances(ti.run) if each.key == ti), None)


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join(repr(name) for name in names[:_MOST_NAMED])
    return listed + (f" and {more} more" if more > 0 else "")
