"""A SQLite store on a disk without room. The disk is real: a file system of four megabytes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).parent / "children" / "fill_disk.py"
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
    answer = in_own_mounts(sys.executable, CHILD, tmp_path)

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
