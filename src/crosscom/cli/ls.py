"""`crosscom ls`: one level down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crosscom.cli.bodies import Body, dag_body, entry_body, run_body, task_body
from crosscom.cli.options import AsJson
from crosscom.cli.output import emit_json, emit_table, say
from crosscom.cli.places import is_missing, lasting_settings, reading
from crosscom.handles.finding import find_run, names_run
from crosscom.handles.listing import list_dags, list_entries, list_runs, list_tasks
from crosscom.model import parse_address
from crosscom.stores.base import Store

_BODIES: Mapping[str, Callable[[Any], Body]] = {
    "dags": dag_body,
    "runs": run_body,
    "tasks": task_body,
    "xcoms": entry_body,
}

_NOTHING: Sequence[Any] = ()


def ls(address: str | None = None, /, *, json: AsJson = False) -> None:
    """List one level down: DAGs, a DAG's runs, a run's tasks, a task's XComs.

    Args:
        address: A DAG, a RUN, or a task; all DAGs where it is left out.
    """
    settings = lasting_settings()
    level, things = "dags", _NOTHING
    if address is not None or not is_missing(settings):
        with reading(settings) as store:
            level, things = _below(store, address)
    if json:
        emit_json([_BODIES[level](thing) for thing in things])
    elif things:
        _show(level, things)
    else:
        say("nothing here yet" if address is None else f"nothing in {address}")


def _below(store: Store, address: str | None) -> tuple[str, Sequence[Any]]:
    """Give what kind of things lie below an address, and the things."""
    if address is None:
        return "dags", list_dags(store)
    pattern = parse_address(address)
    if pattern.task_id is not None:
        return "xcoms", list_entries(store, pattern)
    if names_run(address):
        return "tasks", list_tasks(store, find_run(store, pattern))
    return "runs", list_runs(store, pattern.dag_id)


def _show(level: str, things: Sequence[Any]) -> None:
    # Not for --json: previews are read by the serializers, which take milliseconds to load.
    from crosscom.cli import rows  # noqa: PLC0415

    shown: Mapping[str, tuple[Sequence[str], Callable[[Any], list[str]]]] = {
        "dags": (rows.DAG_HEADER, rows.dag_row),
        "runs": (rows.RUN_HEADER, rows.run_row),
        "tasks": (rows.TASK_HEADER, rows.task_row),
        "xcoms": (rows.ENTRY_HEADER, rows.entry_row),
    }
    header, row = shown[level]
    emit_table(header, [row(thing) for thing in things])
