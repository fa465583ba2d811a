"""Use a store on a file system of four megabytes that gets full, and tell what happened as JSON.

Run in a mount namespace of its own, as its root.
usage: fill_disk.py FOLDER
"""

# ruff: noqa: T201 - its parent reads what it prints

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from crosscom.errors import StoreFull
from crosscom.model import (
    AttemptState,
    DagDescription,
    EncodedValue,
    Fence,
    NewRun,
    Payload,
    RunKey,
    TaskDescription,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.sqlite import SQLiteStore

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
(folder / "filler").write_bytes(b"\0" * 3_500_000)
run = RunKey("big", "r1")
ti, other = (TaskInstanceKey(run.dag_id, run.run_id, task_id) for task_id in ("a", "b"))


def encoded(text):
    """Give a text of any length as plain JSON."""
    data = json.dumps(text).encode()
    return EncodedValue(Payload("json", data), "str", len(data), sha256(data).digest(), '"..."')


def everything():
    """Give all that can be read of the run."""
    return (
        store.runs(),
        store.task_instances(run),
        store.attempts(run),
        store.entries(run),
        store.history(XComAddress(ti, "small")),
        store.variable_keys(),
        store.audit_lines(),
    )


def fill():
    """Leave no room for a single byte."""
    with (folder / "filler").open("ab", buffering=0) as filler:
        for piece in (b"\0" * 4096, b"\0"):
            try:
                while True:
                    filler.write(piece)
            except OSError:
                pass


def names_of_refusals(writes):
    """Try each write; give how each was refused, and whether nothing changed by it."""
    told = {}
    for name, write in writes.items():
        before = everything()
        try:
            write()
        except StoreFull as error:
            told[name] = [str(error), everything() == before]
        else:
            told[name] = ["done", True]
    return told


store = SQLiteStore(folder / "store.db")
description = DagDescription(
    run.dag_id, (TaskDescription("a", "@task"), TaskDescription("b", "@task"))
)
store.create_run(NewRun(run, description, None, None))
attempt = store.begin_try(ti, None, lease=0).id
store.put(XComAddress(ti, "small"), encoded("first"), Fence(attempt, 0))
pushed = 0
try:
    while True:
        store.put(
            XComAddress(ti, f"big_{pushed}"), encoded("x" * 20_000), Fence(attempt, pushed + 1)
        )
        pushed += 1
except StoreFull:
    found = len(store.entries(run)) - 1
fill()
big = "y" * 60_000
writes = {
    "put": lambda: store.put(XComAddress(ti, "new"), encoded(big), Fence(attempt, 1000)),
    "replace": lambda: store.put(XComAddress(ti, "small"), encoded(big), Fence(attempt, 1001)),
    "by hand": lambda: store.put_by_hand(XComAddress(ti, "hand"), encoded(big), reason="test"),
    "begin": lambda: store.begin_try(other, None, lease=0, bundle_digest=big),
    "end": lambda: store.end_try(
        attempt, TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS), [("end", encoded(big))]
    ),
    "clear": lambda: store.clear([ti], reason=big),
    "variable": lambda: store.set_variable("v", big),
}
# Each writes more than the log may have room for in what an earlier one left of its end.
refused = names_of_refusals(writes)
(folder / "filler").unlink()
again = names_of_refusals(writes)
state = store.task_instances(run)[0].state
store.close()
print(json.dumps([pushed, found, refused, again, state]))
