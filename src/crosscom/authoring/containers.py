"""Containers rebuilt with other items: each keeps its type, and none is changed in place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from crosscom.authoring.nesting import nested_fields

Inner = Callable[[Any], Any]
"""Gives the new item for an old one."""


def render_inside(value: Any) -> Callable[[Any, Inner], Any] | None:
    """Give what rebuilds a container of this kind; None for what is none."""
    if isinstance(value, dict):
        return _dict
    if isinstance(value, list):
        return _list
    if isinstance(value, tuple):
        return _tuple
    if isinstance(value, set | frozenset):
        return _set
    return None if nested_fields(value) is None else _object


def _dict(value: dict[Any, Any], inner: Inner) -> dict[Any, Any]:
    if type(value) is dict:
        return {key: inner(item) for key, item in value.items()}
    # A copy, so that an OrderedDict stays one and a defaultdict keeps its default.
    rendered = copy.copy(value)
    for key, item in value.items():
        rendered[key] = inner(item)
    return rendered


def _list(value: list[Any], inner: Inner) -> list[Any]:
    items = [inner(item) for item in value]
    if type(value) is list:
        return items
    rendered = copy.copy(value)
    rendered[:] = items
    return rendered


def _tuple(value: tuple[Any, ...], inner: Inner) -> tuple[Any, ...]:
    items = tuple(inner(item) for item in value)
    if type(value) is tuple:
        return items
    if all(new is old for new, old in zip(items, value, strict=True)):
        return value
    make = getattr(value, "_make", type(value))  # a namedtuple takes its fields one by one
    rendered: tuple[Any, ...] = make(items)
    return rendered


def _set(value: set[Any] | frozenset[Any], inner: Inner) -> set[Any] | frozenset[Any]:
    return type(value)(inner(item) for item in value)


def _object(value: Any, inner: Inner) -> Any:
    rendered = copy.copy(value)
    for field in nested_fields(value) or ():
        # Past the object's own `__setattr__`: it may be frozen, and this is a copy.
        object.__setattr__(rendered, field, inner(getattr(value, field)))
    return rendered
