from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.errors import XComCorrupted, XComDecodeError
from crosscom.model import Payload
from crosscom.serializers import ClassFinder, deserialize, serialize

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

OWN = ClassFinder(bundle_root=Path(__file__).parent)
FILE = Path(__file__).name


class Color(enum.Enum):
    RED = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Row(NamedTuple):
    id: Any


@dataclass(frozen=True)
class Point:
    x: Any
    y: Any = 0


TAGS = st.sampled_from(
    [
        "int",
        "float",
        "str",
        "complex",
        "bytes",
        "bytearray",
        "Decimal",
        "UUID",
        "range",
        "PosixPath",
        "WindowsPath",
        "PurePosixPath",
        "datetime",
        "date",
        "time",
        "timedelta",
        "dict",
        "tuple",
        "set",
        "frozenset",
        "deque",
        "OrderedDict",
        "Counter",
        "defaultdict",
        "enum",
        "flag",
        "namedtuple",
        "dataclass",
        "unset",
        "preview",
        "other",
    ]
)
PARTS = st.sampled_from(
    [
        "hex",
        "value",
        "escaped",
        "real",
        "imag",
        "base64",
        "made",
        "start",
        "stop",
        "step",
        "fold",
        "zone",
        "offset",
        "name",
        "items",
        "maxlen",
        "factory",
        "class",
        "fields",
        "days",
        "seconds",
        "microseconds",
        "extra",
        "@",
    ]
)
CLASSES = st.sampled_from(
    [f"{FILE}:{name}" for name in ("Color", "Access", "Row", "Point", "Path", "pytest", "")]
    + ["os:system", "builtins:eval", "../x.py:Y", ":", "a:b:c"]
)
TEXTS = (
    st.sampled_from(
        [
            "nan",
            "inf",
            "RED",
            "READ",
            "+01:00",
            "-00:00",
            "Europe/Berlin",
            "../../etc/passwd",
            "Europe",
            "2026-01-31",
            "2026-01-31T12:00:00+01:00",
            "12:00",
            "1.5",
            "1E+3",
            "sNaN",
            "list",
            "x",
            "id",
            "-ff",
            "YQ==",
            "safe",
            "\\ud800",
        ]
    )
    | CLASSES
    | st.text()
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3)
        | st.dictionaries(PARTS | st.sampled_from(["x", "y", "id"]), inner, max_size=4)
        | st.builds(
            lambda tag, parts: {"@": tag, **parts}, TAGS, st.dictionaries(PARTS, inner, max_size=3)
        )
    ),
    max_leaves=15,
)
VALID = [
    serialize(value, OWN).payload.data
    for value in (
        {"a": [1, (2, 3)], "b": {1: {4, 5}}, "c": b"bytes", "@": None},
        [Point(1, Row([1.5])), Color.RED, Access.READ | Access.WRITE, 10**5000],
        ["\ud800 and more", float("nan"), complex(1, -0.0), Path("a/b"), range(3)],
    )
]


def decodes_or_tells(payload):
    """Decode, and let pass only the two errors that are made for this."""
    text = ""
    try:
        deserialize(payload, OWN)
    except (XComCorrupted, XComDecodeError) as error:
        text = str(error)
    assert "\n" not in text
    assert len(text) < 700


@given(TREES)
def test_a_tree_of_marked_objects_is_read_or_refused(tree):
    """Any JSON with tags, parts and class names in wrong places is read or refused."""
    decodes_or_tells(Payload("tagged", json.dumps(tree).encode()))


@given(st.sampled_from(["json", "tagged"]), st.binary() | TREES.map(lambda t: repr(t).encode()))
def test_garbage_is_refused(encoding, data):
    """Any bytes at all are read or refused."""
    decodes_or_tells(Payload(encoding, data))


@given(
    st.sampled_from(VALID),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 6), st.binary(max_size=4)),
        min_size=1,
        max_size=5,
    ),
)
def test_damaged_payloads_are_read_or_refused(data, damages):
    """Valid bytes with pieces cut out or put in are read or refused."""
    for place, cut, put in damages:
        start = place % len(data)
        data = data[:start] + put + data[start + cut :] or b"x"

    decodes_or_tells(Payload("tagged", data))


@given(st.sampled_from(VALID), st.integers(0, 10**6), TREES)
def test_payloads_with_a_foreign_part_are_read_or_refused(data, place, tree):
    """Valid bytes with one of their parts replaced by another tree are read or refused."""
    root: list[Any] = [json.loads(data)]
    holders: list[Any] = [root]
    for holder in holders:
        inside = holder.values() if isinstance(holder, dict) else holder
        holders += [item for item in inside if isinstance(item, dict | list) and item]
    holder = holders[place % len(holders)]
    key = sorted(holder)[place % len(holder)] if isinstance(holder, dict) else place % len(holder)
    holder[key] = tree

    decodes_or_tells(Payload("tagged", json.dumps(root[0]).encode()))
