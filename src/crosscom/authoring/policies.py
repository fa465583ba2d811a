"""Retry policies and durations, as arguments may give them."""

from __future__ import annotations

import math
from datetime import timedelta


def as_timedelta(name: str, value: object) -> timedelta:
    """Give a duration; a number is seconds.

    Raises:
        TypeError: It is neither a number nor a `timedelta`.
        ValueError: It is negative, or no finite number.
    """
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            msg = f"{name} must be a finite number of seconds"
            raise ValueError(msg)
        duration = timedelta(seconds=value)
    else:
        msg = f"{name} must be a timedelta or a number of seconds, not {type(value).__name__}"
        raise TypeError(msg)
    if duration < timedelta(0):
        msg = f"{name} must not be negative"
        raise ValueError(msg)
    return duration


def as_optional_timedelta(name: str, value: object) -> timedelta | None:
    """Give a duration, or None for None.

    Raises:
        TypeError, ValueError: As `as_timedelta` does.
    """
    return None if value is None else as_timedelta(name, value)


def as_retries(value: object) -> int:
    """Give how often a task is tried again; None is 0.

    Raises:
        TypeError: It is no int.
        ValueError: It is negative.
    """
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"retries must be an int, not {type(value).__name__}"
        raise TypeError(msg)
    if value < 0:
        msg = f"retries must not be negative; found {value}"
        raise ValueError(msg)
    return value


def as_factor(value: object) -> float:
    """Give the factor between the delays of retries; True is 2, False is 0 (constant delays).

    Raises:
        TypeError: It is neither a bool nor a number.
        ValueError: It is not 0 and less than 1, or no finite number.
    """
    if isinstance(value, bool):
        return 2.0 if value else 0.0
    if not isinstance(value, int | float):
        msg = f"retry_exponential_backoff must be a bool or a number, not {type(value).__name__}"
        raise TypeError(msg)
    if not math.isfinite(value) or (value != 0 and value < 1):
        msg = f"retry_exponential_backoff must be 0 or at least 1; found {value}"
        raise ValueError(msg)
    return float(value)


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse what is neither None nor one of *choices*.

    Raises:
        ValueError: It is not.
    """
    if value is not None and value not in choices:
        msg = f"{name} must be one of {', '.join(choices)}"
        raise ValueError(msg)


def check_positive(name: str, value: object) -> None:
    """Refuse what is neither None nor an int of at least 1.

    Raises:
        ValueError: It is not.
    """
    if value is not None and (type(value) is not int or value < 1):
        msg = f"{name} must be an int of at least 1"
        raise ValueError(msg)
