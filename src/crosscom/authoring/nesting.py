"""Values inside of values: what a template field may hold, and how its references are found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class Resolvable(ABC):
    """Stands for a value that is known only when the task runs."""

    __slots__ = ()

    @abstractmethod
    def resolve(self, context: Mapping[str, Any]) -> Any:
        """Give the value."""

    def references(self) -> Iterator[tuple[str, str]]:
        """Give the (task id, key) of every XCom it needs."""
        return iter(())


def find_resolvables(value: object) -> Iterator[Resolvable]:
    """Give every resolvable in *value*: in lists, tuples, sets, dicts, and template fields.

    Walks without recursion, so that no depth is too deep; something that holds itself is
    walked once.
    """
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Resolvable):
            yield item
            continue
        inner = _inside(item)
        if inner is not None and id(item) not in seen:
            seen.add(id(item))
            waiting.extend(inner)


def _inside(item: object) -> Iterable[object] | None:
    if isinstance(item, str | bytes | int | float | None):
        return None
    if isinstance(item, dict):
        return item.values()
    if isinstance(item, list | tuple | set | frozenset):
        return item
    fields = nested_fields(item)
    return None if fields is None else [getattr(item, field, None) for field in fields]


def nested_fields(item: object) -> tuple[str, ...] | None:
    """Give the template fields of an object that names some, else None."""
    # Of the type: asking an instance would wake the `__getattr__` of clients and mocks.
    fields = getattr(type(item), "template_fields", None)
    if fields is None:
        fields = getattr(item, "__dict__", {}).get("template_fields")
    return tuple(fields) if isinstance(fields, list | tuple | set | frozenset) else None
