"""Plain JSON: what JSON itself can say exactly, checked and written at the speed of C.

Plain are None, bool, int, finite float, str without lone surrogates, list, and dict with such
str keys, nested up to 500 levels: exactly these types and no subclass of them. A dict that has
the marker key of the tagged form is not plain, so that no plain payload looks like a tagged one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from itertools import chain, compress, repeat
from math import isfinite
from operator import contains, is_
from sys import get_int_max_str_digits, getrecursionlimit
from types import NoneType
from typing import Any, NoReturn

import msgspec

from crosscom.serializers.digits import MOST_DIGITS, from_decimal

MARKER = "@"
"""The key that marks an object of the tagged form."""

LEVELS = 500
"""How many lists and objects may lie in each other in what is written."""

SCALARS = frozenset({str, int, float, bool, NoneType})

_CONTAINERS = frozenset({dict, list})
_PLAIN = SCALARS | _CONTAINERS
_KEYS = frozenset({str})
_SELDOM_DEEPER = 8  # levels of most values
_FEW = 32  # items that are looked at one by one
_MANY = 1_000_000  # items of one level, from which on a container counts once
_USUAL_LIMIT = 3000  # calls of C that any stack has room for
_DEEPEST_TAG = 3  # what a tag without items adds to the levels of containers
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

# Both keep no state between calls.
_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder()

write_json = _ENCODER.encode
"""Write JSON with the fewest bytes."""


def encode(value: object, levels: int = LEVELS) -> bytes | None:
    """Give *value* as JSON, or None where it is not plain or has more than *levels* levels.

    No work in Python per item of a large container; nothing of an object that is not plain is
    touched but its type.

    Raises:
        RecursionError: The caller's stack leaves too little room.
    """
    # msgspec writes as many digits as this process allows, and reads 4,300.
    if get_int_max_str_digits() != MOST_DIGITS or not _is_plain(value, levels):
        return None
    try:
        data = _ENCODER.encode(value)
    except (ValueError, OverflowError):  # a lone surrogate, or an int of too many digits
        return None
    # msgspec writes `null` for NaN and infinities: only then is it worth to look at each float.
    # (The search for one byte is fifty times as fast as that for four.)
    if b"n" in data and b"null" in data and not _is_plain(value, levels, finite=True):
        return None
    return data


def decode(data: bytes) -> Any:
    """Give the value that JSON stands for.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested deeper than the caller's stack leaves room for.
    """
    # Python 3.11 counts C calls against the limit of Python's: a raised one guards nothing.
    if getrecursionlimit() > _USUAL_LIMIT and _is_too_deep(data):
        msg = "nested too deep"
        raise ValueError(msg)
    try:
        return _DECODER.decode(data)
    except msgspec.ValidationError:
        # msgspec counts the sign of an int as one of the 4,300 digits, and obeys this
        # process's own, perhaps lower, limit. Such numbers are rare: read them slowly.
        return _SLOW_DECODER.decode(data.decode())


def _is_plain(value: object, levels: int, *, finite: bool = False) -> bool:
    """Tell whether only plain types lie in *value*; with *finite*, also only finite floats."""
    items: Collection[Any]
    if type(value) is dict:
        if MARKER in value or not _KEYS.issuperset(map(type, value)):
            return False
        items = value.values()
    elif type(value) is list:
        items = value
    else:
        items = (value,)
        levels = 1
    if finite or len(items) >= _FEW or levels <= LEVELS - _SELDOM_DEEPER:
        return _are_plain(items, levels, finite=finite)
    for item in items:
        kind = type(item)
        if kind not in SCALARS and (kind not in _CONTAINERS or not _is_plain(item, levels - 1)):
            return False
    return True


def _are_plain(items: Collection[Any], levels: int, *, finite: bool) -> bool:
    """Tell it of the items of a container, level by level, all containers of a level at once."""
    seen: set[int] = set()
    level = 0
    while True:
        level += 1
        kinds = set(map(type, items))
        if finite and float in kinds and not all(map(isfinite, _of(float, items, kinds))):
            return False
        if kinds <= SCALARS:
            return True
        if level == levels or not kinds <= _PLAIN:
            return False
        lists, dicts = _once(_of(list, items, kinds)), _once(_of(dict, items, kinds))
        if level > _SELDOM_DEEPER:
            # Deep down, a container that was met before hints at a cycle: that is for the
            # writer, which can tell where it closes.
            ids = set(map(id, chain(lists, dicts)))
            if not seen.isdisjoint(ids):
                return False
            seen |= ids
        if dicts and not _have_plain_keys(dicts):
            return False
        items = _inside(lists, dicts)


def _of(kind: type, items: Collection[Any], kinds: set[type]) -> Collection[Any]:
    """Give the items of one of the *kinds* there are."""
    if kind not in kinds:
        return ()
    if len(kinds) == 1:
        return items
    return list(compress(items, map(is_, map(type, items), repeat(kind))))


def _once(containers: Collection[Any]) -> Collection[Any]:
    """Give each container once where together they hold many items: a few may lie everywhere."""
    if sum(map(len, containers)) <= _MANY:
        return containers
    return dict(zip(map(id, containers), containers, strict=True)).values()


def _have_plain_keys(dicts: Collection[dict[Any, Any]]) -> bool:
    return _KEYS.issuperset(map(type, chain.from_iterable(dicts))) and not any(
        map(contains, dicts, repeat(MARKER))
    )


def _inside(lists: Collection[list[Any]], dicts: Collection[dict[Any, Any]]) -> Collection[Any]:
    if len(lists) + len(dicts) > 1:
        return [*chain.from_iterable(lists), *chain.from_iterable(map(dict.values, dicts))]
    for single in lists:
        return single
    return next(iter(dicts)).values()


def _is_too_deep(data: bytes) -> bool:
    """Tell whether brackets are nested deeper than anything that is written, or do not match."""
    brackets = _TEXTS.sub(b"", data).translate(None, _ALL_BUT_BRACKETS)
    for _ in range(LEVELS + _DEEPEST_TAG):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        msg = "a number out of range"
        raise ValueError(msg)
    return number


def _no_constant(_: str) -> NoReturn:
    msg = "no number"
    raise ValueError(msg)


_SLOW_DECODER = json.JSONDecoder(
    parse_int=from_decimal, parse_float=_finite, parse_constant=_no_constant
)
