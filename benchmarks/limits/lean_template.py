"""A program that forks a child for every number it is sent; the child sends the next number back.

It keeps no spare child. Its first argument is the number of its socket. With the path of a
SQLite file as the second each child opens that file, reads a row and commits one; what further
arguments name is imported before.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys


def main(descriptor: str, path: str | None = None, *modules: str) -> None:
    """Serve until nobody can call any more."""
    # A template without a file knows no SQLite: it is to be lean.
    for module in modules if path is None else ("sqlite3", *modules):
        importlib.import_module(module)
    with socket.socket(fileno=int(descriptor)) as calls:
        while number := calls.recv(64):
            child = os.fork()
            if child == 0:
                if path is not None:
                    _keep(path, int(number))
                calls.send(str(int(number) + 1).encode())
                os._exit(0)
            os.waitpid(child, 0)


def _keep(path: str, number: int) -> None:
    connection = sys.modules["sqlite3"].connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("SELECT value FROM task WHERE place = ?", (number,)).fetchone()
    connection.execute("INSERT OR REPLACE INTO task VALUES (?, 'success', '{}')", (number,))


if __name__ == "__main__":
    main(*sys.argv[1:])
