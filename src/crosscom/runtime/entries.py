"""What a process runs that was started by exec and not by fork: as template, or as child."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

from crosscom.model import DagDescription
from crosscom.runtime.bundle import locate_bundle
from crosscom.runtime.child import (
    Code,
    handle_signals,
    log_to_stderr,
    open_the_store,
    serve,
    text_of,
)
from crosscom.runtime.loader import load_dag_file, pick_dag
from crosscom.runtime.template import run_template
from crosscom.runtime.wire import Channel, Join, Stopped


def template(descriptor: int) -> None:
    """Be the template for the scheduler at the other end of *descriptor*."""
    sys.argv = ["crosscom"]
    run_template(Channel(socket.socket(fileno=descriptor)))
    os._exit(0)


def child(descriptor: int) -> None:
    """Be a child for the scheduler at the other end of *descriptor*."""
    sys.argv = ["crosscom"]
    os.setsid()
    handle_signals()
    channel = Channel(socket.socket(fileno=descriptor))
    status = 1
    try:
        join = channel.receive()
        if isinstance(join, Join):
            code = _load(join, channel)
            if code is not None:
                serve(code, channel, reuse=join.reuse)
        status = 0
    # The edge of the process: it must not run what loading registered for its exit.
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(status)


def _load(join: Join, channel: Channel) -> Code | None:
    """Load what the template has loaded; None where that cannot be done a second time."""
    # Its default is to kill: a file that loops only now is ended like one that loops at first.
    signal.setitimer(signal.ITIMER_REAL, join.settings.import_timeout_seconds)
    try:
        return _code(join)
    # The edge of the process: the scheduler must hear why no try can run here.
    except Exception as error:  # noqa: BLE001
        channel.send(Stopped(0, text_of(error)))
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _code(join: Join) -> Code:
    store = open_the_store(join.settings)
    root = locate_bundle(join.bundle, store, join.settings.home)
    store.close()
    path = Path(root, join.bundle.dag_file)
    description = DagDescription.from_json(join.description)
    log_to_stderr()
    gc.disable()
    dag = pick_dag(load_dag_file(path, root), description.dag_id, path)
    return Code(dag, description, root, join.settings)
