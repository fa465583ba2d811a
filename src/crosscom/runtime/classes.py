"""Which classes a try may get back from a store: those its DAG's author wrote down."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crosscom.serializers import ClassFinder
from crosscom.settings import Settings


def class_finder(settings: Settings, bundle_root: Path | None, function: Any = None) -> ClassFinder:
    """Give the classes that may come back in a try.

    Args:
        settings: Names those that were allowed for the project.
        bundle_root: The folder of the DAG's own code; its classes may come back.
        function: What the task calls; classes that its annotations name may come back.
    """
    return ClassFinder(
        bundle_root=bundle_root,
        allowed=frozenset(settings.allowed_classes),
        named=tuple(named_classes(function)),
    )


def named_classes(function: Any) -> list[type]:
    """List the classes that the annotations of *function* name, also inside `list[...]` or `|`.

    A dataclass, named tuple or typed dictionary brings the classes of its own fields along.
    An annotation that cannot be resolved names nothing.
    """
    found: dict[type, None] = {}
    open_hints = list(_hints(function))
    while open_hints:
        hint = open_hints.pop()
        arguments = typing.get_args(hint)
        if arguments:
            open_hints.extend(arguments)
        elif isinstance(hint, type) and hint.__module__ != "builtins" and hint not in found:
            found[hint] = None
            open_hints.extend(_hints(hint))
    return list(found)


def _hints(of: Any) -> Iterator[Any]:
    try:
        annotations = of.__annotations__
    except (AttributeError, NameError):
        return
    if not annotations:
        return
    try:
        yield from typing.get_type_hints(of).values()
    except Exception:  # noqa: BLE001 - a name that only a type checker knows may raise anything
        yield from (hint for hint in annotations.values() if not isinstance(hint, str))
