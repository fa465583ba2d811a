"""The chain beside Dask and Ray: warm clusters of two workers, which keep nothing on disk."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from benchmarks.chain import in_isolation
from benchmarks.peers.environments import environment_with, variables_for
from benchmarks.peers.pausing import alone
from benchmarks.plan import Extra, Group, Plan
from benchmarks.product import Home
from benchmarks.timing import Act, Compared, take_turns

_PROGRAMS = Path(__file__).resolve().parent
_DASK = ("dask==2026.8.*", "distributed==2026.8.*")
_RAY = ("ray==2.60.*",)
_ANSWER_SECONDS = 120.0


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Run our chain and theirs in turns; first to last task, not the start of a cluster."""
    home = Home.make(plan.scratch / "engines")
    with (
        Engine("dask", _python(plan, "dask", _DASK), plan.scratch / "dask") as dask,
        Engine("ray", _python(plan, "ray", _RAY), plan.scratch / "ray") as ray,
    ):
        acts = [
            alone(in_isolation(home, "process"), [dask.pid, ray.pid]),
            alone(in_isolation(home, "reuse"), [dask.pid, ray.pid]),
            alone(dask.chain(), [ray.pid]),
            alone(ray.chain(), [dask.pid]),
        ]
        figures = take_turns(plan.rounds, acts)
    return {
        "chain-dask": Compared(figures["process"], figures["dask"]),
        "chain-ray": Compared(figures["reuse"], figures["ray"]),
    }


class Engine:
    """A program with a cluster of its own, which runs the chain for every line it is sent."""

    def __init__(self, name: str, python: Path, folder: Path) -> None:
        """Start the program in a process group of its own; *folder* is for what it leaves."""
        folder.mkdir()
        self._name = name
        self._process = subprocess.Popen(
            [python, str(_PROGRAMS / f"{name}_chain.py"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "errors.log").open("wb"),
            cwd=folder,
            env=variables_for(python, RAY_USAGE_STATS_ENABLED="0"),
            start_new_session=True,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The process from which all of its processes descend."""
        return self._process.pid

    def chain(self) -> Act:
        """Make the act of one chain."""

        def act() -> Mapping[str, float]:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
            return {self._name: float(self._process.stdout.readline())}

        return act

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        # The end of its input is the end of the program; what stays after that is killed.
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=30)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _python(plan: Plan, name: str, requirements: tuple[str, ...]) -> Path:
    return environment_with(plan.environments / name, requirements)


GROUP = Group(("chain-dask", "chain-ray"), measure, Extra.ENGINES)
