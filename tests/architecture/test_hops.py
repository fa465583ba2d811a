"""How far one push and one pull go: a budget of calls, of files, and of transactions.

Counted are calls of functions written in our own files. The serializer counts as one, because
what it does inside depends on the value. Airflow 3.3 needs 60 calls in 18 files for one push.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import crosscom
from crosscom import DAG, task
from crosscom.model import TaskInstanceKey
from crosscom.runtime.task_instance import RunningTaskInstance
from crosscom.runtime.workplace import Workplace
from crosscom.settings import Settings
from crosscom.stores.opening import open_store

MOST_CALLS = 12
MOST_FILES = 8

_SOURCE = str(Path(crosscom.__file__).parent)
_SERIALIZERS = f"{_SOURCE}/serializers/"
_DATABASE = (sqlite3.Connection, sqlite3.Cursor)


@pytest.fixture
def ti(tmp_path) -> Iterator[RunningTaskInstance]:
    """Give the `ti` of a running task in an SQLite store, with everything loaded."""
    with DAG("d") as dag:
        task(task_id="work")(lambda: None)()
    store = open_store(f"sqlite://{tmp_path}/crosscom.db")
    place = Workplace.of(dag, store, Settings(home=tmp_path, store_url=""))
    run = store.create_run(place.new_run(run_id="r"))
    attempt = store.begin_try(TaskInstanceKey("d", "r", "work"), None, lease=run.lease)
    (record,) = store.task_instances(run.key)
    running = RunningTaskInstance(
        record,
        attempt.id,
        store=store,
        xcoms=place.xcoms(),
        on_missing="none",
        dag_run=place.show(run),
    )
    running.xcom_push("warm", {"rows": 1})
    running.xcom_pull(key="warm")
    yield running
    store.close()


def own_calls(act: Callable[[], object]) -> tuple[list[str], int]:
    """Give `file:function` of every call of ours that *act* makes, and how many statements."""
    calls: list[str] = []
    statements = 0

    def note(frame: FrameType, event: str, called: Any) -> None:
        nonlocal statements
        file = frame.f_code.co_filename
        if event == "c_call" and isinstance(getattr(called, "__self__", None), _DATABASE):
            statements += called.__name__.startswith("execute")
        if event != "call" or not file.startswith(_SOURCE):
            return
        caller = "" if frame.f_back is None else frame.f_back.f_code.co_filename
        if not (file.startswith(_SERIALIZERS) and caller.startswith(_SERIALIZERS)):
            calls.append(f"{file.removeprefix(_SOURCE)}:{frame.f_code.co_name}")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls, statements


def check_budget(calls: list[str]) -> None:
    """Refuse more than the budget; the text of the failure shows the way that was taken."""
    assert len(calls) <= MOST_CALLS, "\n".join(calls)
    assert len({call.partition(":")[0] for call in calls}) <= MOST_FILES, "\n".join(calls)


def test_a_push_has_few_hops(ti):
    """One push of a new key: at most 12 calls in 8 files, one statement that is its transaction."""
    calls, statements = own_calls(lambda: ti.xcom_push("rows", {"rows": [1, 2]}))

    check_budget(calls)
    assert statements == 1


def test_a_pull_has_few_hops(ti):
    """One pull: at most 12 calls in 8 files, one statement."""
    calls, statements = own_calls(lambda: ti.xcom_pull("work", key="warm"))

    check_budget(calls)
    assert statements == 1
