"""What lists and pages show of a value without opening its bytes: a bounded JSON text."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque

from crosscom.model import Payload
from crosscom.serializers.excerpt import excerpt
from crosscom.serializers.plain import MARKER, decode, write_json

LARGEST_BYTES = 1024
"""A preview is at most this long; plain JSON up to it is its own preview."""

_FIRST_TRY = 600
_LONGEST_KIND = 100
_WITH_LENGTH = {
    *(str, bytes, bytearray, list, tuple, dict, set, frozenset),
    *(deque, OrderedDict, Counter, defaultdict),
}


def preview_of(value: object, type_name: str) -> str:
    """Give the preview of a value that was just encoded.

    It is `{"@": "preview", "kind": ..., "length": ..., "text": ...}`. No plain payload has the
    key `@`, so a preview of this form is never taken for a value. A preview is worth less than
    the push it belongs to: where it cannot be made, it names the kind alone.
    """
    parts: dict[str, object] = {MARKER: "preview", "kind": type_name[:_LONGEST_KIND]}
    if type(value) in _WITH_LENGTH:
        parts["length"] = len(value)  # type: ignore[arg-type] # these have one
    try:
        return _bounded(parts, excerpt(value, _FIRST_TRY))
    except RecursionError:
        raise  # the whole push is tried again with more room
    except Exception:  # noqa: BLE001 - as promised: it never fails the push
        return _bounded(parts, "")


def describe(payload: Payload) -> str:
    """Give the preview of a payload that came without one.

    >>> describe(Payload("json", b'{"rows":1200}'))
    '{"rows":1200}'
    """
    text = payload.data[:LARGEST_BYTES].decode("utf-8", "replace")
    if payload.encoding == "json" and len(payload.data) <= LARGEST_BYTES:
        return text
    return _bounded({MARKER: "preview", "kind": payload.encoding}, text[:_FIRST_TRY])


def preview_text(preview: str) -> str:
    r"""Give what a person reads of a preview: its text, or the plain JSON itself.

    >>> preview_text('{"@":"preview","kind":"decimal.Decimal","text":"Decimal(\'1.50\')"}')
    "Decimal('1.50')"
    >>> preview_text('{"rows":1200}')
    '{"rows":1200}'
    """
    if not preview.startswith(f'{{"{MARKER}":"preview"'):
        return preview
    parts = decode(preview.encode())
    return str(parts.get("text") or parts["kind"])


def _bounded(parts: dict[str, object], text: str) -> str:
    """Write the preview, with as much of the *text* as there is room for."""
    while True:
        written = write_json({**parts, "text": text})
        if len(written) <= LARGEST_BYTES:
            return written.decode()
        text = text[: len(text) // 2] + "…"
