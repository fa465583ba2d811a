"""For those who test: DAGs and tasks run in this process, and what a store must promise.

`run_dag` and `run_task` need no store, no configuration and no other process. A store of one's
own is proven by a subclass of `StoreContract`. pytest finds the fixtures by itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosscom.testing.dags import TaskResult, run_dag, run_task
    from crosscom.testing.store_contract import StoreContract

__all__ = ["StoreContract", "TaskResult", "run_dag", "run_task"]

# pytest imports this package at each of its starts, to find the plugin: nothing heavy may come
# with it.
_PLACES = {
    "StoreContract": "crosscom.testing.store_contract",
    "TaskResult": "crosscom.testing.dags",
    "run_dag": "crosscom.testing.dags",
    "run_task": "crosscom.testing.dags",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return __all__
