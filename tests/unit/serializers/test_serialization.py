from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from blake3 import blake3

from crosscom.errors import XComCorrupted, XComDecodeError, XComSerializationError
from crosscom.model import Payload
from crosscom.serializers import deserialize, plain_json, serialize


def nested(depth, wrap=lambda inner: [inner], innermost=None):
    """Give a value that lies *depth* containers deep."""
    value = [] if innermost is None else innermost
    for _ in range(depth - 1):
        value = wrap(value)
    return value


def depth_of(value):
    """Count how many lists of one item lie in each other."""
    depth = 0
    while isinstance(value, list):
        depth, value = depth + 1, value[0] if value else None
    return depth


def at_depth(frames, call):
    """Give what *call* gives below so many more frames."""
    return call() if frames == 0 else at_depth(frames - 1, call)


def frames_in_use():
    """Count the frames of the stack."""
    frame: FrameType | None = sys._getframe()
    count = 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, b"null"),
        (True, b"true"),
        (-0.0, b"-0.0"),
        (2**70, b"1180591620717411303424"),
        ("grün", '"grün"'.encode()),
        ([], b"[]"),
        ({}, b"{}"),
        ({"b": [1, 2.5, None], "a": {"": "null"}}, b'{"b":[1,2.5,null],"a":{"":"null"}}'),
    ],
)
def test_plain_values_are_plain_json(value, data):
    """What JSON can say exactly is written as JSON, without a blank."""
    assert serialize(value).payload == Payload("json", data)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        [None, float("-inf")],
        {"@": 1},
        [{"a": 1}] * 40 + [{1: "a"}],
        [{"a": 1}] * 40 + [{"@": 1}],
        ["a"] * 40 + ["\ud800"],
    ],
    ids=range(7),
)
def test_what_json_would_change_is_tagged(value):
    """NaN, infinities and a key like the marker are never plain JSON."""
    assert serialize(value).payload.encoding == "tagged"


@pytest.mark.parametrize(
    "value",
    [["null", 1.5], {"a": None, "b": [1.5, [2.5, {"c": 1}]]}, [[1.5, None]] * 40],
)
def test_null_in_the_bytes_is_looked_into(value):
    """Values with `null` in their bytes stay plain as long as their floats are finite."""
    spoiled = [value, "null", [float("nan")]]

    assert serialize(value).payload.encoding == "json"
    assert serialize(spoiled).payload.encoding == "tagged"
    assert deserialize(serialize(spoiled).payload)[0] == value


def test_many_items_in_few_lists_are_plain():
    """One list that lies in another a thousand times is plain, and written each time."""
    row = list(range(1200))
    value = [row, {"rows": [row] * 1000}]

    encoded = serialize(value)
    assert encoded.payload.encoding == "json"
    assert deserialize(encoded.payload) == value


def test_the_digest_covers_encoding_and_data():
    """The digest is blake3 over the encoding's name, a line feed, and the data."""
    assert serialize([1]).digest == blake3(b"json\n[1]").digest()
    assert serialize((1,)).digest == blake3(b'tagged\n{"@":"tuple","items":[1]}').digest()


def test_size_and_type_are_known_without_decoding():
    """An encoded value tells its length and the dotted name of its type."""
    encoded = serialize(Decimal("1.50"))

    assert encoded.size_bytes == len(encoded.payload.data)
    assert encoded.type_name == "decimal.Decimal"
    assert serialize([]).type_name == "list"
    assert serialize(None).type_name == "NoneType"
    assert serialize(Path("x")).type_name == f"pathlib.{type(Path('x')).__name__}"


def test_plain_json_gives_the_bytes_of_plain_payloads_only():
    """`plain_json` gives what a reader of JSON may use as it is."""
    assert plain_json(serialize([1]).payload) == b"[1]"
    assert plain_json(serialize((1,)).payload) is None


def test_an_object_that_lies_twice_in_a_value_comes_back_as_two():
    """Shared objects are no cycle: each place gets a copy of its own."""
    row = {"a": [1]}

    back = deserialize(serialize([row, row, {"again": row}]).payload)
    assert back == [row, row, {"again": row}]
    assert back[0] is not back[1]


def test_the_same_value_has_the_same_bytes_shared_or_not():
    """Sharing changes no bytes, also deep down where plain values are written the slow way."""
    leaf = [1, "a"]
    shared = nested(20, innermost=[leaf, [leaf, [leaf]]])
    apart = nested(20, innermost=[[1, "a"], [[1, "a"], [[1, "a"]]]])

    assert serialize(shared) == serialize(apart)
    assert serialize(shared).payload.encoding == "json"


def test_a_pulled_value_is_the_callers_own():
    """Changing what came back changes nothing that comes back later."""
    payload = serialize([[1], (2,)]).payload

    deserialize(payload)[0].append(2)
    assert deserialize(payload) == [[1], (2,)]


def test_sets_have_equal_bytes_whatever_the_hash_seed():
    """Equal sets give equal bytes in processes that hash strings differently."""
    script = (
        "from crosscom.serializers import serialize\n"
        "value = {frozenset('abcdef'): set('uvwxyz') | {1, (2, 'x'), None}}\n"
        "print(serialize(value).payload.data)"
    )

    written = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(written) == 1


def test_the_order_of_a_dict_belongs_to_its_value():
    """Dicts that differ in order have other bytes, and come back in their order."""
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}

    assert serialize(one).digest != serialize(other).digest
    assert list(deserialize(serialize(other).payload)) == ["b", "a"]


@pytest.mark.parametrize("limit", [0, 640, 5000])
def test_bytes_do_not_depend_on_this_process_limit_of_digits(limit):
    """Ints of any size give the same bytes, and come back, whatever limit the process has set."""
    values = [[sign * 10**digits] for digits in (700, 4299, 4300, 4999) for sign in (1, -1)]
    usual = [serialize(value) for value in values]
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(limit)
    try:
        encoded = [serialize(value) for value in values]
        back = [deserialize(one.payload) for one in usual]
    finally:
        sys.set_int_max_str_digits(before)

    assert [one.payload for one in encoded] == [one.payload for one in usual]
    assert back == values


def test_a_large_negative_int_comes_back_among_other_values():
    """The longest int that is written in decimal comes back beside floats and texts."""
    value = [-(10**4300) + 1, 1.5, "NaN", {"a": None}, -0.0]

    encoded = serialize(value)
    assert encoded.payload.encoding == "json"
    assert repr(deserialize(encoded.payload)[1:]) == repr(value[1:])
    assert deserialize(encoded.payload)[0] == value[0]


def test_decimals_do_not_depend_on_the_tasks_own_context():
    """A task's decimal context neither rounds nor respells what is pushed and pulled."""
    value = Decimal("-1234567.890E+50")
    usual = serialize(value)
    with localcontext(prec=2, capitals=0):
        assert serialize(value) == usual
        assert deserialize(usual.payload).as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    ("wrap", "most"),
    [
        (lambda inner: [inner], 500),
        (lambda inner: {"a": inner}, 500),
        (lambda inner: (inner,), 250),
        (lambda inner: {1: inner}, 166),
        (lambda inner: frozenset([inner]), 250),
    ],
)
def test_values_nest_up_to_500_levels_of_json(wrap, most):
    """A value of 500 levels comes back, one of 501 is refused, from wherever it is pushed."""
    innermost = "x"
    deepest = nested(most + 1, wrap, innermost)

    assert deserialize(serialize(deepest).payload) == deepest
    with pytest.raises(XComSerializationError, match="nested deeper than 500 levels"):
        serialize(wrap(deepest))


@pytest.mark.parametrize(
    "wrap", [lambda i: [i], lambda i: {"k": i}, lambda i: (i,), lambda i: {1: i}]
)
def test_values_nested_100_000_deep_are_refused(wrap):
    """A value nested 100,000 deep gives a short error with a path, and nothing crashes."""
    with pytest.raises(XComSerializationError) as caught:
        serialize(nested(100_000, wrap))

    assert "is nested deeper than 500 levels; push a flatter value" in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"@":"tuple","items":[', b'[{"a":'])
@pytest.mark.parametrize("encoding", ["json", "tagged"])
def test_bytes_nested_100_000_deep_are_corrupted(opening, encoding):
    """Hostile bytes nested 100,000 deep are told, closed properly or not."""
    closing = opening.translate(bytes.maketrans(b"[{", b"]}"), b'"a:@tuplems,')[::-1]
    for data in (opening * 100_000, opening * 100_000 + b"1" + closing * 100_000):
        with pytest.raises(XComCorrupted, match="were changed or damaged"):
            deserialize(Payload(encoding, data))


def test_hostile_bytes_do_not_crash_a_process_with_a_raised_recursion_limit():
    """Where a task raised Python's recursion limit, deep bytes are told too."""
    script = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from crosscom.serializers import deserialize, serialize\n"
        "from crosscom.model import Payload\n"
        "value = [['[' * 600, {'a': '\\\\\"{'}]] * 600\n"
        "assert deserialize(serialize(value).payload) == value\n"
        "for data in (b'[' * 100_000, b'[' * 100_000 + b']' * 100_000):\n"
        "    try: deserialize(Payload('json', data))\n"
        "    except Exception as error: print(type(error).__name__)"
    )

    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "XComCorrupted\nXComCorrupted\n")


@pytest.mark.parametrize("value", [nested(500), nested(251, lambda i: (i,), "x"), {"a": {1, 2}}])
def test_values_pass_from_deep_in_the_callers_stack(value):
    """A caller with little left of its recursion limit can push and pull nested values."""
    frames = sys.getrecursionlimit() - frames_in_use() - 40

    payload = at_depth(frames, lambda: serialize(value).payload)
    back = at_depth(frames, lambda: deserialize(payload))
    assert serialize(back).payload == payload


def test_errors_from_deep_in_the_callers_stack_are_the_same():
    """Refusals and damage are told from deep in the caller's stack as anywhere."""
    frames = sys.getrecursionlimit() - frames_in_use() - 40

    with pytest.raises(XComSerializationError, match="nested deeper than 500 levels"):
        at_depth(frames, lambda: serialize(nested(100_000)))
    with pytest.raises(XComCorrupted):
        at_depth(frames, lambda: deserialize(Payload("tagged", b"[" * 100_000)))


def test_a_recursion_limit_that_was_lowered_is_told():
    """A limit too low for the value is named as the reason."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(frames_in_use() + 100)
    try:
        with pytest.raises(XComSerializationError, match="recursion limit"):
            serialize(nested(450, lambda i: [i, (1,)]))
    finally:
        sys.setrecursionlimit(before)


def test_a_cycle_is_refused_where_it_closes():
    """A value that lies in itself is refused with the path at which it comes back."""
    inner: dict[str, Any] = {"list": []}
    value = [1, {"a": (inner,)}]
    inner["list"].append(inner)

    with pytest.raises(XComSerializationError) as caught:
        serialize(value)
    assert caught.value.path == "value[1]['a'][0]['list'][0]"
    assert str(caught.value) == (
        "cannot keep value[1]['a'][0]['list'][0]: it is the same object as one it lies in "
        "(a cycle); push a value without cycles"
    )


@pytest.mark.parametrize("copies", [1, 2, 1000])
def test_a_plain_cycle_is_refused_however_often_it_closes(copies):
    """A list that holds itself many times is refused as fast as one that does so once."""
    value: list[Any] = [1, 2]
    value += [value] * copies

    with pytest.raises(XComSerializationError) as caught:
        serialize(value)
    assert caught.value.path == "value[2]"


def test_an_unknown_encoding_is_told():
    """A payload of an encoding from the future is no damage."""
    with pytest.raises(XComDecodeError) as caught:
        deserialize(Payload("cbor", b"\xa0"))

    assert str(caught.value) == (
        "encoding 'cbor' is not known here; a newer crosscom may have written it"
    )


def test_an_unknown_tag_is_told():
    """A tag from the future is no damage."""
    with pytest.raises(XComDecodeError) as caught:
        deserialize(Payload("tagged", b'[{"@":"matrix","items":[]}]'))

    assert str(caught.value) == (
        "tag 'matrix' is not known here; a newer crosscom may have written it"
    )


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "Europe", ""])
def test_an_unknown_time_zone_is_told(zone):
    """A zone that this process cannot find is no damage, and leads to no other file."""
    with pytest.raises(XComDecodeError, match="not known here; install the package tzdata"):
        deserialize(
            Payload("tagged", f'{{"@":"time","value":"12:00:00","zone":"{zone}"}}'.encode())
        )


@pytest.mark.skipif(sys.platform == "win32", reason="impossible here: these paths can be made")
def test_a_path_of_another_system_is_told():
    """A concrete path of Windows cannot be made elsewhere, and the text says what can."""
    with pytest.raises(XComDecodeError, match="a WindowsPath cannot be made on this system"):
        deserialize(Payload("tagged", b'{"@":"WindowsPath","value":"c:"}'))


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("json", b""),
        ("json", b"{"),
        ("json", b"NaN"),
        ("json", b"1e999"),
        ("json", b"1" * 4301),
        ("json", b'"\xff"'),
        ("json", b"[1e999,NaN]"),
        ("json", b"[-" + b"9" * 4300 + b",NaN]"),
        ("json", b"[-" + b"9" * 4300 + b",1e999]"),
        ("tagged", b'{"@":null}'),
        ("tagged", b'{"@":["tuple"]}'),
        ("tagged", b'{"@":"tuple","items":"ab"}'),
        ("tagged", b'{"@":"tuple","items":[],"more":1}'),
        ("tagged", b'{"@":"tuple"}'),
        ("tagged", b'{"@":"Decimal","value":"one"}'),
        ("tagged", b'{"@":"datetime","value":"20260131T120000"}'),
        ("tagged", b'{"@":"int","hex":"ff"}'),
        ("tagged", b'{"@":"bytes","base64":"*"}'),
        ("tagged", b'{"@":"range","start":0,"stop":9,"step":0}'),
        ("tagged", b'{"@":"dict","items":[[1]]}'),
        ("tagged", b'{"@":"complex","real":1,"imag":0.0}'),
        ("tagged", b'{"@":"UUID","value":"00000000000000000000000000000001"}'),
        ("tagged", b'{"@":"Decimal","value":"1_0"}'),
        ("tagged", b'{"@":"range","start":0.0,"stop":9,"step":1}'),
        ("tagged", b'{"@":"PurePosixPath","value":1}'),
        ("tagged", b'{"@":"float","value":"1.5"}'),
        ("tagged", b'{"@":"time","value":"12:00:00","offset":"+0100"}'),
        ("tagged", b'{"@":"time","value":"12:00:00","offset":""}'),
        ("tagged", b'{"@":"time","value":"12:00:00","offset":"+01:00","name":1}'),
        ("tagged", b'{"@":"set","items":{"@":"tuple","items":[]}}'),
        ("tagged", b'{"@":"deque","items":[1,2],"maxlen":1}'),
    ],
)
def test_damaged_bytes_are_told_without_their_content(encoding, data):
    """Bytes that no push writes are corrupted; the text gives their number, not the bytes."""
    with pytest.raises(XComCorrupted) as caught:
        deserialize(Payload(encoding, data))

    assert str(caught.value) == (
        f"{len(data)} bytes are not what a push writes as '{encoding}'; "
        "they were changed or damaged since, push the value again"
    )
