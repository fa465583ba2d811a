"""The crosscom that is measured: its command line, in a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plan import DAGS
from crosscom.stores.opening import open_store

COMMAND = (sys.executable, "-m", "crosscom")
_LONGEST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Home:
    """A folder with a store of its own and copies of the DAG files."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Home:
        """Make the folder; the DAG files are copied, so that no configuration is found upwards."""
        shutil.copytree(DAGS, folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    @property
    def store_url(self) -> str:
        """Where its values are kept."""
        return f"sqlite://{self.folder / 'bench.db'}"

    def environment(self, **more: str) -> dict[str, str]:
        """Give what a command in this home is told; compiled modules may be kept, as usual."""
        own = {name: text for name, text in os.environ.items() if not _strange(name)}
        return {
            **own,
            "CROSSCOM_HOME": str(self.folder),
            "CROSSCOM__CORE__STORE": self.store_url,
            **more,
        }

    def run(self, dag_file: str, **more: str) -> float:
        """Run a DAG file to its end; give the seconds of the whole command.

        Raises:
            subprocess.CalledProcessError: It did not succeed.
        """
        command = [*COMMAND, "run", str(self.folder / "dags" / dag_file)]
        return seconds_of(command, self.environment(**more), self.folder)

    def first_to_last(self) -> float:
        """Give the seconds from the first start to the last end of a try, in the latest run."""
        store = open_store(self.store_url)
        try:
            attempts = store.attempts(store.runs(limit=1)[0].key)
        finally:
            store.close()
        ends = [attempt.ended_at_us or 0 for attempt in attempts]
        return (max(ends) - min(attempt.started_at_us for attempt in attempts)) / 1e6


def seconds_of(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> float:
    """Give the seconds a command takes, its start included; what it prints is dropped.

    Raises:
        subprocess.CalledProcessError: It did not succeed.
    """
    start = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    taken = time.perf_counter() - start
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
        done.check_returncode()
    return taken


def _strange(name: str) -> bool:
    """Tell whether a variable would change what is measured."""
    return name == "PYTHONDONTWRITEBYTECODE" or name.startswith(("CROSSCOM_", "COVERAGE_"))
