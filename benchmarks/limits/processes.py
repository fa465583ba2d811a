"""A task's body elsewhere: in a fresh fork of a lean template, in a warm pool, or right here."""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Self

_TEMPLATE = Path(__file__).with_name("lean_template.py")


def in_this_process(number: int) -> int:
    """Do the body of a task of the chain: give the next number."""
    return number + 1


class LeanTemplate:
    """A process that forks a child for each call.

    Args:
        file: A file of `BareTries` that each child opens, reads and writes.
        modules: What it has loaded, beside Python itself.
    """

    def __init__(self, file: Path | None = None, *modules: str) -> None:
        """Start it, and wait until it answers."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", str(_TEMPLATE), str(theirs.fileno())]
            command += [] if file is None else [str(file), *modules]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        self.successor(0)

    def successor(self, number: int) -> int:
        """Have a fresh child do the body; its result comes back over a socket."""
        self._socket.send(str(number).encode())
        return int(self._socket.recv(64))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # It ends when nobody can call it any more.
        self._socket.close()
        self._process.wait(timeout=10)


class Pool:
    """A `ProcessPoolExecutor` with one warm worker."""

    def __init__(self) -> None:
        """Start the worker, and wait until it answers."""
        context = multiprocessing.get_context("forkserver")
        self._pool = ProcessPoolExecutor(1, mp_context=context)
        self.successor(0)

    def successor(self, number: int) -> int:
        """Have the worker do the body, and wait for its result."""
        return self._pool.submit(in_this_process, number).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
