"""The states of runs, task instances and tries, by Airflow's names where it has one."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """How a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Its scheduler was told to stop; `resume` goes on."""
    EXTERNAL = "external"
    """No DAG ran: the run only holds values that were pushed from outside."""

    @property
    def is_finished(self) -> bool:
        """Whether nothing will run without a `resume` or `clear`."""
        return self in (RunState.SUCCESS, RunState.FAILED, RunState.EXTERNAL)


class TaskState(StrEnum):
    """How a task instance stands."""

    NONE = "none"
    """Nothing happened yet, or it was cleared."""
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    UP_FOR_RETRY = "up_for_retry"
    REMOVED = "removed"

    @property
    def is_finished(self) -> bool:
        """Whether the run may go on past it."""
        return self in _FINISHED


_FINISHED = frozenset(
    {
        TaskState.SUCCESS,
        TaskState.FAILED,
        TaskState.SKIPPED,
        TaskState.UPSTREAM_FAILED,
        TaskState.REMOVED,
    }
)


class AttemptState(StrEnum):
    """How one started try stands; everything but RUNNING is final."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    CLEARED = "cleared"
    """Its task instance was cleared while it ran."""
    LOST = "lost"
    """Its scheduler died with it; the next try uses no retry."""
    INTERRUPTED = "interrupted"
    """Its scheduler was told to stop; the next try uses no retry."""
