"""Runs from the command line, in processes of their own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

CROSSCOM = [sys.executable, "-m", "crosscom"]
LONG_SECONDS = 60

SHOP = """
from pathlib import Path
from crosscom import DAG, task

print("loading")

with DAG("shop"):

    @task(multiple_outputs=True)
    def count():
        print("counting")
        return {"apples": 3, "pears": 4}

    @task
    def total(counts):
        if not Path("allowed").exists():
            raise ValueError("not allowed yet")
        return sum(counts.values())

    total(count())
"""

SLEEPY = """
import time
from contextlib import contextmanager
from pathlib import Path
from crosscom import DAG, task

with DAG("sleepy"):

    @task
    def first():
        return 1

    @task
    def second(number):
        Path("begun").touch()
        while not Path("allowed").exists():
            time.sleep(0.01)
        return number + 1

    second(first())
"""


@pytest.fixture
def here(tmp_path):
    """Give a working directory with the DAG files in it."""
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "sleepy.py").write_text(SLEEPY)
    return tmp_path


@pytest.fixture
def crosscom(here):
    """Call the command line in a process of its own."""

    def call(*arguments, **options):
        return subprocess.run(
            [*CROSSCOM, *arguments],
            check=False,
            cwd=here,
            capture_output=True,
            text=True,
            timeout=LONG_SECONDS,
            stdin=subprocess.DEVNULL,
            **options,
        )

    return call


@contextmanager
def started(here, *arguments):
    """Start a command in a session of its own, and leave nothing of it behind."""
    process = subprocess.Popen(
        [*CROSSCOM, *arguments],
        cwd=here,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        # The template and its children end when their scheduler is gone.
        process.kill()
        process.communicate()


def wait_for(path: Path):
    """Wait until *path* is there."""
    end = time.monotonic() + LONG_SECONDS
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.01)


class TestRun:
    def test_text(self, crosscom, here):
        """A run tells what happens in plain lines, and ends with a table of what was pushed."""
        (here / "allowed").touch()

        answer = crosscom("run", "shop.py", "--run-id", "r1")

        assert 0 == answer.returncode
        lines = answer.stdout.splitlines()
        assert "run shop@r1, 2 tasks" == lines[0]
        assert "run shop@r1 ended: success" in lines
        assert ["total", "success", "1"] == lines[-1].split()[:3]
        assert lines[-1].endswith("return_value (int, 1 B)")
        assert "\x1b" not in answer.stdout

    def test_json(self, crosscom, here):
        """With --json stdout holds one object and nothing else, whatever the tasks print."""
        (here / "allowed").touch()

        answer = crosscom("run", "shop.py", "shop", "--run-id", "r1", "--json")

        assert 0 == answer.returncode
        body = json.loads(answer.stdout)
        seconds = [task.pop("seconds") for task in body["tasks"]]
        assert all(0 <= each < LONG_SECONDS for each in seconds)
        assert body == {
            "dag_id": "shop",
            "run_id": "r1",
            "state": "success",
            "tasks": [
                {
                    "task_id": "count",
                    "map_index": -1,
                    "state": "success",
                    "try_number": 1,
                    "xcoms": [
                        {"key": "apples", "type": "int", "size_bytes": 1, "preview": 3},
                        {"key": "pears", "type": "int", "size_bytes": 1, "preview": 4},
                        {
                            "key": "return_value",
                            "type": "dict",
                            "size_bytes": 22,
                            "preview": {"apples": 3, "pears": 4},
                        },
                    ],
                },
                {
                    "task_id": "total",
                    "map_index": -1,
                    "state": "success",
                    "try_number": 1,
                    "xcoms": [
                        {"key": "return_value", "type": "int", "size_bytes": 1, "preview": 7}
                    ],
                },
            ],
        }

    @pytest.mark.parametrize("isolation", ["process", "reuse", "none"])
    def test_isolation(self, crosscom, here, isolation):
        """Each isolation gives the same values, and stdout holds the object alone."""
        (here / "allowed").touch()

        answer = crosscom("run", "shop.py", "--isolation", isolation, "--json")

        assert "success" == json.loads(answer.stdout)["state"]
        assert "7\n" == crosscom("get", "shop/total").stdout

    def test_the_first_dag(self, crosscom, here):
        """What `init` makes runs to success as it is."""
        crosscom("init", "hello")

        answer = crosscom("run", "hello/first.py", "--json")

        assert "success" == json.loads(answer.stdout)["state"]
        assert '"rome"\n' == crosscom("get", "first/warmest").stdout

    def test_a_push_from_within_a_task(self, crosscom, here):
        """`crosscom push` in what a task started is that try's own push; to others it is by hand."""
        (here / "shell.py").write_text(
            "import sys\n"
            "from crosscom import DAG\n"
            "from crosscom.operators import BashOperator\n"
            "with DAG('shell'):\n"
            "    BashOperator(task_id='say', bash_command=(\n"
            "        f'{sys.executable} -m crosscom push {{{{ ti.key }}}}:rows 42 && '\n"
            "        f'{sys.executable} -m crosscom push notes@x/y 1 --create-run && echo done'))\n"
        )

        assert 0 == crosscom("run", "shell.py").returncode
        (rows,) = json.loads(crosscom("ls", "shell/say:rows", "--json").stdout)
        (note,) = json.loads(crosscom("ls", "notes/y", "--json").stdout)
        assert (42, 1, False) == (rows["preview"], rows["try_number"], rows["by_hand"])
        assert note["by_hand"]

    def test_conf_and_date(self, crosscom, here):
        """Conf and logical date reach the tasks."""
        (here / "conf.py").write_text(
            "from crosscom import dag, task\n"
            "@dag\n"
            "def conf():\n"
            "    @task\n"
            "    def told(dag_run=None, ds=None):\n"
            "        return [dag_run.conf, ds]\n"
            "    told()\n"
            "conf()\n"
        )

        crosscom("run", "conf.py", "--conf", '{"n": 1}', "--logical-date", "2026-01-31T23:00-05:00")

        assert [{"n": 1}, "2026-02-01"] == json.loads(crosscom("get", "conf/told").stdout)

    def test_a_failure(self, crosscom, here):
        """A failed run ends with 1, and tells why, where the log is, and how to go on."""
        answer = crosscom("run", "shop.py", "--run-id", "r1")

        assert 1 == answer.returncode
        assert answer.stdout.endswith(
            "\nshop@r1/total failed: ValueError: not allowed yet\n"
            "  its log:  crosscom log shop@r1/total\n"
            "  go on:    crosscom resume shop@r1\n"
        )
        assert "ValueError: not allowed yet" in crosscom("log", "shop@r1/total").stdout
        assert "counting\n" in crosscom("log", "shop@r1/count").stdout

    def test_a_failure_with_json(self, crosscom, here):
        """A failed run prints its object too; why it failed goes to stderr."""
        answer = crosscom("run", "shop.py", "--json")

        assert 1 == answer.returncode
        assert "failed" == json.loads(answer.stdout)["state"]
        assert "failed: ValueError: not allowed yet\n" in answer.stderr


class TestGoOn:
    def test_resume(self, crosscom, here):
        """Resume starts what failed again, and nothing that succeeded."""
        crosscom("run", "shop.py", "--run-id", "r1")
        (here / "allowed").touch()

        answer = crosscom("resume", "shop@r1", "--json")

        assert 0 == answer.returncode
        tries = {task["task_id"]: task["try_number"] for task in json.loads(answer.stdout)["tasks"]}
        assert {"count": 1, "total": 2} == tries

    def test_clear(self, crosscom, here):
        """Clear makes values history at once; resume starts the tasks again."""
        (here / "allowed").touch()
        crosscom("run", "shop.py", "--run-id", "r1")

        cleared = crosscom("clear", "shop", "count", "--downstream", "--reason", "a test")

        assert (0, "") == (cleared.returncode, cleared.stderr)
        assert cleared.stdout == (
            "cleared shop@r1/count\ncleared shop@r1/total\ngo on with: crosscom resume shop@r1\n"
        )
        assert 2 == crosscom("get", "shop@r1/total").returncode
        assert 0 == crosscom("resume", "shop").returncode
        assert "7\n" == crosscom("get", "shop@r1/total").stdout
        assert 2 == len(json.loads(crosscom("history", "shop/total", "--json").stdout))

    def test_clear_with_json(self, crosscom, here):
        """Clear with --json names the run and the cleared task instances."""
        crosscom("run", "shop.py", "--run-id", "r1")

        body = json.loads(crosscom("clear", "shop@r1", "total", "--json").stdout)

        assert {"run": "shop@r1", "cleared": ["shop@r1/total"]} == body

    def test_latest(self, crosscom, here):
        """With --latest today's file is used, which may do otherwise."""
        (here / "allowed").touch()
        crosscom("run", "shop.py", "--run-id", "r1")
        (here / "shop.py").write_text(SHOP.replace("3", "30"))

        cleared = crosscom("clear", "shop@r1", "--latest")
        assert cleared.stdout.endswith("go on with: crosscom resume shop@r1 --latest\n")
        assert 0 == crosscom("resume", "shop@r1", "--latest").returncode
        assert "34\n" == crosscom("get", "shop@r1/total").stdout

    def test_an_interrupt(self, crosscom, here):
        """Ctrl-C ends a run with 130; it is interrupted, and goes on with resume."""
        with started(here, "run", "sleepy.py", "--run-id", "r1", "--json") as process:
            wait_for(here / "begun")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=LONG_SECONDS)

        assert 130 == process.returncode
        assert "interrupted" == json.loads(out)["state"]
        assert "crosscom resume sleepy@r1" in err
        (here / "allowed").touch()
        assert 0 == crosscom("resume", "sleepy@r1").returncode
        assert "2\n" == crosscom("get", "sleepy/second").stdout

    def test_latest_while_it_runs(self, crosscom, here):
        """Clear --latest is refused while a scheduler works with the run's own code."""
        with started(here, "run", "sleepy.py", "--run-id", "r1") as process:
            wait_for(here / "begun")
            answer = crosscom("clear", "sleepy@r1", "--latest")
            (here / "allowed").touch()
            process.communicate(timeout=LONG_SECONDS)

        assert 1 == answer.returncode
        assert answer.stderr == (
            f"crosscom: error: cannot clear sleepy@r1 with --latest while process {process.pid} "
            "works on it with the code it was started with; stop that first, or leave out "
            "--latest\n"
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["nowhere.py"], "cannot read the DAG file {here}/nowhere.py: No such file"),
            (["."], "cannot read the DAG file {here}: Is a directory"),
            (["shop.py", "shpo"], "there is no DAG 'shpo' in {here}/shop.py"),
            (["shop.py", "a b"], "dag_id of 3 characters is refused; it must be"),
            (["shop.py", "--run-id", "a b"], "run_id of 3 characters is refused; it must be"),
            (["shop.py", "--logical-date", "soon"], "--logical-date is no date of ISO 8601; write"),
            (["shop.py", "--conf", "[1]"], "--conf is no JSON object; write it as"),
            (["shop.py", "--conf", '{"a": NaN}'], "--conf is no JSON object; write it as"),
            (["shop.py", "--conf", "{"], "--conf is no JSON object; write it as"),
        ],
    )
    def test_arguments(self, crosscom, here, arguments, text):
        """A wrong argument is one line and exit code 2; nothing is stored."""
        answer = crosscom("run", *arguments)

        assert (2, "") == (answer.returncode, answer.stdout)
        told = [line for line in answer.stderr.splitlines() if line != "loading"]
        assert 1 == len(told)
        assert told[0].startswith("crosscom: error: " + text.format(here=here))
        assert "[]\n" == crosscom("ls", "--json").stdout

    def test_several_dags(self, crosscom, here):
        """Of several DAGs one has to be chosen; the error names them."""
        (here / "two.py").write_text(
            "from crosscom import DAG\nwith DAG('one'): pass\nwith DAG('two'): pass\n"
        )

        answer = crosscom("run", "two.py")

        assert 2 == answer.returncode
        assert answer.stderr == (
            f"crosscom: error: there are 2 DAGs in {here}/two.py: one, two; say which one\n"
        )

    def test_a_broken_file(self, crosscom, here):
        """A file that fails to load is one line with file and line number."""
        (here / "broken.py").write_text("\n\n1 / 0\n")

        answer = crosscom("run", "broken.py")

        assert (2, "") == (answer.returncode, answer.stdout)
        assert f"ZeroDivisionError: division by zero ({here}/broken.py:3)" in answer.stderr
        assert "Traceback" not in answer.stderr

    def test_a_taken_run_id(self, crosscom, here):
        """A run id that is taken is refused; the run stays as it is."""
        (here / "allowed").touch()
        crosscom("run", "shop.py", "--run-id", "r1")

        answer = crosscom("run", "shop.py", "--run-id", "r1")

        assert 2 == answer.returncode
        assert "run shop@r1" in answer.stderr
        assert 1 == len(json.loads(crosscom("ls", "shop", "--json").stdout))

    @pytest.mark.parametrize("command", ["resume", "clear"])
    def test_no_run(self, crosscom, here, command):
        """A RUN that is none, or names a task, is refused."""
        (here / "allowed").touch()
        crosscom("run", "shop.py", "--run-id", "r1")

        assert crosscom(command, "shop@r2").stderr == (
            "crosscom: error: DAG 'shop' has no run 'r2'; its latest: r1\n"
        )
        assert crosscom(command, "shop@r1/total").stderr == (
            "crosscom: error: a RUN is written as dag_id@run_id; 'shop@r1/total' names a task\n"
        )

    def test_clear_of_an_unknown_task(self, crosscom, here):
        """A task that the run does not have is refused; nothing is cleared."""
        crosscom("run", "shop.py", "--run-id", "r1")

        answer = crosscom("clear", "shop@r1", "count", "totl")

        assert (2, "") == (answer.returncode, answer.stdout)
        assert "did you mean 'total'?" in answer.stderr
        assert 0 == crosscom("get", "shop@r1/count").returncode


class TestTerminal:
    def test_live_progress(self, here):
        """On a terminal the last line shows who runs, and states have colours."""
        (here / "allowed").touch()
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        environment.pop("NO_COLOR", None)
        process = subprocess.Popen(
            [*CROSSCOM, "run", "shop.py", "--run-id", "r1"],
            cwd=here,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        os.close(theirs)
        shown = read_all(ours)

        assert 0 == process.wait(LONG_SECONDS)
        assert "running: count" in shown
        assert re.search(r"count  \x1b\[32msuccess\x1b\[0m  \d", shown)
        assert "\x1b[1mtask " in shown

    def test_a_reader_that_is_gone(self, here):
        """A command whose reader closed the pipe ends as a shell expects it, and quietly."""
        ours, theirs = os.pipe()
        os.close(ours)
        with os.fdopen(theirs, "w") as nobody:
            answer = subprocess.run(
                [*CROSSCOM, "ls", "--json"],
                check=False,
                cwd=here,
                stdout=nobody,
                stderr=subprocess.PIPE,
                text=True,
            )

        assert (141, "") == (answer.returncode, answer.stderr)


def read_all(descriptor):
    """Read a terminal until its other end is closed."""
    chunks = []
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(descriptor)
    return b"".join(chunks).decode()
