"""`@dag`: a DAG from a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, overload

from crosscom.authoring.dag import DAG
from crosscom.authoring.signatures import VARIADIC, signature_of

P = ParamSpec("P")


@overload
def dag(dag_id: Callable[P, Any], /) -> Callable[P, DAG]: ...


@overload
def dag(dag_id: str = "", **kwargs: Any) -> Callable[[Callable[P, Any]], Callable[P, DAG]]: ...


def dag(dag_id: Any = "", **kwargs: Any) -> Any:
    """Make a DAG of a function: calling it makes the tasks, and gives the DAG.

    The function's parameters become params of the DAG, with the call's arguments as defaults.

    Args:
        dag_id: The DAG's id; the function's name by default.
        **kwargs: What DAG takes.
    """
    if callable(dag_id):
        return _factory(dag_id, "", kwargs)
    return lambda function: _factory(function, dag_id, kwargs)


def _factory(function: Callable[P, Any], dag_id: str, given: dict[str, Any]) -> Callable[P, DAG]:
    signature = signature_of(function)

    @wraps(function)
    def make(*args: P.args, **kwargs: P.kwargs) -> DAG:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        with DAG(dag_id or function.__name__, **given) as made:
            if function.__doc__ and not made.doc_md:
                made.doc_md = inspect.cleandoc(function.__doc__)
            # By name and not by value, so that a run's conf reaches the tasks.
            for name, value in bound.arguments.items():
                if signature.parameters[name].kind not in VARIADIC:
                    bound.arguments[name] = made.param(name, value)
            function(*bound.args, **bound.kwargs)
        return made

    return make
