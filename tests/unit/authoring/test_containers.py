"""Containers rebuilt with other items."""

from collections import Counter, OrderedDict, UserString, defaultdict, deque, namedtuple
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.authoring.containers import render_inside
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import FieldRenderer, Templates

Pair = namedtuple("Pair", "one other")  # noqa: PYI024 - as users write it


class Names(list[int]):
    """A list of its own kind."""


class Tags(frozenset[int]):
    """A set of its own kind."""


def rebuilt(value):
    """Give the container with every item doubled."""
    inside = render_inside(value)
    assert inside is not None
    return inside(value, lambda item: item * 2)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ([1, 2], [2, 4]),
        ((1, 2), (2, 4)),
        ({1, 2}, {2, 4}),
        (frozenset({1}), frozenset({2})),
        (Pair(1, 2), Pair(2, 4)),
        (Names([1]), Names([2])),
        (Tags([1]), Tags([2])),
        (OrderedDict(b=1, a=2), OrderedDict(b=2, a=4)),
        (Counter(a=1), Counter(a=2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_container_keeps_its_type(value, wanted):
    """The new one has the old one's type, and the old one is not changed."""
    before = repr(value)

    result = rebuilt(value)

    assert result == wanted
    assert type(result) is type(wanted)
    assert repr(value) == before


def test_a_defaultdict_keeps_its_default():
    """A rebuilt dict behaves like the old one."""
    result = rebuilt(defaultdict(list, a=1))

    assert result["a"] == 2
    assert result["b"] == []


def test_a_tuple_that_cannot_be_made_of_its_items_is_kept():
    """A strange tuple without anything to render is given as it is."""

    class Version(tuple[int, ...]):
        __slots__ = ()

        def __new__(cls, major, minor):
            return super().__new__(cls, (major, minor))

    version = Version(3, 11)
    inside = render_inside(version)

    assert inside is not None
    assert inside(version, lambda item: item) is version


def test_an_object_with_template_fields_is_copied():
    """Its fields are new in the copy, also where it is frozen; its other attributes are shared."""

    @dataclass(frozen=True)
    class Query:
        template_fields: ClassVar = ("sql",)
        sql: str
        limit: int

    query = Query("ab", 5)
    result = rebuilt(query)

    assert (result.sql, result.limit, type(result)) == ("abab", 5, Query)
    assert query.sql == "ab"


@pytest.mark.parametrize("value", [5, "text", b"x", None, deque([1]), UserString("x")], ids=repr)
def test_other_things_are_no_containers(value):
    """What is not looked into is never rebuilt."""
    assert render_inside(value) is None


NESTED = st.recursive(
    st.none() | st.integers() | st.text(st.characters(exclude_characters="{")) | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.tuples(inner, inner).map(lambda pair: Pair(*pair))
        | st.lists(inner).map(lambda items: OrderedDict(enumerate(items)))
    ),
)


@given(NESTED)
def test_without_a_template_a_value_comes_back_equal_and_of_the_same_type(value):
    """Whatever is nested in whatever; and what can be changed is the task's own."""
    result = FieldRenderer(Templates(TemplateOptions()), {}).render(value)

    assert repr(result) == repr(value)
    assert type(result) is type(value)
    assert result is not value or not isinstance(value, list | dict)
