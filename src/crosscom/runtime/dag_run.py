"""A run as tasks and people see it: Airflow's `DagRun`, its names."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from crosscom.authoring import DAG
from crosscom.model import UNMAPPED, RunRecord, TaskInstanceRecord
from crosscom.model.times import moment
from crosscom.runtime.task_instance import TaskInstance
from crosscom.stores.base import Store
from crosscom.xcoms import XComs


class DagRun:
    """One run, as it stood when it was asked for; its task instances and XComs are read anew.

    Attributes:
        dag: Its DAG, or None where the code is not at hand.
    """

    def __init__(
        self,
        record: RunRecord,
        *,
        store: Store,
        xcoms: XComs,
        on_missing: str = "none",
        dag: DAG | None = None,
        owns_store: bool = False,
    ) -> None:
        """Show *record*.

        Args:
            record: The run.
            store: Where it rests.
            xcoms: How its values are read.
            on_missing: What a pull of something absent does: `none` or `error`.
            dag: Its DAG, if the code is at hand.
            owns_store: Close the store with this object.
        """
        self.dag = dag
        self._record = record
        self._store = store
        self._xcoms = xcoms
        self._on_missing = on_missing
        if owns_store:
            weakref.finalize(self, store.close)

    @property
    def dag_id(self) -> str:
        """Its DAG's id."""
        return self._record.key.dag_id

    @property
    def run_id(self) -> str:
        """Its own id."""
        return self._record.key.run_id

    @property
    def state(self) -> str:
        """How it stood: `running`, `success`, ... Plain text, so that it can be pushed."""
        return self._record.state.value

    @property
    def run_type(self) -> str:
        """How it was made: `manual`, or what its maker says."""
        return self._record.run_type

    @cached_property
    def conf(self) -> dict[str, Any]:
        """What it was started with."""
        conf: dict[str, Any] = json.loads(self._record.conf)
        return conf

    @property
    def logical_date(self) -> datetime | None:
        """The date it is about, in UTC."""
        return moment(self._record.logical_date_us)

    @property
    def queued_at(self) -> datetime | None:
        """When it was made."""
        return moment(self._record.created_at_us)

    @property
    def start_date(self) -> datetime | None:
        """When it began to run."""
        return moment(self._record.started_at_us)

    @property
    def end_date(self) -> datetime | None:
        """When it ended."""
        return moment(self._record.ended_at_us)

    # Any stands for None, so that a test may say what it knows without an assertion of its own.
    def get_task_instance(self, task_id: str, map_index: int = UNMAPPED) -> TaskInstance | Any:
        """Give one of its task instances as it stands now, or None where there is none."""
        for record in self._store.task_instances(self._record.key):
            if (record.key.task_id, record.key.map_index) == (task_id, map_index):
                return self._task_instance(record)
        return None

    def get_task_instances(self, state: Iterable[str] | str | None = None) -> list[TaskInstance]:
        """List its task instances as they stand now, all or those in one of these states."""
        wanted = {state} if isinstance(state, str) else None if state is None else set(state)
        return [
            self._task_instance(record)
            for record in self._store.task_instances(self._record.key)
            if wanted is None or record.state in wanted
        ]

    def __repr__(self) -> str:
        """Name it and its state."""
        return f"<DagRun {self._record.key} {self.state}>"

    def _task_instance(self, record: TaskInstanceRecord) -> TaskInstance:
        task = None if self.dag is None else self.dag.task_dict.get(record.key.task_id)
        return TaskInstance(
            record,
            store=self._store,
            xcoms=self._xcoms,
            on_missing=self._on_missing,
            dag_run=self,
            task=task,
        )
