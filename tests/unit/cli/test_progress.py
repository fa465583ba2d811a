from __future__ import annotations

import io
import re

import pytest

from crosscom.cli.progress import OnlyNotes, Progress
from crosscom.model import (
    AttemptState,
    DagDescription,
    RunKey,
    RunRecord,
    RunState,
    TaskDescription,
    TaskInstanceKey,
    TaskState,
    TryEnd,
)

DAG = DagDescription("d", (TaskDescription("a", "@task"), TaskDescription("b", "@task")))
A = TaskInstanceKey("d", "r", "a")
B = TaskInstanceKey("d", "r", "b", 3)
GOOD = TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS)
AGAIN = TryEnd(
    AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=1, error="ValueError: \x1bno"
)


class Terminal(io.StringIO):
    """Something to write to that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def record(state):
    """Give the run as it stands."""
    return RunRecord(
        key=RunKey("d", "r"),
        state=state,
        logical_date_us=None,
        run_type="manual",
        conf="{}",
        params="{}",
        description_digest=None,
        bundle_digest=None,
        scheduler=None,
        lease=0,
        revision=0,
        created_at_us=0,
        started_at_us=None,
        ended_at_us=None,
    )


def go_through_a_run(watcher):
    """Tell *watcher* of a run in which a task is tried twice and another is skipped."""
    watcher.run_started(record(RunState.RUNNING), DAG)
    watcher.note("forking is off")
    watcher.try_started(A, 1)
    watcher.try_ended(A, 1, AGAIN, 0.123)
    watcher.try_started(A, 2)
    watcher.try_ended(A, 2, GOOD, 1.5)
    watcher.settled(B, TaskState.SKIPPED)
    watcher.settled(B, TaskState.NONE)
    watcher.run_ended(record(RunState.SUCCESS))


def without_clock(text):
    """Give the lines without the time of day."""
    return [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in text.splitlines()]


class TestElsewhere:
    def test_a_line_per_event(self):
        """Elsewhere than on a terminal each event is a plain line."""
        stream = io.StringIO()

        go_through_a_run(Progress(stream))

        assert without_clock(stream.getvalue()) == [
            "run d@r, 2 tasks",
            "note: forking is off",
            "a  running",
            r"a  up_for_retry  0.12 s  ValueError: \x1bno",
            "a  running (try 2)",
            "a  success  1.50 s (try 2)",
            "b[3]  skipped",
            "run d@r ended: success",
        ]

    def test_the_task_is_named_once(self):
        """A line that names the task does not repeat its address in the reason."""
        stream = io.StringIO()
        progress = Progress(stream)
        for where in ("d@r/a:return_value", "d@r/a:k", "d@r/other:k"):
            end = TryEnd(
                AttemptState.FAILED, TaskState.FAILED, error=f"E: cannot push {where}: cannot keep"
            )
            progress.try_ended(A, 1, end, 0.1)

        assert without_clock(stream.getvalue()) == [
            "a  failed  0.10 s  E: cannot keep",
            "a  failed  0.10 s  E: cannot push k: cannot keep",
            "a  failed  0.10 s  E: cannot push d@r/other:k: cannot keep",
        ]


class TestTerminal:
    @pytest.fixture
    def terminal(self, monkeypatch):
        """Give a terminal of 40 columns, without colours."""
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "40")
        return Terminal()

    def test_the_last_line_shows_who_runs(self, terminal):
        """The last line shows who runs, and gives way to each new line."""
        progress = Progress(terminal)
        progress.run_started(record(RunState.RUNNING), DAG)
        progress.try_started(A, 1)
        progress.try_started(B, 2)

        shown = terminal.getvalue()
        progress.try_ended(A, 1, GOOD, 0.1)

        assert shown.endswith("\r\x1b[2K0 of 2 done, running: a, b[3] (try 2)")
        assert terminal.getvalue().endswith(
            "a  success  0.10 s\n\r\x1b[2K1 of 2 done, running: b[3] (try 2)"
        )

    def test_it_is_never_wider_than_the_terminal(self, terminal):
        """A long last line is cut: a line that wraps could not be taken back."""
        progress = Progress(terminal)
        for number in range(20):
            progress.try_started(TaskInstanceKey("d", "r", f"task_{number}"), 1)

        last = terminal.getvalue().rpartition("\x1b[2K")[2]
        assert len(last) == 39

    def test_nothing_is_left_at_the_end(self, terminal):
        """After the run the last line is a whole one."""
        go_through_a_run(Progress(terminal))

        assert terminal.getvalue().endswith("run d@r ended: success\n")

    def test_an_error_begins_on_an_empty_line(self, terminal):
        """Where a run ends with an error, the last line is taken back."""
        progress = Progress(terminal)
        progress.try_started(A, 1)
        progress.leave()

        assert terminal.getvalue().endswith("running: a\r\x1b[2K")


def test_only_notes(capsys):
    """With --json only notes are told, on stderr."""
    go_through_a_run(OnlyNotes())

    assert ("", "crosscom: note: forking is off\n") == capsys.readouterr()
