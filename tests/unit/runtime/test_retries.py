"""What failed, lost and interrupted tries become."""

from dataclasses import replace

import pytest

from crosscom.model import AttemptState, TaskDescription, TaskInstanceKey, TaskState, TryEnd
from crosscom.runtime.retries import (
    MAX_ERROR_CHARACTERS,
    MAX_RETRY_DELAY_SECONDS,
    MOST_LOST_TRIES,
    after_failure,
    after_interrupt,
    after_loss,
    retry_delay_seconds,
)

TI = TaskInstanceKey("sales", "r1", "extract")
TASK = TaskDescription("extract", "@task", retries=2, retry_delay_seconds=10.0)
NOW_US = 1_700_000_000_000_000


def test_a_failed_try_with_another_left_waits_for_its_delay():
    """While a try is left, a failure makes the task instance up_for_retry after retry_delay."""
    end = after_failure(TASK, TI, 1, 3, NOW_US, "ValueError: no")

    assert end == TryEnd(
        AttemptState.FAILED, TaskState.UP_FOR_RETRY, NOW_US + 10_000_000, error="ValueError: no"
    )


def test_the_last_failed_try_fails_its_task():
    """A failure of the last try is the failure of the task instance."""
    end = after_failure(TASK, TI, 3, 3, NOW_US, "ValueError: no")

    assert end == TryEnd(AttemptState.FAILED, TaskState.FAILED, error="ValueError: no")


def test_a_long_error_is_cut():
    """The error that is kept has at most 1,000 characters."""
    end = after_failure(TASK, TI, 3, 3, NOW_US, "x" * 5_000)

    assert end.error == "x" * MAX_ERROR_CHARACTERS


@pytest.mark.parametrize("factor", [0.0, 1.0])
def test_without_backoff_the_delay_is_constant(factor):
    """Without backoff (no factor, or 1) every delay is retry_delay exactly."""
    task = replace(TASK, retry_exponential_backoff=factor)

    assert [10.0] * 3 == [retry_delay_seconds(task, TI, number) for number in (1, 2, 3)]


@pytest.mark.parametrize("factor", [2.0, 3.0])
@pytest.mark.parametrize("try_number", [1, 2, 3, 4])
def test_backoff_grows_by_its_factor(factor, try_number):
    """The n-th delay lies between retry_delay * factor ** (n - 1) and twice that."""
    task = replace(TASK, retry_exponential_backoff=factor)
    least = 10.0 * factor ** (try_number - 1)

    assert least <= retry_delay_seconds(task, TI, try_number) < 2 * least


def test_the_same_try_waits_equally_long():
    """The jitter comes from the identity of the try, so it is the same in every process."""
    task = replace(TASK, retry_exponential_backoff=2.0)

    assert retry_delay_seconds(task, TI, 1) == pytest.approx(16.70, abs=0.01)


def test_tasks_that_fail_together_do_not_come_back_together():
    """Different task instances have different jitter."""
    task = replace(TASK, retry_exponential_backoff=2.0)
    delays = {retry_delay_seconds(task, replace(TI, map_index=n), 1) for n in range(50)}

    assert 50 == len(delays)


def test_max_retry_delay_bounds_backoff():
    """No delay is longer than max_retry_delay."""
    task = replace(TASK, retry_exponential_backoff=2.0, max_retry_delay_seconds=30.0)

    assert 30.0 == retry_delay_seconds(task, TI, 9)


@pytest.mark.parametrize("try_number", [60, 5_000])
def test_backoff_never_waits_longer_than_a_day(try_number):
    """Backoff stops growing at a day, also where the power is no float any more."""
    task = replace(TASK, retry_exponential_backoff=2.0)

    assert MAX_RETRY_DELAY_SECONDS == retry_delay_seconds(task, TI, try_number)


def test_a_lost_try_uses_no_retry():
    """A try that died with its scheduler starts again at once, and max_tries does not count it."""
    end = after_loss(TASK, TI, 3, 3, NOW_US, lost_tries=MOST_LOST_TRIES - 1)

    assert (AttemptState.LOST, TaskState.UP_FOR_RETRY) == (end.attempt_state, end.task_state)
    assert (NOW_US, False) == (end.retry_at_us, end.uses_retry)


def test_after_three_lost_tries_a_loss_is_a_failure():
    """A task that keeps killing its scheduler fails in the end."""
    end = after_loss(TASK, TI, 4, 4, NOW_US, lost_tries=MOST_LOST_TRIES)

    assert (AttemptState.FAILED, TaskState.FAILED, True) == (
        end.attempt_state,
        end.task_state,
        end.uses_retry,
    )
    assert "the try was lost: its scheduler died while it ran" == end.error


def test_an_interrupted_try_uses_no_retry():
    """A try that was stopped together with its scheduler starts again at once on resume."""
    end = after_interrupt(NOW_US)

    assert (AttemptState.INTERRUPTED, TaskState.UP_FOR_RETRY) == (end.attempt_state, end.task_state)
    assert (NOW_US, False) == (end.retry_at_us, end.uses_retry)
