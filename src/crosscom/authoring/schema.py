"""The words of a JSON schema that cost nothing to check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int, float),
}


def breach(value: object, schema: Mapping[str, Any]) -> str | None:
    """Give the first rule of *schema* that *value* breaks, as text; None where it breaks none."""
    if "type" in schema and not _is_a(value, schema["type"]):
        return f"must be of type {_names(schema['type'])}"
    if "enum" in schema and not _is_among(value, schema["enum"]):
        return f"must be one of the {len(schema['enum'])} that enum lists"
    if "const" in schema and not _is_among(value, [schema["const"]]):
        return "must be the one that const names"
    for word, (kinds, holds, text) in _RULES.items():
        if word not in schema or isinstance(value, bool) or not isinstance(value, kinds):
            continue
        if not holds(value, schema[word]):
            return f"{text} {schema[word]!r}"
    return None


def _is_a(value: object, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    return any(_is_one(value, name) for name in names)


def _is_one(value: object, name: str) -> bool:
    # A type this does not know is not checked, as any other unknown word.
    if name not in _TYPES:
        return True
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _names(types: str | list[str]) -> str:
    return types if isinstance(types, str) else " or ".join(types)


def _is_among(value: object, values: list[Any]) -> bool:
    # In JSON `true` is no 1, in Python it is.
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)


_Rule = tuple[tuple[type, ...], Callable[[Any, Any], bool], str]

_NUMBER = (int, float)
_RULES: dict[str, _Rule] = {
    "minimum": (_NUMBER, lambda value, bound: value >= bound, "must not be less than"),
    "maximum": (_NUMBER, lambda value, bound: value <= bound, "must not be more than"),
    "exclusiveMinimum": (_NUMBER, lambda value, bound: value > bound, "must be more than"),
    "exclusiveMaximum": (_NUMBER, lambda value, bound: value < bound, "must be less than"),
    "minLength": ((str,), lambda value, size: len(value) >= size, "must not be shorter than"),
    "maxLength": ((str,), lambda value, size: len(value) <= size, "must not be longer than"),
    "pattern": ((str,), lambda value, form: re.search(form, value) is not None, "must match"),
    "minItems": ((list, tuple), lambda value, size: len(value) >= size, "must not be shorter than"),
    "maxItems": ((list, tuple), lambda value, size: len(value) <= size, "must not be longer than"),
}
