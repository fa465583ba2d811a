"""What authoring expects of the objects that a running task is given; the runtime's fit them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crosscom.model import RETURN_KEY


class TaskInstance(Protocol):
    """The `ti` of a running task."""

    @property
    def dag_id(self) -> str:
        """Its DAG."""

    @property
    def run_id(self) -> str:
        """Its run."""

    @property
    def task_id(self) -> str:
        """Its task."""

    @property
    def map_index(self) -> int:
        """Its map index; -1 where the task is not mapped."""

    @property
    def try_number(self) -> int:
        """The number of the try that runs."""

    @property
    def state(self) -> Any:
        """How it stands."""

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep *value* under *key*; stored and visible to all when the call returns."""

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = RETURN_KEY,
        include_prior_dates: bool = False,
        *,
        map_indexes: Any = ...,
        default: Any = ...,
        run_id: str | None = None,
        required: bool = False,
    ) -> Any:
        """Give what was pushed last."""


class DagRun(Protocol):
    """One run of a DAG, as its tasks see it."""

    @property
    def dag_id(self) -> str:
        """Its DAG."""

    @property
    def run_id(self) -> str:
        """Its id."""

    @property
    def state(self) -> Any:
        """How it stands."""

    @property
    def conf(self) -> Mapping[str, Any]:
        """What the run was started with."""

    @property
    def logical_date(self) -> datetime | None:
        """The date the run is for, with its zone; None where it is for none."""


class FinishedRun(DagRun, Protocol):
    """What `DAG.test` gives."""

    def get_task_instance(self, task_id: str, map_index: int = -1) -> TaskInstance:
        """Give one of its task instances."""

    def get_task_instances(self) -> Sequence[TaskInstance]:
        """Give all its task instances."""


class Variables(Protocol):
    """Variables as a running task reads and writes them."""

    def get(self, key: str, default: Any = ..., *, deserialize_json: bool = False) -> Any:
        """Give a Variable."""

    def set(
        self,
        key: str,
        value: object,
        description: str | None = None,
        *,
        serialize_json: bool = False,
    ) -> None:
        """Keep a Variable."""

    def delete(self, key: str) -> bool:
        """Forget a Variable."""

    def keys(self, prefix: str = "") -> list[str]:
        """List keys."""
