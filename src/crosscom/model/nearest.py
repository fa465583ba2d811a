"""Did you mean: the name that was most likely meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Give the one of *names* that is most like *name*, or None where none is.

    >>> nearest("rowcount", ["rows", "row_count"])
    'row_count'
    """
    # Only errors ask for it, and the import takes milliseconds.
    from difflib import get_close_matches  # noqa: PLC0415

    return next(iter(get_close_matches(name, [*names], n=1)), None)


def meant(name: str, names: Iterable[str]) -> str:
    """Give the end of a text that names the nearest, empty where none is like it.

    >>> meant("rowcount", ["rows", "row_count"])
    "; did you mean 'row_count'?"
    """
    near = nearest(name, names)
    return "" if near is None else f"; did you mean {near!r}?"
