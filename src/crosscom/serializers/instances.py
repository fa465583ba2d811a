"""Instances of the user's classes as trees: enumerations, named tuples, dataclasses.

They come back by the name of their class, rebuilt from their fields: no constructor, validator,
property or setter of the class runs.
"""

from __future__ import annotations

from dataclasses import MISSING, Field
from enum import Enum, Flag
from typing import Any, cast

from crosscom.errors import XComDecodeError
from crosscom.serializers.classes import type_name
from crosscom.serializers.layout import (
    ABSENT,
    Layout,
    foreign_base,
    instance_dict,
    is_dataclass,
    is_enum,
    named_fields,
    namespace_of,
)
from crosscom.serializers.refusal import Refused
from crosscom.serializers.remedies import remedy_for
from crosscom.serializers.walking import (
    Kind,
    Reader,
    Tree,
    Write,
    Writer,
    kind,
    part,
)

_EMPTY_FACTORIES = (list, dict, set)


def write_instance(value: object, writer: Writer, room: int) -> Tree:
    """Write an instance of a class that no table names, or refuse it.

    Raises:
        Refused: Nothing here keeps such a value exactly, or its class may not go in.
    """
    cls = type(value)
    if is_enum(cls):
        write: Write = _write_member
    elif names := named_fields(cls):
        writer.names[cls] = names
        write = _write_named_tuple
    elif is_dataclass(cls):
        writer.layouts[cls] = Layout(cls)
        write = _write_dataclass
    else:
        raise _unknown(cls)
    writer.kinds[cls] = write
    return write(value, writer, room)


def _unknown(cls: type) -> Refused:
    name = type_name(cls)
    base = foreign_base(cls)
    if remedy := remedy_for(cls):
        reason = f"it is a {name}; {remedy}"
    elif base is object or base is cls:
        reason = (
            f"it is a {name}, which no serializer keeps exactly; push plain data or a dataclass"
        )
    else:
        kept = type_name(base)
        reason = (
            f"it is a {name}, a subclass of {kept} that would lose what it adds; "
            f"push a plain {kept} or a dataclass"
        )
    return Refused(reason, name)


def _reference(cls: type, writer: Writer) -> str:
    reference = writer.classes.reference(cls)
    if reference is None:
        name = type_name(cls)
        remedy = writer.classes.remedy(cls)
        reason = f"class {name} is not of the DAG's bundle and not allowed; {remedy}"
        raise Refused(reason, name)
    return reference


def _write_member(value: object, writer: Writer, _room: int) -> Tree:
    cls = cast("type[Enum]", type(value))
    reference = _reference(cls, writer)
    own = instance_dict(value)
    name = own.get("_name_")
    if type(name) is str and _members(cls).get(name) is value:
        return writer.tag("enum", **{"class": reference, "name": name})
    bits = own.get("_value_")
    if issubclass(cls, Flag) and type(bits) is int and _is_combination(value, cls, bits):
        return writer.tag("flag", **{"class": reference, "value": bits})
    reason = f"it is no member that {type_name(cls)} lists; push one of its members"
    raise Refused(reason, type_name(cls))


def _read_enum(node: dict[str, Tree], reader: Reader) -> Any:
    cls = _find(node, reader, is_enum)
    member = _members(cls).get(part(node, "name", str))
    if member is None:
        msg = f"enumeration {type_name(cls)} has no longer the member that was pushed"
        raise XComDecodeError(msg)
    return member


def _read_flag(node: dict[str, Tree], reader: Reader) -> Any:
    cls = _find(node, reader, lambda found: issubclass(found, Flag))
    bits = part(node, "value", int)
    member = _by_value(cls).get(bits) or _combined(cls, bits)
    if type(member) is not cls or instance_dict(member).get("_value_") != bits:
        msg = f"enumeration {type_name(cls)} has no longer the members that were pushed"
        raise XComDecodeError(msg)
    return member


def _is_combination(value: object, cls: type, bits: int) -> bool:
    listed = _by_value(cls).get(bits)
    if listed is not None or not issubclass(cls, int):
        return listed is value
    # Python 3.11.2 lists no combination with bits of no member. Two of an IntFlag are equal
    # all the same, by their number; two of a Flag are not, and are refused.
    made, own = instance_dict(_combined(cls, bits)), instance_dict(value)
    return all(made.get(name) == own.get(name) for name in ("_value_", "_name_"))


def _combined(cls: type, bits: int) -> object:
    """Do what `cls(bits)` does, by the enum module's own method, whatever the class defines."""
    try:
        return Flag._missing_.__func__(cls, bits)  # type: ignore[attr-defined] # a classmethod
    except (ValueError, TypeError):
        return None


def _members(cls: type) -> dict[str, Any]:
    return cast("dict[str, Any]", namespace_of(cls)["_member_map_"])


def _by_value(cls: type) -> dict[Any, Any]:
    return cast("dict[Any, Any]", namespace_of(cls)["_value2member_map_"])


def _write_named_tuple(value: tuple[Any, ...], writer: Writer, room: int) -> Tree:
    cls = type(value)
    reference = _reference(cls, writer)
    names = writer.names[cls]
    items = list(tuple.__iter__(value))
    if len(names) != len(items):
        reason = (
            f"it has {len(items)} items for the {len(names)} fields of {type_name(cls)}; "
            "make it with its class"
        )
        raise Refused(reason, type_name(cls))
    for name, extra in instance_dict(value).items():
        raise _extra(name, extra)
    fields = _write_fields(value, dict(zip(names, items, strict=True)), writer, room - 1)
    return writer.tag("namedtuple", **{"class": reference, "fields": fields})


def _read_named_tuple(node: dict[str, Tree], reader: Reader) -> Any:
    cls = _find(node, reader, lambda found: found in reader.names or named_fields(found))
    names = reader.names.get(cls)
    if names is None:
        names = reader.names[cls] = named_fields(cls) or ()
    fields = part(node, "fields", dict)
    if tuple(fields) != names:
        msg = f"named tuple {type_name(cls)} has no longer the fields that were pushed"
        raise XComDecodeError(msg)
    return tuple.__new__(cls, [reader.value(item) for item in fields.values()])


def _write_dataclass(value: object, writer: Writer, room: int) -> Tree:
    cls = type(value)
    reference = _reference(cls, writer)
    layout = writer.layouts[cls]
    for name in layout.extras(value):
        raise _extra(name, instance_dict(value).get(name))
    fields = _write_fields(value, layout.read(value), writer, room - 1)
    return writer.tag("dataclass", **{"class": reference, "fields": fields})


def _read_dataclass(node: dict[str, Tree], reader: Reader) -> Any:
    cls = _find(node, reader, lambda found: found in reader.layouts or is_dataclass(found))
    layout = reader.layouts.get(cls)
    if layout is None:
        layout = reader.layouts[cls] = Layout(cls)
    fields = part(node, "fields", dict)
    gone = fields.keys() - layout.fields.keys()
    if gone:
        msg = f"dataclass {type_name(cls)} has no longer all fields of the value that was pushed"
        raise XComDecodeError(msg)
    values = {}
    for name, item in fields.items():
        values[name] = ABSENT if item == _UNSET else reader.value(item)
    for name, field in layout.fields.items():
        if name not in values:
            values[name] = _default(field, cls)
    return layout.make(values)


_UNSET = {"@": "unset"}


def _write_fields(
    value: object, fields: dict[str, Any], writer: Writer, room: int
) -> dict[str, Tree]:
    writer.enter(value, room)
    kinds = writer.kinds
    trees: dict[str, Tree] = {}
    try:
        for name, item in fields.items():
            trees[name] = (
                _UNSET
                if item is ABSENT
                else kinds.get(type(item), writer.other)(item, writer, room - 1)
            )
    except Refused as refused:
        refused.under(f".{name}")
        raise
    writer.leave(value)
    return trees


def _default(field: Field[Any], cls: type) -> Any:
    """Give the value of a field that the class got after the push."""
    if field.default is not MISSING:
        return field.default
    if field.default_factory in _EMPTY_FACTORIES:
        return cast("Any", field.default_factory)()
    msg = (
        f"dataclass {type_name(cls)} has a field {field.name!r} without default that the pushed "
        "value has not; give it a default"
    )
    raise XComDecodeError(msg)


def _find(node: dict[str, Tree], reader: Reader, is_kind: Any) -> type:
    cls = reader.find(part(node, "class", str))
    if not is_kind(cls):
        msg = f"class {type_name(cls)} is no longer of the kind that was pushed ({node['@']})"
        raise XComDecodeError(msg)
    return cls


def _extra(name: str, found: object) -> Refused:
    reason = "it is an attribute that is no field; make it one, or take it away before the push"
    refused = Refused(reason, type_name(type(found)))
    refused.under(f".{name}")
    return refused


KINDS: tuple[Kind, ...] = (
    kind("enum", None, "class name", _write_member, _read_enum),
    kind("flag", None, "class value", _write_member, _read_flag),
    kind("namedtuple", None, "class fields", _write_named_tuple, _read_named_tuple),
    kind("dataclass", None, "class fields", _write_dataclass, _read_dataclass),
)
