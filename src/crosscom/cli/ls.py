"""`crosscom ls`: one level down."""

from __future__ import annotations

from typing import NamedTuple

from crosscom.cli.bodies import Body, dag_body, entry_body, run_body, task_body
from crosscom.cli.options import AsJson
from crosscom.cli.output import emit_json, emit_table, say
from crosscom.cli.places import is_missing, reading
from crosscom.cli.rows import (
    DAG_HEADER,
    ENTRY_HEADER,
    RUN_HEADER,
    TASK_HEADER,
    dag_row,
    entry_row,
    run_row,
    task_row,
)
from crosscom.handles.finding import find_run, names_run
from crosscom.handles.listing import list_dags, list_entries, list_runs, list_tasks
from crosscom.model import parse_address
from crosscom.settings import load_settings
from crosscom.stores.base import Store


class Level(NamedTuple):
    """What lies below an address, for people and for programs."""

    header: tuple[str, ...]
    rows: list[list[str]]
    bodies: list[Body]


def ls(
    address: str | None = None,
    /,
    *,
    json: AsJson = False,
) -> None:
    """List one level down: DAGs, a DAG's runs, a run's tasks, a task's XComs.

    Args:
        address: A DAG, a RUN, or a task; all DAGs where it is left out.
    """
    settings = load_settings()
    if address is None and is_missing(settings):
        level = Level(DAG_HEADER, [], [])
    else:
        with reading(settings) as store:
            level = _level(store, address)
    if json:
        emit_json(level.bodies)
    elif level.rows:
        emit_table(level.header, level.rows)
    else:
        say("nothing here yet" if address is None else f"nothing in {address}")


def _level(store: Store, address: str | None) -> Level:
    if address is None:
        dags = list_dags(store)
        return Level(DAG_HEADER, [dag_row(dag) for dag in dags], [dag_body(dag) for dag in dags])
    pattern = parse_address(address)
    if pattern.task_id is not None:
        entries = list_entries(store, pattern)
        rows = [entry_row(entry) for entry in entries]
        return Level(ENTRY_HEADER, rows, [entry_body(entry) for entry in entries])
    if not names_run(address):
        runs = list_runs(store, pattern.dag_id)
        return Level(RUN_HEADER, [run_row(run) for run in runs], [run_body(run) for run in runs])
    tasks = list_tasks(store, find_run(store, pattern))
    rows = [task_row(task) for task in tasks]
    return Level(TASK_HEADER, rows, [task_body(task) for task in tasks])
