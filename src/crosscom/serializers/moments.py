"""Dates, times, durations and their time zones as trees.

A zone is either a named one of `zoneinfo`, which comes back by its name, or a fixed offset.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from crosscom.errors import XComDecodeError
from crosscom.serializers.classes import type_name
from crosscom.serializers.refusal import Refused
from crosscom.serializers.scalars import write_text
from crosscom.serializers.walking import Kind, Reader, Tree, Writer, kind, part

_Moment = TypeVar("_Moment", date, datetime, time)

_OF_ZONES = "value fold zone offset name"


def _write_date(value: date, writer: Writer, _room: int) -> Tree:
    return writer.tag("date", value=value.isoformat())


def _read_date(node: dict[str, Tree], _reader: Reader) -> date:
    return _checked(date.fromisoformat, part(node, "value", str))


def _write_datetime(value: datetime, writer: Writer, room: int) -> Tree:
    parts = _write_zone(value.tzinfo, value.fold, writer, room)
    return writer.tag("datetime", value=value.replace(tzinfo=None).isoformat(), **parts)


def _read_datetime(node: dict[str, Tree], reader: Reader) -> datetime:
    wall = _checked(datetime.fromisoformat, part(node, "value", str))
    return wall.replace(tzinfo=_read_zone(node, reader), fold=_read_fold(node))


def _write_time(value: time, writer: Writer, room: int) -> Tree:
    parts = _write_zone(value.tzinfo, value.fold, writer, room)
    return writer.tag("time", value=value.replace(tzinfo=None).isoformat(), **parts)


def _read_time(node: dict[str, Tree], reader: Reader) -> time:
    wall = _checked(time.fromisoformat, part(node, "value", str))
    return wall.replace(tzinfo=_read_zone(node, reader), fold=_read_fold(node))


def _write_timedelta(value: timedelta, writer: Writer, _room: int) -> Tree:
    return writer.tag(
        "timedelta", days=value.days, seconds=value.seconds, microseconds=value.microseconds
    )


def _read_timedelta(node: dict[str, Tree], _reader: Reader) -> timedelta:
    units = {name: part(node, name, int) for name in ("days", "seconds", "microseconds")}
    return timedelta(**units)


def _write_zone(zone: tzinfo | None, fold: int, writer: Writer, room: int) -> dict[str, Tree]:
    parts: dict[str, Tree] = {"fold": 1} if fold else {}
    if zone is None:
        return parts
    if type(zone) is timezone:
        # What it was made from: an offset, and a name where one was given.
        offset, *name = zone.__getinitargs__()  # type: ignore[attr-defined] # in every version
        parts["offset"] = _offset_text(timezone(offset))
        if name:
            parts["name"] = write_text(name[0], writer, room)
        return parts
    if type(zone) is ZoneInfo and _is_known_by_key(zone):
        return parts | {"zone": zone.key}
    refused = Refused(
        "its zone cannot be found again by name; use zoneinfo.ZoneInfo(...) or datetime.timezone",
        type_name(type(zone)),
    )
    refused.under(".tzinfo")
    raise refused


def _is_known_by_key(zone: ZoneInfo) -> bool:
    """Tell whether `ZoneInfo(zone.key)` gives this very zone: one read from a file may differ."""
    try:
        reduced: Any = zone.__reduce__()
    except Exception:  # noqa: BLE001 - a PicklingError, but nothing here imports pickle
        return False
    _, (_, is_cached) = reduced
    return bool(is_cached)


def _read_zone(node: dict[str, Tree], reader: Reader) -> tzinfo | None:
    if "zone" in node:
        return _find_zone(part(node, "zone", str))
    if "offset" not in node:
        return None
    text = part(node, "offset", str)
    zone = time.fromisoformat("00:00:00" + text).tzinfo
    if type(zone) is not timezone or _offset_text(zone) != text:
        raise ValueError
    return timezone(zone.utcoffset(None), _name(node, reader)) if "name" in node else zone


def _offset_text(zone: timezone) -> str:
    """Write an offset as `+01:00`, with seconds where it has some."""
    return time(tzinfo=zone).isoformat().removeprefix("00:00:00")


def _name(node: dict[str, Tree], reader: Reader) -> str:
    name = reader.value(node["name"])
    if type(name) is not str:
        raise TypeError
    return name


def _find_zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        msg = "a time zone of the value is not known here; install the package tzdata"
        raise XComDecodeError(msg) from None


def _read_fold(node: dict[str, Tree]) -> int:
    return part(node, "fold", int) if "fold" in node else 0


def _checked(parse: Callable[[str], _Moment], text: str) -> _Moment:
    """Parse *text*, which must be as crosscom writes it: Python reads many more forms."""
    value = parse(text)
    if value.isoformat() != text or getattr(value, "tzinfo", None) is not None:
        raise ValueError
    return value


KINDS: tuple[Kind, ...] = (
    kind("datetime", datetime, _OF_ZONES, _write_datetime, _read_datetime),
    kind("date", date, "value", _write_date, _read_date),
    kind("time", time, _OF_ZONES, _write_time, _read_time),
    kind("timedelta", timedelta, "days seconds microseconds", _write_timedelta, _read_timedelta),
)
