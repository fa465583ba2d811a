"""What an instance of a user's class consists of, found out without running its code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from types import BuiltinFunctionType, MemberDescriptorType
from typing import Any, cast

ABSENT = object()
"""What stands for a field that was never set."""

_HEAP_TYPE = 1 << 9
# `Point[int](1, 2)` leaves the alias it was called by in the instance.
_LEFT_BY_TYPING = "__orig_class__"


class Layout:
    """The fields of one dataclass and where its instances keep them."""

    __slots__ = ("_cls", "_slots", "fields")

    def __init__(self, cls: type) -> None:
        """Look at *cls*, which is a dataclass."""
        self._cls = cls
        self._slots = {
            name: member
            for base in reversed(mro_of(cls))
            for name, member in namespace_of(base).items()
            if type(member) is MemberDescriptorType
        }
        self.fields = {field.name: field for field in dataclasses.fields(cls)}

    def read(self, instance: object) -> dict[str, Any]:
        """Give each field's value in order, `ABSENT` where it was never set."""
        own = instance_dict(instance)
        return {name: self._get(instance, own, name) for name in self.fields}

    def extras(self, instance: object) -> Iterator[str]:
        """Name what the instance holds beside its fields, but for cached properties."""
        for name in instance_dict(instance):
            if name not in self.fields and name != _LEFT_BY_TYPING and not self._is_cached(name):
                yield name
        for name, slot in self._slots.items():
            if name not in self.fields and _get_slot(slot, instance) is not ABSENT:
                yield name

    def make(self, values: dict[str, Any]) -> Any:
        """Give a new instance with these fields; neither `__init__` nor any setter runs."""
        instance: Any = object.__new__(self._cls)
        for name, value in values.items():
            if value is ABSENT:
                continue
            slot = self._slots.get(name)
            if slot is None:
                instance_dict(instance)[name] = value
            else:
                slot.__set__(instance, value)
        return instance

    def _get(self, instance: object, own: dict[str, Any], name: str) -> Any:
        slot = self._slots.get(name)
        found = own.get(name, ABSENT) if slot is None else _get_slot(slot, instance)
        default = self.fields[name].default
        if found is ABSENT and slot is None and default is not dataclasses.MISSING:
            # A field that `__init__` leaves alone shows the default of its class.
            return default
        return found

    def _is_cached(self, name: str) -> bool:
        for base in mro_of(self._cls):
            if name in namespace_of(base):
                return type(namespace_of(base)[name]) is cached_property
        return False


def is_enum(cls: type) -> bool:
    """Tell whether *cls* is an enumeration."""
    return issubclass(cls, Enum)


def is_dataclass(cls: type) -> bool:
    """Tell whether *cls* is a dataclass whose fields are all that its instances hold."""
    known = any("__dataclass_fields__" in namespace_of(base) for base in mro_of(cls))
    return known and foreign_base(cls) is object


def named_fields(cls: type) -> tuple[str, ...] | None:
    """Give the field names of a named tuple, or None where *cls* is no named tuple."""
    if not issubclass(cls, tuple) or foreign_base(cls) is not tuple:
        return None
    for base in mro_of(cls):
        fields = namespace_of(base).get("_fields")
        if fields is not None:
            is_names = type(fields) is tuple and all(type(name) is str for name in fields)
            return fields if is_names else None
    return None


def foreign_base(cls: type) -> type:
    """Give the first base of *cls* that is not made of Python alone: `object` at the end."""
    return next(base for base in mro_of(cls) if _is_foreign(base))


def mro_of(cls: type) -> tuple[type, ...]:
    """Give the classes *cls* inherits from, itself first, without asking its metaclass."""
    return cast("tuple[type, ...]", type.__getattribute__(cls, "__mro__"))


def namespace_of(cls: type) -> dict[str, Any]:
    """Give what *cls* itself defines, without asking its metaclass."""
    return cast("dict[str, Any]", type.__getattribute__(cls, "__dict__"))


def instance_dict(instance: object) -> dict[str, Any]:
    """Give the attributes an instance keeps in its dictionary; empty where it has none."""
    try:
        return cast("dict[str, Any]", object.__getattribute__(instance, "__dict__"))
    except AttributeError:
        return {}


def _is_foreign(cls: type) -> bool:
    is_heap_type = type.__getattribute__(cls, "__flags__") & _HEAP_TYPE
    return not is_heap_type or type(namespace_of(cls).get("__new__")) is BuiltinFunctionType


def _get_slot(slot: MemberDescriptorType, instance: object) -> Any:
    try:
        return slot.__get__(instance, type(instance))
    except AttributeError:
        return ABSENT
