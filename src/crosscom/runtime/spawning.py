"""A new Python that goes on where this one wants it: what fork does, for where fork is unsafe."""

from __future__ import annotations

import os
import socket
import sys

_ENTRIES = "crosscom.runtime.entries"
_PROGRAM = (
    f"import sys; sys.path[:] = sys.argv[3:]; import {_ENTRIES} as entries; "
    "getattr(entries, sys.argv[1])(int(sys.argv[2]))"
)


def spawn_python(entry: str, own: socket.socket) -> int:
    """Start a Python that calls a function of `entries` with a descriptor; give its number.

    It finds modules where this process finds them. It inherits the standard streams, the
    environment and *own*, which is closed here.
    """
    own.set_inheritable(True)
    # -P: what lies in the working directory must not shadow what crosscom imports.
    command = [sys.executable, "-P", "-c", _PROGRAM, entry, str(own.fileno()), *sys.path]
    try:
        return os.posix_spawn(sys.executable, command, os.environ)
    finally:
        own.close()
