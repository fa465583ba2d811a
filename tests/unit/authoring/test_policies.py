"""Retry policies and durations as arguments give them."""

from datetime import timedelta

import pytest

from crosscom.authoring.policies import (
    as_factor,
    as_optional_timedelta,
    as_retries,
    as_timedelta,
    check_choice,
    check_positive,
)


@pytest.mark.parametrize("given", [timedelta(seconds=90), 90, 90.0])
def test_a_duration_is_a_timedelta_or_seconds(given):
    """A number counts seconds."""
    assert as_timedelta("retry_delay", given) == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ("5m", TypeError, "retry_delay must be a timedelta or a number of seconds, not str"),
        (True, TypeError, "retry_delay must be a timedelta or a number of seconds, not bool"),
        (-1, ValueError, "retry_delay must not be negative"),
        (timedelta(-1), ValueError, "retry_delay must not be negative"),
        (float("inf"), ValueError, "retry_delay must be a finite number of seconds"),
    ],
)
def test_what_is_no_duration_is_refused(given, error, text):
    """The text names the argument and what it must be."""
    with pytest.raises(error) as caught:
        as_timedelta("retry_delay", given)
    assert str(caught.value) == text


def test_no_duration_stays_none():
    """Where a duration may be left out, None means that."""
    assert as_optional_timedelta("execution_timeout", None) is None
    assert as_optional_timedelta("execution_timeout", 1) == timedelta(seconds=1)


@pytest.mark.parametrize(("given", "retries"), [(None, 0), (0, 0), (3, 3)])
def test_retries_are_counted(given, retries):
    """None is no retry, as in Airflow."""
    assert as_retries(given) == retries


@pytest.mark.parametrize(
    ("given", "error"), [("3", TypeError), (True, TypeError), (1.5, TypeError), (-1, ValueError)]
)
def test_retries_are_an_int_of_at_least_0(given, error):
    """Anything else is refused."""
    with pytest.raises(error, match="retries must"):
        as_retries(given)


@pytest.mark.parametrize(("given", "factor"), [(True, 2.0), (False, 0.0), (0, 0.0), (1.5, 1.5)])
def test_backoff_is_a_bool_or_a_factor(given, factor):
    """True doubles, False keeps the delay, a number multiplies it."""
    assert as_factor(given) == factor


@pytest.mark.parametrize(
    ("given", "error"), [("2", TypeError), (0.5, ValueError), (-2, ValueError), (1e999, ValueError)]
)
def test_a_factor_does_not_shrink_delays(given, error):
    """Factors below 1 and what is no number are refused."""
    with pytest.raises(error, match="retry_exponential_backoff must be"):
        as_factor(given)


def test_a_choice_is_one_of_its_names():
    """None and the names pass, anything else is told the names."""
    check_choice("isolation", None, ("process", "none"))
    check_choice("isolation", "none", ("process", "none"))
    with pytest.raises(ValueError, match="^isolation must be one of process, none$"):
        check_choice("isolation", "thread", ("process", "none"))


@pytest.mark.parametrize("given", [0, -1, True, "2", 1.0])
def test_a_count_is_at_least_1(given):
    """None and ints from 1 pass."""
    check_positive("max_active_tasks", None)
    check_positive("max_active_tasks", 1)
    with pytest.raises(ValueError, match="^max_active_tasks must be an int of at least 1$"):
        check_positive("max_active_tasks", given)
