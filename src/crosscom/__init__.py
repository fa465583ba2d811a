"""crosscom: the tasks of a workflow talk to each other.

Push any value, of any size. Pull it anywhere. See everything that passed. Lose nothing.

These are the public names. The ready-made operators are in `crosscom.operators`, what tests
need in `crosscom.testing`, every error in `crosscom.errors`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crosscom.authoring import (
    DAG,
    BaseOperator,
    Context,
    Label,
    Param,
    TriggerRule,
    Variable,
    XComArg,
    chain,
    cross_downstream,
    get_current_context,
    literal,
)
from crosscom.authoring.dag_decorator import dag
from crosscom.authoring.task_decorator import task
from crosscom.errors import FailException, SkipException

if TYPE_CHECKING:
    from crosscom.handles import get, history, ls, open  # noqa: A004 - as a module has it: xc.open

    __version__: str

__all__ = [
    "DAG",
    "BaseOperator",
    "Context",
    "FailException",
    "Label",
    "Param",
    "SkipException",
    "TriggerRule",
    "Variable",
    "XComArg",
    "__version__",
    "chain",
    "cross_downstream",
    "dag",
    "get",
    "get_current_context",
    "history",
    "literal",
    "ls",
    "open",
    "task",
]

# A DAG file needs none of these, and every start would pay for the stores behind them.
_IN_HANDLES = frozenset({"get", "history", "ls", "open"})


def __getattr__(name: str) -> Any:
    if name in _IN_HANDLES:
        return getattr(import_module("crosscom.handles"), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("crosscom")
    msg = f"module 'crosscom' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
