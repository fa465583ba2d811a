"""The file a DAG was written in, and the folders of its templates."""

# Every DAG file imports this, and `pathlib` takes four milliseconds.
# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

Folder = str | os.PathLike[str]

_OWN_PACKAGE = __name__.rpartition(".")[0] + "."


def file_of_caller() -> str:
    """Give the absolute path of the file whose code called into this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - `inspect` offers the same for 100 times the price
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(_OWN_PACKAGE):
        frame = frame.f_back
    return os.path.abspath(frame.f_code.co_filename)


def search_path(file: str, further: Folder | Iterable[Folder] | None) -> tuple[str, ...]:
    """Give the folders of template files: that of *file*, then *further* ones, below it."""
    own = os.path.dirname(file)
    folders = [further] if isinstance(further, (str, os.PathLike)) else further or ()
    return (own, *(os.path.join(own, folder) for folder in folders))
