"""What is to be reached: one named row for each figure, and the rule it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from benchmarks.units import seconds_text


class Rule(Protocol):
    """Judges a figure against a limit that was measured beside it, both in seconds."""

    def reached(self, ours: float, limit: float) -> bool | None:
        """Tell whether the goal is reached; None where there is none."""

    @property
    def text(self) -> str:
        """The goal as the table shows it."""


@dataclass(frozen=True, slots=True)
class AtMostTimes:
    """Not more than *factor* times the limit."""

    factor: float

    def reached(self, ours: float, limit: float) -> bool:
        """Compare the ratio."""
        return ours <= self.factor * limit

    @property
    def text(self) -> str:
        """The factor."""
        return f"at most {self.factor:g}x"


@dataclass(frozen=True, slots=True)
class TimesFaster:
    """At least *factor* times faster than the other."""

    factor: float

    def reached(self, ours: float, limit: float) -> bool:
        """Compare the ratio."""
        return ours * self.factor <= limit

    @property
    def text(self) -> str:
        """The factor."""
        return f"{self.factor:g}x faster"


@dataclass(frozen=True, slots=True)
class Under:
    """Less than so many seconds, whatever the limit takes."""

    seconds: float

    def reached(self, ours: float, limit: float) -> bool:  # noqa: ARG002 - a Rule is given both
        """Compare with the bound."""
        return ours < self.seconds

    @property
    def text(self) -> str:
        """The bound."""
        return f"under {seconds_text(self.seconds)}"


@dataclass(frozen=True, slots=True)
class AtMostMore:
    """Not more than so many seconds on top of the limit."""

    seconds: float

    def reached(self, ours: float, limit: float) -> bool:
        """Compare the difference."""
        return ours - limit <= self.seconds

    @property
    def text(self) -> str:
        """The difference."""
        return f"at most +{seconds_text(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """No goal: the figure helps to understand the others."""

    def reached(self, ours: float, limit: float) -> None:
        """Judge nothing."""

    @property
    def text(self) -> str:
        """A dash."""
        return "-"


@dataclass(frozen=True, slots=True)
class Goal:
    """One row of the table: what is measured, against what, and what is to be reached."""

    name: str
    what: str
    limit: str
    rule: Rule


_SHOWN = Shown()
_FORK = "fork from a lean template"
_POOL = "`ProcessPoolExecutor`"
_UPSERT = "encode + bare SQLite upsert, commit"
_PYTHON = "`python -c pass`"

GOALS = (
    Goal("push-new", "push of a small dict, new key", _UPSERT, AtMostTimes(2)),
    Goal("push-same", "push of a small dict, replacing", _UPSERT, Under(80e-6)),
    Goal("pull", "pull of a small dict", "bare SQLite select, decode", AtMostTimes(2)),
    Goal(
        "chain-process",
        "chain of 20, first to last task, isolation `process`",
        f"{_FORK} + 2 bare transactions a task",
        _SHOWN,
    ),
    Goal(
        "chain-reuse",
        "chain of 20, first to last task, isolation `reuse`",
        f"{_POOL} + 2 bare transactions a task",
        _SHOWN,
    ),
    Goal(
        "chain-none",
        "chain of 20, first to last task, isolation `none`",
        "2 bare transactions a task",
        _SHOWN,
    ),
    Goal("chain-command", "chain of 20, the whole `crosscom run`", _PYTHON, Under(0.4)),
    Goal("task-process", "a task, isolation `process`, forked", _FORK, AtMostTimes(2)),
    Goal(
        "task-process-loaded",
        "a task, isolation `process`, forked",
        "fork from a template that has loaded crosscom; the child opens SQLite, reads, commits",
        _SHOWN,
    ),
    Goal("task-exec", "a task, isolation `process`, by exec", _PYTHON, _SHOWN),
    Goal("task-reuse", "a task, isolation `reuse`", _POOL, AtMostTimes(2)),
    Goal("task-none", "a task, isolation `none`", "2 bare transactions", _SHOWN),
    Goal("import", "`from crosscom import DAG, task`", _PYTHON, AtMostMore(0.090)),
    Goal("ls", "`crosscom ls --json`", _PYTHON, AtMostMore(0.150)),
    Goal(
        "pull-million",
        "a pull with 1,000,000 XComs in the store",
        "the same with 1,000",
        AtMostTimes(1.3),
    ),
    Goal(
        "list-million",
        "a listing with 1,000,000 XComs in the store",
        "the same with 1,000",
        Under(0.1),
    ),
    Goal(
        "pull-ten-million",
        "a pull with 10,000,000 XComs in the store",
        "the same with 1,000",
        AtMostTimes(1.3),
    ),
    Goal(
        "list-ten-million",
        "a listing with 10,000,000 XComs in the store",
        "the same with 1,000",
        Under(0.1),
    ),
    Goal(
        "chain-dask",
        "chain of 20, first to last task, isolation `process`",
        "Dask, warm cluster of 2, nothing kept",
        AtMostTimes(1),
    ),
    Goal(
        "chain-ray",
        "chain of 20, first to last task, isolation `reuse`",
        "Ray, warm cluster of 2, nothing kept",
        AtMostTimes(1),
    ),
    Goal("push-airflow", "push of a small dict, new key", "Airflow, SQLite", TimesFaster(250)),
    Goal("pull-airflow", "pull of a small dict", "Airflow, SQLite", TimesFaster(700)),
    Goal(
        "chain-airflow",
        "chain of 20, first to last task, isolation `process`",
        "Airflow, LocalExecutor, first to last task",
        _SHOWN,
    ),
    Goal(
        "command-airflow",
        "chain of 20, the whole `crosscom run`",
        "Airflow, LocalExecutor, trigger to end of run",
        _SHOWN,
    ),
)
