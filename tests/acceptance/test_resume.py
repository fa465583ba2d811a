"""Going on with a run: what starts again, what does not, and with which code."""

import os
import signal
import sys

HALF = """
from crosscom import DAG, task

def note(what):
    with open("bodies", "a") as file:
        file.write(what + "\\n")

@task
def good():
    note("good")
    return 1

@task
def bad(number):
    note("bad")
    if not __import__("os").path.exists("repaired"):
        raise ValueError("not repaired")
    return number + 1

@task
def after(number):
    note("after")
    return number + 1

@task(trigger_rule="all_done")
def always():
    note("always")

with DAG("half"):
    number = after(bad(good()))
    number >> always()
"""


def test_failed_tasks_start_again_and_others_do_not(project):
    """`resume` starts what failed and what waited for it; a committed success never runs again."""
    project.write("half.py", HALF)
    failed = project.run("half.py", check=False)
    project.write("repaired", "")

    resumed = project.resume("half")

    assert [task["state"] for task in failed["tasks"]] == [
        "success",
        "failed",
        "upstream_failed",
        "success",
    ]
    assert resumed["state"] == "success"
    assert project.lines("bodies") == ["good", "bad", "always", "bad", "after"]
    assert project.value("half", "after") == 3


CHANGING = """
from crosscom import DAG, task
from helper import ANSWER

@task
def answer():
    from helper import ANSWER
    if ANSWER != "right":
        raise ValueError(ANSWER)
    return ANSWER + " from " + __file__.rpartition("/")[0].rpartition("/")[2]

with DAG("changing"):
    answer()
"""


def test_resume_takes_the_runs_own_code(project):
    """After the files changed, `resume` runs what the run was started with; `--latest` runs them."""
    project.write("dags/changing.py", CHANGING)
    project.write("dags/helper.py", "ANSWER = 'wrong'\n")
    project.run("dags/changing.py", check=False)
    project.write("dags/helper.py", "ANSWER = 'right'\n")

    pinned = project.resume("changing", check=False)
    latest = project.resume("changing", "--latest")

    first, second, third = project.attempts("changing")
    assert (pinned["state"], latest["state"]) == ("failed", "success")
    assert second.error == "ValueError: wrong"
    assert first.bundle_digest == second.bundle_digest != third.bundle_digest
    assert project.value("changing", "answer") == "right from dags"


def test_unchanged_files_run_where_they_lie(project):
    """While no file changed, `__file__` in a resumed run is the file itself."""
    project.write("dags/changing.py", CHANGING)
    project.write("dags/helper.py", "ANSWER = 'right'\n")
    project.run("dags/changing.py")
    project.crosscom("clear", "changing@r", "answer")

    project.resume("changing")

    assert project.value("changing", "answer") == "right from dags"
    assert not (project.settings.home / "bundles").exists()


def test_the_runs_own_code_is_found_where_the_files_are_gone(project):
    """A run can be resumed after its DAG file was deleted."""
    project.write("dags/changing.py", CHANGING)
    project.write("dags/helper.py", "ANSWER = 'right'\n")
    project.run("dags/changing.py")
    project.crosscom("clear", "changing@r", "answer")
    for name in ("changing.py", "helper.py"):
        (project.root / "dags" / name).unlink()

    run = project.resume("changing")

    assert run["state"] == "success"
    assert project.value("changing", "answer").startswith("right from ")


SHIFTING = """
import os
from crosscom import DAG, task

@task
def one():
    return 1

with DAG("shifting"):
    one()
    if "SHIFTED" in os.environ:
        one.override(task_id="two")()
"""


def test_code_that_describes_another_dag_is_refused(project):
    """A pinned file that parses to another DAG is refused; the text names the difference."""
    project.write("shifting.py", SHIFTING)
    project.run("shifting.py")
    project.environment["SHIFTED"] = "yes"

    refused = project.crosscom("resume", "shifting@r", check=False)

    assert refused.returncode != 0
    assert "its stored code describes another DAG than the run was started with" in refused.stderr
    assert "there is a new task 'two'" in refused.stderr
    assert project.states("shifting") == {"one": "success"}


SLEEPING = """
import os, time
from crosscom import DAG, get_current_context, task

@task
def sleep():
    with open("sleeping", "a") as file:
        file.write(f"{os.getpid()}\\n")
    while not os.path.exists("enough"):
        time.sleep(0.01)
    return get_current_context()["ti"].try_number

with DAG("sleeping"):
    sleep()
"""


def test_a_run_with_a_live_scheduler_is_refused(project):
    """Two schedulers for one run: the second one is told which process works on it."""
    project.write("sleeping.py", SLEEPING)
    scheduler = project.start_run("sleeping.py")
    project.wait_for(lambda: project.lines("sleeping"))

    refused = project.crosscom("resume", "sleeping@r", check=False)
    project.write("enough", "")
    scheduler.communicate(timeout=60)

    assert refused.returncode != 0
    assert f"cannot resume sleeping@r: process {scheduler.pid} works on it" in refused.stderr
    assert scheduler.returncode == 0
    assert project.value("sleeping", "sleep") == 1


def test_a_scheduler_whose_run_was_taken_over_stops(project):
    """A scheduler that lost its lease kills what it runs, writes nothing more, and says so."""
    project.write("sleeping.py", SLEEPING)
    scheduler = project.start_run("sleeping.py")
    project.wait_for(lambda: project.lines("sleeping"))

    with project.store() as store:
        run = store.runs("sleeping")[0]
        store.adopt_run(run.key, run.scheduler, lease=run.lease)
    _, err = scheduler.communicate(timeout=60)

    assert scheduler.returncode != 0
    assert "taken over" in err
    assert project.states("sleeping") == {"sleep": "running"}
    assert project.processes() == []


def test_a_try_is_lost_three_times_before_it_fails(project):
    """Killed with its scheduler, a try costs no retry: three times in a row, then it fails."""
    project.write("sleeping.py", SLEEPING)
    commands = [project.start_run("sleeping.py")]
    for number in range(1, 5):
        project.wait_for(lambda number=number: len(project.lines("sleeping")) == number)
        commands[-1].send_signal(signal.SIGKILL)
        commands[-1].communicate(timeout=60)
        commands.append(project.start(*project.command("resume", "sleeping@r")))
    commands[-1].communicate(timeout=60)

    states = [str(one.state) for one in project.attempts("sleeping")]
    assert commands[-1].returncode != 0
    assert states == ["lost", "lost", "lost", "failed"]
    assert project.states("sleeping") == {"sleep": "failed"}
    assert project.attempts("sleeping")[0].error == (
        "the try was lost: its scheduler died while it ran"
    )


def test_an_unknown_run_is_refused(project):
    """Resuming a run that is not there names those that are."""
    project.write("half.py", HALF)
    project.run("half.py", check=False)

    refused = project.crosscom("resume", "half@nowhere", check=False)

    assert refused.returncode != 0
    assert "DAG 'half' has no run 'nowhere'; its latest: r" in refused.stderr


ZOMBIE = """
import os, signal, sys
from crosscom.errors import StaleTryError
from crosscom.model import AttemptState, Fence, TaskInstanceKey, TaskState, TryEnd, XComAddress
from crosscom.serializers import serialize
from crosscom.stores.opening import open_store

url, attempt = sys.argv[1], int(sys.argv[2])
store = open_store(url)
address = XComAddress(TaskInstanceKey("haunted", "r", "haunt"), "return_value")
with open("zombie", "a") as file:
    file.write(f"{os.getpid()}\\n")
os.kill(os.getpid(), signal.SIGSTOP)
outcomes = []
for write in (
    lambda: store.put(address, serialize("from a zombie"), Fence(attempt, 100)),
    lambda: store.end_try(attempt, TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS)),
):
    try:
        write()
        outcomes.append("written")
    except StaleTryError as error:
        outcomes.append(f"StaleTryError {error.attempt == attempt}")
with open("outcomes", "w") as file:
    file.write("\\n".join(outcomes))
"""

HAUNTED = """
import os, subprocess, sys, time
from crosscom import DAG, get_current_context, task

@task
def haunt(store_url):
    if get_current_context()["ti"].try_number == 1:
        # Without the mark and in a session of its own, as on another machine: nobody can kill it.
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CROSSCOM")}
        command = [sys.executable, "zombie.py", store_url, os.environ["CROSSCOM_ATTEMPT"]]
        subprocess.Popen(command, env=clean, start_new_session=True)
        time.sleep(1000)
    return "alive"

with DAG("haunted"):
    haunt(os.environ["CROSSCOM__CORE__STORE"])
"""


def rows(project):
    """Give every row of every table."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(project.settings.home / "crosscom.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


def test_a_stopped_try_that_comes_back_changes_nothing(project):
    """Stopped, cleared, resumed to success, continued: its writes are stale and change no row."""
    project.write("haunted.py", HAUNTED)
    project.write("zombie.py", ZOMBIE)
    scheduler = project.start_run("haunted.py")
    project.wait_for(lambda: project.lines("zombie"))
    scheduler.send_signal(signal.SIGKILL)
    scheduler.communicate(timeout=60)

    project.crosscom("clear", "haunted@r", "haunt")
    resumed = project.resume("haunted")
    before = rows(project)
    os.kill(int(project.lines("zombie")[0]), signal.SIGCONT)
    project.wait_for(lambda: len(project.lines("outcomes")) == 2)

    assert resumed["state"] == "success"
    assert project.lines("outcomes") == ["StaleTryError True", "StaleTryError True"]
    assert rows(project) == before
    assert project.value("haunted", "haunt") == "alive"


def test_a_stopped_try_is_killed_by_resume(project):
    """A try that was stopped when everything else was killed does not survive `resume`."""
    project.write("sleeping.py", SLEEPING)
    scheduler = project.start_run("sleeping.py")
    pid = int(project.wait_for(lambda: project.lines("sleeping"))[0])
    os.kill(pid, signal.SIGSTOP)
    scheduler.send_signal(signal.SIGKILL)
    scheduler.communicate(timeout=60)
    project.write("enough", "")

    resumed = project.resume("sleeping")

    assert resumed["state"] == "success"
    assert pid not in project.processes()
    assert sys.platform != "linux" or project.value("sleeping", "sleep") == 2


def test_equal_files_in_two_folders_are_two_places(project):
    """A run goes on in the folder it was started from, though another run had equal code."""
    code = "from crosscom import DAG, task\nwith DAG('twin'):\n    @task\n    def where():\n"
    code += "        import beside\n        return beside.NAME\n    where()\n"
    for name in ("one", "two"):
        project.write(f"{name}/twin.py", code)
        project.write(f"{name}/beside.py", "NAME = 'same'\n")
        project.crosscom("run", f"{name}/twin.py", "--run-id", name)
    project.write("two/beside.py", "NAME = 'two, changed'\n")

    project.crosscom("clear", "twin@two")
    project.crosscom("resume", "twin@two", "--latest")

    assert project.crosscom("get", "twin@two/where").stdout.strip() == '"two, changed"'
    assert str(project.root / "two") in project.crosscom("show", "twin@two").stdout
