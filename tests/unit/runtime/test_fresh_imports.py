"""What lies beside a DAG file is imported from its source, never from cached bytecode."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from crosscom.runtime.fresh_imports import import_from_source

import json.tool  # the standard library goes on as always
if sys.argv[1] == "fresh":
    import_from_source(Path.cwd())
import beside
print(beside.ANSWER, beside.__cached__ is not None and Path(beside.__cached__).exists())
"""


def imported(folder, how):
    """Import `beside` in a new process; give its answer and whether bytecode lies there."""
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    }
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.insert(0, '')\n" + PROGRAM, how],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def write(folder, answer):
    """Write the module, as if always at the same moment."""
    path = folder / "beside.py"
    path.write_text(f"ANSWER = {answer!r}\n", encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))


def test_a_change_within_a_second_is_seen(tmp_path):
    """Where Python itself would take old bytecode for current, the new source counts."""
    write(tmp_path, "wrong")
    imported(tmp_path, "plain")
    write(tmp_path, "right")

    assert imported(tmp_path, "plain") == ["wrong", "True"]
    assert imported(tmp_path, "fresh")[0] == "right"


def test_no_bytecode_is_left(tmp_path):
    """The folder of the DAG file stays as it is."""
    write(tmp_path, "clean")

    assert imported(tmp_path, "fresh") == ["clean", "False"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside.py"]
