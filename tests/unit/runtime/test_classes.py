"""Which classes a try may get back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypedDict

import pytest

from crosscom.runtime.classes import class_finder, named_classes
from crosscom.settings import Settings

if TYPE_CHECKING:
    from _typeshed import Unused as Unknown


class Inner(NamedTuple):
    n: Fraction


@dataclass
class Point:
    inner: Inner


class Row(TypedDict):
    point: Point


class Lonely:
    pass


def one(point: Point):
    pass


def listed(points: list[dict[str, Point]] | None):
    pass


def annotated(point: Annotated[Point, "any metadata"]):
    pass


def typed(row: Row):
    pass


def returned() -> Point:
    raise NotImplementedError


def plain(a: int, b: list[str], c=None):
    pass


def unresolvable(a: Unknown, b: Point):
    pass


def half_resolvable(a, b):
    pass


half_resolvable.__annotations__ = {"a": "Unknown", "b": Point}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (one, {Point, Inner, Fraction}),
        (listed, {Point, Inner, Fraction}),
        (annotated, {Point, Inner, Fraction}),
        (typed, {Row, Point, Inner, Fraction}),
        (returned, {Point, Inner, Fraction}),
        (plain, set()),
        (unresolvable, set()),
        (half_resolvable, {Point, Inner, Fraction}),
        (None, set()),
        (len, set()),
    ],
)
def test_annotations_name_classes(function, expected):
    """Classes count inside of generics, unions and the fields of other classes."""
    found = {cls for cls in named_classes(function) if cls.__module__ != "types"}

    assert expected == found


def test_a_class_that_names_itself_is_found_once():
    """A class whose fields name it is no endless walk."""
    Point.__annotations__["next"] = "Point | None"
    try:
        assert named_classes(one).count(Point) == 1
    finally:
        del Point.__annotations__["next"]


def test_a_finder_knows_bundle_settings_and_annotations():
    """What the project allows, the bundle defines and the task names may come back."""
    settings = Settings(
        home=Path("/nowhere"), store_url="memory:", allowed_classes=("decimal:Decimal",)
    )
    finder = class_finder(settings, Path(__file__).parent, one)

    assert finder.reference(Lonely) == "test_classes.py:Lonely"
    assert finder.reference(Fraction) == "fractions:Fraction"
    assert finder.reference(Decimal) == "decimal:Decimal"
    assert class_finder(settings, None).reference(Fraction) is None
