"""What a failed, lost or interrupted try makes of its task instance."""

from __future__ import annotations

import math
from hashlib import blake2b

from crosscom.model import AttemptState, TaskDescription, TaskInstanceKey, TaskState, TryEnd

MAX_RETRY_DELAY_SECONDS = 24.0 * 60 * 60
"""No growing delay is longer than a day, as in Airflow."""

MOST_LOST_TRIES = 3
"""How many tries in a row may die with their scheduler before one of them uses a retry."""

MAX_ERROR_CHARACTERS = 1_000

_SECOND_US = 1_000_000


def after_failure(
    task: TaskDescription,
    ti: TaskInstanceKey,
    try_number: int,
    max_tries: int,
    now_us: int,
    error: str | None = None,
) -> TryEnd:
    """Give the end of a failed try: `up_for_retry` while a try is left, else `failed`.

    Args:
        task: Its policy.
        ti: Its task instance.
        try_number: The number of the try that failed.
        max_tries: The last try number that may still be started.
        now_us: When it failed, in microseconds since 1970.
        error: What ended it; cut to 1,000 characters.
    """
    error = None if error is None else error[:MAX_ERROR_CHARACTERS]
    if try_number >= max_tries:
        return TryEnd(AttemptState.FAILED, TaskState.FAILED, error=error)
    retry_at_us = now_us + round(retry_delay_seconds(task, ti, try_number) * _SECOND_US)
    return TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us, error=error)


def after_loss(
    task: TaskDescription,
    ti: TaskInstanceKey,
    try_number: int,
    max_tries: int,
    now_us: int,
    *,
    lost_tries: int,
) -> TryEnd:
    """Give the end of a try that died with its scheduler: it starts again and uses no retry.

    Args:
        task: Its policy.
        ti: Its task instance.
        try_number: The number of the try that was lost.
        max_tries: The last try number that may still be started.
        now_us: When it was found, in microseconds since 1970.
        lost_tries: How many tries in a row were lost before this one. After
            `MOST_LOST_TRIES` of them it is the task that kills its scheduler, and the
            loss counts as a failure.
    """
    error = "the try was lost: its scheduler died while it ran"
    if lost_tries >= MOST_LOST_TRIES:
        return after_failure(task, ti, try_number, max_tries, now_us, error)
    return TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, now_us, uses_retry=False, error=error)


def after_interrupt(now_us: int) -> TryEnd:
    """Give the end of a try whose scheduler was told to stop: `resume` starts it again."""
    return TryEnd(
        AttemptState.INTERRUPTED,
        TaskState.UP_FOR_RETRY,
        now_us,
        uses_retry=False,
        error="the try was interrupted: its scheduler was told to stop",
    )


def retry_delay_seconds(task: TaskDescription, ti: TaskInstanceKey, try_number: int) -> float:
    """Give the seconds between the failure of try *try_number* and the next try.

    Without backoff that is `retry_delay`. With it (a factor, 2 for `True`) the n-th delay
    lies between `retry_delay * factor ** (n - 1)` and twice that, at most a day and at most
    `max_retry_delay`. Where it lies there is drawn from the identity of the try, as in
    Airflow: the same try always waits equally long, and many tasks that fail together do
    not come back together.
    """
    factor = task.retry_exponential_backoff
    if factor <= 0 or factor == 1:
        return task.retry_delay_seconds
    try:
        least = task.retry_delay_seconds * factor ** (try_number - 1)
    except OverflowError:
        least = math.inf
    most = MAX_RETRY_DELAY_SECONDS
    if task.max_retry_delay_seconds is not None:
        most = min(most, task.max_retry_delay_seconds)
    return min(least * (1 + _fraction(ti, try_number)), most)


def _fraction(ti: TaskInstanceKey, try_number: int) -> float:
    """Give a number from 0 to 1 that depends on the try and nothing else."""
    digest = blake2b(f"{ti}#{try_number}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
