"""The template: the process that has loaded the DAG file, and from which children start.

It never opens a store and holds nothing of a try. When the scheduler is gone, it ends all that
it started, and itself.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crosscom.authoring import DAG
from crosscom.errors import (
    CrosscomError,
    DagCycle,
    DagError,
    DuplicateTaskId,
    InvalidParam,
)
from crosscom.model import ProcessIdentity
from crosscom.runtime.child import (
    die_with_the_scheduler,
    handle_signals,
    log_to_stderr,
    outlive_the_scheduler,
    serve,
)
from crosscom.runtime.fork_safety import why_not_fork
from crosscom.runtime.loaded_code import load_code
from crosscom.runtime.processes import bury, end_sessions, has_ended, identify, identity, kill_group
from crosscom.runtime.spawning import spawn_python
from crosscom.runtime.template_files import uses_templates
from crosscom.runtime.wire import (
    Channel,
    Close,
    Exited,
    Join,
    Load,
    LoadFailed,
    Spawn,
    Spawned,
    with_notes,
)

_DESCRIPTORS = Path("/proc/self/fd")


def run_template(channel: Channel) -> None:
    """Load what the scheduler says, then start children as it says, until it is gone."""
    os.setsid()
    # For the children: each would have to do it again.
    handle_signals()
    _take_standard_streams()
    # Nothing that was imported so far is garbage: no child shall touch it to find that out.
    gc.disable()
    load = channel.receive()
    if not isinstance(load, Load):
        return
    # A file that loops would never notice that nobody waits for it any more.
    die_with_the_scheduler(channel)
    try:
        template = Template(load)
    except CrosscomError as error:
        outlive_the_scheduler(channel)
        channel.send(_failure(error))
        return
    outlive_the_scheduler(channel)
    template.serve(channel)


class Template:
    """One loaded DAG file and the children that were started from it."""

    def __init__(self, load: Load) -> None:
        """Load the file.

        Raises:
            DagError: It could not be loaded.
        """
        self._children: dict[int, ProcessIdentity] = {}
        opened_before = set(_open_descriptors())
        self._code, self._loaded = load_code(load)
        reason = _why_exec(load)
        self._by_exec = reason is not None or load.settings.start_method == "exec"
        notes: tuple[str, ...] = () if reason is None else (reason,)
        if not self._by_exec:
            notes += _close_what_loading_opened(opened_before)
            _make_ready_to_fork(self._code.dag)
        self._loaded = with_notes(self._loaded, notes)

    def serve(self, channel: Channel) -> None:
        """Tell what is in the file, start children and reap them, until the scheduler is gone."""
        self._channel = channel
        channel.send(self._loaded)
        wakeup, woken = socket.socketpair()
        wakeup.settimeout(0)
        woken.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(wakeup, select.POLLIN)
        self._own = (wakeup, woken)
        while True:
            poll.poll()
            with suppress(BlockingIOError):
                wakeup.recv(4096)
            self._reap()
            if not self._obey():
                return

    def _obey(self) -> bool:
        """Do what the scheduler says; tell whether to go on."""
        messages, is_there = self._channel.drain()
        for message in messages:
            if isinstance(message, Spawn):
                for _ in range(message.count):
                    self._spawn(reuse=message.reuse)
            elif isinstance(message, Close):
                self._end_children(by_group=True)
                return False
        if not is_there:
            self._end_children(by_group=False)
        return is_there

    def _spawn(self, *, reuse: bool) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            pid = self._exec(ours, theirs, reuse=reuse) if self._by_exec else 0
            pid = pid or self._fork(ours, theirs, reuse=reuse)
            process = identify(pid) or identity(pid, 0)
            self._children[pid] = process
            self._channel.send(Spawned(process), ours.fileno())

    def _fork(self, ours: socket.socket, theirs: socket.socket, *, reuse: bool) -> int:
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            ours.close()
            self._leave()
            serve(self._code, Channel(theirs), reuse=reuse)
            status = 0
        # The edge of a forked process: nothing may return into the template's loop.
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(status)

    def _exec(self, ours: socket.socket, theirs: socket.socket, *, reuse: bool) -> int:
        pid = spawn_python("child", theirs)
        join = Join(
            bundle=self._loaded.bundle,
            settings=self._code.settings,
            description=self._code.description.to_json(),
            reuse=reuse,
        )
        Channel(ours).send(join)
        return pid

    def _leave(self) -> None:
        """Let go of all that is the template's, in a child."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for own in (*self._own, self._channel):
            own.close()

    def _reap(self) -> None:
        for pid in list(self._children):
            if has_ended(pid):
                status = bury(pid)
                del self._children[pid]
                self._channel.send(Exited(pid, status))

    def _end_children(self, *, by_group: bool) -> None:
        if by_group:
            for pid in self._children:
                kill_group(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            end_sessions(self._children.values())
        for pid in self._children:
            bury(pid)


def _take_standard_streams() -> None:
    """Read nothing, and write all that loading prints to the terminal's error stream."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    # The inherited ones may be a notebook's or a test's, and hold what was not written yet.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = open(  # noqa: SIM115
            number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)


def _why_exec(load: Load) -> str | None:
    """Give what people should be told about why children start by exec, if they do."""
    if load.settings.start_method == "exec":
        return None
    reason = why_not_fork()
    if reason is None:
        return None
    if load.settings.start_method == "fork":
        return None
    return (
        f"each try of {Path(load.path).name} starts a new Python and is no fork, because {reason}; "
        "import it inside the tasks, or set core.start_method"
    )


def _close_what_loading_opened(before: set[int]) -> tuple[str, ...]:
    """Make what loading opened unusable in children, and tell about it.

    The numbers stay taken: a child that opened its store under one of them would let the
    task's own file write into it.
    """
    opened = {number: _name_of(number) for number in _open_descriptors() if number not in before}
    if not opened:
        return ()
    dead = os.open("/", os.O_PATH | os.O_CLOEXEC)
    for number in opened:
        os.dup2(dead, number, inheritable=False)
    os.close(dead)
    names = ", ".join(sorted(set(opened.values())))
    note = (
        f"loading the DAG file opened {names}; tasks find it closed, because processes must not "
        "share it: open it inside the task"
    )
    return (note,)


def _open_descriptors() -> Iterator[int]:
    with suppress(FileNotFoundError):
        for path in list(_DESCRIPTORS.iterdir()):
            number = int(path.name)
            # The one that lists the folder is closed by now.
            if path.is_symlink():
                yield number


def _name_of(descriptor: int) -> str:
    return str((_DESCRIPTORS / str(descriptor)).readlink())


def _make_ready_to_fork(dag: DAG) -> None:
    if uses_templates(dag):
        # Jinja is imported on first use: better here than in each child.
        dag.templates.environment  # noqa: B018
    # Python 3.12 warns of any thread; those that are here were judged by `why_not_fork`.
    warnings.filterwarnings("ignore", "(?s).*multi-threaded.*fork", DeprecationWarning)
    log_to_stderr()
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()


def _failure(error: CrosscomError) -> LoadFailed:
    details: tuple[str, ...] = ()
    if isinstance(error, DagCycle):
        details = error.cycle
    elif isinstance(error, DuplicateTaskId):
        details = (error.task_id,)
    elif isinstance(error, InvalidParam):
        details = (error.param,)
    dag_id = error.dag_id if isinstance(error, DagError) else None
    return LoadFailed(type(error).__name__, str(error), dag_id, details)
