"""Processes that cannot be mistaken for later ones with the same number, and how to end them.

A process is known by its number *and* by when it started, on which boot of which machine. What
belongs to it is its session, and every process that carries its mark in the environment: a
shell that a task put into a session of its own is found as well.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from crosscom.model import ProcessIdentity

MARK = "CROSSCOM_PROCESS"
"""The environment variable that names the process of a try to all that descend from it."""

_PROC = Path("/proc")
_HAS_PROC = sys.platform == "linux"
_STAT_BYTES = 1024
_KILL_ROUNDS = 200
_PAUSE_SECONDS = 0.01


class Process(NamedTuple):
    """A running process as the machine lists it."""

    pid: int
    group: int
    session: int
    started_ticks: int
    is_zombie: bool


def identify(pid: int) -> ProcessIdentity | None:
    """Give the identity of a running process, or None where there is none (or only a zombie)."""
    found = _look(pid)
    return None if found is None or found.is_zombie else identity(pid, found.started_ticks)


def identity(pid: int, started_ticks: int) -> ProcessIdentity:
    """Give the identity of a process of this machine whose start is known."""
    host, boot_id = _machine()
    return ProcessIdentity(host, boot_id, pid, started_ticks)


def this_process() -> ProcessIdentity:
    """Give the identity of this process."""
    found = identify(os.getpid())
    if found is None:
        # No process table, as in some sandboxes: nobody can take this one for another.
        return identity(os.getpid(), 0)
    return found


def is_alive(process: ProcessIdentity) -> bool:
    """Tell whether exactly this process runs here.

    A process of another machine, boot or container cannot be seen from here and counts as
    gone; what it still writes is refused by lease and fence.
    """
    if (process.host, process.boot_id) != _machine():
        return False
    found = _look(process.pid)
    if found is None or found.is_zombie:
        return False
    return found.started_ticks == process.started_ticks


def mark_of(process: ProcessIdentity) -> str:
    """Give the value of `MARK` for all that descends from *process*."""
    return f"{process.pid}.{process.started_ticks}"


def signal_sessions(
    processes: Iterable[ProcessIdentity], signum: int, *, everywhere: bool = True
) -> int:
    """Send a signal to everything that belongs to *processes*, on this machine.

    That is their sessions and, *everywhere*, what carries their mark in other sessions: a shell
    that a task put into a session of its own. Never a process that only has the number of one
    of them: where the leader of a session is gone, only what carries its mark is its own.

    Returns:
        How many processes there were.
    """
    here = [one for one in processes if (one.host, one.boot_id) == _machine()]
    members = _members(here, everywhere=everywhere) if here else []
    for member in members:
        _signal(member.pid, signum)
    return len(members)


def end_sessions(
    processes: Collection[ProcessIdentity], *, grace_seconds: float = 0.0, everywhere: bool = True
) -> None:
    """End everything that belongs to *processes* and wait until it is gone.

    With *grace_seconds* they are asked to terminate first, and have that long to do so.
    """
    if grace_seconds > 0:
        deadline = time.monotonic() + grace_seconds
        left = signal_sessions(processes, signal.SIGTERM, everywhere=everywhere)
        while left and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            left = signal_sessions(processes, 0, everywhere=everywhere)
    # What is killed may have started another process a moment before: look until none is left.
    for _ in range(_KILL_ROUNDS):
        if not signal_sessions(processes, signal.SIGKILL, everywhere=everywhere):
            return
        time.sleep(_PAUSE_SECONDS)


def kill_group(pid: int) -> None:
    """Kill the process group that *pid* leads; for a parent that has not reaped *pid* yet."""
    # It may have died before it led a group, or (macOS) only its own zombie is left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def ending(status: int) -> str:
    """Say how a process ended: `exit status 3`, `signal 9 (SIGKILL)`.

    Args:
        status: As `os.waitpid` gives it.
    """
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"


def has_ended(pid: int) -> bool:
    """Tell whether a child of this process has ended; it is not reaped by that."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        # Whoever started this process had it ignore the end of its children.
        return True


def bury(pid: int) -> int:
    """Kill what is left of the group of a child that has ended, and reap the child.

    In this order: until it is reaped its number names its group and nothing else.

    Returns:
        How it ended, as `os.waitpid` gives it.
    """
    kill_group(pid)
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


@lru_cache(maxsize=1)
def _machine() -> tuple[str, str]:
    """Give the host's name and what names its boot and process table."""
    host = os.uname().nodename
    if not _HAS_PROC:
        return host, _run("sysctl", "-n", "kern.bootsessionuuid").strip()
    boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    # Two containers of one boot count processes apart.
    return host, f"{boot}/{_PROC.joinpath('self/ns/pid').readlink()}"


def _members(leaders: Iterable[ProcessIdentity], *, everywhere: bool) -> list[Process]:
    table = list(_table())
    running = {(process.pid, process.started_ticks) for process in table}
    wanted = {(leader.pid, leader.started_ticks) for leader in leaders}
    # A number that still names its leader names nobody else.
    living = {pid for pid, _ in wanted & running}
    marks = {f"{MARK}={pid}.{ticks}".encode() for pid, ticks in wanted}
    sessions = {pid for pid, _ in wanted}
    # What this process lives among is never the target: a task may have run in it.
    living -= {os.getpid(), os.getsid(0)}
    own = os.getpid()

    def belongs(process: Process) -> bool:
        if process.session in living or process.pid in living:
            return True
        if everywhere or process.session in sessions:
            return not marks.isdisjoint(_environment(process.pid))
        return False

    return [one for one in table if not one.is_zombie and one.pid != own and belongs(one)]


def _signal(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signum)


def _environment(pid: int) -> frozenset[bytes]:
    if not _HAS_PROC:
        return frozenset()
    try:
        return frozenset((_PROC / str(pid) / "environ").read_bytes().split(b"\0"))
    except OSError:
        return frozenset()


def _look(pid: int) -> Process | None:
    if _HAS_PROC:
        return _read_stat(pid)
    return next((process for process in _table() if process.pid == pid), None)


def _table() -> Iterator[Process]:
    if not _HAS_PROC:
        yield from _table_of_ps()
        return
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            process = _read_stat(int(folder.name))
            if process is not None:
                yield process


def _read_stat(pid: int) -> Process | None:
    # Plain descriptors, because a child's start waits for this.
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        line = os.read(descriptor, _STAT_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    # The name in the brackets may hold anything, also blanks and brackets.
    fields = line[line.rindex(b")") + 2 :].split()
    return Process(pid, int(fields[2]), int(fields[3]), int(fields[19]), fields[0] in b"ZX")


def _table_of_ps() -> Iterator[Process]:
    """Read the process table where there is no /proc; a try's group stands for its session."""
    for line in _run("ps", "-A", "-o", "pid=,pgid=,stat=,lstart=").splitlines():
        pid, group, state, started = line.split(None, 3)
        ticks = int(time.mktime(time.strptime(started.strip())))
        yield Process(int(pid), int(group), int(group), ticks, state.startswith("Z"))


def _run(*command: str) -> str:
    # Not needed on Linux, where every start would pay for the import.
    import subprocess  # noqa: PLC0415

    environment = {"PATH": "/bin:/usr/bin:/sbin:/usr/sbin", "LC_ALL": "C"}
    # Its arguments are written above, and the path is the system's.
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout
