"""Peers stand still while something else is measured: an idle cluster or scheduler is not idle."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress

from benchmarks.timing import Act


def alone(act: Act, others: Iterable[int]) -> Act:
    """Make an act of *act* during which the processes *others*, and all below them, stand still."""
    roots = tuple(others)

    def act_alone() -> Mapping[str, float]:
        stopped = _with_descendants(roots)
        _signal(stopped, signal.SIGSTOP)
        try:
            return act()
        finally:
            _signal(stopped, signal.SIGCONT)

    return act_alone


def _with_descendants(roots: Iterable[int]) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    children = defaultdict(list)
    for line in listed.stdout.splitlines():
        pid, parent = map(int, line.split())
        children[parent].append(pid)
    found = list(roots)
    for pid in found:
        found += children[pid]
    return found


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
