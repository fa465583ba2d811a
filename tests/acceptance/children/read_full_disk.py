"""Make a store, fill its disk, and tell as JSON what commands that only look print then.

Run in a mount namespace of its own, as its root. What fills the disk is bytes or files.
usage: read_full_disk.py FOLDER bytes|files
"""

# ruff: noqa: T201 - its parent reads what it prints

import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,nr_inodes=20", "tmpfs", folder], check=True)
store, log, index = (folder / f"store.db{ending}" for ending in ("", "-wal", "-shm"))
environment = {
    **os.environ,
    "CROSSCOM_HOME": str(folder / "home"),
    "CROSSCOM__CORE__STORE": f"sqlite://{store}",
}


def crosscom(*words):
    """Run a command; give its exit code and what it printed."""
    answer = subprocess.run(
        [sys.executable, "-m", "crosscom", *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    return [answer.returncode, answer.stdout + answer.stderr]


def fill_with_bytes():
    """Leave no room for a single byte."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        for piece in (b"\0" * 4096, b"\0"):
            try:
                while True:
                    filler.write(piece)
            except OSError:
                pass


def fill_with_files():
    """Leave no room for a single file."""
    try:
        for number in count():
            (folder / f"filler_{number}").touch()
    except OSError:
        pass


def made(words):
    """Run a command that has to work."""
    code, text = crosscom(*words)
    assert code == 0, text


(folder / "home").mkdir()
begun = []
for room in (0, 16384):
    fill_with_bytes()
    os.truncate(folder / "filler", (folder / "filler").stat().st_size - room)
    code, _ = crosscom("var", "set", "town", "Rome")
    begun.append([code, store.stat().st_size, crosscom("ls"), crosscom("ls", "sales")])
    (folder / "filler").unlink()
made(["push", "sales@r1/total", "5", "--create-run"])
made(["var", "set", "town", "Rome"])
assert not log.exists(), "the store is not closed"
{"bytes": fill_with_bytes, "files": fill_with_files}[sys.argv[2]]()
looks = [
    ("ls", "sales"),
    ("get", "sales@r1/total"),
    ("var", "get", "town"),
    ("var", "ls"),
    ("history", "sales@r1/total"),
    ("show", "sales@r1"),
]
told = {" ".join(words): crosscom(*words) for words in looks}
told["begun"] = begun
told["var set"] = crosscom("var", "set", "town", "Paris")
if sys.argv[2] == "bytes":
    # As a copy of a crashed writer's files is: the last changes are in the log, without an index.
    index.unlink(missing_ok=True)
    (folder / "filler").unlink()
    log.write_bytes(b"\0" * 40)
    fill_with_bytes()
    told["with a log"] = crosscom("var", "ls")
print(json.dumps(told))
