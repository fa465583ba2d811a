"""A value as bytes, what is known about it without opening it, and the right to write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from crosscom.model.identity import TaskInstanceKey, XComAddress


class Payload(NamedTuple):
    """Encoded bytes, the name of their encoding, and the backend that wrote them.

    A tuple and no dataclass, because one is made for every pull.
    `encoding` `"claim"` is kept for payloads that point at an object.
    """

    encoding: str
    data: bytes
    backend: str = ""
    """The dotted name of the backend class; empty for crosscom's own."""
    entry: int = 0
    """The entry it was read from; 0 while it rests nowhere."""
    digest: bytes = b""
    """What the store says the bytes' digest is; empty while it rests nowhere."""


@dataclass(frozen=True, slots=True)
class EncodedValue:
    """A payload and what lists, pages and comparisons may know without opening it."""

    payload: Payload
    type_name: str
    """The value's type, as `dict` or `pandas.DataFrame`."""
    size_bytes: int
    """The length of the encoded value, wherever it rests."""
    digest: bytes
    """blake3 (32 bytes) over the canonical encoding: equal digests mean equal values."""
    preview: str | None
    """A bounded JSON text; None where the payload itself is small JSON and is its own preview."""


class Fence(NamedTuple):
    """The right of one try to write.

    A write needs *attempt* to be current and running, checked in the statement that stores it.
    The same (attempt, sequence) pushed again changes nothing.
    """

    attempt: int
    sequence: int


@dataclass(frozen=True, slots=True)
class XComEntry:
    """What a store knows of one pushed value, without its bytes."""

    id: int
    """Names this entry within its store, also after it was replaced or cleared."""
    address: XComAddress
    live: bool
    """False for history: replaced or cleared."""
    try_number: int
    """The try that pushed it; 0 when it was pushed by hand before any try."""
    attempt: int | None
    """The attempt that pushed it; None when it was pushed by hand."""
    encoding: str
    backend: str
    type_name: str
    size_bytes: int
    digest: bytes
    preview: str
    """A bounded JSON text."""
    pushed_at_us: int
    """Microseconds since 1970, UTC."""
    ended_at_us: int | None
    """When it was replaced or cleared, in the same unit; None while it is live."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A try pulled an entry. Written when the try ended, whatever its end."""

    entry: int
    attempt: int
    reader: TaskInstanceKey
    """The task instance of the try."""
    try_number: int
