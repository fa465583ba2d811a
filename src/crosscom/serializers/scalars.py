"""Values without parts: numbers, texts, bytes, identifiers, paths, as trees."""

from __future__ import annotations

import pathlib
import re
from base64 import b64decode, b64encode
from decimal import Context, Decimal, InvalidOperation
from math import isfinite
from types import NoneType
from typing import Any
from uuid import UUID, SafeUUID

import msgspec

from crosscom.errors import XComDecodeError
from crosscom.serializers.digits import fits_decimal, to_decimal
from crosscom.serializers.walking import Kind, Reader, Tree, Writer, kind, part

# Decimals are exact here whatever the task's own context rounds, traps or writes.
_EXACT = Context(capitals=1, traps=[InvalidOperation])

_ESCAPABLE = re.compile(r"[\\\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|u(d[89a-f][0-9a-f]{2}))")
_SAFETY = {"safe": SafeUUID.safe, "unsafe": SafeUUID.unsafe}


def _write_same(value: object, _writer: Writer, _room: int) -> Tree:
    return value


def write_int(value: int, writer: Writer, _room: int) -> Tree:
    """Write an int: as a number up to 4,300 digits."""
    if -(2**63) <= value < 2**64:
        return value
    if fits_decimal(value):
        return msgspec.Raw(to_decimal(value).encode())
    return writer.tag("int", hex=f"{value:x}")


def _read_int(node: dict[str, Tree], _reader: Reader) -> int:
    text = part(node, "hex", str)
    value = int(text, 16)
    if fits_decimal(value) or f"{value:x}" != text:
        raise ValueError
    return value


def write_float(value: float, writer: Writer, _room: int) -> Tree:
    """Write a float: NaN and the infinities by name."""
    # The sign and payload bits of a NaN are not kept: Python shows every NaN as `nan`.
    return value if isfinite(value) else writer.tag("float", value=repr(value))


def _read_float(node: dict[str, Tree], _reader: Reader) -> float:
    text = part(node, "value", str)
    if text not in ("nan", "inf", "-inf"):
        raise ValueError
    return float(text)


def write_text(value: str, writer: Writer, _room: int) -> Tree:
    """Write a str: lone surrogates, which UTF-8 cannot say, as escapes."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return writer.tag("str", escaped=_ESCAPABLE.sub(_escape, value))
    return value


def _escape(found: re.Match[str]) -> str:
    return "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}"


def _read_text(node: dict[str, Tree], _reader: Reader) -> str:
    text = part(node, "escaped", str)
    return _ESCAPED.sub(lambda found: chr(int(found[2], 16)) if found[2] else "\\", text)


def _write_complex(value: complex, writer: Writer, room: int) -> Tree:
    real = write_float(value.real, writer, room)
    return writer.tag("complex", real=real, imag=write_float(value.imag, writer, room))


def _read_complex(node: dict[str, Tree], reader: Reader) -> complex:
    real, imag = reader.value(node["real"]), reader.value(node["imag"])
    if type(real) is not float or type(imag) is not float:
        raise TypeError
    return complex(real, imag)


def _write_bytes(value: bytes | bytearray, writer: Writer, _room: int) -> Tree:
    return writer.tag(type(value).__name__, base64=b64encode(value).decode())


def _read_bytes(node: dict[str, Tree], _reader: Reader) -> bytes:
    return b64decode(part(node, "base64", str), validate=True)


def _read_bytearray(node: dict[str, Tree], reader: Reader) -> bytearray:
    return bytearray(_read_bytes(node, reader))


def decimal_text(value: Decimal) -> str:
    """Give the text of a Decimal, all of its digits and its exponent."""
    return _EXACT.to_sci_string(value)


def _write_decimal(value: Decimal, writer: Writer, _room: int) -> Tree:
    return writer.tag("Decimal", value=decimal_text(value))


def _read_decimal(node: dict[str, Tree], _reader: Reader) -> Decimal:
    text = part(node, "value", str)
    value = Decimal(text, _EXACT)
    if decimal_text(value) != text:
        raise ValueError
    return value


def _write_uuid(value: UUID, writer: Writer, _room: int) -> Tree:
    safety = next((name for name, known in _SAFETY.items() if value.is_safe is known), None)
    parts = {} if safety is None else {"made": safety}
    return writer.tag("UUID", value=str(value), **parts)


def _read_uuid(node: dict[str, Tree], _reader: Reader) -> UUID:
    text = part(node, "value", str)
    safety = _SAFETY[part(node, "made", str)] if "made" in node else SafeUUID.unknown
    value = UUID(text, is_safe=safety)
    if str(value) != text:
        raise ValueError
    return value


def _write_range(value: range, writer: Writer, room: int) -> Tree:
    start, stop, step = (
        write_int(bound, writer, room) for bound in (value.start, value.stop, value.step)
    )
    return writer.tag("range", start=start, stop=stop, step=step)


def _read_range(node: dict[str, Tree], reader: Reader) -> range:
    bounds = [reader.value(node[name]) for name in ("start", "stop", "step")]
    if set(map(type, bounds)) != {int}:
        raise TypeError
    return range(*bounds)


def _write_path(value: pathlib.PurePath, writer: Writer, room: int) -> Tree:
    # Names of files that are no UTF-8 reach Python with lone surrogates in them.
    return writer.tag(type(value).__name__, value=write_text(str(value), writer, room))


def _read_path(node: dict[str, Tree], reader: Reader) -> Any:
    text = reader.value(node["value"])
    if type(text) is not str:
        raise TypeError
    try:
        return _PATHS[node["@"]](text)
    except NotImplementedError:
        msg = f"a {node['@']} cannot be made on this system; push a PurePath between systems"
        raise XComDecodeError(msg) from None


_PATHS: dict[str, type[pathlib.PurePath]] = {
    cls.__name__: cls
    for cls in (
        pathlib.PosixPath,
        pathlib.WindowsPath,
        pathlib.PurePosixPath,
        pathlib.PureWindowsPath,
    )
}

PLAIN_SCALARS = {NoneType: _write_same, bool: _write_same}

KINDS: tuple[Kind, ...] = (
    kind("int", int, "hex", write_int, _read_int),
    kind("float", float, "value", write_float, _read_float),
    kind("str", str, "escaped", write_text, _read_text),
    kind("complex", complex, "real imag", _write_complex, _read_complex),
    kind("bytes", bytes, "base64", _write_bytes, _read_bytes),
    kind("bytearray", bytearray, "base64", _write_bytes, _read_bytearray),
    kind("Decimal", Decimal, "value", _write_decimal, _read_decimal),
    kind("UUID", UUID, "value made", _write_uuid, _read_uuid),
    kind("range", range, "start stop step", _write_range, _read_range),
    *(kind(tag, cls, "value", _write_path, _read_path) for tag, cls in _PATHS.items()),
)
