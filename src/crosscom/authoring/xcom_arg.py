"""XComArg: a reference to an XCom that a task will push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from crosscom.authoring.edges import Linkable, Task
from crosscom.authoring.nesting import Resolvable
from crosscom.model import RETURN_KEY
from crosscom.model.identity import check_key


class XComArg(Linkable, Resolvable):
    """Stands for what *operator* will push under *key*.

    Given to another task, as an argument or in a template field, also nested in lists, tuples,
    sets, dicts: it makes that task wait for *operator*, and becomes the value when it runs.
    `arg["rows"]` stands for the same task's XCom `rows`.
    In an f-string it becomes the Jinja text that pulls the value, and makes no edge.
    """

    __slots__ = ("key", "operator")

    def __init__(self, operator: Any, key: str = RETURN_KEY) -> None:
        """Stand for the XCom *key* of *operator*.

        Raises:
            InvalidName: The key breaks its rule.
        """
        check_key(key)
        self.operator = operator
        self.key = key

    @property
    def linked_task(self) -> Task:
        """The task whose XCom this is."""
        task: Task = self.operator
        return task

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """Pull the value; the caller's own copy.

        A task that returned nothing gives None. A key that was not pushed gives None where
        the task has `multiple_outputs`, because the key may be missing from its dict.

        Raises:
            XComNotFound: The key was not pushed, and the task has no `multiple_outputs`.
        """
        may_be_absent = self.key == RETURN_KEY or self.operator.multiple_outputs
        return context["ti"].xcom_pull(
            task_ids=self.operator.task_id, key=self.key, required=not may_be_absent
        )

    def references(self) -> Iterator[tuple[str, str]]:
        """Give the one (task id, key) it stands for."""
        yield self.operator.task_id, self.key

    def __getitem__(self, item: str) -> XComArg:
        """Give the reference to another key of the same task."""
        kind = type(item).__name__
        if kind != "str":
            msg = f"XComArg only supports str lookup, received {kind}"
            raise ValueError(msg)
        return XComArg(self.operator, item)

    def __iter__(self) -> NoReturn:
        """Refuse: how many items there will be is not known yet."""
        msg = f"{type(self).__name__!r} object is not iterable"
        raise TypeError(msg)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, XComArg):
            return NotImplemented
        return self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __str__(self) -> str:
        """Give the Jinja text that pulls the value."""
        dag = self.operator.dag
        of_dag = "" if dag is None else f" dag_id={dag.dag_id!r},"
        return (
            f"{{{{ task_instance.xcom_pull(task_ids={self.operator.task_id!r},"
            f"{of_dag} key={self.key!r}) }}}}"
        )

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}, key={self.key!r})"
