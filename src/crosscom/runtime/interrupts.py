"""Ctrl-C and its kin, noticed by a scheduler between two steps instead of in the middle of one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ToldToStop(SystemExit):
    """Raised in a task whose process is told to end, so that it can clean up."""


class Interrupts:
    """Counts the signals that ask this process to stop, while it is entered.

    Outside of the main thread signals stay with whoever handles them there.

    Attributes:
        count: How many came.
    """

    def __init__(self) -> None:
        """Make ready; nothing is caught before it is entered."""
        self.count = 0
        self._raises = False
        self._pid = os.getpid()
        self._noticed, self._signalled = socket.socketpair()
        self._noticed.settimeout(0)
        self._signalled.settimeout(0)
        self._handlers: dict[int, object] = {}
        self._wakeup = -1

    def fileno(self) -> int:
        """Give a descriptor that becomes readable when a signal comes."""
        return self._noticed.fileno()

    def drain(self) -> None:
        """Let the descriptor wait for the next signal."""
        with contextlib.suppress(BlockingIOError):
            self._noticed.recv(4096)

    @contextlib.contextmanager
    def raised(self) -> Iterator[None]:
        """Let a signal also raise `KeyboardInterrupt` in the block."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._wakeup = signal.set_wakeup_fd(self._signalled.fileno(), warn_on_full_buffer=False)
            for number in _SIGNALS:
                # A signal that is ignored (nohup) stays ignored.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._handlers[number] = signal.signal(number, self._notice)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it came from `signal`
        if self._handlers:
            signal.set_wakeup_fd(self._wakeup)
        self._noticed.close()
        self._signalled.close()

    def _notice(self, signum: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A child that a task forked: there a signal does what it does elsewhere.
            signal.signal(signum, self._handlers[signum])  # type: ignore[arg-type]  # as above
            os.kill(os.getpid(), signum)
            return
        self.count += 1
        if self._raises:
            self._raises = False
            raise KeyboardInterrupt
