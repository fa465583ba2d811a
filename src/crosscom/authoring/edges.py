"""Edges between tasks: `>>` and `<<`, `chain`, `cross_downstream`, `Label`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from crosscom.errors import DagError

_T = TypeVar("_T")


class Dag(Protocol):
    """What an edge needs of a DAG."""

    @property
    def dag_id(self) -> str:
        """Its id."""

    @property
    def edge_labels(self) -> dict[tuple[str, str], str]:
        """The text on an edge, by (upstream task id, downstream task id)."""

    def add_task(self, task: Any) -> None:
        """Take a task in."""


class Task(Protocol):
    """What an edge needs of a task."""

    @property
    def task_id(self) -> str:
        """Its id."""

    @property
    def dag(self) -> Dag | None:
        """The DAG it is in, or None."""

    @property
    def upstream_task_ids(self) -> set[str]:
        """Task ids it waits for."""

    @property
    def downstream_task_ids(self) -> set[str]:
        """Task ids that wait for it."""


class Linkable:
    """What stands at the end of an edge: an operator, or the XComArg of one."""

    __slots__ = ()

    @property
    @abstractmethod
    def linked_task(self) -> Task:
        """The task the edge begins or ends at."""

    def set_upstream(self, task_or_task_list: Any, edge_modifier: Label | None = None) -> None:
        """Make this wait for one or several others."""
        link(task_or_task_list, self, edge_modifier)

    def set_downstream(self, task_or_task_list: Any, edge_modifier: Label | None = None) -> None:
        """Make one or several others wait for this."""
        link(self, task_or_task_list, edge_modifier)

    def __rshift__(self, other: _T) -> _T:
        """Make *other* wait for this."""
        link(self, other)
        return other

    def __lshift__(self, other: _T) -> _T:
        """Make this wait for *other*."""
        link(other, self)
        return other

    def __rrshift__(self, other: Iterable[Any]) -> Linkable:
        """Make this wait for a list of others."""
        link(other, self)
        return self

    def __rlshift__(self, other: Iterable[Any]) -> Linkable:
        """Make a list of others wait for this."""
        link(self, other)
        return self


class Label:
    """A text on the edge it stands on: `check >> Label("bad rows") >> alarm`."""

    def __init__(self, label: str) -> None:
        """Carry the text *label*."""
        self.label = label
        self._upstream: list[Linkable] = []
        self._downstream: list[Linkable] = []

    def __rshift__(self, other: _T) -> _T:
        """Label the edges that end at *other*."""
        self._join(self._downstream, other)
        return other

    def __lshift__(self, other: _T) -> _T:
        """Label the edges that begin at *other*."""
        self._join(self._upstream, other)
        return other

    def __rrshift__(self, other: Any) -> Label:
        """Label the edges that begin at *other*."""
        self._join(self._upstream, other)
        return self

    def __rlshift__(self, other: Any) -> Label:
        """Label the edges that end at *other*."""
        self._join(self._downstream, other)
        return self

    def _join(self, end: list[Linkable], other: Any) -> None:
        end.extend(_ends(other))
        if self._upstream and self._downstream:
            link(self._upstream, self._downstream, self)


def link(upstream: Any, downstream: Any, label: Label | None = None) -> None:
    """Make all of *downstream* wait for all of *upstream*.

    A task without a DAG joins the DAG of the other one.

    Raises:
        TypeError: Something is no task.
        DagError: The tasks are in different DAGs, or in none.
    """
    if isinstance(downstream, Label):
        downstream.__rrshift__(upstream)
        return
    if isinstance(upstream, Label):
        upstream.__rshift__(downstream)
        return
    for before in _ends(upstream):
        for after in _ends(downstream):
            _link_tasks(before.linked_task, after.linked_task, label)


def chain(*tasks: Any) -> None:
    """Link each argument to the next; two lists side by side are linked pair by pair.

    `chain(a, [b, c], [d, e], f)` makes `a >> [b, c]`, `b >> d`, `c >> e`, `[d, e] >> f`.

    Raises:
        TypeError: An argument is neither a task nor a list of tasks.
        ValueError: Two lists side by side have different lengths.
    """
    for before, after in pairwise(tasks):
        if isinstance(before, Sequence) and isinstance(after, Sequence):
            if len(before) != len(after):
                msg = (
                    "chain needs lists of one length side by side; "
                    f"there are {len(before)} and {len(after)} tasks"
                )
                raise ValueError(msg)
            for one, other in zip(before, after, strict=True):
                link(one, other)
        else:
            link(before, after)


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Make each of *to_tasks* wait for all of *from_tasks*."""
    link(from_tasks, to_tasks)


def _ends(item: Any) -> list[Linkable]:
    if isinstance(item, Linkable):
        return [item]
    if isinstance(item, list | tuple | set | frozenset):
        return [end for part in item for end in _ends(part)]
    name = getattr(item, "__name__", type(item).__name__)
    hint = f"; call it: {name}()" if callable(item) else ""
    msg = f"only tasks and lists of tasks can be linked, not {name}{hint}"
    raise TypeError(msg)


def _link_tasks(before: Task, after: Task, label: Label | None) -> None:
    dag = _common_dag(before, after)
    before.downstream_task_ids.add(after.task_id)
    after.upstream_task_ids.add(before.task_id)
    if label is not None:
        dag.edge_labels[before.task_id, after.task_id] = label.label


def _common_dag(before: Task, after: Task) -> Dag:
    dag = before.dag or after.dag
    if dag is None:
        msg = (
            f"cannot link {before.task_id!r} to {after.task_id!r}: neither is in a DAG; "
            "make them inside of `with DAG(...)`, or give dag="
        )
        raise DagError(msg)
    for task in (before, after):
        if task.dag is None:
            dag.add_task(task)
        elif task.dag is not dag:
            msg = (
                f"cannot link {before.task_id!r} of DAG {dag.dag_id!r} to {after.task_id!r} "
                f"of DAG {task.dag.dag_id!r}; an edge stays inside of one DAG"
            )
            raise DagError(msg, dag_id=dag.dag_id)
    return dag
