"""`default_args`: what a DAG says about all its operators' arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

from crosscom.authoring.current_dag import current_dag
from crosscom.authoring.signatures import KEYWORD, signature_of

_DEFAULTS = "_merged_default_args"


def arguments_of(operator_class: type) -> set[str]:
    """Give every argument that an operator class, or a base of it, takes by name."""
    inits = [base.__dict__["__init__"] for base in operator_class.__mro__ if _has_init(base)]
    return {name for init in inits for name in _arguments(inspect.unwrap(init))}


def _has_init(base: type) -> bool:
    return "__init__" in base.__dict__ and base is not object


@lru_cache(maxsize=1024)
def _arguments(init: Callable[..., None]) -> Mapping[str, bool]:
    """Give the names an `__init__` takes, and whether each has to be given."""
    named = list(signature_of(init).parameters.values())[1:]
    return {one.name: one.default is one.empty for one in named if one.kind in KEYWORD}


def takes_default_args(init: Callable[..., None], further: frozenset[str] = frozenset()) -> Any:
    """Wrap an operator's `__init__`: what is not given is taken from `default_args`.

    The DAG's come first, the operator's own `default_args` over them; what is given explicitly
    wins, also where a class gives it to its base. The outermost call ends with `_initialized()`.
    """

    @wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            msg = f"{type(self).__name__} takes keyword arguments only; name each argument"
            raise TypeError(msg)
        is_outermost = _DEFAULTS not in self.__dict__
        if is_outermost:
            self.__dict__[_DEFAULTS] = _merged(kwargs)
        _fill_in(self, kwargs, init, further)
        init(self, **kwargs)
        if is_outermost:
            del self.__dict__[_DEFAULTS]
            self._initialized()

    return wrapper


def _merged(kwargs: dict[str, Any]) -> dict[str, Any]:
    dag = kwargs.get("dag") or current_dag()
    of_dag = {} if dag is None else dag.default_args
    return {**of_dag, **(kwargs.get("default_args") or {})}


def _fill_in(
    task: Any, kwargs: dict[str, Any], init: Callable[..., None], further: frozenset[str]
) -> None:
    arguments = _arguments(init)
    for name, value in task.__dict__[_DEFAULTS].items():
        if (name in arguments or name in further) and name not in kwargs:
            kwargs[name] = value
    missing = [name for name, needed in arguments.items() if needed and name not in kwargs]
    if missing:
        msg = f"{type(task).__name__} is missing keyword argument {', '.join(map(repr, missing))}"
        raise TypeError(msg)
