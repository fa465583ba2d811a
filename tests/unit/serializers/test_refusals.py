from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import pathlib
import re
import subprocess
import sys
import threading
import types
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np
import pytest

from crosscom.errors import XComSerializationError
from crosscom.serializers import deserialize, serialize

LOCK = threading.Lock()
SUBCLASSES = {
    base: type(f"Own{base.__name__}", (base,), {"__module__": __name__})
    for base in (
        *(int, float, str, complex, bytes, bytearray, list, tuple, dict, set, frozenset),
        *(decimal.Decimal, dt.datetime, dt.date, dt.time, dt.timedelta),
        *(deque, zoneinfo.ZoneInfo),
    )
}


class Vector(OrderedDict[Any, Any]):
    pass


class Tally(Counter[Any]):
    pass


class Zone(dt.tzinfo):
    def utcoffset(self, when):
        raise AssertionError

    tzname = dst = utcoffset


def refusal(value):
    """Give the error that a push of *value* raises."""
    with pytest.raises(XComSerializationError) as caught:
        serialize(value)
    return caught.value


def test_the_text_names_path_type_and_way_out():
    """A refusal says where, what it is, and what to push instead."""
    error = refusal({"rows": [1, {"lock": LOCK}]})

    assert error.path == "value['rows'][1]['lock']"
    assert error.type_name == "_thread.lock"
    assert str(error) == (
        "cannot keep value['rows'][1]['lock']: it is a _thread.lock, which no serializer keeps "
        "exactly; push plain data or a dataclass"
    )


@pytest.mark.parametrize(("base", "cls"), SUBCLASSES.items(), ids=lambda cls: cls.__name__)
def test_subclasses_of_builtin_types_never_become_the_base(base, cls):
    """A subclass that nobody knows is refused, never turned into what it extends."""
    if base is zoneinfo.ZoneInfo:
        value, path = dt.time(tzinfo=cls("UTC")), "value[0].tzinfo"
    elif base in (dt.datetime, dt.date):
        value, path = cls(2026, 1, 31), "value[0]"
    else:
        value, path = cls(), "value[0]"

    error = refusal([value])
    assert error.path == path
    assert error.type_name == f"{__name__}.{cls.__name__}"


@pytest.mark.parametrize(
    "value",
    [
        Vector(a=1),
        Tally("a"),
        collections.UserDict(),
        collections.ChainMap(),
        types.SimpleNamespace(a=1),
        types.MappingProxyType({}),
        memoryview(b"a"),
        array.array("i"),
        np.int64(1),
        np.float64(1.5),
        np.array([1]),
        (item for item in [1]),
        {}.keys(),
        map(str, []),
        print,
        int,
        pathlib,
        ...,
        NotImplemented,
        slice(1),
        re.compile("a"),
        ValueError("text"),
        lambda: None,
        object,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_exact_form_is_refused(value):
    """Values outside the table are refused wherever they lie."""
    assert refusal(value).path == "value"
    assert refusal({"a": (1, value)}).path == "value['a'][1]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(7), "it is a numpy.int64; push .item() of it"),
        (np.float64(7), "it is a numpy.float64; push .item() of it"),
        (np.bool_(1), f"it is a numpy.{np.bool_.__name__}; push .item() of it"),
        (np.str_("x"), "it is a numpy.str_; push .item() of it"),
        (np.longdouble(7), "it is a numpy.longdouble; push float(...) of it"),
        (np.datetime64(7, "ns"), "it is a numpy.datetime64; push .astype('M8[us]').item() of it"),
        (np.array([7]), "it is a numpy.ndarray; push .tolist() of it"),
        ((item for item in [7]), "it is a generator; push list(...) of it"),
        (map(str, [7]), "it is a map; push list(...) of it"),
        (filter(None, [7]), "it is a filter; push list(...) of it"),
        (zip([7], [7], strict=True), "it is a zip; push list(...) of it"),
        ({7: 7}.keys(), "it is a dict_keys; push list(...) of it"),
        (OrderedDict(a=7).items(), "it is a odict_items; push list(...) of it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_a_plain_form_is_refused_with_the_way_to_it(value, text):
    """Well-known types that hold plain data are refused with the call that gives it."""
    assert str(refusal([value])) == f"cannot keep value[0]: {text}"


def test_a_date_of_numpy_becomes_one_of_python_as_the_text_says():
    """Nanoseconds would make a number of `.item()`; what the text says gives a datetime."""
    found = np.datetime64("2026-01-31T06:00:00", "ns").astype("M8[us]").item()

    assert found.isoformat() == "2026-01-31T06:00:00"


REAL_FRAMES = """
import pandas, polars
from crosscom.errors import XComSerializationError
from crosscom.serializers import serialize

columns = {"a": [7]}
for value in (
    pandas.DataFrame(columns), pandas.Series([7]), pandas.Series([7]).iloc[0],
    polars.DataFrame(columns), polars.LazyFrame(columns), polars.Series([7]),
):
    try:
        serialize(value)
    except XComSerializationError as error:
        print(str(error).partition("; ")[2])
for value in (
    pandas.DataFrame(columns).to_dict(orient="list"), pandas.Series([7]).tolist(),
    polars.DataFrame(columns).to_dicts(), polars.Series([7]).to_list(),
):
    serialize(value)
"""


def test_frames_are_refused_with_what_to_push_until_they_are_kept():
    """Whoever pushes a frame reads when that works, and what works today."""
    command = [sys.executable, "-c", REAL_FRAMES]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)

    assert answer.stdout.splitlines() == [
        'frames come with a later release, push .to_dict(orient="list") of it until then',
        "push .tolist() of it",
        "push .item() of it",
        "frames come with a later release, push .to_dicts() of it until then",
        "frames come with a later release, push .collect().to_dicts() of it until then",
        "push .to_list() of it",
    ]


@pytest.mark.parametrize("name", ["Table", "RecordBatch"])
def test_tables_of_arrow_are_known_by_their_name(name):
    """A table of pyarrow is refused with the call that gives plain data."""
    table = type(name, (), {"__module__": "pyarrow.lib"})()

    assert str(refusal(table)) == (
        f"cannot keep value: it is a pyarrow.lib.{name}; "
        "frames come with a later release, push .to_pylist() of it until then"
    )


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda it: [[1], [it]], "value[1][0]"),
        (lambda it: (1, it), "value[1]"),
        (lambda it: deque([1, it]), "value[1]"),
        (lambda it: {"it's": it}, """value["it's"]"""),
        (lambda it: {7: it, None: 1}, "value[7]"),
        (lambda it: {True: it}, "value[True]"),
        (lambda it: {"k" * 101: it}, "list(value.values())[0]"),
        (lambda it: {(1, 2): it}, "list(value.values())[0]"),
        (lambda it: {10**300: 1, 10**301: it}, "list(value.values())[1]"),
        (lambda it: {(1, it): 2}, "list(value)[0][1]"),
        (lambda it: {"a": frozenset([it])}, "list(value['a'])[0]"),
        (lambda it: {"a": frozenset([(1, frozenset([it]))])}, "list(list(value['a'])[0][1])[0]"),
        (lambda it: OrderedDict(a=it), "value['a']"),
        (lambda it: Counter(a=it), "value['a']"),
        (lambda it: defaultdict(int, a=it), "value['a']"),
    ],
)
def test_the_path_is_python_that_leads_to_it(make, path):
    """Each container has its step in the path, also where no index leads to the place."""
    offender = object()
    value = make(offender)

    assert refusal(value).path == path
    assert eval(path) is offender


def test_a_long_path_is_shortened_in_the_text_only():
    """The text stays one short line; the error's path stays whole."""
    value: Any = LOCK
    for _ in range(100):
        value = [value]

    error = refusal(value)
    assert error.path == "value" + "[0]" * 100
    assert " ... " in str(error)
    assert len(str(error)) < 350


def test_attributes_of_counters_and_ordered_dicts_are_not_lost():
    """Attributes that were set on a dict of `collections` are refused."""
    value: Any = OrderedDict(a=1)
    value.note = LOCK

    error = refusal([value])
    assert error.path == "value[0].note"
    assert "an attribute of its own, which a OrderedDict does not keep" in str(error)


def test_a_default_factory_must_be_a_builtin_type():
    """A defaultdict comes back with its factory, so that must be known everywhere."""
    assert refusal(defaultdict(lambda: 1)).path == "value.default_factory"
    assert deserialize(serialize(defaultdict(list)).payload)["x"] == []


@pytest.mark.parametrize(
    "zone",
    [Zone(), zoneinfo.ZoneInfo.no_cache("Europe/Berlin")],
    ids=["own", "no_cache"],
)
def test_a_zone_that_no_name_leads_to_is_refused(zone):
    """Zones come back by name or offset; others are refused, and none of their code runs."""
    error = refusal({"at": dt.datetime(2026, 1, 31, tzinfo=zone)})

    assert error.path == "value['at'].tzinfo"
    assert str(error).endswith("use zoneinfo.ZoneInfo(...) or datetime.timezone")


def test_a_zone_read_from_a_file_is_refused(tmp_path):
    """A zone that only pretends to be the one of its name is refused."""
    import io

    empty = b"TZif" + b"\0" * 16 + bytes(4 * 4) + bytes([0, 0, 0, 1, 0, 0, 0, 4])
    zone = zoneinfo.ZoneInfo.from_file(io.BytesIO(empty + bytes(6) + b"UTC\0"), key="Europe/Berlin")

    assert refusal(dt.time(tzinfo=zone)).path == "value.tzinfo"


@pytest.mark.parametrize("secret", ["hunter2", 424242, b"hunter2"])
def test_no_text_has_a_value_in_it(secret):
    """Neither the refused value nor its neighbours appear in the text."""
    error = refusal([secret, {"password": secret}, types.SimpleNamespace(a=secret)])

    assert "hunter2" not in str(error)
    assert "424242" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
