"""JSON that an argument holds, read so that nothing of it is lost in silence."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from crosscom.cli.refusals import BadArgument


class _RepeatedName(Exception):
    """An object has two members of one name."""


def strict_json(text: str, title: str) -> Any:
    """Give the value that *text* is the JSON of.

    Args:
        text: What was given.
        title: What the argument is called in texts.

    Raises:
        BadArgument: An object in it has one name twice.
        ValueError: It is no JSON, or a number in it is none, as `NaN`.
        RecursionError: It is nested too deep.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except _RepeatedName:
        msg = f"{title} has an object with the same name twice; give each name once"
        raise BadArgument(msg) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedName
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
