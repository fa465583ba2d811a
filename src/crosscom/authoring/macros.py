"""`macros` in templates, and the forms in which templates show a date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

__all__ = ["datetime", "datetime_diff_for_humans", "ds_add", "ds_format", "time", "timedelta"]


def ds_add(ds: str, days: int) -> str:
    """Give the day *days* after *ds*, a day as `2026-01-31`.

    >>> ds_add("2026-01-31", 1)
    '2026-02-01'
    """
    return as_ds(_parsed(ds, "%Y-%m-%d") + timedelta(days))


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """Give the date *ds*, written as *input_format*, in *output_format*.

    >>> ds_format("2026-01-31", "%Y-%m-%d", "%d.%m.%y")
    '31.01.26'
    """
    return _parsed(str(ds), input_format).strftime(output_format)


def datetime_diff_for_humans(dt: datetime, since: datetime | None = None) -> str:
    """Say about how long *dt* is before or after *since*, or now.

    >>> datetime_diff_for_humans(datetime(2026, 1, 1), since=datetime(2026, 1, 4))
    '3 days before'
    """
    zone = UTC if dt.tzinfo is not None else None
    difference = dt - (since or datetime.now(zone))
    amount = _rough(abs(difference))
    if since is None:
        return f"in {amount}" if difference > timedelta(0) else f"{amount} ago"
    return f"{amount} after" if difference > timedelta(0) else f"{amount} before"


_UNITS = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("week", timedelta(weeks=1)),
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)


def _rough(span: timedelta) -> str:
    for name, unit in _UNITS:
        if span >= unit:
            count = span // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "a few seconds"


def _parsed(text: str, form: str) -> datetime:
    # A day in a template has no zone, and none is wanted.
    return datetime.strptime(text, form)  # noqa: DTZ007


def as_ds(moment: date) -> str:
    """Give the day as `2026-01-31`."""
    return moment.strftime("%Y-%m-%d")


def as_ds_nodash(moment: date) -> str:
    """Give the day as `20260131`."""
    return moment.strftime("%Y%m%d")


def as_ts(moment: date) -> str:
    """Give the moment as `2026-01-31T10:00:00+00:00`."""
    return moment.isoformat()


def as_ts_nodash(moment: date) -> str:
    """Give the moment as `20260131T100000`."""
    return moment.strftime("%Y%m%dT%H%M%S")


def as_ts_nodash_with_tz(moment: date) -> str:
    """Give the moment as `20260131T100000+0000`."""
    return moment.isoformat().replace("-", "").replace(":", "")


def __getattr__(name: str) -> Any:
    # Few templates use these, and every start of a DAG file would pay for their import.
    if name in ("json", "uuid", "random"):
        from importlib import import_module  # noqa: PLC0415

        module = import_module(name)
        return module.random if name == "random" else module
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
