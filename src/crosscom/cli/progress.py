"""What a person sees of a run while it runs: a line per event, and on a terminal who runs now."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from crosscom.cli.output import paint, painted_state, say
from crosscom.cli.rows import reason_text, task_text
from crosscom.handles.formatting import printable
from crosscom.model import DagDescription, RunRecord, TaskInstanceKey, TaskState, TryEnd
from crosscom.runtime.watcher import Nobody, Watcher

_DIM = "2"
_CLEAR_LINE = "\r\x1b[2K"
_MOST_NAMED = 5


class Progress:
    """Prints what happens in a run. No threads, no dependencies: it writes when it is told."""

    def __init__(self, stream: TextIO) -> None:
        """Write to *stream*; if it is a terminal, its last line shows who runs now."""
        self._stream = stream
        self._is_live = stream.isatty()
        self._running: dict[TaskInstanceKey, int] = {}
        self._total = 0
        self._finished = 0

    def run_started(self, run: RunRecord, description: DagDescription) -> None:
        """Name the run."""
        self._total = len(description.tasks)
        count = "1 task" if self._total == 1 else f"{self._total} tasks"
        self._line(f"run {run.key}, {count}")

    def try_started(self, ti: TaskInstanceKey, try_number: int) -> None:
        """Tell that a try begins: on a terminal in the last line, elsewhere in one of its own."""
        self._running[ti] = try_number
        if self._is_live:
            self._status()
        else:
            self._line(f"{_clock()}  {task_text(ti)}  running{_numbered(try_number)}")

    def try_ended(self, ti: TaskInstanceKey, try_number: int, end: TryEnd, seconds: float) -> None:
        """Tell how a try ended, and why where it failed."""
        self._running.pop(ti, None)
        if end.task_state.is_finished:
            self._finished += 1
        state = painted_state(end.task_state.value)
        error = f"  {reason_text(end.error, ti)}" if end.error else ""
        self._line(
            f"{_clock()}  {task_text(ti)}  {state}  {seconds:.2f} s{_numbered(try_number)}{error}"
        )

    def settled(self, ti: TaskInstanceKey, state: TaskState) -> None:
        """Tell that a task instance ended without a try."""
        if state.is_finished:
            self._finished += 1
            self._line(f"{_clock()}  {task_text(ti)}  {painted_state(state.value)}")

    def note(self, text: str) -> None:
        """Tell what a person should know."""
        self._line(f"note: {printable(text)}")

    def run_ended(self, run: RunRecord) -> None:
        """Tell how the run ended."""
        self._running.clear()
        self._line(f"run {run.key} ended: {painted_state(run.state.value)}")

    def leave(self) -> None:
        """Take the last line back, also where the run ended with an error."""
        if self._is_live:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()

    def _line(self, text: str) -> None:
        self._stream.write(f"{_CLEAR_LINE if self._is_live else ''}{text}\n")
        self._status()
        self._stream.flush()

    def _status(self) -> None:
        """Write who runs now into the last line of a terminal."""
        if not self._is_live or not self._running:
            return
        names = [task_text(ti) + _numbered(number) for ti, number in self._running.items()]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        text = f"{self._finished} of {self._total} done, running: {', '.join(names[:_MOST_NAMED])}"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"{_CLEAR_LINE}{paint((text + more)[:width], _DIM)}")
        self._stream.flush()


class OnlyNotes(Nobody):
    """Tells only what a person should know, on stderr: stdout is for data."""

    def note(self, text: str) -> None:
        """Tell it."""
        say(f"crosscom: note: {printable(text)}")


@contextmanager
def watching(*, json: bool) -> Iterator[Watcher]:
    """Give who tells of a run while it runs.

    Args:
        json: Keep stdout for data: what a DAG file or task prints in this process goes to stderr.
    """
    if json:
        with redirect_stdout(sys.stderr):
            yield OnlyNotes()
        return
    progress = Progress(sys.stdout)
    try:
        yield progress
    finally:
        progress.leave()


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _numbered(try_number: int) -> str:
    return "" if try_number == 1 else f" (try {try_number})"
