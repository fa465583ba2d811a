"""Imports of what lies beside a DAG file: always from the source, never from a cached bytecode.

Python takes cached bytecode for current when the source has the same size and was changed in
the same second. A run remembers its code by the source's digest, so that must be what it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from typing import NoReturn

from crosscom.runtime.bundle import is_installed


class SourceOnlyLoader(SourceFileLoader):
    """Loads a module from its source, and leaves no bytecode beside it."""

    def path_stats(self, path: str) -> NoReturn:
        """Say that nothing is known of the source's age: then no cache is read or written."""
        raise OSError(path)


def import_from_source(folder: Path) -> None:
    """Let this process import modules in *folder* and below it from their sources alone.

    What is installed there, as in a virtual environment below it, is imported as always.
    """
    root = folder.resolve()
    sys.path_hooks.insert(0, _finders(root))
    # Finders that were made before the hook would go on as they did.
    for path in [*sys.path_importer_cache]:
        place = Path(path).resolve()
        if place.is_relative_to(root) and not is_installed(place):
            del sys.path_importer_cache[path]


def _finders(root: Path) -> Callable[[str], FileFinder]:
    def finder(path: str) -> FileFinder:
        place = Path(path).resolve()
        if not place.is_relative_to(root) or is_installed(place) or not place.is_dir():
            raise ImportError(path)
        return FileFinder(
            path,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (SourceOnlyLoader, SOURCE_SUFFIXES),
        )

    return finder
