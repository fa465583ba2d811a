"""Times: microseconds since 1970 in records, datetimes for people and tasks. All are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def moment(time_us: int) -> datetime: ...
@overload
def moment(time_us: None) -> None: ...
def moment(time_us: int | None) -> datetime | None:
    """Give microseconds since 1970 as a datetime, and no time as none.

    >>> moment(1_500_000).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return None if time_us is None else _EPOCH + timedelta(microseconds=time_us)


def microseconds(date: datetime) -> int:
    """Give a datetime as microseconds since 1970; one without a zone is taken for UTC.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1))
    1000000
    """
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
