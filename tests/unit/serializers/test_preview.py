from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import json
import pathlib
import uuid
import zoneinfo
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from crosscom.model import Payload
from crosscom.serializers import ClassFinder, describe, preview_text, serialize

OWN = ClassFinder(bundle_root=pathlib.Path(__file__).parent)


class Color(enum.Enum):
    RED = 1


class Access(enum.IntFlag):
    READ = 1


class Row(NamedTuple):
    id: int
    name: str


@dataclass
class Point:
    x: Any
    y: Any

    def __repr__(self):
        raise AssertionError


def preview(value):
    """Give a value's preview, read."""
    return json.loads(serialize(value, OWN).preview or "")


def test_small_plain_json_is_its_own_preview():
    """Up to 1 KiB of plain JSON needs no preview: `describe` gives the payload's text."""
    encoded = serialize(["x" * 1020])

    assert encoded.preview is None
    assert describe(encoded.payload) == encoded.payload.data.decode()
    assert serialize(["x" * 1021]).preview is not None


def test_large_plain_json_has_kind_length_and_beginning():
    """A long list shows its kind, its length and how it begins."""
    shown = preview(list(range(100_000)))

    assert shown["@"] == "preview"
    assert shown["kind"] == "list"
    assert shown["length"] == 100_000
    assert shown["text"].startswith("[0, 1, 2, 3, ")
    assert shown["text"].endswith("…")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([10**5000], "[<int of 16,610 bits>]"),
        (decimal.Decimal("1.50"), "Decimal('1.50')"),
        ((1,), "(1,)"),
        ((1, "a", None), "(1, 'a', None)"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (set(), "set()"),
        (frozenset("ba"), "frozenset({'a', 'b'})"),
        ({1: b"a", (2, 3): bytearray(b"b")}, "{1: b'a', (2, 3): bytearray(b'b')}"),
        (float("nan"), "nan"),
        (complex(1, -2), "(1-2j)"),
        ("\ud800", "'\\ud800'"),
        (range(3), "range(0, 3)"),
        (range(0, 9, 2), "range(0, 9, 2)"),
        (dt.date(2026, 1, 31), "date('2026-01-31')"),
        (dt.time(12, 30), "time('12:30:00')"),
        (
            dt.datetime(2026, 1, 31, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
            "datetime('2026-01-31T00:00:00+01:00')",
        ),
        (dt.timedelta(1, 2), "timedelta(days=1, seconds=2)"),
        (uuid.UUID(int=1), "UUID('00000000-0000-0000-0000-000000000001')"),
        (pathlib.PurePosixPath("a/b"), "PurePosixPath('a/b')"),
        (collections.deque([1]), "deque([1])"),
        (collections.Counter("a"), "Counter({'a': 1})"),
        (collections.OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (collections.defaultdict(list), "defaultdict({})"),
        (Color.RED, "Color.RED"),
        (Access(3), "Access(3)"),
        (Row(1, "a"), "Row(id=1, name='a')"),
        (Point(1, Point("a", [])), "Point(x=1, y=Point(x='a', y=[]))"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
def test_a_tagged_value_reads_like_python(value, text):
    """The text of a preview is what a person would expect to see at a prompt."""
    shown = preview(value)
    if isinstance(value, enum.Flag):
        text = text if value.name is None else f"Access.{value.name}"

    assert shown["text"] == text
    assert preview_text(serialize(value, OWN).preview or "") == text


@pytest.mark.parametrize(
    "value",
    [
        ["ü" * 10_000],
        ["\x00" * 10_000],
        ["😀"] * 10_000,
        [[["deep"] * 50] * 50] * 50,
        {f"key {n}": n for n in range(10_000)},
        {(n,) for n in range(10_000)},
        (b"\xff" * 10_000, 10**9000),
        "\ud800" * 10_000,
    ],
    ids=range(8),
)
def test_a_preview_is_at_most_one_kib(value):
    """However long a value and however its text is escaped, the preview stays small."""
    written = serialize(value).preview or ""

    assert len(written.encode()) <= 1024
    assert json.loads(written)["text"]


def test_a_preview_that_cannot_be_made_fails_no_push(monkeypatch):
    """Where the text cannot be made, the preview still names kind and length."""

    def fail(*args):
        raise OverflowError

    monkeypatch.setattr("crosscom.serializers.preview.excerpt", fail)

    assert preview((1, 2)) == {"@": "preview", "kind": "tuple", "length": 2, "text": ""}
    assert preview_text(serialize((1, 2)).preview or "") == "tuple"


def test_the_depth_of_a_preview_is_bounded():
    """Containers deep inside are left out."""
    value: Any = ()
    for _ in range(100):
        value = (value,)

    assert preview(value)["text"] == "(((((((…,),),),),),),)"


def test_a_payload_of_a_foreign_encoding_is_described_by_it():
    """Without a preview, a payload that is no small JSON shows its encoding and its beginning."""
    described = json.loads(describe(Payload("cbor", b"\xff" * 5000)))

    assert described["kind"] == "cbor"
    assert len(describe(Payload("json", b'"' + b"\0" * 5000)).encode()) <= 1024


def test_a_value_is_never_taken_for_a_preview():
    """A dict that looks like a preview is tagged, so its own preview says what it is."""
    value = {"@": "preview", "kind": "list", "text": "fake"}

    assert preview(value)["kind"] == "dict"
    assert preview_text('{"a":1}') == '{"a":1}'
