"""What every store of this package does alike: its refusals, its limits, its clock."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Iterable, Sequence

from crosscom.errors import LeaseLost, RunExists, RunNotFound, StaleTryError
from crosscom.model import (
    AttemptState,
    RunKey,
    RunState,
    TaskInstanceKey,
    TaskState,
    TryEnd,
)

LATEST_RUNS_NAMED = 3
"""How many run ids the text of `RunNotFound` names."""

_MAX_ERROR = 1000
_SETTLED_BY_A_TRY = frozenset({TaskState.RUNNING, TaskState.UP_FOR_RETRY})
_NO_END_OF_A_RUN = frozenset({RunState.QUEUED, RunState.RUNNING})


def now_us() -> int:
    """Give the time as microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def actor() -> str:
    """Give the name of the user this process works for, for the audit."""
    user = os.getuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid {user}"


def storable(text: str) -> str:
    """Give a text that any database takes: lone surrogates are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def storable_error(text: str | None) -> str | None:
    """Give the error of a try as its record may hold it."""
    return None if text is None else storable(text)[:_MAX_ERROR]


def check_end(end: TryEnd) -> None:
    """Refuse an end that would leave a try, or its task instance, running.

    Raises:
        ValueError: It would.
    """
    if end.attempt_state is AttemptState.RUNNING or end.task_state is TaskState.RUNNING:
        msg = "a try cannot end as running; give the state it ended in"
        raise ValueError(msg)


def check_settled(states: Iterable[TaskState]) -> None:
    """Refuse states that only a try gives.

    Raises:
        ValueError: One of them is such a state.
    """
    for state in states:
        if state in _SETTLED_BY_A_TRY:
            msg = f"a task instance cannot be settled as {state}: only a try gives that state"
            raise ValueError(msg)


def check_finish(state: RunState) -> None:
    """Refuse a state in which a run has not ended.

    Raises:
        ValueError: It is such a state.
    """
    if state in _NO_END_OF_A_RUN:
        msg = f"a run cannot end as {state}; give the state it ended in"
        raise ValueError(msg)


def stale_put(attempt: int, ti: TaskInstanceKey) -> StaleTryError:
    """Give the refusal of a push that came too late, or with another's attempt."""
    msg = (
        f"attempt {attempt} may not write to {ti}: it is not its running try; the task instance "
        "was cleared, retried or finished since, and nothing was stored"
    )
    return StaleTryError(msg, attempt=attempt, task_instance=str(ti))


def stale_end(attempt: int, ti: TaskInstanceKey, found: AttemptState) -> StaleTryError:
    """Give the refusal of an end that came too late."""
    msg = (
        f"attempt {attempt} of {ti} cannot end: it is {found} already; the task instance was "
        "cleared, retried or finished since, and nothing was stored"
    )
    return StaleTryError(msg, attempt=attempt, task_instance=str(ti))


def unknown_attempt(attempt: int) -> StaleTryError:
    """Give the refusal of an end of a try that this store never started."""
    msg = f"attempt {attempt} cannot end: this store never started it; nothing was stored"
    return StaleTryError(msg, attempt=attempt, task_instance="unknown")


def run_exists(key: RunKey) -> RunExists:
    """Give the refusal of a run whose id is taken."""
    msg = f"cannot make run {key}: there is one already; choose another run id, or resume it"
    return RunExists(msg, dag_id=key.dag_id, run_id=key.run_id)


def run_not_found(key: RunKey, latest: Sequence[str]) -> RunNotFound:
    """Give the refusal for a run that is missing, with the *latest* run ids that are there."""
    there = f"its latest: {', '.join(latest)}" if latest else f"DAG {key.dag_id!r} has no runs"
    return RunNotFound(f"there is no run {key}; {there}", dag_id=key.dag_id, run_id=key.run_id)


def task_instance_not_found(ti: TaskInstanceKey, run: RunKey) -> RunNotFound:
    """Give the refusal for a task instance that its run does not have."""
    msg = f"run {run} has no task instance {ti}; nothing was changed"
    return RunNotFound(msg, dag_id=run.dag_id, run_id=run.run_id)


def lease_lost(key: RunKey, lease: int, found: int) -> LeaseLost:
    """Give the refusal of a scheduler that holds an older *lease* than the one *found*."""
    msg = (
        f"run {key} was taken over by another scheduler (lease {found}, this one holds {lease}); "
        "nothing was changed, stop working on it"
    )
    return LeaseLost(msg, dag_id=key.dag_id, run_id=key.run_id)
