"""Looking at what was pushed, from Python: by address, outside of tasks, loading late.

Holds `get`, `ls`, `history` and `open`, the handles they give, and what an address names in a
store, which the command line uses too. Runs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosscom.handles.configured import get, history, ls, open  # noqa: A004
    from crosscom.handles.handle import (
        DagHandle,
        Handle,
        Listing,
        RunHandle,
        TaskHandle,
        XComHandle,
    )
    from crosscom.handles.opened import OpenedStore

__all__ = [
    "DagHandle",
    "Handle",
    "Listing",
    "OpenedStore",
    "RunHandle",
    "TaskHandle",
    "XComHandle",
    "get",
    "history",
    "ls",
    "open",
]

# The command line looks with a part of this package, and each of its starts would pay for all.
_PLACES = {
    "DagHandle": "handle",
    "Handle": "handle",
    "Listing": "handle",
    "OpenedStore": "opened",
    "RunHandle": "handle",
    "TaskHandle": "handle",
    "XComHandle": "handle",
    "get": "configured",
    "history": "configured",
    "ls": "configured",
    "open": "configured",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
