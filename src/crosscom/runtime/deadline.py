"""`execution_timeout` for tries that run in the scheduler's own process and cannot be killed."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_log = logging.getLogger("crosscom.task")


class TimeIsUp(TimeoutError):
    """Raised in a task whose `execution_timeout` is over."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise `TimeIsUp` in the block when it takes longer than *seconds*; None is no limit.

    Python code is interrupted between two of its steps, a call into C when it returns. Only
    the main thread can be interrupted; elsewhere the block runs on, and one line in the log
    says so.
    """
    if seconds is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        _log.warning("execution_timeout is not kept outside of the main thread")
        yield
        return

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        msg = f"execution_timeout of {seconds:g} s is over"
        raise TimeIsUp(msg)

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
