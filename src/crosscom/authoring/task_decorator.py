"""`@task`: a task from a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, overload

from crosscom.authoring.call_arguments import check_call
from crosscom.authoring.current_dag import current_dag
from crosscom.authoring.python_operator import PythonOperator
from crosscom.authoring.signatures import returns_mapping, signature_of
from crosscom.authoring.xcom_arg import XComArg

P = ParamSpec("P")
R = TypeVar("R")


class DecoratedOperator(PythonOperator):
    """The task that a call of a `@task` function makes."""

    operator_name = "@task"


class TaskFunction(Generic[P, R]):
    """What `@task` makes of a function: each call makes a task.

    Attributes:
        function: The function as it was written; call it to try it without a DAG.
    """

    __name__: str

    def __init__(self, function: Callable[P, R], arguments: Mapping[str, Any]) -> None:
        """Make tasks of *function* with the operator's *arguments*."""
        if inspect.isclass(function) or not callable(function):
            msg = "@task is for functions, not for classes or other things"
            raise TypeError(msg)
        self.function = function
        self._arguments = dict(arguments)
        self._signature = signature_of(function)
        if "self" in self._signature.parameters:
            msg = f"@task does not support methods, as {function.__qualname__}"
            raise TypeError(msg)
        update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        """Make a task in the current DAG, and give the reference to what it will return.

        The arguments may be or hold references to other tasks. The second task of a function
        in one DAG gets `__1` after its id, and so on.

        Raises:
            TypeError: An argument is missing or one too many.
            ValueError: A parameter named like part of the context has a default other than None.
        """
        given = dict(self._arguments)
        task_id = given.pop("task_id", self.function.__name__)
        check_call(self._signature, args, kwargs, self.function.__name__)
        dag = given.get("dag") or current_dag()
        if given.get("multiple_outputs") is None:
            given["multiple_outputs"] = returns_mapping(self.function)
        if self.function.__doc__:
            given.setdefault("doc_md", inspect.cleandoc(self.function.__doc__))
        operator = DecoratedOperator(
            task_id=task_id if dag is None else dag.unique_task_id(task_id),
            python_callable=self.function,
            op_args=args,
            op_kwargs=kwargs,
            **given,
        )
        return operator.output

    def override(self, **kwargs: Any) -> TaskFunction[P, R]:
        """Give the same with other arguments for the operator, as `task_id` or `retries`."""
        return TaskFunction(self.function, {**self._arguments, **kwargs})

    def __repr__(self) -> str:
        return f"<@task {self.function.__qualname__}>"


class TaskDecorator:
    """`@task`, bare or with arguments for the operator.

    >>> from crosscom import DAG, task
    >>> @task
    ... def count(rows): return len(rows)
    >>> with DAG("d"):
    ...     count([1, 2])
    XComArg(<Task(@task): count>, key='return_value')
    """

    @overload
    def __call__(self, python_callable: Callable[P, R], /) -> TaskFunction[P, R]: ...

    @overload
    def __call__(
        self, python_callable: None = None, multiple_outputs: bool | None = None, **kwargs: Any
    ) -> Callable[[Callable[P, R]], TaskFunction[P, R]]: ...

    def __call__(
        self,
        python_callable: Callable[P, R] | None = None,
        multiple_outputs: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """Make tasks of a function.

        Args:
            python_callable: The function.
            multiple_outputs: Push each key of the returned dict too; by default where the
                function says that it returns a `dict`, `Mapping` or `TypedDict`.
            **kwargs: What BaseOperator takes.
        """
        arguments = {"multiple_outputs": multiple_outputs, **kwargs}
        if python_callable is not None:
            return TaskFunction(python_callable, arguments)
        return lambda function: TaskFunction(function, arguments)


task = TaskDecorator()
