"""Tries that fail, hang or are stopped: what becomes of them, of the run, and of what they began."""

import signal

FLAKY = """
from datetime import timedelta
from crosscom import DAG, get_current_context, task

@task(retries=2, retry_delay=timedelta(seconds=0.1))
def flaky():
    ti = get_current_context()["ti"]
    ti.xcom_push(f"try_{ti.try_number}", ti.try_number)
    if ti.try_number < 3:
        raise ValueError("not yet")
    return ti.try_number

with DAG("flaky"):
    flaky()
"""


def test_a_failed_try_is_tried_again_after_its_delay(project):
    """A task that fails twice succeeds in its third try; what earlier tries pushed was cleared."""
    project.write("flaky.py", FLAKY)

    run = project.run("flaky.py")

    (task,) = run["tasks"]
    assert (task["state"], task["try_number"]) == ("success", 3)
    assert {xcom["key"] for xcom in task["xcoms"]} == {"try_3", "return_value"}
    first, second, _ = project.attempts("flaky")
    assert first.error == "ValueError: not yet"
    assert second.started_at_us - first.started_at_us >= 100_000


DYING = """
import os, signal
from datetime import timedelta
from crosscom import DAG, get_current_context, task

@task(retries=1, retry_delay=timedelta(0))
def dies(how):
    ti = get_current_context()["ti"]
    ti.xcom_push("pushed", "before it died")
    if ti.try_number == 1:
        exec(how)
    return "lived"

@task
def dies_always():
    os._exit(3)

with DAG("dying"):
    dies.override(task_id="killed")("os.kill(os.getpid(), signal.SIGKILL)")
    dies.override(task_id="left")("os._exit(3)")
    dies.override(task_id="exited")("raise SystemExit(3)")
    dies_always()
"""


def test_a_try_whose_process_dies_failed_and_uses_a_retry(project):
    """Killed or left without a word: the try failed, says how, and the next one runs."""
    project.write("dying.py", DYING)

    run = project.run("dying.py", check=False)

    states = {task["task_id"]: (task["state"], task["try_number"]) for task in run["tasks"]}
    assert states == {
        "killed": ("success", 2),
        "left": ("success", 2),
        "exited": ("success", 2),
        "dies_always": ("failed", 1),
    }
    errors = {
        one.task_instance.task_id: one.error for one in project.attempts("dying") if one.error
    }
    assert errors == {
        "killed": "its process ended by signal 9 (SIGKILL) before the try did",
        "left": "its process ended by exit status 3 before the try did",
        "exited": "SystemExit: 3",
        "dies_always": "its process ended by exit status 3 before the try did",
    }


SLEEPING = """
import os, subprocess, time
from datetime import timedelta
from crosscom import DAG, task

@task(execution_timeout={timeout})
def sleep():
    # A shell that ignores the request to end, and one that left for a session of its own.
    subprocess.Popen(["bash", "-c", "trap '' TERM; sleep 1000 & wait"])
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    print("sleeping", flush=True)
    open("sleeping", "a").write("yes\\n")
    try:
        time.sleep(1000)
    finally:
        open("cleaned", "a").write("up\\n")

with DAG("sleeping"):
    sleep()
"""


def test_a_timeout_ends_the_try_and_all_it_started(project):
    """A try that takes longer than its `execution_timeout` may clean up; nothing survives it."""
    project.environment["CROSSCOM__CORE__KILL_GRACE_SECONDS"] = "0.5"
    project.write("sleeping.py", SLEEPING.replace("{timeout}", "timedelta(seconds=1)"))

    run = project.run("sleeping.py", check=False)

    (attempt,) = project.attempts("sleeping")
    assert run["state"] == "failed"
    assert attempt.error == "timed out after 1 s"
    assert project.lines("cleaned") == ["up"]
    assert project.processes() == []


def test_ctrl_c_interrupts_the_run_and_all_it_started(project):
    """Ctrl-C ends what runs and marks the run; the try used no retry, and `resume` goes on."""
    project.write("sleeping.py", SLEEPING.replace("{timeout}", "None"))
    scheduler = project.start_run("sleeping.py")
    project.wait_for_line("sleeping", "yes")

    scheduler.send_signal(signal.SIGINT)
    scheduler.communicate(timeout=60)

    (attempt,) = project.attempts("sleeping")
    assert scheduler.returncode == 130
    assert attempt.state == "interrupted"
    assert project.states("sleeping") == {"sleep": "up_for_retry"}
    assert project.lines("cleaned") == ["up"]
    assert project.processes() == []


STUBBORN = """
import signal, time
from crosscom import DAG, task

@task
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("sleeping", "a").write("yes\\n")
    time.sleep(1000)

with DAG("stubborn"):
    stubborn()
"""


def test_a_second_ctrl_c_waits_for_nothing(project):
    """A task that ignores the request to end is killed by the second Ctrl-C."""
    project.environment["CROSSCOM__CORE__KILL_GRACE_SECONDS"] = "1000"
    project.write("stubborn.py", STUBBORN)
    scheduler = project.start_run("stubborn.py")
    project.wait_for_line("sleeping", "yes")

    scheduler.send_signal(signal.SIGINT)
    project.wait_for(lambda: project.attempts("stubborn")[0].state == "interrupted")
    scheduler.send_signal(signal.SIGINT)
    scheduler.communicate(timeout=60)

    assert scheduler.returncode == 130
    assert project.processes() == []


def test_sigterm_interrupts_like_ctrl_c(project):
    """A scheduler that is told to terminate leaves an interrupted run and no process."""
    project.write("sleeping.py", SLEEPING.replace("{timeout}", "None"))
    scheduler = project.start_run("sleeping.py")
    project.wait_for_line("sleeping", "yes")

    scheduler.terminate()
    scheduler.communicate(timeout=60)

    (attempt,) = project.attempts("sleeping")
    assert attempt.state == "interrupted"
    assert project.processes() == []


LEAVING = """
import subprocess
from crosscom import DAG, task

@task
def leave():
    subprocess.Popen(["sleep", "1000"])
    return "done"

with DAG("leaving"):
    leave()
"""


def test_what_a_successful_try_leaves_in_its_group_ends_with_it(project):
    """A command that a task left running in the background does not outlive the try."""
    project.write("leaving.py", LEAVING)

    run = project.run("leaving.py")

    assert run["state"] == "success"
    project.wait_until_nothing_runs()


INTERRUPTED_INLINE = """
import time
from crosscom import DAG, task

@task
def sleep():
    open("sleeping", "a").write("yes\\n")
    time.sleep(1000)

with DAG("inline"):
    sleep()
"""


def test_ctrl_c_reaches_a_task_in_the_schedulers_own_process(project):
    """With isolation `none` Ctrl-C ends the task with `KeyboardInterrupt` and the run with it."""
    project.write("inline.py", INTERRUPTED_INLINE)
    scheduler = project.start_run("inline.py", "--isolation", "none")
    project.wait_for_line("sleeping", "yes")

    scheduler.send_signal(signal.SIGINT)
    scheduler.communicate(timeout=60)

    assert scheduler.returncode == 130
    assert project.attempts("inline")[0].error == "KeyboardInterrupt"
    with project.store() as store:
        assert store.runs("inline")[0].state == "interrupted"
