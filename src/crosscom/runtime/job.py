"""What a scheduler is to do, what it knows of it, and the tries that run."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from crosscom.model import (
    DagDescription,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
)
from crosscom.runtime.progress import Progress
from crosscom.runtime.watcher import Watcher
from crosscom.runtime.workers import Worker
from crosscom.settings import Settings
from crosscom.stores.base import Store


@dataclass(frozen=True, slots=True)
class Job:
    """What a scheduler is to do, and with what."""

    run: RunRecord
    description: DagDescription
    """Says how tasks depend on each other, their retries and their timeouts."""
    store: Store
    settings: Settings
    watcher: Watcher
    bundle_digest: str | None
    """The code that tries run, noted with each."""
    stored_description: str | None = None
    """The run's stored description as JSON, where it differs from *description*."""

    @property
    def slots(self) -> int:
        """How many tries may run at once."""
        most = self.description.max_active_tasks
        return self.settings.slots if most is None else min(most, self.settings.slots)

    def timeout_seconds(self, key: TaskInstanceKey) -> float | None:
        """Give how long a try of this task instance may take, or None."""
        return self.description.by_id[key.task_id].execution_timeout_seconds


@dataclass(slots=True)
class RunningTry:
    """One try whose process runs."""

    key: TaskInstanceKey
    attempt: int
    try_number: int
    max_tries: int
    worker: Worker
    started: float
    deadline: float | None
    """When its time is up."""
    is_over: bool = False
    """Its end is known already; only its process is left, and is told to end."""
    kill_at: float | None = None
    """When what is left of it is killed."""

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return time.monotonic() - self.started

    @property
    def due(self) -> list[float]:
        """When something is to be done about it."""
        return [moment for moment in (self.deadline, self.kill_at) if moment is not None]


@dataclass(slots=True)
class Plan:
    """What is known of the run's task instances."""

    progress: Progress
    max_tries: dict[TaskInstanceKey, int]
    open: int
    """How many have not ended."""
    queue: deque[TaskInstanceKey] = field(default_factory=deque)
    wake_us: int | None = None
    finished: RunState | None = None

    @classmethod
    def of(cls, description: DagDescription, records: list[TaskInstanceRecord]) -> Plan:
        """Plan on from where the task instances stand."""
        return cls(
            Progress(description, records),
            {record.key: record.max_tries for record in records},
            sum(not record.state.is_finished for record in records),
        )

    def note(self, key: TaskInstanceKey, end: TryEnd) -> None:
        """Take in how a try ended."""
        self.open -= end.task_state.is_finished
        self.progress.note(key, end.task_state, end.retry_at_us)

    def take(self, now_us: int) -> dict[TaskInstanceKey, TaskState]:
        """Queue what may start, and give what settles without a try."""
        steps = self.progress.take(now_us)
        self.open -= len(steps.settle)
        self.queue.extend(steps.ready)
        self.wake_us, self.finished = steps.next_wake_us, steps.finished
        return steps.settle
