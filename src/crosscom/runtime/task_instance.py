"""The task instance as tasks and people see it: Airflow's `ti`, its names and signatures."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Any, Final

from crosscom.model import (
    RETURN_KEY,
    UNMAPPED,
    Fence,
    TaskInstanceKey,
    TaskInstanceRecord,
    XComAddress,
)
from crosscom.model.times import moment
from crosscom.runtime.absence import explain_absence
from crosscom.stores.base import Store
from crosscom.xcoms import MISSING, XComs

_log = logging.getLogger("crosscom.xcom")


class NotSet(Enum):
    """Tells an argument that was not given from one that was given as `None`."""

    NOTSET = "not set"


NOTSET: Final = NotSet.NOTSET


class TaskInstance:
    """One task in one run, as it stood when it was asked for.

    Attributes:
        key: Its identity; as text `dag_id@run_id/task_id[map_index]`.
        dag_run: Its run.
        task: Its operator, or None where the DAG's code is not at hand.
    """

    def __init__(
        self,
        record: TaskInstanceRecord,
        *,
        store: Store,
        xcoms: XComs,
        on_missing: str,
        dag_run: Any,
        task: Any = None,
    ) -> None:
        """Show *record*; its XComs are read and written through *xcoms*."""
        self.key: Final = record.key
        self.dag_run = dag_run
        self.task = task
        self._record = record
        self._store = store
        self._xcoms = xcoms
        self._is_strict = on_missing == "error"

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep *value* under *key*; it is stored and visible to all when the call returns.

        A second push to the same key replaces the first, which stays readable as history.
        Inside a task this is a push of the running try. On a task instance of a finished
        run it is a push by hand, with a line in the audit.

        Raises:
            InvalidName: The key breaks its rule; nothing was stored.
            XComSerializationError: The value cannot be kept exactly; nothing was stored.
            StaleTryError: The try was cleared or replaced meanwhile; nothing was stored.
        """
        address = XComAddress(self.key, key)
        self._xcoms.push_by_hand(address, value, reason="TaskInstance.xcom_push in Python")

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = RETURN_KEY,
        include_prior_dates: bool = False,
        *,
        map_indexes: int | Iterable[int] | NotSet | None = NOTSET,
        default: Any = NOTSET,
        run_id: str | None = None,
        required: bool = False,
    ) -> Any:
        """Give the value that was last pushed, or a list of values.

        One task id and one map index give one value. Several of either give a flat list:
        for each task id, in that order, each map index. A pushed `None` is a value;
        *default* and *required* are about what is absent. What you get is your own.

        Args:
            task_ids: Whose XCom; this task instance's own by default.
            dag_id: Of which DAG; this one by default.
            key: Under which key.
            include_prior_dates: Look also in earlier runs; the latest logical date wins.
            map_indexes: Of which task instances; `None` is the one that is not mapped.
            default: What to give for what is absent. Without it that is `None`, with one line
                in the log that says what is there instead. A task that succeeded and returned
                `None` makes no such line.
            run_id: Of which run; the one with this run's id by default, also in another DAG.
            required: Raise for what is absent.

        Raises:
            XComNotFound: Nothing rests there and it is *required*; or `on_missing` is
                `error`, and it is not known that the task returned `None`.
            XComDecodeError: The bytes are there, but this process cannot read them.
            XComCorrupted: The bytes are not those that were pushed. *default* never masks it.
            InvalidName: A task id, map index, run id or key breaks its rule.
            TypeError: Both *default* and *required* were given.
        """
        if required and default is not NOTSET:
            msg = "xcom_pull takes default= or required=True, not both"
            raise TypeError(msg)
        own = self.key
        dag_id = own.dag_id if dag_id is None else dag_id
        run_id = own.run_id if run_id is None else run_id
        index = own.map_index if task_ids is None and map_indexes is NOTSET else UNMAPPED
        tasks, one_task = _asked(task_ids, own.task_id)
        indexes, one_index = _asked(None if map_indexes is NOTSET else map_indexes, index)
        values = [
            self._pull(
                _address(dag_id, run_id, task, index, key), include_prior_dates, default, required
            )
            for task in tasks
            for index in indexes
        ]
        return values[0] if one_task and one_index else values

    @property
    def dag_id(self) -> str:
        """Its DAG."""
        return self.key.dag_id

    @property
    def run_id(self) -> str:
        """Its run."""
        return self.key.run_id

    @property
    def task_id(self) -> str:
        """Its task."""
        return self.key.task_id

    @property
    def map_index(self) -> int:
        """Which expansion of a mapped task it is; -1 where it is not mapped."""
        return self.key.map_index

    @property
    def state(self) -> str:
        """How it stood: `running`, `success`, ... Plain text, so that it can be pushed."""
        return self._record.state.value

    @property
    def try_number(self) -> int:
        """The number of the try that ran last, or runs; 0 before the first."""
        return self._record.try_number

    @property
    def max_tries(self) -> int:
        """How often it may be retried: as in Airflow one less than the number of its tries."""
        return self._record.max_tries - 1

    @property
    def start_date(self) -> datetime | None:
        """When its last try began."""
        return moment(self._record.started_at_us)

    @property
    def end_date(self) -> datetime | None:
        """When it ended."""
        return moment(self._record.ended_at_us)

    def __repr__(self) -> str:
        """Name it and its state."""
        return f"<TaskInstance {self.key} {self.state}>"

    def _pull(
        self, address: XComAddress, include_prior_dates: bool, default: Any, required: bool
    ) -> Any:
        value = self._xcoms.pull(address, include_prior_dates=include_prior_dates)
        if value is not MISSING:
            return value
        return self._absent(address, required) if default is NOTSET else default

    def _absent(self, address: XComAddress, required: bool) -> None:
        error, is_known_none = explain_absence(address, self._store, self._xcoms)
        if required or (self._is_strict and not is_known_none):
            raise error
        if not is_known_none:
            _log.warning("pulled None: %s", error)


class RunningTaskInstance(TaskInstance):
    """The task instance of the try that runs in this process: its pushes carry the fence."""

    def __init__(self, record: TaskInstanceRecord, attempt: int, **rest: Any) -> None:
        """Push as *attempt*."""
        super().__init__(record, **rest)
        self._attempt = attempt
        # Its next() is atomic, so that threads of a task never share a sequence.
        self._sequence = count()

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep *value* under *key*, as the running try; see `TaskInstance.xcom_push`."""
        fence = Fence(self._attempt, next(self._sequence))
        self._xcoms.push(XComAddress(self.key, key), value, fence)

    def next_sequence(self) -> int:
        """Give the first sequence that no push took."""
        return next(self._sequence)


def _asked(asked: Any, otherwise: Any) -> tuple[tuple[Any, ...], bool]:
    """Give what was asked for as a tuple, and whether it was one thing and no list."""
    if asked is None:
        return (otherwise,), True
    if isinstance(asked, str) or not isinstance(asked, Iterable):
        return (asked,), True
    return tuple(asked), False


# A pull looks at the same few addresses again and again, and checking one takes longer than
# finding it here. Typed, because True is no map index although it equals 1.
@lru_cache(maxsize=4096, typed=True)
def _known_address(dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> XComAddress:
    return XComAddress(TaskInstanceKey(dag_id, run_id, task_id, map_index), key)


def _address(dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> XComAddress:
    try:
        return _known_address(dag_id, run_id, task_id, map_index, key)
    except TypeError:  # Something that cannot be hashed is no name either: let the check say so.
        return XComAddress(TaskInstanceKey(dag_id, run_id, task_id, map_index), key)
