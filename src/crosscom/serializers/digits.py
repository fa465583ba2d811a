"""Large ints as decimal digits, whatever limit this process sets on that conversion.

Python refuses to convert more than 4,300 digits, and each process may move that limit
(https://docs.python.org/3/library/stdtypes.html#int-max-str-digits). Bytes must not depend on
it, so large ints are converted in pieces that are always allowed.
"""

from __future__ import annotations

MOST_DIGITS = 4300
"""Ints of more digits are written in hexadecimal."""

_PIECE = 500  # No process can set its limit below 640.
_SCALE: int = 10**_PIECE
_TOO_LARGE: int = 10**MOST_DIGITS


def fits_decimal(number: int) -> bool:
    """Tell whether *number* is written with decimal digits."""
    return -_TOO_LARGE < number < _TOO_LARGE


def to_decimal(number: int) -> str:
    """Write *number* in decimal.

    >>> to_decimal(-12)
    '-12'
    """
    pieces = []
    rest = abs(number)
    while rest >= _SCALE:
        rest, piece = divmod(rest, _SCALE)
        pieces.append(f"{piece:0{_PIECE}d}")
    pieces.append(str(rest))
    return ("-" if number < 0 else "") + "".join(reversed(pieces))


def from_decimal(text: str) -> int:
    """Read what `to_decimal` writes.

    Raises:
        ValueError: It has more than 4,300 digits, or is no decimal number.
    """
    digits = text.removeprefix("-")
    if len(digits) > MOST_DIGITS:
        msg = f"more than {MOST_DIGITS} digits"
        raise ValueError(msg)
    number = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        number = number * 10 ** len(piece) + int(piece)
    return -number if text.startswith("-") else number
