"""The scheduler's hold on the template: start it, let it load, end it."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import NoReturn

from crosscom.errors import (
    DagCycle,
    DagError,
    DagFileError,
    DagNotFound,
    DuplicateTaskId,
    InvalidParam,
)
from crosscom.runtime.fork_safety import why_not_fork
from crosscom.runtime.processes import bury, end_sessions, ending, has_ended, identify, identity
from crosscom.runtime.spawning import spawn_python
from crosscom.runtime.wire import Channel, Close, Load, Loaded, LoadFailed, Message
from crosscom.settings import Settings

_END_SECONDS = 2.0
_PAUSE_SECONDS = 0.0005


class TemplateProcess:
    """A template that was started, and the channel to it.

    Attributes:
        channel: Where it takes requests and tells of its children.
    """

    def __init__(self, pid: int, channel: Channel) -> None:
        """Hold the template with this number, a child of this process."""
        self.channel = channel
        self._pid = pid
        self._process = identify(pid) or identity(pid, 0)
        self._status: int | None = None

    @classmethod
    def start(cls, settings: Settings, *, may_fork: bool = True) -> TemplateProcess:
        """Start a template: forked where that is safe, else as a new Python.

        Args:
            settings: `start_method` `exec` keeps it from forking.
            may_fork: Whether nothing was opened yet that must not be carried across a fork.
        """
        ours, theirs = socket.socketpair()
        if not may_fork or settings.start_method == "exec" or why_not_fork() is not None:
            pid = spawn_python("template", theirs)
        else:
            pid = _fork(ours, theirs)
        return cls(pid, Channel(ours))

    def load(self, load: Load) -> None:
        """Tell it what to load; it answers while other things are done."""
        self.channel.send(load)

    def loaded(self, load: Load) -> Loaded:
        """Wait until it has loaded, for as long as the settings allow.

        Raises:
            DagFileError: The file raised, took too long, or ended the process that loaded it.
            DagNotFound: It has not the wanted DAG.
            DagCycle: The tasks of a DAG wait for each other.
            DuplicateTaskId: Two tasks of a DAG have one id.
        """
        seconds = load.settings.import_timeout_seconds
        deadline = time.monotonic() + seconds
        message = self._first_message(deadline)
        if isinstance(message, Loaded):
            return message
        if isinstance(message, LoadFailed):
            self.kill()
            raise _error(message, load.path)
        # At the end of the stream it is about to end by itself; give it a moment to say how.
        status = self._wait(_END_SECONDS if time.monotonic() < deadline else 0.0)
        self.kill()
        why = (
            f"it ended its own process by {ending(status)}"
            if status is not None
            else (
                f"it took longer than {seconds:g} s; move what takes long into tasks, or raise "
                "core.import_timeout_seconds"
            )
        )
        msg = f"cannot load the DAG file {load.path}: {why}"
        raise DagFileError(msg, path=load.path)

    def close(self) -> None:
        """End it and the children that wait; for when no try runs any more."""
        self.channel.send(Close())
        self._wait(_END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Make sure that it is gone, and all that loading started. Twice is harmless."""
        self.channel.close()
        if self._status is None:
            end_sessions([self._process])
            self._wait(_END_SECONDS)

    def _first_message(self, deadline: float) -> Message | None:
        """Give the first message; None at the end of the stream or when the time is up."""
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.channel], [], [], left)[0]:
                messages, is_there = self.channel.drain()
                if messages or not is_there:
                    return messages[0] if messages else None
        return None

    def _wait(self, seconds: float) -> int | None:
        """Wait for its end, and end its group with it; give its status, or None."""
        deadline = time.monotonic() + seconds
        while self._status is None:
            # Not reaped yet: so the number still names this process, and its group.
            if has_ended(self._pid):
                self._status = bury(self._pid)
            elif time.monotonic() >= deadline:
                break
            else:
                time.sleep(_PAUSE_SECONDS)
        return self._status


def _fork(ours: socket.socket, theirs: socket.socket) -> int:
    # What is waiting to be written must not be written twice.
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _be_the_template(Channel(theirs))
    theirs.close()
    return pid


def _be_the_template(channel: Channel) -> NoReturn:
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Here and not above: the scheduler needs nothing of what the template needs.
        from crosscom.runtime.template import run_template  # noqa: PLC0415

        run_template(channel)
        status = 0
    # The edge of a forked process: nothing may return into what the scheduler does.
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(status)


def _error(failed: LoadFailed, path: str) -> DagError:
    """Make the error again that the template met."""
    if failed.kind == "DagCycle":
        return DagCycle(failed.message, dag_id=failed.dag_id or "", cycle=failed.details)
    if failed.kind == "DuplicateTaskId":
        task_id = failed.details[0]
        return DuplicateTaskId(failed.message, dag_id=failed.dag_id or "", task_id=task_id)
    if failed.kind == "InvalidParam":
        return InvalidParam(failed.message, param=failed.details[0], dag_id=failed.dag_id)
    if failed.kind == "DagNotFound":
        return DagNotFound(failed.message, dag_id=failed.dag_id)
    return DagFileError(failed.message, path=path)
