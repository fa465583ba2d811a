"""How sizes, times and previews are written for people."""

from __future__ import annotations

from crosscom.model.times import moment

_KIB = 1024
_FOUR_DIGITS = 999.5


def human_size(size_bytes: int) -> str:
    """Give a size with three digits at most.

    >>> human_size(24), human_size(2048), human_size(5_000_000)
    ('24 B', '2 KiB', '4.8 MiB')
    """
    if size_bytes < _FOUR_DIGITS:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("KiB", "MiB", "GiB"):
        size /= _KIB
        if size < _FOUR_DIGITS:
            return (
                f"{size:.0f} {unit}" if size >= 100 or size.is_integer() else f"{size:.1f} {unit}"
            )
    return f"{size / _KIB:.1f} TiB"


def iso_time(time_us: int) -> str:
    """Give microseconds since 1970 as an ISO 8601 text in UTC, nothing lost.

    >>> iso_time(1_000_000)
    '1970-01-01T00:00:01.000000Z'
    """
    return moment(time_us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def short_time(time_us: int | None) -> str:
    """Give microseconds since 1970 to the second, or nothing where there is no time.

    >>> short_time(1_500_000)
    '1970-01-01T00:00:01Z'
    """
    return "" if time_us is None else iso_time(time_us)[:19] + "Z"


def seconds_between(started_at_us: int | None, ended_at_us: int | None) -> float | None:
    """Give the seconds from start to end, or None where one of them is missing."""
    if started_at_us is None or ended_at_us is None:
        return None
    return max(0, ended_at_us - started_at_us) / 1_000_000


def short_text(text: str, width: int = 60) -> str:
    r"""Give the first *width* characters of *text*, safe to show on a terminal.

    >>> short_text("\x1b[31mred"), short_text("abcdef", 4)
    ('\\x1b[31mred', 'abc…')
    """
    shown = printable(text[: width + 1])
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def printable(text: str) -> str:
    """Give *text* with whatever could steer a terminal written out as an escape."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )
