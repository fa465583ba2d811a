from __future__ import annotations

import dataclasses
import enum
import json
import math
import pathlib
import struct
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID, SafeUUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.errors import XComSerializationError
from crosscom.serializers import ClassFinder, deserialize, serialize

# The strategies describe every kind of value: their own text is long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

OWN = ClassFinder(bundle_root=Path(__file__).parent)
T = TypeVar("T")


class Color(enum.Enum):
    RED = "r"
    GREEN = (1, [2])


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Kind(enum.StrEnum):
    ROW = "row"


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()
    RUN = enum.auto()


class Bits(enum.IntFlag):
    ONE = 1
    FOUR = 4


Pair = namedtuple("Pair", "left right")  # noqa: PYI024 - the untyped kind is what is tested


class Row(NamedTuple):
    id: Any
    note: Any = None


class Named(Pair):
    """A named tuple with a method and a dictionary of its own."""

    def both(self) -> str:
        return "both"


@dataclass
class Point:
    x: Any
    y: Any = 0


@dataclass
class Circle(Point):
    radius: Any = 1.0
    area: Any = field(init=False)
    scale: InitVar[int] = 1

    def __post_init__(self, scale: int) -> None:
        if self.radius is None:
            raise RuntimeError
        self.area = scale

    @cached_property
    def label(self) -> str:
        return "a circle"


@dataclass(frozen=True)
class Frozen:
    a: Any
    b: Any = None


@dataclass(frozen=True, slots=True)
class Slotted:
    a: Any
    later: Any = field(default=7, init=False)


@dataclass
class Box(Generic[T]):
    content: T


BITS = st.builds(lambda ones: Bits(sum(ones)), st.sets(st.sampled_from([1, 4, 64])))
ACCESS = st.builds(Access, st.integers(0, 7))
# Hypothesis leaves surrogates out of its texts.
SURROGATES = st.integers(0xD800, 0xDFFF).map(chr)
TEXTS = st.text() | st.lists(SURROGATES | st.sampled_from("a\\u8é")).map("".join)
LARGE_INTS = st.builds(
    lambda power, plus, sign: sign * (10**power + plus),
    st.sampled_from([18, 19, 20, 40, 300]),
    st.integers(-1, 1),
    st.sampled_from([1, -1]),
)
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))
ZONES = (
    st.none()
    | st.timezones()
    | st.builds(timezone, OFFSETS)
    | st.builds(timezone, OFFSETS, TEXTS)
    | st.just(UTC)
)
FOLDS = st.sampled_from([0, 1])
MOMENTS = st.builds(
    lambda wall, zone, fold: wall.replace(tzinfo=zone, fold=fold), st.datetimes(), ZONES, FOLDS
)
TIMES = st.builds(
    lambda wall, zone, fold: wall.replace(tzinfo=zone, fold=fold), st.times(), ZONES, FOLDS
)
DECIMALS = st.decimals() | st.builds(
    lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
    FOLDS,
    st.lists(st.integers(0, 9), max_size=40).map(tuple),
    st.integers(-(10**6), 10**6) | st.sampled_from(["n", "F"]),
)
PATHS = st.builds(
    lambda kind, text: kind(text.replace("\0", "")),
    st.sampled_from([pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.Path]),
    TEXTS,
)
RANGES = st.builds(
    range, st.integers() | LARGE_INTS, st.integers(), st.integers().filter(lambda step: step != 0)
)
UUIDS = st.builds(
    lambda plain, safe: UUID(int=plain.int, is_safe=safe), st.uuids(), st.sampled_from(SafeUUID)
)

HASHABLE_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | LARGE_INTS
    | st.floats()
    | TEXTS
    | st.complex_numbers()
    | st.binary()
    | DECIMALS
    | MOMENTS
    | st.dates()
    | TIMES
    | st.timedeltas()
    | UUIDS
    | PATHS
    | RANGES
    | st.sampled_from([*Color, *Level, *Kind])
    | ACCESS
    | BITS
)
HASHABLES = st.recursive(
    HASHABLE_SCALARS.filter(lambda value: type(value) is not Decimal or not value.is_snan()),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.frozensets(inner, max_size=4)
        | st.builds(Row, inner, inner)
        | st.builds(Frozen, inner, inner)
        | st.builds(Slotted, inner)
    ),
    max_leaves=6,
)
SIGNALLING = st.sampled_from([Decimal("sNaN"), Decimal("-sNaN123")])
FACTORIES = st.sampled_from([None, list, int, dict, set, str])


def containers(inner):
    """Give every kind of container over what *inner* gives."""
    return (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(TEXTS | st.just("@"), inner, max_size=4)
        | st.dictionaries(HASHABLES, inner, max_size=4)
        | st.sets(HASHABLES, max_size=4)
        | st.builds(deque, st.lists(inner, max_size=4), st.none() | st.integers(4, 9))
        | st.dictionaries(HASHABLES, inner, max_size=3).map(OrderedDict)
        | st.builds(defaultdict, FACTORIES, st.dictionaries(HASHABLES, inner, max_size=3))
        | st.lists(HASHABLES, max_size=4).map(Counter)
        | st.builds(Pair, inner, inner)
        | st.builds(Named, inner, inner)
        | st.builds(Point, inner, inner)
        | st.builds(Circle, inner, inner, st.integers())
        | st.builds(Frozen, inner)
        | st.builds(Slotted, inner)
        | st.builds(Box, inner)
    )


VALUES = st.recursive(
    HASHABLE_SCALARS | SIGNALLING | st.binary().map(bytearray), containers, max_leaves=12
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def same(one, two):  # noqa: PLR0911 - one way of comparing after the other
    """Tell whether two values are of the same type and equal, in all that can be seen of them."""
    kind = type(one)
    if kind is not type(two):
        return False
    special = SAME.get(kind)
    if special is not None:
        return special(one, two)
    if isinstance(one, Bits):
        # Python 3.11.2 makes a combination with bits of no member anew each time.
        return one.value == two.value
    if isinstance(one, enum.Enum):
        return one is two
    if dataclasses.is_dataclass(kind):
        names = [f.name for f in dataclasses.fields(kind)]
        return all(
            hasattr(one, name) == hasattr(two, name)
            and same(getattr(one, name, None), getattr(two, name, None))
            for name in names
        )
    if isinstance(one, tuple | deque | list):
        return (
            len(one) == len(two)
            and getattr(one, "maxlen", None) == getattr(two, "maxlen", None)
            and all(map(same, one, two))
        )
    if isinstance(one, dict):
        pairs = zip(one.items(), two.items(), strict=False)
        return (
            len(one) == len(two)
            and getattr(one, "default_factory", 0) is getattr(two, "default_factory", 0)
            and all(same(a, b) for a, b in pairs)
        )
    if isinstance(one, set | frozenset):
        return len(one) == len(two) and all(any(same(a, b) for b in two) for a in one)
    return one == two


def same_float(one, two):
    """Compare bit by bit; every NaN is like every other."""
    return struct.pack("d", one) == struct.pack("d", two) or (math.isnan(one) and math.isnan(two))


def same_wall(one, two):
    """Compare the clock's face, the fold and the zone."""
    return (
        one.replace(tzinfo=None) == two.replace(tzinfo=None)
        and one.fold == two.fold
        and same_zone(one.tzinfo, two.tzinfo)
    )


def same_zone(one, two):
    """Compare what a zone was made from."""
    if type(one) is not type(two):
        return False
    if isinstance(one, timezone):
        return repr(one) == repr(two)
    return one is two


SAME = {
    float: same_float,
    complex: lambda a, b: same_float(a.real, b.real) and same_float(a.imag, b.imag),
    Decimal: lambda a, b: a.as_tuple() == b.as_tuple(),
    datetime: same_wall,
    time: same_wall,
    range: lambda a, b: (a.start, a.stop, a.step) == (b.start, b.stop, b.step),
    UUID: lambda a, b: a == b and a.is_safe is b.is_safe,
    pathlib.PurePosixPath: lambda a, b: str(a) == str(b),
    pathlib.PureWindowsPath: lambda a, b: str(a) == str(b),
}


@given(VALUES)
def test_values_of_every_kind_come_back_equal_and_of_the_same_type(value):
    """What comes back is of the same type and equal, down to NaN, -0.0, fold and zone."""
    encoded = serialize(value, OWN)

    back = deserialize(encoded.payload, OWN)
    assert same(value, back)
    assert serialize(back, OWN).payload == encoded.payload


@given(PLAIN)
def test_plain_values_are_plain_json(value):
    """Plain values are written as plain JSON, unless a dict has the marker key."""
    encoded = serialize(value)

    assert encoded.payload.encoding == ("tagged" if b'{"@"' in encoded.payload.data else "json")
    assert same(value, deserialize(encoded.payload))


@given(st.integers(4280, 4320), st.integers(-2, 2), st.sampled_from([1, -1]))
def test_ints_of_about_4300_digits_come_back(digits, plus, sign):
    """Ints around the largest that Python writes in decimal come back."""
    value = [sign * (10**digits + plus)]

    assert deserialize(serialize(value).payload) == value


@given(st.lists(VALUES, min_size=2, max_size=2))
def test_digests_are_equal_exactly_where_bytes_are(two):
    """Equal bytes have equal digests, other bytes other digests."""
    one, other = (serialize(value, OWN) for value in two)

    assert (one.digest == other.digest) == (one.payload == other.payload)


@given(VALUES)
def test_a_preview_is_bounded_json(value):
    """The preview is valid JSON of at most 1 KiB, or the payload itself is."""
    encoded = serialize([value] * 3, OWN)
    preview = encoded.preview if encoded.preview is not None else encoded.payload.data.decode()

    assert len(preview.encode()) <= 1024
    json.loads(preview)


@given(st.data())
def test_what_cannot_be_kept_is_named_by_its_path(data):
    """The path in a refusal, read as Python, leads to the very object that was refused."""
    offender = object()
    value = data.draw(st.recursive(st.just(offender), holders, max_leaves=3))

    with pytest.raises(XComSerializationError) as caught:
        serialize(value, OWN)
    assert eval(caught.value.path, {"value": value}) is offender
    assert caught.value.type_name == "object"


def holders(inner):
    """Give containers that hold what *inner* gives among harmless values."""
    plain = st.lists(st.integers() | st.text(), max_size=3)
    return (
        st.builds(lambda before, it: [*before, it], plain, inner)
        | st.builds(lambda before, it: (*before, it), plain, inner)
        | st.builds(lambda key, it: {"a": 1, key: it}, TEXTS, inner)
        | st.builds(lambda key, it: {1: 2, key: it}, HASHABLES, inner)
        | st.builds(lambda it: deque([1, it]), inner)
        | st.builds(lambda it: OrderedDict(a=it), inner)
        | st.builds(lambda it: defaultdict(list, {"b": it}), inner)
        | st.builds(Row, st.integers(), inner)
        | st.builds(Point, st.integers(), inner)
        | st.builds(Slotted, inner)
        | inner.map(set_of)
        | inner.map(keyed_by)
    )


def set_of(value):
    """Put a value into a set where Python allows it."""
    try:
        return {1, "a", value}
    except TypeError:
        return [value]


def keyed_by(value):
    """Make a value the key of a dict where Python allows it."""
    try:
        return {(1, 2): 3, value: 4}
    except TypeError:
        return [value]
