"""The fixtures that pytest finds by itself."""

import subprocess
import sys

import pytest

from crosscom import DAG, task, testing
from crosscom.settings import load_settings
from crosscom.testing import dags


def test_run_dag_and_run_task_are_fixtures(run_dag, run_task):
    """Both are there without an import."""
    with DAG("d") as dag:
        one = task(task_id="one")(lambda: 1)()

    assert run_dag(dag).state == "success"
    assert run_task(one).value == 1
    assert (run_dag, run_task) == (dags.run_dag, dags.run_task)


def test_the_home_of_a_test_is_its_own(crosscom_home, tmp_path):
    """With crosscom_home the configured store lies in the test's temporary folder."""
    settings = load_settings()

    assert settings.home == crosscom_home
    assert settings.store_url == f"sqlite://{tmp_path}/crosscom_home/crosscom.db"


def test_the_store_of_a_test_is_in_memory(crosscom_store):
    """What is pushed into crosscom_store can be pulled, and goes with the test."""
    crosscom_store.push("d@r/t:k", (1, 2))

    assert crosscom_store.pull("d@r/t:k") == (1, 2)


def test_the_plugin_brings_nothing_heavy():
    """A start of pytest in a project that does not use crosscom loads no store and no Jinja."""
    code = (
        "import crosscom.testing.pytest_plugin, sys;"
        "print([name for name in ('sqlite3', 'jinja2', 'asyncio', 'crosscom.runtime.task_runner',"
        " 'crosscom.stores', 'crosscom.handles') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_public_names_of_testing_come_when_asked_for():
    """Names are listed and found; another one is an AttributeError."""
    assert dir(testing) == testing.__all__
    assert all(getattr(testing, name) for name in testing.__all__)
    with pytest.raises(AttributeError, match="crosscom.testing"):
        _ = testing.nosuch
