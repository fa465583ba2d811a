"""Seconds as a person reads them."""

from __future__ import annotations


def seconds_text(seconds: float) -> str:
    """Give seconds with three digits and a fitting unit.

    >>> seconds_text(0.0000372)
    '37.2 us'
    >>> seconds_text(0.4), seconds_text(25.31)
    ('400 ms', '25.3 s')
    """
    for factor, unit in ((1e6, "us"), (1e3, "ms")):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds < 1000 else f"{seconds:.0f} s"
