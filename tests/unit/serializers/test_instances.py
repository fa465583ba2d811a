from __future__ import annotations

import collections
import enum
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pytest

from crosscom.errors import XComDecodeError, XComSerializationError
from crosscom.model import Payload
from crosscom.serializers import ClassFinder, deserialize, serialize

OWN = ClassFinder(bundle_root=Path(__file__).parent)
FILE = Path(__file__).name
T = TypeVar("T")


def there_and_back(value):
    """Push and pull a value."""
    return deserialize(serialize(value, OWN).payload, OWN)


class Untouchable:
    """Fails whenever code of its class runs."""

    def __init__(self, *args, **kwargs):
        raise AssertionError

    __eq__ = __hash__ = __repr__ = __bool__ = __len__ = __iter__ = __getattr__ = __init__
    __reduce_ex__ = __getstate__ = __setattr__ = __getattribute__ = __init__


@dataclass
class Checked:
    x: int
    y: int = 0
    total: int = field(init=False)
    more: list[int] = field(default_factory=list)
    factor: InitVar[int] = 1

    def __post_init__(self, factor):
        if self.x < 0:
            raise ValueError
        self.total = self.x * factor

    def __setattr__(self, name, value):
        if name == "x" and value < 0:
            raise ValueError
        object.__setattr__(self, name, value)

    @cached_property
    def double(self):
        return self.x * 2


@dataclass(slots=True)
class Base:
    a: Any


@dataclass(slots=True)
class Slotted(Base):
    b: Any = None
    c: Any = field(init=False)


@dataclass
class Noted:
    __slots__ = ("a", "note")
    a: Any


@dataclass
class Shadowing(Noted):
    __slots__ = ("a", "b")
    b: Any


@dataclass(frozen=True)
class Frozen:
    a: Any


@dataclass
class Box(Generic[T]):
    content: T


@dataclass
class PropertyField:
    x: int = 0

    @property  # type: ignore[no-redef] # what some people do
    def x(self):  # noqa: F811 - as above
        return self._x

    @x.setter
    def x(self, value):
        self._x = value


@dataclass
class Failure(Exception):
    code: int = 0


@dataclass
class ListLike(list[Any]):
    name: str = ""


class Plain:
    def __init__(self):
        self.x = 1


class Color(enum.Enum):
    RED = "r"
    CRIMSON = "r"  # noqa: PIE796 - an alias on purpose


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Lenient(enum.Flag, boundary=enum.CONFORM):
    READ = 1


class Bits(enum.IntFlag):
    ONE = 1


Odd = enum.Enum("Odd", ["\ud800"], module=__name__)


class Point(NamedTuple):
    x: int
    y: int = 0


class Extended(collections.namedtuple("Extended", "a b")):  # noqa: PYI024, SLOT002 - as old code has it
    def __new__(cls, *args):
        if len(args) != 2:
            raise AssertionError
        return super().__new__(cls, *args)

    def __iter__(self):
        raise AssertionError


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__module__", "__qualname__", "__dict__", "__mro__", "__dataclass_fields__"):
            raise AssertionError
        return super().__getattribute__(name)


class WithMeta(metaclass=Meta):
    pass


def test_a_dataclass_comes_back_without_its_constructor():
    """Fields that `__init__` does not take, or would refuse now, come back as they were."""
    value = Checked(2, factor=5)
    object.__setattr__(value, "x", -7)

    back = there_and_back(value)
    assert (back.x, back.y, back.total, back.more) == (-7, 0, 10, [])
    assert vars(back) == vars(value)


def test_cached_properties_are_computed_anew():
    """What a cached property has put into the instance is neither pushed nor refused."""
    value = Checked(2)
    assert value.double == 4
    back = there_and_back(value)

    assert "double" not in vars(back)
    assert serialize(value, OWN).digest == serialize(Checked(2), OWN).digest


def test_slots_and_inheritance_keep_every_field():
    """Fields in slots, of the class and of its bases, come back; one never set stays unset."""
    back = there_and_back(Slotted([1], (2,)))

    assert (back.a, back.b) == ([1], (2,))
    assert not hasattr(back, "c")
    back.c = 3
    assert there_and_back(back) == back


def test_a_slot_that_hides_one_of_a_base_is_the_one_that_counts():
    """Where a class and its base have a slot of one name, the value is in that of the class."""
    assert there_and_back(Shadowing(1, 2)) == Shadowing(1, 2)


def test_a_slot_that_was_never_set_is_no_attribute():
    """A slot beside the fields matters only where something is in it."""
    assert there_and_back(Noted(1)) == Noted(1)


def test_frozen_dataclasses_come_back_as_members_and_keys():
    """Frozen dataclasses are found in sets and dicts that come back."""
    value = {Frozen(1): {Frozen((2,)), Frozen("x")}}

    assert there_and_back(value) == value


def test_generic_dataclasses_come_back():
    """What typing leaves in an instance made by `Box[int](...)` is no part of its value."""
    assert there_and_back(Box[int](1)) == Box(1)


def test_a_deleted_field_shows_the_default_of_its_class():
    """A field that shows its class's default is pushed with it."""
    value = Checked(1)
    del value.y

    assert there_and_back(value).y == 0


def test_named_tuples_come_back_without_their_code():
    """Typed and untyped named tuples come back, whatever `__new__` and `__iter__` they define."""
    extended = Extended("a", 2)

    assert there_and_back(Point(1)) == Point(1, 0)
    assert type(there_and_back(Point(1))) is Point
    back = there_and_back(extended)
    assert type(back) is Extended
    assert tuple.__eq__(back, extended)


def test_members_of_enumerations_come_back_as_themselves():
    """A member is found by its name; an alias is its member."""
    assert there_and_back([Color.RED, Color.CRIMSON]) == [Color.RED] * 2
    assert serialize(Color.CRIMSON, OWN).payload.data == (
        f'{{"@":"enum","class":"{FILE}:Color","name":"RED"}}'.encode()
    )


def test_combined_flags_come_back_by_their_value():
    """A combination has no name of its own everywhere: it is kept by its bits."""
    assert there_and_back(Access.READ | Access.WRITE) is Access.READ | Access.WRITE
    assert there_and_back(Access(0)) is Access(0)
    assert there_and_back(Bits(9)) == Bits(9)


def test_a_combination_nobody_made_yet_comes_back(monkeypatch):
    """A combination is made without the class's own `_missing_` in a process that lacks it."""
    monkeypatch.setattr(Bits, "_missing_", Untouchable)
    data = f'{{"@":"flag","class":"{FILE}:Bits","value":65}}'.encode()
    assert 65 not in Bits._value2member_map_

    back = deserialize(Payload("tagged", data), OWN)
    assert (type(back), back) == (Bits, 65)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"@":"enum","class":"FILE:Color","name":"BLUE"}',
            "enumeration MODULE.Color has no longer the member that was pushed",
        ),
        (
            '{"@":"flag","class":"FILE:Access","value":8}',
            "enumeration MODULE.Access has no longer the members that were pushed",
        ),
        (
            '{"@":"flag","class":"FILE:Lenient","value":9}',
            "enumeration MODULE.Lenient has no longer the members that were pushed",
        ),
        (
            '{"@":"namedtuple","class":"FILE:Point","fields":{"x":1}}',
            "named tuple MODULE.Point has no longer the fields that were pushed",
        ),
        (
            '{"@":"dataclass","class":"FILE:Frozen","fields":{"a":1,"z":2}}',
            "dataclass MODULE.Frozen has no longer all fields of the value that was pushed",
        ),
        (
            '{"@":"dataclass","class":"FILE:Frozen","fields":{}}',
            (
                "dataclass MODULE.Frozen has a field 'a' without default that the pushed value has "
                "not; give it a default"
            ),
        ),
        (
            '{"@":"dataclass","class":"FILE:Point","fields":{}}',
            "class MODULE.Point is no longer of the kind that was pushed (dataclass)",
        ),
        (
            '{"@":"enum","class":"FILE:Plain","name":"X"}',
            "class MODULE.Plain is no longer of the kind that was pushed (enum)",
        ),
        (
            '{"@":"set","items":[{"@":"dataclass","class":"FILE:Box","fields":{"content":1}}]}',
            "members could not be put together: hashing or comparing raised TypeError",
        ),
        (
            '{"@":"set","items":[1,1.0]}',
            "members that differed when they were pushed are equal now; did a class change?",
        ),
    ],
)
def test_a_class_that_changed_is_told(text, message):
    """A value whose class has changed too much does not come back half."""
    payload = Payload("tagged", text.replace("FILE", FILE).encode())

    with pytest.raises(XComDecodeError) as caught:
        deserialize(payload, OWN)
    assert str(caught.value) == message.replace("MODULE", __name__)


def test_fields_the_class_has_gained_take_their_defaults():
    """A value of an older version of its class comes back when the new fields have defaults."""
    data = f'{{"@":"dataclass","class":"{FILE}:Checked","fields":{{"x":1,"total":1}}}}'

    back = deserialize(Payload("tagged", data.encode()), OWN)
    assert (back.y, back.more) == (0, [])


def test_a_member_whose_name_is_no_text_is_refused():
    """A name that UTF-8 cannot say is refused wherever the member lies."""
    for value in (Odd["\ud800"], {Odd["\ud800"]}):
        with pytest.raises(XComSerializationError, match="has lone surrogates; rename it"):
            serialize(value, OWN)


def extra_attribute():
    """Give a dataclass with an attribute that is no field."""
    value = Frozen(1)
    vars(value)["note"] = [1]
    return value


def extra_slot():
    """Give a dataclass with a slot that is no field."""
    value: Any = Noted(1)
    value.note = "x"
    return value


def extra_on_tuple():
    """Give a named tuple with an attribute of its own."""
    value: Any = Extended(1, 2)
    value.note = "x"
    return value


@pytest.mark.parametrize(
    ("make", "path", "reason"),
    [
        (extra_attribute, "value.note", "it is an attribute that is no field"),
        (extra_on_tuple, "value.note", "it is an attribute that is no field"),
        (extra_slot, "value.note", "it is an attribute that is no field"),
        (lambda: object.__new__(Color), "value", "it is no member that"),
        (lambda: tuple.__new__(Point, (1,)), "value", "it has 1 items for the 2 fields of"),
        (lambda: PropertyField(3), "value._x", "it is an attribute that is no field"),
        (lambda: Box(object()), "value.content", "it is a object, which no serializer keeps"),
        (lambda: Failure(1), "value", "a subclass of Exception that would lose what it adds"),
        (lambda: ListLike("x"), "value", "a subclass of list that would lose what it adds"),
        (Plain, "value", f"it is a {__name__}.Plain, which no serializer keeps exactly"),
        (lambda: object.__new__(Untouchable), "value", "which no serializer keeps exactly"),
        (WithMeta, "value", "which no serializer keeps exactly"),
        (lambda: Plain, "value", "it is a type"),
    ],
)
def test_what_would_not_come_back_whole_is_refused(make, path, reason):
    """An instance that holds more than its fields is refused, and no code of it runs."""
    value = make()

    with pytest.raises(XComSerializationError) as caught:
        serialize(value, OWN)
    assert caught.value.path == path
    assert reason in str(caught.value)
