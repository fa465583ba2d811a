"""`crosscom get`: a value."""

from __future__ import annotations

import sys
from pathlib import Path
from pprint import pformat
from typing import Annotated, Any

from cyclopts import Parameter

from crosscom.backends import OWN, Backend
from crosscom.cli.options import AsJson
from crosscom.cli.output import emit, say
from crosscom.cli.places import lasting_settings, reading
from crosscom.cli.refusals import BadArgument
from crosscom.errors import XComDecodeError, XComNotFound
from crosscom.handles.finding import find_entry
from crosscom.handles.formatting import human_size, printable
from crosscom.handles.places import class_finder
from crosscom.model import Payload, XComEntry, parse_address
from crosscom.serializers import plain_json
from crosscom.settings import Settings

_STDOUT = "-"


def get(
    address: str,
    /,
    *,
    out: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    json: AsJson = False,
) -> None:
    """Print a value: as JSON where it is plain JSON, else as Python shows it.

    Args:
        address: The value; what the task returned where no key is written.
        out: Write it to this file instead (- for stdout): bytes and texts as they are, anything
            else as it is stored.
    """
    pattern = parse_address(address)
    settings = lasting_settings()
    with reading(settings) as store:
        entry = find_entry(store, pattern)
        payload = store.get_entry(entry.id)
    if payload is None:
        msg = f"{entry.address} was forgotten this very moment"
        raise XComNotFound(msg, address=str(entry.address))
    if out is not None:
        _write(out, _bytes_of(payload, entry, settings))
    else:
        emit(_shown(payload, entry, settings, as_stored=json))


def _shown(payload: Payload, entry: XComEntry, settings: Settings, *, as_stored: bool) -> str:
    try:
        # Also where the stored form is shown: damaged bytes are an error, never a value.
        value = _decoded(payload, entry, settings)
    except XComDecodeError:
        if not _is_text(payload):
            raise
        if not as_stored:
            say(
                f"crosscom: note: {entry.address} needs classes that are not loaded here, "
                "so it is shown as it is stored"
            )
        return payload.data.decode()
    plain = payload.data if as_stored else plain_json(payload)
    if plain is None:
        return pformat(value, sort_dicts=False)
    # Elsewhere than on a terminal it stays JSON, to the last byte.
    return printable(plain.decode()) if sys.stdout.isatty() else plain.decode()


def _bytes_of(payload: Payload, entry: XComEntry, settings: Settings) -> bytes:
    """Give what belongs into a file."""
    try:
        value = _decoded(payload, entry, settings)
    except XComDecodeError:
        return payload.data
    if type(value) is str:
        return value.encode("utf-8", "surrogatepass")
    return bytes(value) if type(value) in (bytes, bytearray) else payload.data


def _decoded(payload: Payload, entry: XComEntry, settings: Settings) -> Any:
    return Backend(class_finder(settings)).decode(payload, entry.address)


def _is_text(payload: Payload) -> bool:
    """Tell whether the stored bytes are JSON that crosscom itself wrote."""
    return payload.backend == OWN and payload.encoding in ("json", "tagged")


def _write(out: str, data: bytes) -> None:
    if out == _STDOUT:
        sys.stdout.buffer.write(data)
        return
    try:
        Path(out).write_bytes(data)
    except OSError as error:
        msg = f"cannot write {out}: {error.strerror}"
        raise BadArgument(msg) from None
    say(f"wrote {out} ({human_size(len(data))})")
