"""What a command prints: data on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence

from crosscom.handles.formatting import printable
from crosscom.handles.tables import GAP, aligned, text_table

_BOLD = "1"
_COLOURS = {
    "success": "32",
    "running": "36",
    "failed": "31",
    "upstream_failed": "33",
    "up_for_retry": "33",
    "interrupted": "33",
    "skipped": "35",
}


def emit(text: str) -> None:
    """Print lines of data."""
    sys.stdout.write(text + "\n")


def emit_json(body: object) -> None:
    """Print one JSON value: on a terminal spread over lines, else on one line."""
    emit(json.dumps(body, indent=2 if sys.stdout.isatty() else None))


def emit_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns; on a terminal the last is cut to fit, and states have colours."""
    if not sys.stdout.isatty():
        emit(text_table(header, rows))
        return
    width = shutil.get_terminal_size().columns
    for number, line in enumerate(aligned(header, rows)):
        cells = _fitted(line, width)
        emit(GAP.join(paint(cell, _BOLD) if number == 0 else painted_state(cell) for cell in cells))


def emit_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print names and texts below each other; what is empty is left out."""
    told = [(name, text) for name, text in facts if text]
    width = max((len(name) for name, _ in told), default=0)
    for name, text in told:
        emit(f"{name.ljust(width)}{GAP}{painted_state(text)}")


def emit_title(text: str) -> None:
    """Print the heading of what follows."""
    emit("")
    emit(paint(text, _BOLD))


def say(text: str) -> None:
    """Tell a person something that is no data."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """Say why a command could not do its work, in one line."""
    say(f"crosscom: error: {printable(text)}")


def painted_state(text: str) -> str:
    """Give a text that may be a state as it is shown on stdout."""
    colour = _COLOURS.get(text.strip())
    return text if colour is None else paint(text, colour)


def paint(text: str, colour: str) -> str:
    """Give *text* with a colour where stdout is a terminal that wants one."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def _fitted(line: list[str], width: int) -> list[str]:
    *first, last = line
    room = width - sum(len(cell) + len(GAP) for cell in first)
    last = last.rstrip()
    return [*first, last if len(last) <= room or room < 2 else last[: room - 1] + "…"]
