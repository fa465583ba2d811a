"""Which DAG takes in the tasks that are made now, and which DAGs were made since when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_open: ContextVar[tuple[Any, ...]] = ContextVar("crosscom_open_dags", default=())
_recorded: ContextVar[list[Any] | None] = ContextVar("crosscom_recorded_dags", default=None)


def current_dag() -> Any:
    """Give the DAG whose `with` block is the innermost one around the caller, or None."""
    stack = _open.get()
    return stack[-1] if stack else None


def enter_dag(dag: Any) -> None:
    """Make *dag* the current one."""
    _open.set((*_open.get(), dag))


def leave_dag(*, is_complete: bool) -> None:
    """Make the DAG before the current one current again; record the one that *is_complete*."""
    *before, dag = _open.get()
    _open.set(tuple(before))
    recorded = _recorded.get()
    if is_complete and recorded is not None and not any(dag is known for known in recorded):
        recorded.append(dag)


@contextmanager
def recording_dags() -> Iterator[list[Any]]:
    """Give a list that takes each DAG whose `with` block, or `@dag` call, ends inside.

    Blocks may nest: the innermost one records.
    """
    recorded: list[Any] = []
    token = _recorded.set(recorded)
    try:
        yield recorded
    finally:
        _recorded.reset(token)
