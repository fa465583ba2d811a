"""A project in a folder of its own, and the command line in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crosscom.model import RunKey, TaskInstanceKey, XComAddress
from crosscom.serializers import deserialize
from crosscom.settings import load_settings
from crosscom.stores.opening import open_store

PATIENCE_SECONDS = 60.0


class Project:
    """DAG files, a home, and what ran."""

    def __init__(self, root):
        self.root = root
        self.started = []
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CROSSCOM")},
            "CROSSCOM_HOME": str(root / "home"),
            "CROSSCOM__CORE__KILL_GRACE_SECONDS": "2",
            # What a test marks as its own is found again by it, whatever its parents did.
            "TEST_PROJECT": str(root),
        }
        self.settings = load_settings(root, self.environment)

    def write(self, name, text):
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def command(self, *arguments):
        """Give a command of crosscom."""
        return [sys.executable, "-m", "crosscom", *map(str, arguments)]

    def start(self, *command, **options):
        """Start a process in the project."""
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self.started.append(process)
        return process

    def crosscom(self, *arguments, check=True):
        """Run a command of crosscom to its end."""
        process = self.start(*self.command(*arguments))
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        done = subprocess.CompletedProcess(arguments, process.returncode, out, err)
        if check:
            assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done

    def start_run(self, file, *arguments):
        """Start a run with the id `r` and give its scheduler."""
        return self.start(*self.command("run", file, "--run-id", "r", *arguments))

    def run(self, file, *arguments, check=True):
        """Run a DAG file with the run id `r`; give what `--json` prints."""
        done = self.crosscom("run", file, "--run-id", "r", "--json", *arguments, check=check)
        return json.loads(done.stdout)

    def resume(self, dag_id, *arguments, check=True):
        """Resume the run `r`; give what `--json` prints."""
        done = self.crosscom("resume", f"{dag_id}@r", "--json", *arguments, check=check)
        return json.loads(done.stdout)

    def store(self):
        """Open the project's store for a `with` block."""
        return closing(open_store(self.settings.store_url, create=False))

    def states(self, dag_id):
        """Give the state of each task of the run `r`."""
        with self.store() as store:
            records = store.task_instances(RunKey(dag_id, "r"))
            return {record.key.task_id: str(record.state) for record in records}

    def attempts(self, dag_id):
        """Give the attempts of the run `r`, oldest first."""
        with self.store() as store:
            return store.attempts(RunKey(dag_id, "r"))

    def value(self, dag_id, task_id, key="return_value"):
        """Give a value of the run `r`."""
        with self.store() as store:
            payload = store.get(XComAddress(TaskInstanceKey(dag_id, "r", task_id), key))
        assert payload is not None, f"{task_id}:{key} is not there"
        return deserialize(payload)

    def log(self, dag_id, task_id, try_number=1):
        """Give the log of a try of the run `r`."""
        return self.crosscom("log", f"{dag_id}@r/{task_id}", "--try", try_number).stdout

    def lines(self, name):
        """Give what tasks appended to a file of the project."""
        path = self.root / name
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, condition, what="the condition"):
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(0.005)
        pytest.fail(f"waited in vain for {what}")

    def wait_for_line(self, name, line):
        """Wait until a task has appended a line to a file."""
        self.wait_for(lambda: line in self.lines(name), f"{line!r} in {name}")

    def processes(self):
        """List the processes that descend from the project's commands, by number."""
        mine = f"TEST_PROJECT={self.root}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                try:
                    stat = (folder / "stat").read_bytes()
                    environment = (folder / "environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if mine in environment and stat[stat.rindex(b")") + 2 :][:1] not in b"ZX":
                    found.append(int(folder.name))
        return found

    def wait_until_nothing_runs(self):
        """Wait until every process of the project is gone."""
        self.wait_for(lambda: not self.processes(), "the end of every process")


@pytest.fixture
def project(tmp_path):
    """A project, and nothing of it that outlives the test."""
    made = Project(tmp_path)
    yield made
    for pid in made.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for process in made.started:
        process.communicate()
