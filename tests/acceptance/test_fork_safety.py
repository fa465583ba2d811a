"""DAG files that load what cannot be forked: they run all the same, and that is told once."""

import pytest

POLARS = """
import polars
from crosscom import DAG, task

@task
def total(number):
    return polars.DataFrame({"n": [number, 2, 3]})["n"].sum()

with DAG("frames"):
    frame = polars.DataFrame({"n": list(range(100_000))}).group_by("n").len()
    total(total.override(task_id="first")(1))
"""


def test_polars_at_import_runs_by_exec_and_is_told_once(project):
    """A DAG file that used polars while loading runs; one line says that forking was unsafe."""
    project.write("frames.py", POLARS)

    done = project.crosscom("run", "frames.py", "--run-id", "r")

    told = [line for line in (done.stdout + done.stderr).splitlines() if "polars is loaded" in line]
    assert project.value("frames", "total") == 11
    assert len(told) == 1
    assert "each try of frames.py starts a new Python and is no fork" in told[0]
    assert "core.start_method" in told[0]


THREAD = """
import threading, time
from crosscom import DAG, task

threading.Thread(target=time.sleep, args=(1000,), name="sleeper", daemon=True).start()

@task
def one():
    return 1

with DAG("threads"):
    one()
"""


def test_a_thread_at_import_runs_by_exec_and_is_told_once(project):
    """A DAG file that started a thread while loading runs; one line names the thread."""
    project.write("threads.py", THREAD)

    done = project.crosscom("run", "threads.py", "--run-id", "r")

    told = [line for line in (done.stdout + done.stderr).splitlines() if "sleeper" in line]
    assert project.value("threads", "one") == 1
    assert len(told) == 1


def test_choosing_a_start_method_silences_the_line(project):
    """With `core.start_method` set to `exec` nothing is told."""
    project.environment["CROSSCOM__CORE__START_METHOD"] = "exec"
    project.write("threads.py", THREAD)

    done = project.crosscom("run", "threads.py", "--run-id", "r")

    assert "sleeper" not in done.stdout + done.stderr


NUMPY = """
import os
import numpy
from crosscom import DAG, task

MATRIX = numpy.random.default_rng(1).random((400, 400))
INVERSE = numpy.linalg.inv(MATRIX)
TEMPLATE = os.getpid()

@task
def multiply():
    error = abs(MATRIX @ INVERSE - numpy.eye(400)).max()
    again = abs(MATRIX @ numpy.linalg.inv(MATRIX) - numpy.eye(400)).max()
    return {"error": float(error), "again": float(again), "parent": os.getppid() == TEMPLATE}

@task
def draw():
    return numpy.random.random()

with DAG("matrices"):
    multiply()
    draw.override(task_id="one")()
    draw.override(task_id="two")()
"""


def test_numpy_at_import_is_forked_and_computes(project):
    """BLAS that ran while loading runs again in forked tries; its generator differs in each."""
    project.write("matrices.py", NUMPY)

    done = project.crosscom("run", "matrices.py", "--run-id", "r")

    result = project.value("matrices", "multiply")
    assert result["error"] < 1e-6
    assert result["again"] < 1e-6
    assert result["parent"]
    assert "new Python" not in done.stdout + done.stderr
    assert project.value("matrices", "one") != project.value("matrices", "two")


OPENED = """
import os, sqlite3
from crosscom import DAG, task

FILE = open("kept.txt", "a")
DATABASE = sqlite3.connect("users.db")
DATABASE.execute("CREATE TABLE IF NOT EXISTS t (n)")
NUMBER = FILE.fileno()

@task
def write():
    outcomes = {}
    try:
        os.write(NUMBER, b"written by a task")
        outcomes["write"] = "done"
    except OSError as error:
        outcomes["write"] = error.strerror
    outcomes["store"] = os.readlink(f"/proc/self/fd/{NUMBER}").rpartition("/")[2] != "crosscom.db"
    return outcomes

with DAG("opened"):
    write()
"""


def test_what_loading_opened_is_closed_for_tasks_and_told_once(project):
    """A file opened while loading cannot be written by a task, nor does its number get reused."""
    project.write("opened.py", OPENED)

    done = project.crosscom("run", "opened.py", "--run-id", "r")

    told = [line for line in (done.stdout + done.stderr).splitlines() if "kept.txt" in line]
    assert project.value("opened", "write") == {"write": "Bad file descriptor", "store": True}
    assert len(told) == 1
    assert "users.db" in told[0]
    assert "open it inside the task" in told[0]


SHADOWS = """
from crosscom import DAG, task

@task
def one():
    return 1

with DAG("shadows"):
    one()
"""


@pytest.mark.parametrize("method", ["fork", "exec"])
def test_files_in_the_working_directory_shadow_nothing(project, method):
    """A `select.py` or `crosscom.py` in the working directory does not break children."""
    project.environment["CROSSCOM__CORE__START_METHOD"] = method
    project.write("dags/shadows.py", SHADOWS)
    project.write("select.py", "raise SystemExit('shadowed')")
    project.write("crosscom.py", "raise SystemExit('shadowed')")

    import sys

    program = "import sys; sys.path.remove(''); from crosscom.cli import main; sys.exit(main())"
    process = project.start(
        sys.executable, "-c", program, "run", "dags/shadows.py", "--run-id", "r"
    )
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, out + err
    assert project.value("shadows", "one") == 1
