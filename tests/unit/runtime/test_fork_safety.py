"""What may be forked and what not, each with its reason."""

import subprocess
import sys
import threading
from types import ModuleType

import pytest

from crosscom.runtime import fork_safety
from crosscom.runtime.fork_safety import UNSAFE_ONCE_IMPORTED, UNSAFE_WITH_THREADS, why_not_fork

HARMLESS = {"json": ModuleType("json")}


@pytest.fixture
def threads(monkeypatch, tmp_path):
    """Set how many threads the machine knows of, and which libraries are mapped."""

    def pretend(count, maps=""):
        for number in range(count):
            (tmp_path / "task" / str(number)).mkdir(parents=True)
        (tmp_path / "maps").write_text(maps)
        monkeypatch.setattr(fork_safety, "_TASKS", tmp_path / "task")
        monkeypatch.setattr(fork_safety, "_MAPS", tmp_path / "maps")
        monkeypatch.setattr(threading, "enumerate", lambda: [threading.main_thread()])

    return pretend


def test_a_process_without_threads_may_be_forked(threads):
    """Nothing speaks against a fork where only one thread runs."""
    threads(1)

    assert why_not_fork(HARMLESS) is None


@pytest.mark.parametrize("name", UNSAFE_ONCE_IMPORTED)
def test_a_library_that_is_unsafe_once_imported_is_named(threads, name):
    """Its being loaded is reason enough, threads or not."""
    threads(1)

    reason = why_not_fork({name: ModuleType(name)})

    assert reason == f"{name} is loaded, and {UNSAFE_ONCE_IMPORTED[name]}"


@pytest.mark.parametrize("name", UNSAFE_WITH_THREADS)
def test_a_library_that_is_unsafe_once_used_is_judged_by_its_threads(threads, name):
    """Its being loaded is no reason while no thread runs."""
    modules = {name: ModuleType(name)}
    threads(3)

    assert why_not_fork(modules) == f"{name} runs 2 thread(s), and {UNSAFE_WITH_THREADS[name]}"


@pytest.mark.parametrize("name", UNSAFE_WITH_THREADS)
def test_a_library_that_was_only_imported_may_be_forked(threads, name):
    """Without threads of its own it may be forked."""
    threads(1)

    assert why_not_fork({name: ModuleType(name)}) is None


@pytest.mark.parametrize("used", [True, False])
def test_cuda_may_not_be_forked_once_it_is_used(threads, used):
    """PyTorch may be forked until CUDA is initialised."""
    threads(1)
    cuda = ModuleType("torch.cuda")
    vars(cuda)["is_initialized"] = lambda: used

    reason = why_not_fork({"torch": ModuleType("torch"), "torch.cuda": cuda})

    assert reason == ("torch uses CUDA, which does not survive a fork" if used else None)


def test_foreign_threads_are_not_trusted(threads):
    """Threads of a library that nobody vouches for forbid a fork."""
    threads(2, "7f00 /usr/lib/libmystery.so")

    assert why_not_fork(HARMLESS) == "a library runs 1 thread(s) of its own"


@pytest.mark.parametrize("library", ["libscipy_openblas64_-32a4b2a6.so", "libarrow.so.2600"])
def test_threads_that_are_known_to_survive_are_trusted(threads, library):
    """OpenBLAS and Arrow take their threads down before a fork."""
    threads(2, f"7f00 /usr/lib/{library}")

    assert why_not_fork(HARMLESS) is None


def test_threads_of_python_are_named():
    """A live Python thread forbids a fork, and is named."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="sleeper")
    thread.start()
    try:
        reason = why_not_fork(HARMLESS) or ""
        assert "thread(s): " in reason
        assert "sleeper" in reason
    finally:
        done.set()
        thread.join()


def test_other_platforms_are_not_forked(monkeypatch):
    """Only Linux is forked."""
    monkeypatch.setattr(sys, "platform", "darwin")

    assert why_not_fork(HARMLESS) == "forking is not safe on darwin"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import numpy; numpy.linalg.inv(numpy.eye(300))", "None"),
        ("import pandas; pandas.DataFrame({'a': [1, 2]}).groupby('a').size()", "None"),
        ("import polars", "polars is loaded"),
    ],
)
def test_real_libraries_are_judged_right(program, expected):
    """numpy and pandas may be forked after use; polars may not, used or not."""
    script = (
        f"{program}\nfrom crosscom.runtime.fork_safety import why_not_fork\nprint(why_not_fork())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith(expected)
