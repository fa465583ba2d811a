"""How a function gets what it asks for by name: its arguments, then the context."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from crosscom.authoring.context import CONTEXT_NAMES
from crosscom.authoring.signatures import KEYWORD, POSITIONAL, signature_of


def keyword_arguments(
    function: Callable[..., Any],
    args: Collection[Any],
    kwargs: Mapping[str, Any],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Give *kwargs*, and what the function's other parameters name in *context*.

    A function with `**context` gets all of the context. What is given in *args* or *kwargs*
    comes before the context.
    """
    try:
        parameters = list(signature_of(function).parameters.values())
    except ValueError:
        # Some builtins do not say what they take: they take nothing from the context either.
        return dict(kwargs)
    positional = [one.name for one in parameters if one.kind in POSITIONAL]
    given = {*positional[: len(args)], *kwargs}
    wanted: Collection[str] = {one.name for one in parameters if one.kind in KEYWORD}
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        wanted = context
    filled = {name: context[name] for name in wanted if name in context and name not in given}
    return {**filled, **kwargs}


def check_call(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any], name: str
) -> None:
    """Refuse a call that the function could not take when it runs.

    Raises:
        TypeError: An argument is missing or one too many.
        ValueError: A parameter named like part of the context has a default other than None.
    """
    for one in signature.parameters.values():
        if one.name in CONTEXT_NAMES and one.default not in (None, one.empty):
            msg = f"Context key parameter {one.name} can't have a default other than None"
            raise ValueError(msg)
    try:
        bound = signature.bind_partial(*args, **kwargs)
    except TypeError as error:
        msg = f"{name}() {error}"
        raise TypeError(msg) from None
    missing = [
        one.name
        for one in signature.parameters.values()
        if one.kind in (*POSITIONAL, *KEYWORD)
        and one.default is one.empty
        and one.name not in bound.arguments
        and one.name not in CONTEXT_NAMES
    ]
    if missing:
        msg = f"{name}() is missing the argument {', '.join(map(repr, missing))}"
        raise TypeError(msg)
