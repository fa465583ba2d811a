"""A value becomes a payload and comes back equal and of the same type, or is refused."""

from __future__ import annotations

from typing import Any

from blake3 import blake3

from crosscom.errors import XComCorrupted, XComDecodeError, XComSerializationError
from crosscom.model import EncodedValue, Payload
from crosscom.serializers import plain, tagged
from crosscom.serializers.classes import NO_CLASSES, ClassFinder, type_name
from crosscom.serializers.fresh_stack import on_fresh_stack
from crosscom.serializers.preview import LARGEST_BYTES, preview_of
from crosscom.serializers.refusal import Refused

JSON = "json"
"""Plain JSON; see `crosscom.serializers.plain`."""

TAGGED = "tagged"
"""JSON with marked objects for all that plain JSON cannot say (docs/reference/wire-format.md)."""

# What a damaged payload can make the reader run into.
_BREAKS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def serialize(value: object, classes: ClassFinder = NO_CLASSES) -> EncodedValue:
    """Give *value* as bytes, with digest and preview.

    The same value gives the same bytes in every process and on every version of Python. The
    order of a dict belongs to its value, that of a set does not. An object that lies in the
    value twice is written twice. No code of a user's class runs.

    Args:
        value: What to write; at most 500 levels of containers.
        classes: Which classes of the user may go in.

    Raises:
        XComSerializationError: Something in it cannot be kept exactly: its type is not known or
            not allowed, it lies in itself, or lies too deep. Names the path and what to do.

    >>> serialize({"rows": 1200}).payload.data
    b'{"rows":1200}'
    >>> serialize((1, 2)).payload.data
    b'{"@":"tuple","items":[1,2]}'
    """
    try:
        return _serialize(value, classes)
    except RecursionError:
        pass
    try:
        encoded: EncodedValue = on_fresh_stack(_serialize, value, classes)
    except RecursionError:
        msg = (
            "cannot keep value: it is nested deeper than this process's recursion limit allows; "
            "raise the limit, or push a flatter value"
        )
        name = type_name(type(value))
        raise XComSerializationError(msg, path="value", type_name=name) from None
    return encoded


def deserialize(payload: Payload, classes: ClassFinder = NO_CLASSES) -> Any:
    """Give the value back: a new one, equal to the pushed one and of the same type.

    Imports no module because the bytes name it, and runs no constructor or validator of a
    user's class. Members of sets and keys of dicts are hashed and compared, as always.

    Args:
        payload: What `serialize` gave.
        classes: Which classes of the user may come back.

    Raises:
        XComDecodeError: The encoding, a tag, a class or a time zone is not known here, or a
            class has changed too much since the push.
        XComCorrupted: The bytes are not those that were pushed, or nothing `serialize` writes.
    """
    try:
        return _deserialize(payload, classes)
    except RecursionError:
        pass
    try:
        return on_fresh_stack(_deserialize, payload, classes)
    except RecursionError:
        raise _corrupted(payload) from None


def plain_json(payload: Payload) -> bytes | None:
    """Give the bytes of a payload that is plain JSON, or None where it is not.

    Raises:
        XComCorrupted: The bytes are not those that were pushed.
    """
    if payload.encoding != JSON:
        return None
    _check_digest(payload)
    return payload.data


def _serialize(value: object, classes: ClassFinder) -> EncodedValue:
    data = plain.encode(value)
    encoding = JSON
    if data is None:
        try:
            data, used_tags = tagged.encode(value, classes)
        except Refused as refused:
            msg = f"cannot keep {refused.short_path}: {refused.reason}"
            raise XComSerializationError(
                msg, path=refused.path, type_name=refused.type_name
            ) from None
        if used_tags:
            encoding = TAGGED
    name = _NAMES.get(type(value)) or type_name(type(value))
    preview = None
    if encoding == TAGGED or len(data) > LARGEST_BYTES:
        preview = preview_of(value, name)
    digest = _digest(encoding, data)
    return EncodedValue(Payload(encoding, data), name, len(data), digest, preview)


def _digest(encoding: str, data: bytes) -> bytes:
    # One thread: more of them would not survive a fork.
    return blake3(_BEFORE_DATA[encoding]).update(data).digest()


def _check_digest(payload: Payload) -> None:
    encoding, data, _, _, digest = payload
    if digest and encoding in _BEFORE_DATA and digest != _digest(encoding, data):
        msg = (
            f"its {len(data)} bytes are not those that were pushed (their digest differs); "
            "the store was damaged or written by something else"
        )
        raise XComCorrupted(msg)


def _deserialize(payload: Payload, classes: ClassFinder) -> Any:
    encoding, data = payload.encoding, payload.data
    _check_digest(payload)
    try:
        if encoding == JSON:
            return plain.decode(data)
        if encoding == TAGGED:
            return tagged.decode(data, classes)
    except _BREAKS:
        raise _corrupted(payload) from None
    msg = f"encoding {encoding[:40]!r} is not known here; a newer crosscom may have written it"
    raise XComDecodeError(msg)


def _corrupted(payload: Payload) -> XComCorrupted:
    msg = (
        f"{len(payload.data)} bytes are not what a push writes as {payload.encoding!r}; "
        "they were changed or damaged since, push the value again"
    )
    return XComCorrupted(msg)


_BEFORE_DATA = {JSON: b"json\n", TAGGED: b"tagged\n"}
"""What a digest covers before the data: the encoding's name and a line feed."""

_NAMES: dict[type, str] = {cls: cls.__name__ for cls in (dict, list, str, int, float, bool)}
