"""`kill -9` at every moment: after `resume` nothing is lost, wrong, done twice, or still alive."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

DRIVER = Path(__file__).parent / "children" / "run_with_fault.py"

SMALL = """
import subprocess
from datetime import timedelta
from crosscom import DAG, get_current_context, task
from crosscom.operators import BashOperator

def note(what):
    with open("bodies", "a") as file:
        file.write(what + "\\n")

@task(retries=1, retry_delay=timedelta(0))
def extract():
    note("extract")
    ti = get_current_context()["ti"]
    # One that nobody ends, and one in a session of its own that only this task would end.
    subprocess.Popen(["bash", "-c", "sleep 1000 & wait"])
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as apart:
        ti.xcom_push("rows", list(range(10)))
        ti.xcom_push("note", "as it was")
        apart.kill()
    return {"count": 10}

@task(multiple_outputs=True, retries=1, retry_delay=timedelta(0))
def split(rows):
    note("split")
    return {"even": rows[::2], "odd": rows[1::2]}

@task(retries=1, retry_delay=timedelta(0))
def check(even, odd, counted):
    note("check")
    assert sorted(even + odd) == list(range(counted["count"])), (even, odd, counted)
    return sum(even) - sum(odd)

with DAG("small"):
    extracted = extract()
    parts = split(extracted["rows"])
    shell = BashOperator(
        task_id="shell",
        bash_command="echo shell >> bodies; echo {{ ti.xcom_pull('extract', key='note') }}",
        cwd=".",
        retries=1,
        retry_delay=timedelta(0),
    )
    extracted >> shell >> check(parts["even"], parts["odd"], extracted)
"""
TASKS = {"extract", "split", "shell", "check"}
VALUES = {
    ("extract", "rows"): list(range(10)),
    ("extract", "note"): "as it was",
    ("extract", "return_value"): {"count": 10},
    ("split", "even"): [0, 2, 4, 6, 8],
    ("split", "odd"): [1, 3, 5, 7, 9],
    ("split", "return_value"): {"even": [0, 2, 4, 6, 8], "odd": [1, 3, 5, 7, 9]},
    ("shell", "return_value"): "as it was",
    ("check", "return_value"): -5,
}


def committed(project):
    """Give the tasks whose success is committed; none where not even the run is."""
    if not was_made(project):
        return set()
    return {task for task, state in project.states("small").items() if state == "success"}


def go_on(project):
    """Resume the run, or start it where it was never made; check all that is promised."""
    project.wait_for(lambda: not schedulers(project), "the end of the schedulers")
    done = committed(project)
    before = {task: project.lines("bodies").count(task) for task in TASKS}

    run = project.resume("small") if was_made(project) else project.run("small.py")

    after = {task: project.lines("bodies").count(task) for task in TASKS}
    assert run["state"] == "success"
    assert {task: after[task] for task in done} == {task: before[task] for task in done}
    assert {where: project.value("small", *where) for where in VALUES} == VALUES
    project.wait_until_nothing_runs()


def was_made(project):
    """Tell whether the run was committed."""
    if not (project.settings.home / "crosscom.db").exists():
        return False
    with project.store() as store:
        return bool(store.runs())


def schedulers(project):
    """List the processes that have not got away from their scheduler yet."""
    return [pid for pid in project.processes() if b"run_with_fault" in command_line(pid)]


def command_line(pid):
    """Give what a process was called with."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def count_transactions(project):
    """Count the transactions of a run to which nothing happens."""
    run_with_fault(project, 0, "before", "writer")
    return len(project.lines("transactions"))


def run_with_fault(project, number, when, victims):
    """Run the small DAG, and kill around its n-th transaction."""
    project.write("small.py", SMALL)
    process = project.start(sys.executable, DRIVER, "small.py", str(number), when, victims)
    process.communicate(timeout=60)
    return process.returncode


def test_nothing_happens_without_a_fault(project):
    """The small run makes at least 13 transactions, and each of its values is right."""
    assert count_transactions(project) >= 13
    assert {where: project.value("small", *where) for where in VALUES} == VALUES


@pytest.mark.slow
@pytest.mark.parametrize("victims", ["writer", "scheduler", "template", "both"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 17))
def test_kill_around_each_transaction(project, number, when, victims):
    """Killed before or after any transaction, the run comes to its end with nothing amiss."""
    run_with_fault(project, number, when, victims)

    go_on(project)


@pytest.mark.parametrize(
    ("number", "when", "victims"),
    [
        (1, "after", "scheduler"),
        (2, "after", "both"),
        (3, "before", "scheduler"),
        (3, "after", "both"),
        (4, "after", "writer"),
        (6, "before", "writer"),
        (6, "after", "both"),
        (8, "after", "template"),
        (9, "before", "both"),
    ],
)
def test_kill_around_chosen_transactions(project, number, when, victims):
    """Killed around a transaction of each kind, the run comes to its end with nothing amiss."""
    run_with_fault(project, number, when, victims)

    go_on(project)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_kill_at_a_random_moment(project, seed):
    """Killed at one of 50 random moments, the run comes to its end with nothing amiss."""
    kill_at_random_moments(project, seed)

    go_on(project)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50, 70))
@pytest.mark.parametrize("variable", ["ISOLATION=reuse", "START_METHOD=exec"])
def test_kill_other_kinds_of_processes_at_a_random_moment(project, seed, variable):
    """The same holds where processes are reused, and where they are started by exec."""
    name, _, value = variable.partition("=")
    project.environment[f"CROSSCOM__CORE__{name}"] = value
    kill_at_random_moments(project, seed)

    go_on(project)


@pytest.mark.parametrize("seed", [1000, 1001])
def test_kill_at_a_few_random_moments(project, seed):
    """Killed at one of two random moments, the run comes to its end with nothing amiss."""
    kill_at_random_moments(project, seed)

    go_on(project)


def kill_at_random_moments(project, seed):
    """Start the small run and kill some of its processes somewhere on its way."""
    chance = random.Random(seed)
    project.write("small.py", SMALL)
    scheduler = project.start(sys.executable, DRIVER, "small.py", "0", "before", "writer")
    time.sleep(0.2 + 0.4 * chance.random())
    victims = chance.choice(["try", "template", "scheduler", "everyone"])
    for pid in chosen(project, scheduler.pid, victims, chance):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    scheduler.communicate(timeout=60)


def chosen(project, scheduler, victims, chance):
    """Give the processes to kill, as they stand now."""
    forked = [pid for pid in schedulers(project) if pid != scheduler]
    template = [pid for pid in forked if parent_of(pid) == scheduler]
    tries = [pid for pid in forked if pid not in template]
    return {
        "try": chance.sample(tries, min(1, len(tries))),
        "template": template,
        "scheduler": [scheduler],
        "everyone": [scheduler, *forked],
    }[victims]


def parent_of(pid):
    """Give the parent of a process; 0 where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat[stat.rindex(")") + 2 :].split()[1])
