"""A SQLite store on a disk without room. The disk is real: a file system of four megabytes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILDREN = Path(__file__).parent / "children"
WRITES = ["put", "replace", "by hand", "begin", "end", "clear", "variable"]


def in_own_mounts(*command):
    """Run a command as root of a mount namespace of its own, or skip where there is none."""
    unshare = ["unshare", "--mount"]
    if os.getuid() != 0:
        unshare += ["--user", "--map-root-user"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "true"], check=False).returncode
    ):
        pytest.skip("impossible here: no mount namespaces to make a small disk in")
    return subprocess.run([*unshare, *command], check=False, capture_output=True, text=True)


def test_full_disk_is_told_and_nothing_is_half_stored(tmp_path):
    """Each write on a full disk raises StoreFull and changes nothing; with room all of them work."""
    answer = in_own_mounts(sys.executable, CHILDREN / "fill_disk.py", tmp_path)

    assert answer.stderr == ""
    pushed, found, refused, again, state = json.loads(answer.stdout)
    told = (
        f"cannot write to store sqlite://{tmp_path}/store.db: its disk is full; "
        "nothing was changed, make room"
    )
    assert found == pushed > 5
    assert refused == {write: [told, True] for write in WRITES}
    assert again == {write: ["done", True] for write in WRITES}
    assert state == "none"


@pytest.mark.parametrize("filled_with", ["bytes", "files"])
def test_closed_store_on_a_full_disk_is_read(tmp_path, filled_with):
    """With no room for what SQLite makes beside a store, every command that looks still works.

    Before, a store that could not be made for want of room is as none, and is made with room.
    """
    answer = in_own_mounts(sys.executable, CHILDREN / "read_full_disk.py", tmp_path, filled_with)

    assert answer.stderr == ""
    told = json.loads(answer.stdout)
    none = f"crosscom: error: there is no store {tmp_path}/store.db; run a DAG or push a value"
    assert told.pop("begun") == [
        [1, size, [0, "nothing here yet\n"], [1, f"{none} to make one\n"]] for size in (0, 4096)
    ]
    code, text = told.pop("var set")
    assert code == 1
    assert "its disk" in text
    if filled_with == "bytes":
        text = (
            f"cannot read store {tmp_path}/store.db: its last changes rest in store.db-wal, "
            "which needs room on its full disk; make some"
        )
        assert told.pop("with a log") == [1, f"crosscom: error: {text}\n"]
    assert {code for code, _ in told.values()} == {0}
    assert told["get sales@r1/total"] == [0, "5\n"]
    assert told["var get town"] == [0, "Rome\n"]
    assert told["var ls"] == [0, "town\n"]
    assert "r1   external" in told["ls sales"][1]
