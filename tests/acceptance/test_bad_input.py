"""Bad input from the command line: one clear line, an exit code, and nothing half stored."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

# Stands for something nobody may read in an error or a log.
SECRET = "hunter2-do-not-show"

GOOD = """
from crosscom import DAG, task
with DAG("good"):
    @task
    def give():
        return 1
    give()
"""

VALUES = """
import os
import threading

from crosscom import DAG, task

SECRET = os.environ["TEST_SECRET"]


class Secretive:
    def __repr__(self):
        return SECRET


def nested(make, levels=100_000):
    value = SECRET
    for _ in range(levels):
        value = make(value)
    return value


def cyclic():
    value = {"own": [SECRET]}
    value["own"].append(value)
    return value


with DAG("values"):
    @task
    def lock():
        return {"rows": [SECRET, {"lock": threading.Lock()}]}

    @task
    def unknown_class():
        return (SECRET, Secretive())

    @task
    def cycle():
        return cyclic()

    @task
    def deep_list():
        return nested(lambda inner: [inner])

    @task
    def deep_dict():
        return nested(lambda inner: {"a": inner})

    @task
    def deep_mix():
        return nested(lambda inner: ({"a": inner},))

    @task(multiple_outputs=True)
    def one_of_several():
        return {"fine": SECRET, "bad": threading.Lock()}

    @task(multiple_outputs=True)
    def key_of_several():
        return {"fine": SECRET, "bad\\ud800": 1}

    @task
    def explicit(ti=None):
        ti.xcom_push("bad", [SECRET, threading.Lock()])

    @task
    def long_key(ti=None):
        ti.xcom_push("k" * 513, SECRET)

    @task
    def surrogate_key(ti=None):
        ti.xcom_push("k\\ud800", SECRET)

    @task
    def no_text_key(ti=None):
        ti.xcom_push(5, SECRET)

    @task
    def control_key(ti=None):
        ti.xcom_push("k\\n", SECRET)

    for each in (
        lock, unknown_class, cycle, deep_list, deep_dict, deep_mix, one_of_several,
        key_of_several, explicit, long_key, surrogate_key, no_text_key, control_key,
    ):
        each()
"""

AS_KEY = "it must be 1 to 512 characters without control characters or lone surrogates"
TOO_DEEP = "it is nested deeper than 500 levels; push a flatter value"
REFUSED = {
    "lock": (
        "cannot push values@r/lock:return_value: cannot keep value['rows'][1]['lock']: "
        "it is a _thread.lock, which no serializer keeps exactly; push plain data or a dataclass"
    ),
    "unknown_class": "cannot keep value[1]: it is a values.Secretive, which no serializer keeps",
    "cycle": "cannot keep value['own'][1]: it is the same object as one it lies in (a cycle)",
    "deep_list": TOO_DEEP,
    "deep_dict": TOO_DEEP,
    "deep_mix": TOO_DEEP,
    "one_of_several": "cannot push values@r/one_of_several:bad: cannot keep value: it is a _thread.lock",
    "key_of_several": f"key of 4 characters is refused; {AS_KEY}",
    "explicit": "cannot push values@r/explicit:bad: cannot keep value[1]: it is a _thread.lock",
    "long_key": f"key of 513 characters is refused; {AS_KEY}",
    "surrogate_key": f"key of 2 characters is refused; {AS_KEY}",
    "no_text_key": f"key of type int is refused; {AS_KEY}",
    "control_key": f"key of 2 characters is refused; {AS_KEY}",
}

BAD_FILES = {
    "dag_id": (
        "DAG('a b')",
        "InvalidName: dag_id of 3 characters is refused; it must be 1 to 250 characters of",
    ),
    "dag_id with a lone surrogate": (
        "DAG('a\\ud800')",
        "InvalidName: dag_id of 2 characters is refused; it must be 1 to 250 characters of",
    ),
    "task_id": (
        "with DAG('d'):\n    EmptyOperator(task_id='..')",
        "InvalidName: task_id of 2 characters is refused; it must be 1 to 250 characters of",
    ),
    "a cycle": (
        "with DAG('d'):\n    a, b = (EmptyOperator(task_id=i) for i in 'ab')\n    a >> b >> a",
        "the tasks of DAG 'd' wait for each other: a >> b >> a; remove an edge",
    ),
    "duplicate task ids": (
        "with DAG('d'):\n    EmptyOperator(task_id='a')\n    EmptyOperator(task_id='a')",
        "DAG 'd' has two tasks with the id 'a'",
    ),
    "a failing import": (
        "import no_such_module",
        "No module named 'no_such_module' (ROOT/bad.py:3)",
    ),
    "an endless import": ("while True: pass", "it took longer than 1 s"),
    "no DAG": ("x = 1", "there is no DAG in ROOT/bad.py"),
}

BAD_CALLS = {
    "run_id": (
        ["run", "good.py", "--run-id", "a/b"],
        "run_id of 3 characters is refused; it must be 1 to 250 characters of",
    ),
    "an unknown DAG": (
        ["run", "good.py", "goood"],
        "there is no DAG 'goood' in ROOT/good.py, which has good; did you mean 'good'?",
    ),
    "two runs with one id": (
        ["run", "good.py", "--run-id", "r"],
        "cannot make run good@r: there is one already; choose another run id, or resume it",
    ),
    "a missing file": (
        ["run", "nowhere.py"],
        "cannot read the DAG file ROOT/nowhere.py: No such file or directory",
    ),
    "a malformed address": (
        ["push", "good/give[0", "1"],
        "the task part of an address is task_id or task_id[map_index]; the form is dag_id[@run_id]",
    ),
    "a value nested 50,000 deep": (["push", "good/give", "[" * 50_000], "VALUE is "),
    "a value that is no JSON": (["push", "good/give", SECRET], "VALUE is no JSON"),
}


def dump(project):
    """Read the whole store with a connection of our own."""
    with closing(sqlite3.connect(project.root / "home" / "crosscom.db")) as connection:
        return list(connection.iterdump())


def refusal(project, done):
    """Give the one line that a refused command told; it told nothing else."""
    assert done.returncode != 0
    assert done.stdout == ""
    assert SECRET not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0].removeprefix("crosscom: error: ").replace(str(project.root), "ROOT")


@pytest.fixture
def filled(project):
    """Give a project with one good run, and short patience for imports."""
    project.environment["CROSSCOM__CORE__IMPORT_TIMEOUT_SECONDS"] = "1"
    project.write("good.py", GOOD)
    project.run("good.py")
    return project


def test_values_that_cannot_be_kept(project):
    """Each task fails with one line that says where and what; nothing of its value is stored."""
    project.environment["TEST_SECRET"] = SECRET
    project.write("values.py", VALUES)

    done = project.crosscom("run", "values.py", "--run-id", "r", check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "\nvalues@r/cycle failed: XComSerializationError: cannot keep value[" in done.stdout
    told = {attempt.task_instance.task_id: attempt.error for attempt in project.attempts("values")}
    assert {task: text for task, text in told.items() if REFUSED[task] not in text} == {}
    assert told.keys() == REFUSED.keys()
    assert {text for text in told.values() if "\n" in text or len(text) > 1_000} == set()
    assert set(project.states("values").values()) == {"failed"}
    logs = [path.read_text() for path in (project.root / "home" / "logs").rglob("*.log")]
    assert len(logs) == len(REFUSED)
    for shown in (done.stdout, done.stderr, *logs, *dump(project)):
        assert SECRET not in shown
    with closing(sqlite3.connect(project.root / "home" / "crosscom.db")) as connection:
        assert connection.execute("SELECT count(*) FROM xcom").fetchone() == (0,)


def test_lone_surrogates_in_a_value(project):
    """A value is no name: a text with a lone surrogate is kept, and shown without breaking."""
    project.write("good.py", GOOD.replace("return 1", "return {'a\\ud800': 'b\\udfff'}"))

    project.run("good.py")

    assert project.value("good", "give") == {"a\ud800": "b\udfff"}
    assert project.crosscom("get", "good/give").stdout == "{'a\\ud800': 'b\\udfff'}\n"


@pytest.mark.parametrize("name", BAD_FILES)
def test_files(filled, name):
    """A DAG file that breaks a rule is refused before anything is stored."""
    body, text = BAD_FILES[name]
    filled.write(
        "bad.py",
        f"from crosscom import DAG\nfrom crosscom.operators import EmptyOperator\n{body}\n",
    )
    before = dump(filled)

    done = filled.crosscom("run", "bad.py", check=False)

    assert text in refusal(filled, done)
    assert dump(filled) == before


@pytest.mark.parametrize("name", BAD_CALLS)
def test_arguments(filled, name):
    """An argument that breaks a rule is refused before anything is stored."""
    arguments, text = BAD_CALLS[name]
    before = dump(filled)

    done = filled.crosscom(*arguments, check=False)

    assert text in refusal(filled, done)
    assert done.returncode == 2
    assert dump(filled) == before


@pytest.mark.parametrize("command", ["run good.py", "push good/give:k 1", "resume good@r", "ls"])
def test_a_store_of_a_newer_version(filled, command):
    """A store of a newer version is refused by every command, and left as it is."""
    with closing(sqlite3.connect(filled.root / "home" / "crosscom.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = dump(filled)

    done = filled.crosscom(*command.split(), check=False)

    assert refusal(filled, done) == (
        "schema 99 of store sqlite://ROOT/home/crosscom.db is newer than 1, "
        "which this crosscom knows; install a newer crosscom"
    )
    assert dump(filled) == before


# Read and write where nothing may be written.
READ_ONLY = """
$CROSSCOM get good/give
$CROSSCOM {command}
echo $?
"""


@pytest.mark.parametrize("command", ["run good.py", "push good/give:k 1", "clear good@r"])
def test_a_read_only_disk(filled, command):
    """Where nothing may be written the command says so, and what was there can still be read."""
    home = filled.root / "home"
    before = dump(filled)
    paths = (home, *home.iterdir())
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)

    try:
        out, err = in_namespaces(
            filled, READ_ONLY.format(command=command), *(["--user"] if os.getuid() == 0 else [])
        )
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)

    assert out == "1\n1\n"
    assert err == (
        f"crosscom: error: cannot write to store sqlite://{home}/crosscom.db: "
        "it is read-only for this process; nothing was changed\n"
    )
    assert dump(filled) == before


BIG = """
from crosscom import DAG, task
with DAG("big"):
    @task(multiple_outputs=True)
    def give():
        return {"small": 1, "large": "x" * 8_000_000}
    give()
"""

# A disk of four megabytes: full at once, then by a value too large for it, then with more room.
FULL = """
mount -t tmpfs -o size=4m tmpfs home
$CROSSCOM run good.py --run-id r --json > /dev/null
head -c 9000000 /dev/zero > home/filler 2> /dev/null
$CROSSCOM run good.py --run-id full --json
echo $?
rm home/filler
$CROSSCOM run big.py --run-id r --json
echo $?
$PYTHON -c 'import sqlite3; print(*sqlite3.connect("home/crosscom.db").execute(
    "SELECT dag_id, run_id, state, (SELECT count(*) FROM xcom WHERE run = dag_run.id) FROM dag_run"
))'
mount -o remount,size=40m home
$CROSSCOM resume big@r --json
echo $?
"""


def test_a_full_disk(project):
    """A disk that is full or gets full is told in one line; with room again `resume` goes on."""
    project.write("good.py", GOOD)
    project.write("big.py", BIG)
    (project.root / "home").mkdir(exist_ok=True)

    out, err = in_namespaces(
        project, FULL, "--mount", *([] if os.getuid() == 0 else ["--user", "--map-root-user"])
    )

    full = (
        f"cannot write to store sqlite://{project.root}/home/crosscom.db: its disk is full; "
        "nothing was changed, make room"
    )
    at_once, too_large, code, runs, resumed, last = out.splitlines()
    assert err.splitlines()[0] == f"crosscom: error: {full}"
    assert f"big@r/give failed: StoreFull: {full}" in err
    assert "Traceback" not in err
    assert (at_once, code, last) == ("1", "1", "0")
    assert json.loads(too_large)["tasks"][0]["xcoms"] == []
    assert runs == "('good', 'r', 'success', 1) ('big', 'r', 'failed', 0)"
    assert [xcom["key"] for xcom in json.loads(resumed)["tasks"][0]["xcoms"]] == [
        "small",
        "large",
        "return_value",
    ]


def in_namespaces(project, script, *flags):
    """Run a shell script in namespaces of its own, or skip where there are none."""
    unshare = ["unshare", *flags]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "true"], check=False).returncode
    ):
        pytest.skip(f"impossible here: no namespaces for {' '.join(unshare)}")
    project.environment |= {
        "PYTHON": sys.executable,
        "CROSSCOM": f"{sys.executable} -m crosscom",
    }
    return project.start(*unshare, "sh", "-c", script).communicate(timeout=60)


FORKS = """
import os
from crosscom import DAG, task
with DAG("forks"):
    @task
    def forks():
        child = os.fork()
        if child == 0:
            return "child"
        os.waitpid(child, 0)
        return "parent"
    @task
    def after(value):
        return value
    @task
    def apart():
        return 1
    apart(), after(forks())
"""


@pytest.mark.parametrize("isolation", ["process", "reuse"])
def test_a_forked_process_that_comes_back_out_of_its_task(project, isolation):
    """A child that a task forked cannot end the task's try; the log says what became of it."""
    project.write("forks.py", FORKS)

    project.run("forks.py", "--isolation", isolation)

    assert project.value("forks", "after") == "parent"
    assert "a process that the task forked came back out of the task" in project.log(
        "forks", "forks"
    )


STOPS = """
import os, signal
from crosscom import DAG, task
with DAG("stops"):
    @task
    def stops():
        child = os.fork()
        if child == 0:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stops()
"""


def test_a_forked_process_that_is_told_to_stop(project):
    """With isolation `none` what a task forked dies of a SIGTERM; it runs no handler of ours."""
    project.write("stops.py", STOPS)

    project.run("stops.py", "--isolation", "none")

    assert project.value("stops", "stops") == -15
