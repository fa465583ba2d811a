"""What a DAG file's first line may cost."""

from __future__ import annotations

import json
import subprocess
import sys

# Of the packages installed beside it, `from crosscom import DAG, task` loads only these.
MAY_LOAD = {"crosscom"}
# These of the standard library are slow to load, and a DAG file needs none of them.
TOO_HEAVY = {
    "asyncio",
    "concurrent",
    "email",
    "http",
    "logging.config",
    "multiprocessing",
    "socketserver",
    "sqlite3",
    "tomllib",
    "unittest",
    "urllib.request",
    "xml",
}


def modules_after(statement):
    """Name the modules that a fresh Python has loaded after *statement*."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-I", "-c", script]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(json.loads(answer.stdout))


def test_a_dag_file_loads_only_what_writing_dags_needs():
    """`from crosscom import DAG, task` loads no other package: no Jinja, no numpy, no terminal."""
    loaded = modules_after("from crosscom import DAG, task") - modules_after("pass")

    packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert packages <= MAY_LOAD


def test_a_dag_file_loads_no_database():
    """`from crosscom import DAG, task` loads no part of the standard library that is slow."""
    loaded = modules_after("from crosscom import DAG, task") - modules_after("pass")

    assert loaded & TOO_HEAVY == set()


def test_numpy_is_not_loaded_for_plain_values():
    """Pushing a dict loads no array library, although they are installed."""
    loaded = modules_after(
        "from crosscom.serializers import serialize, deserialize\n"
        "deserialize(serialize({'a': [1, 2.5, None], 'b': (1,)}).payload)"
    )

    assert loaded & {"numpy", "pandas", "polars", "pyarrow"} == set()
