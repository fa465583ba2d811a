"""What one run of the benchmark is to do, and the groups of rows that are measured together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks.timing import Compared

DAGS = Path(__file__).resolve().parent / "dags"
"""The DAG files: the same for crosscom and for Airflow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often and where to measure."""

    rounds: int
    scratch: Path
    """An empty folder on the disk to measure; everything that is made rests in it."""
    environments: Path
    """A folder that is kept, for the peers' environments."""


class Extra(Enum):
    """What a group needs that not every run wants."""

    NONE = "always"
    LARGE = "large"
    ENGINES = "with-engines"
    AIRFLOW = "with-airflow"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are measured side by side."""

    names: tuple[str, ...]
    """Names of goals."""
    measure: Callable[[Plan], Mapping[str, Compared]]
    extra: Extra = Extra.NONE
