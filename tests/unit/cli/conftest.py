"""A working directory of one's own, a command line to call, and a store with two runs in it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from crosscom.backends import Backend
from crosscom.cli import main
from crosscom.model import (
    AttemptState,
    DagDescription,
    NewRun,
    RunKey,
    RunState,
    TaskDescription,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.runtime.logs import log_path
from crosscom.settings import ensure_home, load_settings
from crosscom.stores.opening import open_store

DAG = DagDescription(
    "churn",
    (
        TaskDescription("load", "@task", doc="Load the customers."),
        TaskDescription(
            "train", "PythonOperator", upstream=("load",), reads=(("load", "rows"),), retries=1
        ),
    ),
    tags=("demo",),
)


class Answer(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON; stderr must be empty."""
        assert self.err == ""
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """Why it refused what was asked for: one line on stderr, nothing on stdout, exit code 2."""
        assert (2, "") == (self.code, self.out)
        assert self.err.startswith("crosscom: error: ")
        assert self.err.count("\n") == 1
        return self.err.removeprefix("crosscom: error: ").rstrip("\n")

    @property
    def lines(self) -> list[list[str]]:
        """The words of each line it printed."""
        return [line.split() for line in self.out.splitlines()]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Give an empty working directory, which has its own home."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def crosscom(here, capsys):
    """Call the command line in this process."""

    def call(*arguments: str) -> Answer:
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def store(here):
    """Give the configured store, open."""
    settings = load_settings()
    ensure_home(settings)
    opened = open_store(settings.store_url)
    yield opened
    opened.close()


@pytest.fixture
def churn(store, here):
    """Fill the store: `churn@r6` succeeded; in `churn@r7` the first try of train failed."""
    backend = Backend()
    for run_id in ("r6", "r7"):
        run = store.create_run(NewRun(RunKey("churn", run_id), DAG, None, None, conf='{"n": 1}'))
        load = TaskInstanceKey("churn", run_id, "load")
        train = TaskInstanceKey("churn", run_id, "train")
        do_try(store, run, load, backend, {"rows": [1, 2], "return_value": (1, 2)})
        if run_id == "r7":
            do_try(store, run, train, backend, {"model": "old"}, error="ValueError: no rows")
        do_try(store, run, train, backend, {"model": {"depth": 3}, "return_value": None})
        store.finish_run(run.key, RunState.SUCCESS, lease=run.lease)
    path = log_path(here / ".crosscom", TaskInstanceKey("churn", "r7", "train"), 1)
    path.parent.mkdir(parents=True)
    path.write_text("first try\n")
    path.with_name("train.2.log").write_text("second try\n")
    return store


def do_try(store, run, ti, backend, values, error=None):
    """Start a try, push *values*, end it."""
    attempt = store.begin_try(ti, None, lease=run.lease)
    encoded = [(key, backend.encode(value, XComAddress(ti, key))) for key, value in values.items()]
    end = TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS)
    if error is not None:
        end = TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=0, error=error)
    store.end_try(attempt.id, end, encoded)
