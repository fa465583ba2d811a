"""References inside of values."""

from collections import namedtuple
from typing import Any

import pytest

from crosscom.authoring.nesting import Resolvable, find_resolvables, nested_fields


class Reference(Resolvable):
    """A reference that needs no task."""

    def resolve(self, context):
        """Give the value."""
        return "value"


class Holder:
    """An object with template fields."""

    template_fields = ("inner", "missing")

    def __init__(self, inner):
        self.inner = inner


Pair = namedtuple("Pair", "one other")  # noqa: PYI024 - as users write it
FOUND = Reference()


@pytest.mark.parametrize(
    "value",
    [
        FOUND,
        [FOUND],
        ("a", FOUND),
        {"key": FOUND},
        {FOUND},
        frozenset({FOUND}),
        Pair(1, FOUND),
        Holder(FOUND),
        [{"deep": (Holder([FOUND]),)}],
    ],
    ids=lambda value: type(value).__name__,
)
def test_references_are_found_wherever_they_are(value):
    """Lists, tuples, sets, dicts and objects with template fields are looked into."""
    assert list(find_resolvables(value)) == [FOUND]


@pytest.mark.parametrize("value", ["text", b"bytes", 5, 1.5, None, object(), {FOUND: 1}])
def test_other_values_hold_none(value):
    """Text, numbers, strange objects and the keys of dicts are not looked into."""
    assert list(find_resolvables(value)) == []


def test_a_value_that_holds_itself_is_walked_once():
    """A ring ends."""
    ring: list[Any] = [FOUND]
    ring.append(ring)

    assert list(find_resolvables(ring)) == [FOUND]


def test_no_depth_is_too_deep():
    """A reference is found below a hundred thousand lists."""
    value: Any = FOUND
    for _ in range(100_000):
        value = [value]

    assert list(find_resolvables(value)) == [FOUND]
    while isinstance(value, list):  # taken apart here, as Python would recurse to do it
        value = value.pop()


def test_objects_are_not_woken():
    """An object that answers to any name, as a client or a mock, has no template fields."""

    class Client:
        def __getattr__(self, name):
            msg = "it should not be asked"
            raise AssertionError(msg)

    assert nested_fields(Client()) is None
    assert list(find_resolvables([Client()])) == []


def test_template_fields_may_be_set_on_one_object():
    """Fields of an instance count like those of its class; one text is no list of names."""
    holder: Any = Holder(1)
    holder.template_fields = ["inner"]

    assert nested_fields(Holder(1)) == ("inner", "missing")
    assert nested_fields(type("Wrong", (), {"template_fields": "inner"})()) is None

    class Plain:
        pass

    plain: Any = Plain()
    plain.template_fields = ["x"]
    assert nested_fields(plain) == ("x",)
