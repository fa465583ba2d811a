"""crosscom: the tasks of a workflow talk to each other.

Push any value, of any size. Pull it anywhere. See everything that passed. Lose nothing.

These are the public names. The ready-made operators are in `crosscom.operators`, what tests
need in `crosscom.testing`, every error in `crosscom.errors`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

# Each name is looked up when it is first asked for: a DAG file needs no store, and a command
# that looks at values needs nothing of how DAGs are written.
_PLACES = {
    **dict.fromkeys(("get", "history", "ls", "open"), "crosscom.handles"),
    **dict.fromkeys(("FailException", "SkipException"), "crosscom.errors"),
    "dag": "crosscom.authoring.dag_decorator",
    "task": "crosscom.authoring.task_decorator",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("crosscom")
    if name not in __all__:
        msg = f"module 'crosscom' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(import_module(_PLACES.get(name, "crosscom.authoring")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
