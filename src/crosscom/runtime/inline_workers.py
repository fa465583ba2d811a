"""Isolation `none`: tries run in the scheduler's own process, one after the other.

For debuggers. What a task prints is shown, and kept in the try's log as well. Ctrl-C reaches the
task as `KeyboardInterrupt`; such a try has failed and used a retry, as this process cannot end
itself to keep the task from going on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from crosscom.model import DagDescription, ProcessIdentity
from crosscom.runtime.child import LOG_FORMAT, Code, text_of
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.logs import log_path, open_log
from crosscom.runtime.task_runner import TryRequest, run_try
from crosscom.runtime.wire import Begin, Ended, Stopped
from crosscom.runtime.workers import Answered, Event, Worker
from crosscom.stores.base import Store


class InlineWorker:
    """This process, when it takes a try.

    Attributes:
        process: None: nobody may kill the scheduler to end a try.
        begun: The try that waits for the scheduler to wait.
    """

    def __init__(self) -> None:
        """Stand for this process."""
        self.process: ProcessIdentity | None = None
        self.begun: Begin | None = None

    def begin(self, begin: Begin) -> None:
        """Keep a try until the scheduler waits."""
        self.begun = begin


class InlineWorkers:
    """One worker, which is the scheduler's own process. It cannot be killed, only interrupted."""

    def __init__(
        self, code: Code, store: Store, interrupts: Interrupts, selector: selectors.BaseSelector
    ) -> None:
        """Run tries of *code* with the scheduler's own *store*.

        Args:
            code: The loaded DAG.
            store: The scheduler's; nobody else uses it while a try runs.
            interrupts: Let through to the task while a try runs.
            selector: Waits while none does.
        """
        self._code = code
        self._store = store
        self._interrupts = interrupts
        self._selector = selector
        self._worker = InlineWorker()
        self._is_free = True

    def want(self, count: int) -> None:
        """Do nothing: it is always ready."""

    def take(self) -> InlineWorker | None:
        """Give the one worker while it is free."""
        if not self._is_free:
            return None
        self._is_free = False
        return self._worker

    def give_back(self, worker: Worker) -> None:  # noqa: ARG002 - there is only one
        """Take the worker back."""
        self._is_free = True

    def wait(self, timeout_seconds: float) -> list[Event]:
        """Run the try that was begun; without one, wait."""
        begin, self._worker.begun = self._worker.begun, None
        if begin is None:
            self._selector.select(timeout_seconds)
            return []
        return [Answered(self._worker, self._run(begin))]

    def signal(self, workers: Iterable[Worker], signum: int) -> None:
        """Do nothing: no try runs while the scheduler does."""

    def close(self) -> None:
        """Do nothing: this process goes on."""

    def kill(self) -> None:
        """Do nothing: this process goes on."""

    def _run(self, begin: Begin) -> Ended | Stopped:
        description = self._code.description
        if begin.description is not None:
            description = DagDescription.from_json(begin.description)
        request = TryRequest(
            attempt=begin.attempt,
            key=begin.key,
            try_number=begin.try_number,
            max_tries=begin.max_tries,
            run=begin.run,
            description=description,
            bundle_root=self._code.root,
            timeout_seconds=description.by_id[begin.key.task_id].execution_timeout_seconds,
        )
        path = log_path(self._code.settings.home, begin.key, begin.try_number)
        try:
            with _kept_in(path), self._interrupts.raised():
                end = run_try(self._code.dag, request, self._store, self._code.settings)
        # The edge to the user's code, as it is in a process of its own.
        except BaseException as error:  # noqa: BLE001
            return Stopped(begin.attempt, text_of(error))
        return Ended(begin.attempt, end)


class _Both:
    """A stream that writes to two; all else it leaves to the first."""

    def __init__(self, first: TextIO, second: TextIO) -> None:
        self._first = first
        self._second = second

    def write(self, text: str) -> int:
        self._second.write(text)
        return self._first.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._first, name)


@contextlib.contextmanager
def _kept_in(path: Path) -> Iterator[None]:
    """Keep what is printed and logged in the block in the log at *path*, and show it."""
    try:
        descriptor = open_log(path)
    except OSError:
        yield
        return
    with os.fdopen(descriptor, "w", 1, encoding="utf-8", errors="backslashreplace") as file:
        handler = logging.StreamHandler(file)
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(min(level, logging.INFO))
        # Both to the error stream: the output of a command line may be read by a program.
        both: TextIO = _Both(sys.stderr, file)  # type: ignore[assignment]  # it acts as one
        try:
            with contextlib.redirect_stdout(both), contextlib.redirect_stderr(both):
                yield
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
