"""Many processes on one SQLite store: nobody is turned away, nothing is lost."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crosscom.errors import StoreUnavailable
from crosscom.model import DagDescription, NewRun, RunKey, TaskDescription
from crosscom.stores.sqlite import SQLiteStore

CHILDREN = Path(__file__).parent / "children"
PROCESSES = 8
EACH = 5000


def start(script, *arguments):
    """Start a child that waits for a line on its stdin, and wait until it does."""
    child = subprocess.Popen(
        [sys.executable, CHILDREN / script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline() == "ready\n", child.stderr.read()
    return child


def let_go(children):
    """Give every child its line and gather what each said on stderr."""
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    return [child.communicate()[1] for child in children]


def crowd(path):
    """Make a store with a run that has a task for each process."""
    tasks = tuple(TaskDescription(f"task_{number}", "@task") for number in range(PROCESSES))
    description = DagDescription("crowd", tasks)
    with closing(SQLiteStore(path)) as store:
        store.create_run(NewRun(RunKey("crowd", "r1"), description, None, None))
    return [task.task_id for task in tasks]


def test_eight_processes_push_at_once(tmp_path):
    """Eight processes push 5,000 XComs each: all are there, none is wrong, no lock is told of."""
    path = tmp_path / "store.db"
    task_ids = crowd(path)
    children = [start("push_many.py", path, task_id, EACH) for task_id in task_ids]

    said = let_go(children)

    assert said == [""] * PROCESSES
    expected = {
        (task_id, f"key_{number}", f'["{task_id}", {number}]'.encode())
        for task_id in task_ids
        for number in range(EACH)
    }
    with closing(sqlite3.connect(path)) as foreign:
        found = foreign.execute("SELECT task_id, key, data FROM xcom WHERE live = 1").fetchall()
        checked = foreign.execute("PRAGMA integrity_check").fetchone()
    assert len(found) == PROCESSES * EACH
    assert set(found) == expected
    assert checked == ("ok",)


def test_eight_processes_make_one_store_at_once(tmp_path):
    """Eight processes that open a new file at the same moment all get the same good store."""
    path = tmp_path / "store.db"
    names = [f"name_{number}" for number in range(PROCESSES)]
    children = [start("open_new.py", path, name) for name in names]

    said = let_go(children)

    assert said == [""] * PROCESSES
    with closing(SQLiteStore(path)) as store:
        assert store.variable_keys() == names
    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("SELECT count(*) FROM migration").fetchone() == (1,)


def test_lock_that_stays_is_told(tmp_path):
    """A writer that waited its whole time in vain gets StoreUnavailable; readers do not wait."""
    path = tmp_path / "store.db"
    crowd(path)
    holder = start("hold_lock.py", path)

    with closing(SQLiteStore(path, lock_timeout_seconds=0.05)) as store:
        with pytest.raises(StoreUnavailable) as caught:
            store.set_variable("late", "x")
        keys = store.variable_keys()
    holder.kill()
    holder.communicate()

    assert keys == []
    assert str(caught.value) == (
        f"store sqlite://{path} cannot be written: others held its lock for 0.05 seconds; "
        "try again, or raise lock_timeout_seconds"
    )


def test_killed_writer_leaves_nothing_half_done(tmp_path):
    """A process that is killed inside of a transaction leaves no trace, and frees the lock."""
    path = tmp_path / "store.db"
    crowd(path)
    holder = start("hold_lock.py", path)
    holder.kill()
    holder.communicate()

    with closing(SQLiteStore(path, lock_timeout_seconds=5)) as store:
        store.set_variable("after", "x")

        assert store.variable_keys() == ["after"]


def test_push_survives_the_death_of_its_process(tmp_path):
    """What a push kept is there for a foreign connection though its process died at once."""
    path = tmp_path / "store.db"
    tasks = (TaskDescription("pushes", "@task"),)
    with closing(SQLiteStore(path)) as store:
        key = RunKey("fragile", "r1")
        store.create_run(NewRun(key, DagDescription("fragile", tasks), None, None))

    for number in range(20):
        child = subprocess.run(
            [sys.executable, CHILDREN / "push_and_die.py", path, str(number)], check=False
        )

        assert child.returncode == 7
        with closing(sqlite3.connect(path)) as foreign:
            query = "SELECT data FROM xcom WHERE live = 1 AND key = ?"
            assert foreign.execute(query, (str(number),)).fetchall() == [(str(number).encode(),)]
