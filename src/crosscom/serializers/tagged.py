"""The tagged form as bytes: every kind of value there is, in one table."""

from __future__ import annotations

from typing import Any

from crosscom.serializers import containers, instances, moments, plain, scalars
from crosscom.serializers.classes import ClassFinder, type_name
from crosscom.serializers.refusal import Refused
from crosscom.serializers.walking import Kind, Reader, Write, Writer

KINDS: tuple[Kind, ...] = (
    *scalars.KINDS,
    *moments.KINDS,
    *containers.KINDS,
    *instances.KINDS,
)

_WRITERS: dict[type, Write] = {
    **scalars.PLAIN_SCALARS,
    list: containers.write_list,
    **{kind.type: kind.write for kind in KINDS if kind.type is not None},
}
_READERS: dict[str, Kind] = {kind.tag: kind for kind in KINDS}


def encode(value: object, classes: ClassFinder) -> tuple[bytes, bool]:
    """Give *value* as bytes, and whether they hold anything that plain JSON cannot say.

    Raises:
        Refused: Something in it cannot be kept exactly.
    """
    writer = Writer(_WRITERS, instances.write_instance, classes)
    try:
        return plain.write_json(writer.tree(value)), writer.used_tags
    except UnicodeEncodeError:
        # Texts are escaped where they need it: only the name of a class or member is left.
        reason = "the name of a class or member in it has lone surrogates; rename it"
        raise Refused(reason, type_name(type(value))) from None


def decode(data: bytes, classes: ClassFinder) -> Any:
    """Give the value that bytes of the tagged form stand for.

    Raises:
        XComDecodeError: They need a tag or class that is not known here.
        ArithmeticError, AttributeError, LookupError, TypeError, ValueError: They break the form.
    """
    return Reader(_READERS, classes).value(plain.decode(data))
