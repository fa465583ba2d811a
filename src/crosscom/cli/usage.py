"""What is wrong with the arguments, in one line that repeats none of them."""

from __future__ import annotations

from cyclopts import CycloptsError
from cyclopts.exceptions import UnusedCliTokensError


def usage_text(error: CycloptsError) -> str:
    """Give the text for arguments that could not be understood."""
    command = " ".join(("crosscom", *(error.command_chain or ())))
    # What is left over may be half of a value that was not quoted.
    what = "too many arguments" if isinstance(error, UnusedCliTokensError) else _one_line(error)
    return f"{what}; see {command} --help"


def _one_line(error: CycloptsError) -> str:
    text = " ".join(str(error).split())
    if not text.endswith("..."):
        text = text.removesuffix(".")
    return text[:1].lower() + text[1:]
