"""No statement on the way of a push, pull or try looks at more rows than it must."""

import importlib
import pkgutil
import re
import sqlite3
from contextlib import closing

import pytest

import crosscom.stores.sqlite as package
from crosscom.stores.sqlite import SQLiteStore

# What may walk through a table, and why.
MAY_SCAN = {
    "runs._RUNS": "lists runs by their id, cut by a limit",
    "runs._DAG_IDS": "reads an index over the runs, one row each",
    "variables._KEYS": "lists Variables",
    "audit._LINES": "lists the audit by its id, cut by a limit",
}


def statements():
    """Give each statement of the store with its name."""
    for module in pkgutil.iter_modules(package.__path__):
        if module.name == "migrations":
            continue
        names = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        for name, text in names.items():
            if isinstance(text, str) and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b", text):
                yield f"{module.name}.{name}", text


@pytest.fixture(scope="module")
def explain(tmp_path_factory):
    """A function that gives the steps of SQLite's plan for a statement."""
    path = tmp_path_factory.mktemp("plans") / "store.db"
    SQLiteStore(path).close()
    with closing(sqlite3.connect(path)) as raw:

        def steps(sql):
            rows = raw.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
            return [row[3] for row in rows]

        yield steps


@pytest.mark.parametrize("name", sorted(dict(statements())))
def test_statement_searches(explain, name):
    """Each statement finds its rows by a key or an index, unless it stands on the list."""
    fragment = name in {"xcoms._ENTRY", "runs._COLUMNS", "tries._ATTEMPT"}

    sql = dict(statements())[name]
    scans = [step for step in explain(sql) if step.startswith("SCAN") and "CONSTANT" not in step]

    assert bool(scans) == (fragment or name in MAY_SCAN), scans


def test_statements_were_found():
    """The statements of every port are among those that are looked at."""
    found = {name for name, _ in statements()}

    assert {"xcoms._PUT", "xcoms._GET", "tries._BEGIN", "runs._CREATE"} <= found
    assert set(MAY_SCAN) <= found


def test_pull_uses_the_index_of_addresses(explain):
    """A pull is two searches: its run, and its address among all entries, live ones only."""
    address = "(run=? AND task_id=? AND map_index=? AND key=? AND live=?)"

    assert explain(dict(statements())["xcoms._GET"]) == [
        f"SEARCH xcom USING INDEX xcom_address {address}",
        "SCALAR SUBQUERY 1",
        "SEARCH dag_run USING COVERING INDEX sqlite_autoindex_dag_run_1 (dag_id=? AND run_id=?)",
    ]


def test_prior_dates_come_in_order(explain):
    """Earlier runs are walked by their date: only ties are sorted."""
    steps = explain(dict(statements())["xcoms._GET_LATEST"])

    assert any(
        "USING COVERING INDEX dag_run_by_date" in step or "USING INDEX dag_run_by_date" in step
        for step in steps
    )
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
