"""A pull and a walk through the listings, in a store with few XComs and in one with very many."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import crosscom
from benchmarks.plan import Extra, Group, Plan
from benchmarks.timing import Act, Compared, take_turns
from crosscom.handles.opened import OpenedStore
from crosscom.model import TaskInstanceKey, XComAddress

FEW, MILLION, TEN_MILLION = 1_000, 1_000_000, 10_000_000

_TASKS = [f"task_{number}" for number in range(10)]
_KEYS = [f"key_{number}" for number in range(10)]
_PER_RUN = len(_TASKS) * len(_KEYS)
_RUNS_PER_DAG = 1_000
_RUNS_PULLED = 10
_VALUE = {"id": 4711, "name": "extract", "rows": 12345, "ok": True, "ratio": 0.25}

_NUMBERS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?)
"""


def measure_million(plan: Plan) -> Mapping[str, Compared]:
    """Compare a store with a million XComs with one that has a thousand."""
    return _measure(plan, MILLION, "million")


def measure_ten_million(plan: Plan) -> Mapping[str, Compared]:
    """Compare a store with ten million XComs with one that has a thousand."""
    return _measure(plan, TEN_MILLION, "ten-million")


def _measure(plan: Plan, many: int, name: str) -> Mapping[str, Compared]:
    folder = plan.scratch / name
    folder.mkdir()
    few_file, many_file = folder / "few.db", folder / "many.db"
    fill(few_file, FEW)
    fill(many_file, many)
    with crosscom.open(str(few_file)) as few_store, crosscom.open(str(many_file)) as many_store:
        figures = take_turns(
            plan.rounds,
            [
                _pulls(few_store, "few", FEW),
                _pulls(many_store, "many", many),
                _listings(few_store, "few", FEW),
                _listings(many_store, "many", many),
            ],
        )
    return {
        f"{row}-{name}": Compared(figures[f"{row} many"], figures[f"{row} few"])
        for row in ("pull", "list")
    }


def _pulls(store: OpenedStore, name: str, size: int) -> Act:
    """Make the act of pulling what ten runs hold, which lie all over the store."""
    runs = size // _PER_RUN
    numbers = range(0, runs, runs // _RUNS_PULLED)
    addresses = [
        XComAddress(TaskInstanceKey(*run_named(number), task), key)
        for number, task, key in product(numbers, _TASKS, _KEYS)
    ]

    def act() -> Mapping[str, float]:
        start = time.perf_counter()
        for address in addresses:
            store.pull(address)
        return {f"pull {name}": (time.perf_counter() - start) / len(addresses)}

    return act


def _listings(store: OpenedStore, name: str, size: int) -> Act:
    """Make the act of walking down: the DAGs, one's runs, one's tasks with their XComs."""
    dag_id, run_id = run_named(size // _PER_RUN - 1)

    def act() -> Mapping[str, float]:
        start = time.perf_counter()
        listed = [store.ls(), store.ls(dag_id), store.ls(f"{dag_id}@{run_id}")]
        taken = time.perf_counter() - start
        assert len(listed[-1]) == len(_TASKS)
        return {f"list {name}": taken}

    return act


def run_named(number: int) -> tuple[str, str]:
    """Give the DAG id and the run id of a run of the filled store."""
    return f"dag_{number // _RUNS_PER_DAG}", f"run_{number}"


def fill(path: Path, size: int) -> None:
    """Make a store with *size* XComs: one run is pushed, SQLite copies its rows.

    Pushing ten million values would take ten minutes; the copies are the same rows.
    """
    dag_id, run_id = run_named(0)
    with crosscom.open(str(path)) as store:
        for task, key in product(_TASKS, _KEYS):
            store.push(XComAddress(TaskInstanceKey(dag_id, run_id, task), key), _VALUE)
    connection = sqlite3.connect(path)
    with connection:
        _copy_runs(connection, size // _PER_RUN)
        for table in ("task_instance", "xcom"):
            _copy_rows(connection, table)
    # Else the pulls would read the log instead of the store.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _copy_runs(connection: sqlite3.Connection, runs: int) -> None:
    columns = _columns(connection, "dag_run", but=("id", "dag_id", "run_id"))
    connection.execute(
        f"""{_NUMBERS} INSERT INTO dag_run (id, dag_id, run_id, {columns})
        SELECT id + n, 'dag_' || (n / {_RUNS_PER_DAG}), 'run_' || n, {columns}
          FROM dag_run CROSS JOIN number WHERE dag_run.id = 1""",
        (runs,),
    )


def _copy_rows(connection: sqlite3.Connection, table: str) -> None:
    columns = _columns(connection, table, but=("id", "run"))
    of_first = ", ".join(f"first.{column}" for column in columns.split(", "))
    connection.execute(
        f"""INSERT INTO {table} (run, {columns})
        SELECT dag_run.id, {of_first}
          FROM dag_run CROSS JOIN {table} AS first
         WHERE first.run = 1 AND dag_run.id > 1"""
    )


def _columns(connection: sqlite3.Connection, table: str, *, but: tuple[str, ...]) -> str:
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return ", ".join(row[1] for row in rows if row[1] not in but)


GROUP = Group(("pull-million", "list-million"), measure_million)
LARGE_GROUP = Group(("pull-ten-million", "list-ten-million"), measure_ten_million, Extra.LARGE)
