"""Processes by number and start, and what belongs to them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from crosscom.runtime import processes
from crosscom.runtime.processes import (
    MARK,
    end_sessions,
    ending,
    identify,
    is_alive,
    mark_of,
    signal_sessions,
    this_process,
)


@pytest.fixture
def start():
    """Start processes, and let none of them outlive the test."""
    started = []

    def begin(*command, **options):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def leader(start, program="sleep 1000"):
    """Start a shell that leads a session; give its process and identity."""
    process = start("bash", "-c", program, start_new_session=True)
    return process, identify(process.pid)


def wait_until(condition):
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_this_process_is_alive():
    """The identity of this process names it, and it lives."""
    mine = this_process()

    assert mine.pid == os.getpid()
    assert is_alive(mine)


@pytest.mark.parametrize(
    "change",
    [{"started_ticks": 1}, {"boot_id": "another"}, {"host": "another"}, {"pid": 2**22 + 1}],
)
def test_a_process_with_another_start_boot_host_or_number_is_not_alive(change):
    """A process that only shares some of an identity is not taken for it."""
    assert not is_alive(replace(this_process(), **change))


def test_a_zombie_is_gone(start):
    """A process that has ended but was not reaped counts as gone."""
    process = start("true")

    wait_until(lambda: identify(process.pid) is None)

    assert process.poll() == 0


def test_a_session_is_ended_with_all_its_groups(start):
    """Ending a session also ends a group of its own within it, and a shell that ignores TERM."""
    program = "set -m; trap '' TERM; sleep 1000 & echo $!; wait"
    process, identity = leader(start, program)
    other = int(process.stdout.readline())

    end_sessions([identity], grace_seconds=0.2)

    assert identify(process.pid) is None
    assert identify(other) is None


def test_what_can_end_by_itself_has_time_to(start):
    """With a grace a process that handles TERM cleans up before anything is killed."""
    program = "trap 'echo cleaned; exit' TERM; echo ready; while :; do sleep 0.01; done"
    process, identity = leader(start, program)
    process.stdout.readline()

    end_sessions([identity], grace_seconds=30)

    assert process.stdout.read() == "cleaned\n"


def test_a_recycled_number_is_not_touched(start):
    """A session whose leader started at another time is somebody else's: nothing is signalled."""
    process, identity = leader(start)

    count = signal_sessions([replace(identity, started_ticks=1)], signal.SIGKILL)

    assert count == 0
    assert process.poll() is None


def test_a_mark_is_found_in_another_session(start):
    """What carries the mark of a process is ended with it, wherever it went."""
    gone = replace(this_process(), pid=2**22 + 1)
    marked = start("sleep", "1000", start_new_session=True, env={**os.environ, MARK: mark_of(gone)})

    count = signal_sessions([gone], signal.SIGKILL)

    assert count == 1
    assert marked.wait() == -signal.SIGKILL


def test_what_went_to_another_session_may_be_spared(start):
    """Unless it is asked for everywhere, what left its session on purpose lives on."""
    gone = replace(this_process(), pid=2**22 + 1)
    marked = start("sleep", "1000", start_new_session=True, env={**os.environ, MARK: mark_of(gone)})

    count = signal_sessions([gone], signal.SIGKILL, everywhere=False)

    assert count == 0
    assert marked.poll() is None


def test_members_of_a_session_without_leader_need_the_mark(start):
    """Where the leader is gone, only those that carry its mark are taken for its own."""
    program = f"echo $$; {MARK}=$1 sleep 1000 & sleep 1000 & echo $!; disown -a; exit"
    process = start("bash", "-c", program, "bash", "?", start_new_session=True)
    pid, other = (int(process.stdout.readline()) for _ in range(2))
    process.wait()
    identity = replace(this_process(), pid=pid, started_ticks=1)

    count = signal_sessions([identity], signal.SIGKILL, everywhere=False)

    assert count == 0
    assert identify(other) is not None
    os.kill(other, signal.SIGKILL)
    os.kill(other - 1, signal.SIGKILL)


def test_processes_of_another_machine_are_left_alone(start):
    """An identity of another machine signals nothing here."""
    process, identity = leader(start)

    assert signal_sessions([replace(identity, host="elsewhere")], signal.SIGKILL) == 0
    assert process.poll() is None


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import os; os._exit(3)", "exit status 3"),
        ("pass", "exit status 0"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9 (SIGKILL)"),
    ],
)
def test_an_ending_says_how(program, expected):
    """A wait status is told as exit status or as signal with its name."""
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)

    assert ending(os.waitpid(pid, 0)[1]) == expected


@pytest.fixture
def without_proc(monkeypatch):
    """Take the process table from `ps`, as where there is no /proc."""
    if shutil.which("ps", path="/bin:/usr/bin") is None:
        pytest.skip("impossible here: there is no ps")
    monkeypatch.setattr(processes, "_HAS_PROC", False)
    monkeypatch.setattr(processes, "_machine", lambda: ("host", "boot"))


def test_without_proc_processes_are_known_by_ps(without_proc, start):
    """Number and start second name a process; a session is its process group."""
    process, identity = leader(start)

    assert is_alive(identity)
    assert not is_alive(replace(identity, started_ticks=1))
    end_sessions([identity])
    assert not is_alive(identity)
    assert process.wait() == -signal.SIGKILL
