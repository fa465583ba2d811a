"""A DAG file, each task in a process of its own, and the values they passed."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from crosscom.errors import SettingsError
from crosscom.runtime.runs import RunRequest, start_run
from crosscom.runtime.watcher import Nobody
from crosscom.settings import ensure_home
from crosscom.stores.opening import open_store

CHAIN = """
import os
from crosscom import DAG, task

@task
def first():
    return {"count": 1, "pids": [os.getpid()]}

@task
def step(before):
    return {"count": before["count"] + 1, "pids": [*before["pids"], os.getpid()]}

with DAG("chain"):
    value = first()
    for number in range(4):
        value = step.override(task_id=f"step_{number}")(value)
"""


def test_a_chain_runs_each_task_in_a_process_of_its_own(project):
    """Five tasks pass a value on; each of them saw another process number than the others."""
    project.write("chain.py", CHAIN)

    run = project.run("chain.py")

    value = project.value("chain", "step_3")
    assert run["state"] == "success"
    assert value["count"] == 5
    assert len(set(value["pids"])) == 5
    assert os.getpid() not in value["pids"]


def test_nothing_runs_after_the_run(project):
    """When the command has ended, no process of it is left: no template, no spare child."""
    project.write("chain.py", CHAIN)

    project.run("chain.py")

    assert project.processes() == []


def test_reuse_takes_one_process_for_many_tasks(project):
    """With isolation `reuse` a chain of five tasks needs fewer processes than it has tasks."""
    project.write("chain.py", CHAIN)

    project.run("chain.py", "--isolation", "reuse")

    pids = project.value("chain", "step_3")["pids"]
    assert len(set(pids)) < 5


def test_none_takes_the_schedulers_own_process(project):
    """With isolation `none` every task runs in the process of the command itself."""
    project.write("chain.py", CHAIN)
    scheduler = project.start_run("chain.py", "--isolation", "none", "--json")

    out, _ = scheduler.communicate(timeout=60)

    assert json.loads(out)["state"] == "success"
    assert set(project.value("chain", "step_3")["pids"]) == {scheduler.pid}


def test_children_started_by_exec_pass_the_same_values(project):
    """With start method `exec` each task runs in a new Python, and the values are the same."""
    project.environment["CROSSCOM__CORE__START_METHOD"] = "exec"
    project.write("chain.py", CHAIN)

    run = project.run("chain.py")

    value = project.value("chain", "step_3")
    assert run["state"] == "success"
    assert value["count"] == 5
    assert len(set(value["pids"])) == 5


MEETING = """
import time
from pathlib import Path
from crosscom import DAG, task

@task
def meet(name, other):
    Path(name).touch()
    for _ in range(6000):
        if Path(other).exists():
            return "met"
        time.sleep(0.005)
    return "alone"

with DAG("meeting"):
    meet.override(task_id="here")("a", "b")
    meet.override(task_id="there")("b", "a")
"""


def test_as_many_tries_run_at_once_as_there_are_slots(project):
    """Two tasks that wait for each other meet, as there are two slots."""
    project.environment["CROSSCOM__CORE__SLOTS"] = "2"
    project.write("meeting.py", MEETING)

    project.run("meeting.py")

    assert project.value("meeting", "here") == "met"
    assert project.value("meeting", "there") == "met"


TURNS = """
import os, time
from crosscom import DAG, task

@task
def turn():
    with open("turns", "a") as file:
        file.write("in\\n")
        file.flush()
        time.sleep(0.05)
        file.write("out\\n")

with DAG("turns", max_active_tasks=1):
    for number in range(4):
        turn.override(task_id=f"turn_{number}")()
"""


def test_a_dag_may_have_fewer_tries_at_once_than_there_are_slots(project):
    """With `max_active_tasks=1` no two of four independent tasks overlap."""
    project.environment["CROSSCOM__CORE__SLOTS"] = "4"
    project.write("turns.py", TURNS)

    project.run("turns.py")

    assert project.lines("turns") == ["in", "out"] * 4


OUTPUT = """
import os, subprocess, sys
from crosscom import DAG, task

print("loading says this")

@task
def speak():
    print("printed")
    print("complained", file=sys.stderr)
    subprocess.run(["echo", "from a command"], check=True)
    os.write(1, b"written raw\\n")
    return sys.stdin.read()

with DAG("output"):
    speak()
"""


def test_a_try_writes_to_its_own_log_and_reads_nothing(project):
    """All a try and its commands print is in its log; its standard input is empty."""
    project.write("output.py", OUTPUT)

    run = project.run("output.py")

    log = (project.settings.home / "logs/output/r/speak.1.log").read_text().splitlines()
    assert sorted(log) == ["complained", "from a command", "printed", "written raw"]
    assert project.value("output", "speak") == ""
    assert run["state"] == "success"


CONFIGURED = """
import logging.config
from crosscom import DAG, task

logging.config.dictConfig({"version": 1})

@task
def fail():
    raise ValueError("why it failed")

with DAG("configured"):
    fail()
"""


def test_a_failure_is_logged_whatever_the_file_configures(project):
    """A DAG file whose logging silences other loggers does not hide why its tasks failed."""
    project.write("configured.py", CONFIGURED)

    project.run("configured.py", check=False)

    log = (project.settings.home / "logs/configured/r/fail.1.log").read_text()
    assert "ValueError: why it failed" in log


def test_what_loading_prints_does_not_spoil_the_json(project):
    """What a DAG file prints while it is loaded goes to the error stream."""
    project.write("output.py", OUTPUT)

    done = project.crosscom("run", "output.py", "--json")

    assert json.loads(done.stdout)["state"] == "success"
    assert "loading says this" in done.stderr


SURROUNDINGS = """
import os, random, signal
from crosscom import DAG, task

@task
def look():
    return {
        "session": os.getsid(0) == os.getpid(),
        "group": os.getpgrp() == os.getpid(),
        "mark": os.environ["CROSSCOM_PROCESS"].startswith(f"{os.getpid()}."),
        "attempt": int(os.environ["CROSSCOM_ATTEMPT"]) > 0,
        "home": os.environ["CROSSCOM_HOME"],
        "descriptors": sorted(
            os.readlink(f"/proc/self/fd/{name}").rpartition("/")[2].partition(":")[0]
            for name in os.listdir("/proc/self/fd")
            if os.path.lexists(f"/proc/self/fd/{name}")
        ),
        "random": random.random(),
    }

with DAG("surroundings"):
    look.override(task_id="one")()
    look.override(task_id="two")()
"""


def test_a_try_leads_a_session_and_inherits_nothing_foreign(project):
    """A try leads its own session and group, knows its attempt, and holds only its own files."""
    project.write("surroundings.py", SURROUNDINGS)

    project.run("surroundings.py")

    one, two = project.value("surroundings", "one"), project.value("surroundings", "two")
    assert [one["session"], one["group"], one["mark"], one["attempt"]] == [True] * 4
    assert one["home"] == str(project.settings.home)
    # Its three standard streams, its store (three files), and the socket to its scheduler.
    expected = [
        "crosscom.db",
        "crosscom.db-shm",
        "crosscom.db-wal",
        "null",
        "one.1.log",
        "one.1.log",
    ]
    assert one["descriptors"] == [*expected, "socket"]
    assert one["random"] != two["random"]


IMPORTING = """
from crosscom import DAG, task
from shapes import Point

@task
def make():
    return Point(1, 2)

@task
def use(point):
    from later import double
    return double(point.x + point.y)

with DAG("importing"):
    use(make())
"""


def test_a_dag_file_finds_what_lies_beside_it(project):
    """Modules beside the DAG file are found, also inside a task; their classes come back."""
    project.write("dags/importing.py", IMPORTING)
    project.write(
        "dags/shapes.py",
        "from typing import NamedTuple\nclass Point(NamedTuple):\n    x: int\n    y: int\n",
    )
    project.write("dags/later.py", "def double(number):\n    return 2 * number\n")

    project.run("dags/importing.py")

    assert project.value("importing", "use") == 6
    with project.store() as store:
        run = store.runs("importing")[0]
        bundle = store.bundle(run.bundle_digest)
    assert [name for name, _ in bundle.files] == ["importing.py", "later.py", "shapes.py"]


def test_two_runs_with_one_id_are_refused(project):
    """A second run with the same id is refused; the first one stays as it was."""
    project.write("chain.py", CHAIN)
    project.run("chain.py")
    before = project.value("chain", "step_3")
    project.write("chain.py", f"{CHAIN}# changed since\n")

    again = project.crosscom("run", "chain.py", "--run-id", "r", check=False)

    assert again.returncode != 0
    assert "chain@r" in again.stderr
    assert "Traceback" not in again.stderr
    assert project.value("chain", "step_3") == before
    with closing(sqlite3.connect(project.settings.home / "crosscom.db")) as database:
        assert database.execute("SELECT count(*) FROM bundle").fetchone() == (1,)


def test_a_store_in_memory_is_refused_for_processes(project):
    """Processes cannot share a store in memory: the run is refused and says what to do."""
    path = project.write("chain.py", CHAIN)
    settings = replace(project.settings, store_url="memory:")

    with pytest.raises(SettingsError) as caught:
        start_run(RunRequest(path), settings, Nobody())

    assert str(caught.value) == (
        "cannot use a store in memory with isolation 'process' or 'reuse', because other processes "
        "would not see it; name a file in core.store, or use 'none'"
    )
    assert project.processes() == []


def test_python_can_run_a_file_while_a_store_is_open(project):
    """Where this process has the store open nothing is forked from it, and the run succeeds."""
    path = project.write("chain.py", CHAIN)
    ensure_home(project.settings)

    with closing(open_store(project.settings.store_url)) as store:
        run = start_run(RunRequest(path, run_id="r"), project.settings, Nobody())
        states = {str(record.state) for record in store.task_instances(run.key)}

    assert run.state == "success"
    assert states == {"success"}
