"""Lists, dicts, tuples, sets and their relatives from `collections`, as trees.

A list costs one level of what is written, a tuple or set two, a dict with other keys than str
three. Each level takes one call on the way in, so that the whole room fits Python's usual stack.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

import msgspec

from crosscom.errors import XComDecodeError
from crosscom.serializers import plain
from crosscom.serializers.classes import type_name
from crosscom.serializers.layout import instance_dict
from crosscom.serializers.refusal import Refused
from crosscom.serializers.walking import (
    Kind,
    Reader,
    Tree,
    Writer,
    kind,
    part,
)

_Hashed = TypeVar("_Hashed", set[Any], frozenset[Any], dict[Any, Any])

_FACTORIES: dict[str, Callable[[], Any]] = {
    cls.__name__: cls
    for cls in (bool, bytearray, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
}


def write_list(value: Collection[Any], writer: Writer, room: int, *, bulk: bool = True) -> Tree:
    """Write what *value* iterates over as a list; in one piece where it is all plain scalars."""
    if bulk:
        written = plain.encode(value if type(value) is list else list(value), 1)
        if written is not None and room > 0:
            return msgspec.Raw(written)
    writer.enter(value, room)
    kinds = writer.kinds
    trees: list[Tree] = []
    try:
        for item in value:
            # One by one: the number of those written is the index of one that is refused.
            trees.append(kinds.get(type(item), writer.other)(item, writer, room - 1))  # noqa: PERF401
    except Refused as refused:
        refused.under(f"[{len(trees)}]")
        raise
    writer.leave(value)
    return trees


def _write_dict(value: dict[Any, Any], writer: Writer, room: int) -> Tree:
    """Write a dict as an object where its keys allow that, else as pairs."""
    written = plain.encode(value, 1)
    if written is not None and room > 0:
        return msgspec.Raw(written)
    if not _have_plain_keys(value):
        return writer.tag("dict", items=_write_pairs(value, value.items(), writer, room - 1))
    writer.enter(value, room)
    kinds = writer.kinds
    tree: dict[str, Tree] = {}
    try:
        for key, item in value.items():
            tree[key] = kinds.get(type(item), writer.other)(item, writer, room - 1)
    except Refused as refused:
        refused.under_key(key, len(tree))
        raise
    writer.leave(value)
    return tree


def _write_pairs(
    value: object, items: Iterable[tuple[Any, Any]], writer: Writer, room: int
) -> Tree:
    """Write the *items* of the dict *value* as a list of pairs, in its own order."""
    writer.enter(value, room, 2)
    kinds = writer.kinds
    pairs: list[Tree] = []
    for key, item in items:
        try:
            first = kinds.get(type(key), writer.other)(key, writer, room - 2)
        except Refused as refused:
            refused.under_item(len(pairs))
            raise
        try:
            pairs.append([first, kinds.get(type(item), writer.other)(item, writer, room - 2)])
        except Refused as refused:
            refused.under_key(key, len(pairs))
            raise
    writer.leave(value)
    return pairs


def _read_pairs(node: dict[str, Tree], reader: Reader) -> dict[Any, Any]:
    """Give the dict that a list of pairs stands for."""
    pairs = part(node, "items", list)
    if not set(map(type, pairs)) <= {list} or not set(map(len, pairs)) <= {2}:
        raise ValueError
    for pair in pairs:
        pair[0] = reader.value(pair[0])
        pair[1] = reader.value(pair[1])
    return _hashed(dict, pairs)


def _have_plain_keys(value: dict[Any, Any]) -> bool:
    if not set(map(type, value)) <= {str} or plain.MARKER in value:
        return False
    try:
        "".join(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _write_tuple(value: tuple[Any, ...], writer: Writer, room: int) -> Tree:
    return writer.tag("tuple", items=write_list(value, writer, room - 1))


def _read_tuple(node: dict[str, Tree], reader: Reader) -> tuple[Any, ...]:
    return tuple(reader.value(part(node, "items", list)))


def _write_set(value: set[Any] | frozenset[Any], writer: Writer, room: int) -> Tree:
    # Ordered by their bytes: the order of a set differs from process to process.
    try:
        trees = write_list(value, writer, room - 1, bulk=False)
    except Refused as refused:
        refused.enclose()
        raise
    items = [msgspec.Raw(text) for text in sorted(map(plain.write_json, trees))]
    return writer.tag(type(value).__name__, items=items)


def _read_set(node: dict[str, Tree], reader: Reader) -> set[Any]:
    return _hashed(set, reader.value(part(node, "items", list)))


def _read_frozenset(node: dict[str, Tree], reader: Reader) -> frozenset[Any]:
    return _hashed(frozenset, reader.value(part(node, "items", list)))


def _write_deque(value: deque[Any], writer: Writer, room: int) -> Tree:
    parts = {} if value.maxlen is None else {"maxlen": value.maxlen}
    return writer.tag("deque", items=write_list(value, writer, room - 1), **parts)


def _read_deque(node: dict[str, Tree], reader: Reader) -> deque[Any]:
    items = reader.value(part(node, "items", list))
    found = deque(items, part(node, "maxlen", int) if "maxlen" in node else None)
    if len(found) != len(items):
        raise ValueError
    return found


def _write_ordered(value: OrderedDict[Any, Any], writer: Writer, room: int) -> Tree:
    _refuse_attributes(value)
    return writer.tag("OrderedDict", items=_write_pairs(value, value.items(), writer, room - 1))


def _read_ordered(node: dict[str, Tree], reader: Reader) -> OrderedDict[Any, Any]:
    return OrderedDict(_read_pairs(node, reader))


def _write_counter(value: Counter[Any], writer: Writer, room: int) -> Tree:
    _refuse_attributes(value)
    return writer.tag("Counter", items=_write_pairs(value, value.items(), writer, room - 1))


def _read_counter(node: dict[str, Tree], reader: Reader) -> Counter[Any]:
    return Counter(_read_pairs(node, reader))


def _write_defaultdict(value: defaultdict[Any, Any], writer: Writer, room: int) -> Tree:
    factory = value.default_factory
    name = next((name for name, known in _FACTORIES.items() if known is factory), None)
    if factory is not None and name is None:
        reason = "it is called for missing keys and is no built-in type; push dict(...) instead"
        refused = Refused(reason, type_name(type(factory)))
        refused.under(".default_factory")
        raise refused
    return writer.tag(
        "defaultdict", factory=name, items=_write_pairs(value, value.items(), writer, room - 1)
    )


def _read_defaultdict(node: dict[str, Tree], reader: Reader) -> defaultdict[Any, Any]:
    factory = None if node["factory"] is None else _FACTORIES[part(node, "factory", str)]
    return defaultdict(factory, _read_pairs(node, reader))


def _refuse_attributes(value: object) -> None:
    for name in instance_dict(value):
        reason = f"it is an attribute of its own, which a {type(value).__name__} does not keep"
        refused = Refused(f"{reason}; push it apart", type_name(type(instance_dict(value)[name])))
        refused.under(f".{name}")
        raise refused


def _hashed(container: Callable[[list[Any]], _Hashed], items: list[Any]) -> _Hashed:
    """Put *items* into a set or dict; classes of the user take part in that."""
    try:
        found = container(items)
    except Exception as error:  # noqa: BLE001 - `__hash__` and `__eq__` may raise anything
        msg = (
            f"members could not be put together: hashing or comparing raised {type(error).__name__}"
        )
        raise XComDecodeError(msg) from None
    if len(found) != len(items):
        msg = "members that differed when they were pushed are equal now; did a class change?"
        raise XComDecodeError(msg)
    return found


KINDS: tuple[Kind, ...] = (
    kind("dict", dict, "items", _write_dict, _read_pairs),
    kind("tuple", tuple, "items", _write_tuple, _read_tuple),
    kind("set", set, "items", _write_set, _read_set),
    kind("frozenset", frozenset, "items", _write_set, _read_frozenset),
    kind("deque", deque, "items maxlen", _write_deque, _read_deque),
    kind("OrderedDict", OrderedDict, "items", _write_ordered, _read_ordered),
    kind("Counter", Counter, "items", _write_counter, _read_counter),
    kind("defaultdict", defaultdict, "factory items", _write_defaultdict, _read_defaultdict),
)
