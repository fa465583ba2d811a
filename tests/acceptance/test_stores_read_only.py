"""SQLite stores that a process may only read: it reads them, and is told that it may not write."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crosscom.stores.sqlite import SQLiteStore

CHILD = Path(__file__).parent / "children" / "read_store.py"


def as_anybody(*command):
    """Run a command without the rights of root, or skip where root cannot give them up."""
    unshare = ["unshare", "--user"] if os.getuid() == 0 else []
    if unshare and (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "true"], check=False).returncode != 0
    ):
        pytest.skip("impossible here: root cannot give up its rights without user namespaces")
    answer = subprocess.run(
        [*unshare, *command], check=False, capture_output=True, text=True, env={**os.environ}
    )
    assert answer.stderr == ""
    return json.loads(answer.stdout)


def read(path, *words):
    """Give what a process without special rights reads, writes, and finds beside the store."""
    return as_anybody(sys.executable, CHILD, path, *words)


def refused(path):
    """Give how a write to a read-only store is refused."""
    text = f"cannot write to store sqlite://{path}: it is read-only for this process"
    return ["StoreReadOnly", f"{text}; nothing was changed"]


@pytest.fixture
def path(tmp_path):
    """Give a closed store with one Variable, in a folder of its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    path = folder / "store.db"
    with closing(SQLiteStore(path)) as store:
        store.set_variable("early", "x")
    yield path
    folder.chmod(0o755)
    path.chmod(0o644)


def test_store_in_a_read_only_folder_is_read(path):
    """In a folder that may not be written the store is read, and nothing is made beside it."""
    path.parent.chmod(0o555)

    told, files = read(path)

    assert told == {"keys": ["early"], "write": refused(path), "transaction": refused(path)}
    assert files == ["store.db"]


def test_read_only_file_is_read(path):
    """A file that may not be written is read, and nothing is made beside it that stays."""
    path.chmod(0o444)

    told, files = read(path)

    assert told == {"keys": ["early"], "write": refused(path), "transaction": refused(path)}
    assert files == ["store.db"]


def test_live_store_in_a_read_only_folder_is_read(path):
    """What a live writer has not yet moved from the log into the file is read too."""
    with closing(SQLiteStore(path)) as writer:
        writer.set_variable("live", "x")
        path.parent.chmod(0o555)

        told, _ = read(path)

        path.parent.chmod(0o755)
    assert told == {"keys": ["early", "live"], "write": refused(path), "transaction": refused(path)}


def test_asked_for_reading_only(path):
    """A store that may be written is not, when it was opened for reading."""
    told, _ = read(path, "read_only")

    assert told == {"keys": ["early"], "write": refused(path), "transaction": refused(path)}


def test_log_without_its_index_is_told(path, tmp_path):
    """A copied store whose log cannot be read is refused; its older values are not shown."""
    folder = tmp_path / "copy"
    folder.mkdir()
    with closing(SQLiteStore(path)) as writer:
        writer.set_variable("live", "x")
        for name in ("store.db", "store.db-wal"):
            shutil.copy(path.parent / name, folder)
    copied = folder / "store.db"
    folder.chmod(0o555)

    told, _ = read(copied)
    folder.chmod(0o755)
    told_with_rights, _ = read(copied)

    text = (
        f"cannot read store {copied}: its last changes rest in store.db-wal, which needs a folder "
        "that may be written; copy both files to one"
    )
    assert told == ["StoreUnavailable", text]
    assert told_with_rights["keys"] == ["early", "live"]


def test_store_cannot_be_made_in_a_read_only_folder(path):
    """Where nothing can be written no store is made, and the error says so."""
    path.parent.chmod(0o555)

    told, files = read(path.parent / "new.db")

    text = f"cannot make store {path.parent}/new.db: its folder is read-only for this process"
    assert told == ["StoreReadOnly", text]
    assert files == ["store.db"]


def test_unreadable_file_is_told(path):
    """A file that may not be read is told as such."""
    path.chmod(0o000)

    told, _ = read(path)

    assert told == ["StoreError", f"cannot open store {path}: this process may not read it"]


def test_folder_that_may_not_be_entered_is_told(path):
    """A store in a folder that this process may not enter is told as such."""
    path.parent.chmod(0o644)
    store = path.parent / "store.db"

    answer = as_anybody(sys.executable, CHILD, store, "blind")

    text = f"cannot open store {store}: Permission denied"
    assert answer[0] == ["StoreError", text]


def test_read_only_mount_is_read(tmp_path, path):
    """On a file system mounted read-only even root reads, and is told that it may not write."""
    namespaces = ["unshare", "--mount"] + (
        ["--user", "--map-root-user"] if os.getuid() != 0 else []
    )
    script = f"mount --bind {path.parent} {path.parent} && mount -o remount,bind,ro {path.parent}"
    if subprocess.run([*namespaces, "sh", "-c", script], check=False).returncode != 0:
        pytest.skip("impossible here: no mount namespaces")

    command = f"{script} && {sys.executable} {CHILD} {path}"
    answer = subprocess.run(
        [*namespaces, "sh", "-c", command], check=False, capture_output=True, text=True
    )

    assert answer.stderr == ""
    told, files = json.loads(answer.stdout)
    assert told == {"keys": ["early"], "write": refused(path), "transaction": refused(path)}
    assert files == ["store.db"]
