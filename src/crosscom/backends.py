"""The backend decides how values are kept: today every value rests in its own row."""

from __future__ import annotations

from typing import Any

from crosscom.errors import XComCorrupted, XComDecodeError, XComSerializationError
from crosscom.model import EncodedValue, Payload, XComAddress
from crosscom.serializers import ClassFinder, deserialize, serialize

OWN = ""
"""The name crosscom's own backend writes into its rows."""


class Backend:
    """Turns values into payloads and back, for one bundle of classes.

    Args:
        classes: Which classes may go in and come back.
    """

    __slots__ = ("_classes",)

    def __init__(self, classes: ClassFinder | None = None) -> None:
        """Keep *classes*; without them only values of the standard types pass."""
        self._classes = ClassFinder() if classes is None else classes

    def encode(self, value: object, address: XComAddress) -> EncodedValue:
        """Give *value* as bytes, with what is known about it.

        Raises:
            XComSerializationError: It cannot be kept exactly; the text says where and why.
        """
        try:
            return serialize(value, self._classes)
        except XComSerializationError as error:
            msg = f"cannot push {address}: {error}"
            raise XComSerializationError(
                msg, path=error.path, type_name=error.type_name, address=str(address)
            ) from None

    def decode(self, payload: Payload, address: XComAddress) -> Any:
        """Give the value back, equal to the pushed one and of the same type.

        Raises:
            XComDecodeError: Another backend wrote it, or a class it needs may not be used here.
            XComCorrupted: The bytes are not what a push writes.
        """
        if payload.backend != OWN:
            msg = f"cannot pull {address}: backend {payload.backend} wrote it, and it is not set up"
            raise XComDecodeError(msg, address=str(address))
        try:
            return deserialize(payload, self._classes)
        except (XComDecodeError, XComCorrupted) as error:
            msg = f"cannot pull {address}: {error}"
            raise type(error)(msg, address=str(address)) from None
