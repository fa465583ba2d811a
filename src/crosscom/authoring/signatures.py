"""What a function takes, and what it says it gives, whatever its annotations name.

Some annotations name what exists for a type checker alone. From Python 3.14 on they are
evaluated when they are looked at, and must not be.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, get_origin, get_type_hints

if sys.version_info >= (3, 14):
    # By name: older Pythons, and what reads their imports, do not know it.
    annotationlib = import_module("annotationlib")

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Give the signature of a function.

    Raises:
        ValueError: It is a builtin that does not tell.
    """
    if sys.version_info >= (3, 14):
        return inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(function)


def returns_mapping(function: Callable[..., Any]) -> bool:
    """Tell whether a function says that it returns a mapping with keys of its own.

    That is a `dict`, `Mapping` or `TypedDict`. What cannot be looked up is none.
    """

    # Only the return is evaluated, not what the parameters are.
    def alone() -> None: ...

    try:
        alone.__annotations__ = {"return": _return_annotation(function)}
        names = getattr(inspect.unwrap(function), "__globals__", {})
        found = get_type_hints(alone, names)["return"]
        return issubclass(get_origin(found) or found, Mapping)
    except (AttributeError, KeyError, NameError, SyntaxError, TypeError):
        return False


def _return_annotation(function: Callable[..., Any]) -> object:
    if sys.version_info >= (3, 14):
        forward = annotationlib.Format.FORWARDREF
        return annotationlib.get_annotations(function, format=forward)["return"]
    return function.__annotations__["return"]
