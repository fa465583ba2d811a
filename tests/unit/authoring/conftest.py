"""A task instance and a run that are made of a dict: what rendering and resolving ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from crosscom.authoring import build_context
from crosscom.errors import XComNotFound
from crosscom.stores.memory import MemoryStore
from crosscom.variables import Variables


class DictTaskInstance:
    """Pulls from a dict of (task id, key); remembers what was asked for."""

    dag_id, run_id, task_id, map_index, try_number = "d", "r", "t", -1, 1

    def __init__(self, pushed):
        self.pushed = pushed
        self.asked = []

    def xcom_pull(self, task_ids=None, dag_id=None, key="return_value", *, required=False):
        """Give what the dict holds."""
        self.asked.append((task_ids, key))
        if required and (task_ids, key) not in self.pushed:
            msg = f"nothing rests at {task_ids}:{key}"
            raise XComNotFound(msg, address=f"d@r/{task_ids}:{key}")
        return self.pushed.get((task_ids, key))


class PlainRun:
    """A run with a conf and perhaps a date."""

    dag_id, run_id = "d", "r"

    def __init__(self, conf, logical_date):
        self.conf = conf
        self.logical_date = logical_date


@pytest.fixture
def context_of():
    """Give a function that builds the context of a task."""

    def build(task, pushed=(), *, conf=(), date=datetime(2026, 1, 31, 10, 5, tzinfo=UTC), var=()):
        store = MemoryStore()
        for key, text in dict(var).items():
            store.set_variable(key, text)
        return build_context(
            dag=task.dag,
            task=task,
            ti=cast("Any", DictTaskInstance(dict(pushed))),
            dag_run=cast("Any", PlainRun(dict(conf), date)),
            variables=Variables(store, {}),
        )

    return build
