"""Tables: aligned text for terminals, escaped HTML for notebooks."""

from __future__ import annotations

import html
from collections.abc import Sequence

GAP = "  "
"""Between two columns."""
_CELL = "text-align:left;vertical-align:top;font-family:monospace"


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give aligned columns under *header*; the last column is as wide as it likes.

    >>> print(text_table(["task", "state"], [["train", "success"], ["load", "failed"]]))
    task   state
    train  success
    load   failed
    """
    return "\n".join(GAP.join(line).rstrip() for line in aligned(header, rows))


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Give *header* and *rows* as lines of cells that are as wide as their column."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]


def html_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give the same as HTML; every cell is escaped."""
    head = "".join(f'<th style="{_CELL}">{html.escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{html.escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    caption = f"<caption>{html.escape(title)}</caption>" if title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
