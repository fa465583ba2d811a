"""Clearing tasks of a run: the fence moves at once, and what ran for it ends."""

import os
import signal

WAITING = """
import os, subprocess, time
from crosscom import DAG, get_current_context, task

@task
def first():
    return 1

@task
def wait(number):
    ti = get_current_context()["ti"]
    ti.xcom_push("mine", ti.try_number)
    if ti.try_number == 1:
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        with open("waiting", "a") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(1000)
    return number + ti.try_number

@task
def last(number):
    return number

with DAG("waiting"):
    last(wait(first()))
"""


def test_a_live_scheduler_starts_a_cleared_task_again(project):
    """`clear` while a try runs: its process group is killed, and the task runs again."""
    project.write("waiting.py", WAITING)
    scheduler = project.start_run("waiting.py")
    pid = int(project.wait_for(lambda: project.lines("waiting"))[0])

    project.crosscom("clear", "waiting@r", "wait")
    scheduler.communicate(timeout=60)

    states = [str(one.state) for one in project.attempts("waiting")]
    assert scheduler.returncode == 0
    assert states == ["success", "cleared", "success", "success"]
    assert project.value("waiting", "last") == 3
    assert project.value("waiting", "wait", "mine") == 2
    assert pid not in project.processes()
    assert project.processes() == []


def test_a_stopped_try_that_was_cleared_is_killed_by_a_live_scheduler(project):
    """A stopped process cannot clean up: after the grace it is killed, and the task runs again."""
    project.environment["CROSSCOM__CORE__KILL_GRACE_SECONDS"] = "0.3"
    project.write("waiting.py", WAITING)
    scheduler = project.start_run("waiting.py")
    pid = int(project.wait_for(lambda: project.lines("waiting"))[0])
    os.kill(pid, signal.SIGSTOP)

    project.crosscom("clear", "waiting@r", "wait")
    scheduler.communicate(timeout=60)

    assert scheduler.returncode == 0
    assert project.value("waiting", "last") == 3
    assert project.processes() == []


def test_without_a_scheduler_nothing_runs_until_resume(project):
    """`clear` of a finished run makes values history at once; `resume` runs what was cleared."""
    project.write("chain.py", WAITING.replace("ti.try_number == 1", "False"))
    project.run("chain.py")

    project.crosscom("clear", "waiting@r", "wait", "--downstream")
    states = project.states("waiting")
    with project.store() as store:
        entries = store.entries(store.runs("waiting")[0].key)
    resumed = project.resume("waiting")

    assert states == {"first": "success", "wait": "none", "last": "none"}
    assert [entry.address.task_instance.task_id for entry in entries] == ["first"]
    assert resumed["state"] == "success"
    assert project.value("waiting", "last") == 3


def test_clear_kills_what_nobody_watches(project):
    """`clear` without a scheduler ends the process of a try that outlived it."""
    project.write("waiting.py", WAITING)
    scheduler = project.start_run("waiting.py")
    pid = int(project.wait_for(lambda: project.lines("waiting"))[0])
    os.kill(pid, signal.SIGSTOP)
    scheduler.send_signal(signal.SIGKILL)
    scheduler.communicate(timeout=60)

    project.crosscom("clear", "waiting@r")

    project.wait_until_nothing_runs()
    assert set(project.states("waiting").values()) == {"none"}


def test_an_unknown_task_is_refused(project):
    """Clearing a task that the run does not have names the nearest one, and clears nothing."""
    project.write("chain.py", WAITING.replace("ti.try_number == 1", "False"))
    project.run("chain.py")

    refused = project.crosscom("clear", "waiting@r", "first", "wiat", check=False)

    assert refused.returncode != 0
    assert "has no task 'wiat'; did you mean 'wait'?" in refused.stderr
    assert set(project.states("waiting").values()) == {"success"}
