"""What the command line says of a store that cannot be used."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys

import pytest

from crosscom.cli import main

READS = [["ls", "d"], ["get", "d@r/t"], ["show", "d@r"], ["history", "d@r/t"], ["var", "get", "k"]]
WRITES = [["push", "d@r/t", "1", "--create-run"], ["var", "set", "k", "v"], ["db", "upgrade"]]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(home):
    """Give the file of a store in which `d@r/t` rests."""
    assert 0 == main(["push", "d@r/t", '{"kept": true}', "--create-run"])
    return home / ".crosscom" / "crosscom.db"


def refused(arguments, capsys):
    """Call a command that cannot use its store; give the one line it says."""
    capsys.readouterr()
    code = main(arguments)
    captured = capsys.readouterr()

    assert 0 != code
    assert "" == captured.out
    assert captured.err.startswith("crosscom: error: ")
    assert 1 == captured.err.count("\n")
    return captured.err


@pytest.mark.parametrize("arguments", READS + WRITES, ids=" ".join)
def test_a_folder_in_its_place(home, capsys, monkeypatch, arguments):
    """A folder where the store should be is an error that names it."""
    (home / "folder").mkdir()
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "folder")

    assert f"{home}/folder" in refused(arguments, capsys)


@pytest.mark.parametrize("arguments", READS + WRITES, ids=" ".join)
def test_a_file_that_is_none(home, capsys, monkeypatch, arguments):
    """A file of something else is an error, and is left alone."""
    (home / "notes.txt").write_text("these are my notes\n" * 100)
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "notes.txt")

    assert f"{home}/notes.txt" in refused(arguments, capsys)
    assert "these are my notes\n" * 100 == (home / "notes.txt").read_text()


@pytest.mark.parametrize("arguments", READS + WRITES, ids=" ".join)
def test_a_database_of_others(home, capsys, monkeypatch, arguments):
    """A SQLite file of another program is an error, and is left alone."""
    database = sqlite3.connect(home / "other.db")
    database.execute("CREATE TABLE xcom (id INTEGER)")
    database.commit()
    database.close()
    before = (home / "other.db").read_bytes()
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "other.db")

    assert f"{home}/other.db" in refused(arguments, capsys)
    assert before == (home / "other.db").read_bytes()


@pytest.mark.parametrize("arguments", WRITES, ids=" ".join)
def test_a_missing_folder(home, capsys, monkeypatch, arguments):
    """The folder of a named store is not made."""
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "missing/x.db")

    refused(arguments, capsys)
    assert not (home / "missing").exists()


@pytest.mark.parametrize("arguments", WRITES, ids=" ".join)
def test_a_home_that_cannot_be_made(home, capsys, monkeypatch, arguments):
    """A home below a file is an error that names the variable."""
    (home / "file").write_text("")
    monkeypatch.setenv("CROSSCOM_HOME", str(home / "file" / "home"))

    assert refused(arguments, capsys).endswith("set CROSSCOM_HOME to a folder you may write\n")


def test_another_kind_of_store(home, capsys, monkeypatch):
    """A URL of no kind of store is refused with those that are."""
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "postgresql://me:secret@db/x")

    text = refused(["ls"], capsys)

    assert "supported are" in text
    assert "secret" not in text


@pytest.mark.parametrize("arguments", [*READS, *WRITES, ["ls"], ["run", "x.py"]], ids=" ".join)
def test_a_store_in_memory(home, capsys, monkeypatch, arguments):
    """A store that would end with the command is refused."""
    monkeypatch.setenv("CROSSCOM__CORE__STORE", "memory:")

    assert "core.store is a store in memory" in refused(arguments, capsys)


def test_damaged_bytes(store, capsys):
    """A value whose bytes were changed is an error, never a value; what is known can be shown."""
    database = sqlite3.connect(store)
    database.execute("UPDATE xcom SET data = x'7b'")
    database.commit()
    database.close()

    for more in ([], ["--json"], ["--out", "-"]):
        text = refused(["get", "d/t", *more], capsys)

        assert text.startswith("crosscom: error: cannot pull d@r/t:return_value: ")
    assert 0 == main(["show", "d/t:return_value"])


def test_a_full_disk(store):
    """A push for which there is no room fails, and leaves what was there."""
    big = '"' + "x" * 100_000 + '"'
    answer = subprocess.run(
        [sys.executable, "-m", "crosscom", "push", "d@r/t", big],
        check=False,
        cwd=store.parent.parent,
        capture_output=True,
        text=True,
        preexec_fn=no_room,
    )

    assert (1, "") == (answer.returncode, answer.stdout)
    assert answer.stderr.startswith("crosscom: error: ")
    assert 1 == answer.stderr.count("\n")
    database = sqlite3.connect(store)
    rows = database.execute("SELECT live, data FROM xcom").fetchall()
    database.close()
    assert [(1, b'{"kept":true}')] == rows


def no_room():
    """Let no file of this process grow beyond 64 KiB."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
