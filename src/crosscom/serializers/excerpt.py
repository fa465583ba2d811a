"""A short text of a value for people, close to how Python shows it.

It looks at a bounded part of the value, and asks no class of the user for its `repr`.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PosixPath, PurePath, PurePosixPath, PureWindowsPath, WindowsPath
from types import NoneType
from typing import Any
from uuid import UUID

from crosscom.serializers.classes import names_of
from crosscom.serializers.layout import ABSENT, Layout, instance_dict, is_enum, named_fields
from crosscom.serializers.scalars import decimal_text

_DEEPEST = 6
_LARGEST_SORTED_SET = 20
_MOST_BITS = 1_000


def excerpt(value: object, most: int) -> str:
    """Give at most *most* characters of text about a value that can be kept.

    >>> excerpt({"n": 1, "when": date(2026, 1, 31)}, 100)
    "{'n': 1, 'when': date('2026-01-31')}"
    >>> excerpt(list(range(1_000_000)), 20)
    '[0, 1, 2, 3, 4, 5, …'
    """
    return _cut(_show(value, most, 0), most)


def _cut(texts: Iterator[str], most: int) -> str:
    """Put texts together until there are enough of them."""
    pieces: list[str] = []
    length = 0
    for piece in texts:
        pieces.append(piece)
        length += len(piece)
        if length > most:
            return "".join(pieces)[: most - 1] + "…"
    return "".join(pieces)


def _show(value: Any, most: int, depth: int) -> Iterator[str]:
    """Give the text in pieces, so that what is not needed is never made."""
    kind = type(value)
    if kind in _SIMPLE:
        yield _SIMPLE[kind](value, most)
    elif depth > _DEEPEST:
        yield "…"
    elif kind in _BRACKETS:
        before, after = _BRACKETS[kind]
        yield before
        yield from _items(value, most, depth)
        yield ",)" if kind is tuple and len(value) == 1 else after
    elif kind in _MAPPINGS:
        before, after = _MAPPINGS[kind]
        yield before
        yield from _pairs(value.items(), ": ", most, depth)
        yield after
    elif kind in (set, frozenset):
        yield from _set(value, most, depth)
    else:
        yield from _instance(value, most, depth)


def _items(values: Iterable[Any], most: int, depth: int) -> Iterator[str]:
    for index, item in enumerate(values):
        if index:
            yield ", "
        yield from _show(item, most, depth + 1)


def _pairs(pairs: Iterable[tuple[Any, Any]], between: str, most: int, depth: int) -> Iterator[str]:
    for index, (key, item) in enumerate(pairs):
        if index:
            yield ", "
        # The name of a field stands without quotes.
        yield from (key,) if between == "=" else _show(key, most, depth + 1)
        yield between
        yield from _show(item, most, depth + 1)


def _set(value: set[Any] | frozenset[Any], most: int, depth: int) -> Iterator[str]:
    yield "frozenset({" if type(value) is frozenset else "{" if value else "set("
    if len(value) <= _LARGEST_SORTED_SET:
        # All of them are shown before they are sorted: each gets its share of the room.
        share = most // max(1, len(value))
        yield ", ".join(sorted(_cut(_show(item, share, depth + 1), share) for item in value))
    else:
        yield from _items(value, most, depth)
    yield "})" if type(value) is frozenset else "}" if value else ")"


def _instance(value: Any, most: int, depth: int) -> Iterator[str]:
    cls = type(value)
    name = names_of(cls)[1]
    names = named_fields(cls)
    if is_enum(cls):
        own = instance_dict(value)
        yield f"{name}.{own['_name_']}" if own.get("_name_") else f"{name}({own['_value_']})"
        return
    if names is not None:
        fields = dict(zip(names, tuple.__iter__(value), strict=True))
    else:
        fields = {
            name: item for name, item in Layout(cls).read(value).items() if item is not ABSENT
        }
    yield f"{name}("
    yield from _pairs(fields.items(), "=", most, depth)
    yield ")"


def _number(value: int, _most: int = 0) -> str:
    return (
        str(value) if value.bit_length() <= _MOST_BITS else f"<int of {value.bit_length():,} bits>"
    )


def _text(value: str, most: int) -> str:
    return repr(value) if len(value) <= most else repr(value[:most])[:-1] + "…"


def _bytes(value: bytes | bytearray, most: int) -> str:
    return repr(value) if len(value) <= most else repr(value[:most]) + "…"


def _moment(value: date | time, _most: int) -> str:
    return f"{type(value).__name__}('{value.isoformat()}')"


def _range(value: range, _most: int) -> str:
    step = "" if value.step == 1 else f", {_number(value.step)}"
    return f"range({_number(value.start)}, {_number(value.stop)}{step})"


def _decimal(value: Decimal, _most: int) -> str:
    return f"Decimal('{decimal_text(value)}')"


def _path(value: PurePath, most: int) -> str:
    return f"{type(value).__name__}({_text(str(value), most)})"


def _repr(value: object, _most: int) -> str:
    return repr(value).removeprefix("datetime.")


_SIMPLE: dict[type, Callable[[Any, int], str]] = {
    **dict.fromkeys((NoneType, bool, float, complex, UUID, timedelta), _repr),
    int: _number,
    Decimal: _decimal,
    **dict.fromkeys((PosixPath, WindowsPath, PurePosixPath, PureWindowsPath), _path),
    str: _text,
    bytes: _bytes,
    bytearray: _bytes,
    datetime: _moment,
    date: _moment,
    time: _moment,
    range: _range,
}
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    deque: ("deque([", "])"),
}
_MAPPINGS: dict[type, tuple[str, str]] = {
    dict: ("{", "}"),
    OrderedDict: ("OrderedDict({", "})"),
    Counter: ("Counter({", "})"),
    defaultdict: ("defaultdict({", "})"),
}
