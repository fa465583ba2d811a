"""A child of the template: the process of one try, or (reuse) of one try after the other."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import select
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from crosscom.authoring import DAG
from crosscom.errors import StaleTryError
from crosscom.model import DagDescription
from crosscom.runtime.interrupts import ToldToStop
from crosscom.runtime.logs import log_path, open_log
from crosscom.runtime.processes import MARK, mark_of, this_process
from crosscom.runtime.retries import MAX_ERROR_CHARACTERS
from crosscom.runtime.task_runner import TryRequest, run_try
from crosscom.runtime.wire import Begin, Channel, Ended, Stopped
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.stores.opening import open_store

ATTEMPT = "CROSSCOM_ATTEMPT"
"""The environment variable that tells what descends from a try the id of its attempt."""

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""How a line of a try's log looks, unless the DAG file set logging up itself."""

_KERNEL_WATCHES = hasattr(fcntl, "F_SETSIG")

_log = logging.getLogger("crosscom.task")


@dataclass(frozen=True, slots=True)
class Code:
    """A loaded DAG and what a child must know of it."""

    dag: DAG
    description: DagDescription
    root: Path
    settings: Settings


def serve(code: Code, channel: Channel, *, reuse: bool) -> None:
    """Make ready, wait for a try, run it, and tell its end.

    Returns when it is done (without *reuse*: after one try) or the scheduler is gone. The
    process must end then without running what it inherited from its parent.
    """
    _become_a_session()
    try:
        store = open_the_store(code.settings)
    # The edge of the process: the scheduler must hear why no try can run here.
    except Exception as error:  # noqa: BLE001
        channel.send(Stopped(0, text_of(error)))
        return
    while isinstance(begin := channel.receive(), Begin):
        if not channel.send(_try(code, store, channel, begin)) or not reuse:
            return


def _become_a_session() -> None:
    """Lead a session of its own, known by its mark to all that descends from it."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    os.environ[MARK] = mark_of(this_process())
    gc.enable()


def handle_signals() -> None:
    """Handle signals as a try should: SIGTERM raises, so that a task can clean up."""
    signal.signal(signal.SIGTERM, _end_on_sigterm)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _end_on_sigterm(_signum: int, _frame: FrameType | None) -> NoReturn:
    msg = "terminated by SIGTERM"
    raise ToldToStop(msg)


def open_the_store(settings: Settings) -> Store:
    """Open the configured store, ready for its first use.

    Raises:
        StoreError: It cannot be opened.
    """
    store = open_store(
        settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds, create=False
    )
    # The first question makes a store read its schema: better now than while a try waits.
    store.attempt(0)
    return store


def log_to_stderr() -> None:
    """Show what tasks log, unless the DAG file set logging up itself."""
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    # `logging.config` silences every logger it is not told of: a failure must not be silent.
    _log.disabled = False


def _try(code: Code, store: Store, channel: Channel, begin: Begin) -> Ended | Stopped:
    _write_to(log_path(code.settings.home, begin.key, begin.try_number))
    _reseed()
    os.environ[ATTEMPT] = str(begin.attempt)
    description = code.description
    if begin.description is not None:
        description = DagDescription.from_json(begin.description)
    request = TryRequest(
        attempt=begin.attempt,
        key=begin.key,
        try_number=begin.try_number,
        max_tries=begin.max_tries,
        run=begin.run,
        description=description,
        bundle_root=code.root,
    )
    pid = os.getpid()
    die_with_the_scheduler(channel)
    try:
        end = run_try(code.dag, request, store, code.settings)
    # The edge of the process: what kept the try from being committed goes to the scheduler.
    except BaseException as error:  # noqa: BLE001
        _log.error("%s", error, exc_info=not isinstance(error, StaleTryError))
        return Stopped(begin.attempt, text_of(error))
    finally:
        if os.getpid() != pid:
            _leave_the_try_to_its_own_process()
        _flush()
        outlive_the_scheduler(channel)
    return Ended(begin.attempt, end)


def _leave_the_try_to_its_own_process() -> NoReturn:
    """End a process that the task forked and that came back out of it: a try ends once."""
    _log.error(
        "a process that the task forked came back out of the task, which goes on without "
        "it; end such a process with os._exit"
    )
    _flush()
    os._exit(1)


def die_with_the_scheduler(channel: Channel) -> None:
    """Let the kernel kill this process group in the moment the scheduler dies (Linux).

    For as long as the scheduler sends nothing: all that can happen at the socket is that its
    other end is closed. Nobody needs to be alive, or to listen, to notice it.
    """
    if not _KERNEL_WATCHES:
        return
    descriptor = channel.fileno()
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.FASYNC)
    if select.select([descriptor], [], [], 0)[0]:
        # The scheduler died before the kernel was asked to watch.
        os.killpg(0, signal.SIGKILL)


def outlive_the_scheduler(channel: Channel) -> None:
    """Take that back before anything else happens at the socket."""
    if _KERNEL_WATCHES:
        # A task may have closed every descriptor that it did not open.
        with contextlib.suppress(OSError):
            fcntl.fcntl(channel.fileno(), fcntl.F_SETFL, 0)


def _write_to(path: Path) -> None:
    """Send all output to the try's log, also that of what the task starts."""
    try:
        descriptor = open_log(path)
    except OSError as error:
        # The try may run all the same: its output stays where the template's went.
        _log.warning("cannot write the log %s: %s", path, error.strerror)
        return
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _reseed() -> None:
    # Python's own generator reseeds itself after a fork; numpy's global one does not.
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def text_of(error: BaseException) -> str:
    """Give type and text of an error, at most 1,000 characters."""
    return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARACTERS]


def _flush() -> None:
    # A full disk must not hide how the try ended.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
