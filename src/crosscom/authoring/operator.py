"""BaseOperator: what every task is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from crosscom.authoring import edges
from crosscom.authoring.context import Context
from crosscom.authoring.current_dag import current_dag
from crosscom.authoring.default_args import arguments_of, takes_default_args
from crosscom.authoring.edges import Linkable
from crosscom.authoring.hints import HINTS, take_hints
from crosscom.authoring.params import Params
from crosscom.authoring.policies import as_factor, as_optional_timedelta, as_retries, as_timedelta
from crosscom.authoring.templated import Templated
from crosscom.authoring.templates import Templates
from crosscom.authoring.trigger_rule import TriggerRule, check_trigger_rule
from crosscom.authoring.xcom_arg import XComArg
from crosscom.errors import DagError
from crosscom.model import TaskDescription
from crosscom.model.identity import check_id

_RETRY_DELAY = timedelta(minutes=5)


class DagOfTask(edges.Dag, Protocol):
    """What a task needs of its DAG."""

    @property
    def default_args(self) -> Mapping[str, Any]:
        """Arguments for all its operators."""

    @property
    def params(self) -> Params:
        """Its params."""

    @property
    def templates(self) -> Templates:
        """How its templates are rendered."""

    @property
    def task_dict(self) -> Mapping[str, Any]:
        """Its tasks by id."""

    def get_task(self, task_id: str) -> Any:
        """Give a task."""


class BaseOperator(Linkable, Templated):
    """One task of a DAG. Own operators are subclasses that override `execute`.

    A subclass names the attributes that hold templates in `template_fields`, and hands on what
    it does not know: `super().__init__(**kwargs)`. Arguments are given by name; those that are
    not given come from the DAG's `default_args`.

    >>> class Shout(BaseOperator):
    ...     template_fields = ("text",)
    ...     def __init__(self, text, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.text = text
    ...     def execute(self, context):
    ...         return self.text.upper()
    >>> Shout(task_id="shout", text="{{ params.word }}")
    <Task(Shout): shout>

    Args:
        task_id: Its id, once in a DAG.
        dag: The DAG it joins; by default that of the `with DAG(...)` around it.
        default_args: Arguments that are not given, before those of the DAG.
        params: Params of its own, over the DAG's.
        retries: How often it is tried again after a failure.
        retry_delay: How long before that; a `timedelta`, or seconds.
        retry_exponential_backoff: True doubles the delay each time, a number multiplies it.
        max_retry_delay: The longest delay.
        execution_timeout: How long a try may take before it fails.
        trigger_rule: When it starts, by the ends of the tasks before it.
        do_xcom_push: Push what `execute` returns.
        multiple_outputs: Push each key of the returned dict too.
        render_template_as_native_obj: Let a field that is one single expression keep its
            value's type; by default as the DAG says.
        doc: What it does.
        doc_md: The same, as Markdown.

    Raises:
        TypeError: An argument is missing, unknown or not named.
        ValueError: An argument breaks its rule.
        InvalidName: The `task_id` breaks its rule.
        DuplicateTaskId: Another task of the DAG has this id.
    """

    is_mapped: ClassVar[bool] = False
    operator_name: ClassVar[str | None] = None
    """How its kind is shown; the class's name by default."""

    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `default_args` reach the arguments of the subclass."""
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = takes_default_args(cls.__dict__["__init__"])  # type: ignore[method-assign] # wrapped, as Airflow does
        if isinstance(cls.template_fields, str):
            msg = f"{cls.__name__}.template_fields must be a tuple of names, not one text"
            raise TypeError(msg)

    def __init__(
        self,
        *,
        task_id: str,
        dag: DagOfTask | None = None,
        default_args: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        retries: int | None = 0,
        retry_delay: timedelta | float = _RETRY_DELAY,
        retry_exponential_backoff: bool | float = False,
        max_retry_delay: timedelta | float | None = None,
        execution_timeout: timedelta | float | None = None,
        trigger_rule: str = TriggerRule.ALL_SUCCESS,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        render_template_as_native_obj: bool | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_id("task_id", task_id)
        title = f"{self.operator_name or type(self).__name__} (task {task_id!r})"
        take_hints(self, kwargs, HINTS, lambda: arguments_of(type(self)), title)
        self.task_id = task_id
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.params = Params(params)
        self.retries = as_retries(retries)
        self.retry_delay = as_timedelta("retry_delay", retry_delay)
        self.retry_exponential_backoff = as_factor(retry_exponential_backoff)
        self.max_retry_delay = as_optional_timedelta("max_retry_delay", max_retry_delay)
        self.execution_timeout = as_optional_timedelta("execution_timeout", execution_timeout)
        self.trigger_rule = check_trigger_rule(trigger_rule)
        self.do_xcom_push = do_xcom_push
        self.multiple_outputs = multiple_outputs
        self.render_template_as_native_obj = render_template_as_native_obj
        self.doc = doc
        self.doc_md = doc_md
        self._dag: DagOfTask | None = None
        self._is_complete = False
        joined = dag or current_dag()
        if joined is not None:
            joined.add_task(self)

    def execute(self, context: Context) -> Any:
        """Do the task's work, and give what is pushed as `return_value`.

        Called on a copy whose template fields are rendered. `SkipException` ends the task as
        skipped, `FailException` fails it with no further try.
        """
        msg = f"{type(self).__name__} has no execute(self, context) of its own"
        raise NotImplementedError(msg)

    def on_kill(self) -> None:
        """Clean up when the task is told to stop; its processes are ended by the runner."""

    @property
    def dag(self) -> DagOfTask | None:
        """The DAG it is in, or None. Setting it joins that DAG, for good.

        Raises:
            DagError: It is in another DAG.
            DuplicateTaskId: Another task of the DAG has its id.
        """
        return self._dag

    @dag.setter
    def dag(self, dag: DagOfTask | None) -> None:
        if dag is self._dag:
            return
        if self._dag is not None or dag is None:
            msg = f"task {self.task_id!r} stays in DAG {self.dag_id!r}; make another one instead"
            raise DagError(msg, dag_id=self.dag_id)
        dag.add_task(self)

    @property
    def dag_id(self) -> str | None:
        """The id of the DAG it is in, or None."""
        return None if self._dag is None else self._dag.dag_id

    @property
    def output(self) -> XComArg:
        """A reference to what it will return."""
        return XComArg(self)

    @property
    def linked_task(self) -> BaseOperator:
        """Itself."""
        return self

    @property
    def upstream_list(self) -> list[Any]:
        """The tasks it waits for, by id."""
        return self._others(self.upstream_task_ids)

    @property
    def downstream_list(self) -> list[Any]:
        """The tasks that wait for it, by id."""
        return self._others(self.downstream_task_ids)

    def describe(self) -> TaskDescription:
        """Give what a run remembers of it."""
        longest, timeout = self.max_retry_delay, self.execution_timeout
        return TaskDescription(
            task_id=self.task_id,
            operator=self.operator_name or type(self).__name__,
            upstream=tuple(sorted(self.upstream_task_ids)),
            reads=tuple(self.find_references()),
            is_mapped=self.is_mapped,
            trigger_rule=self.trigger_rule.value,
            retries=self.retries,
            retry_delay_seconds=self.retry_delay.total_seconds(),
            retry_exponential_backoff=self.retry_exponential_backoff,
            max_retry_delay_seconds=None if longest is None else longest.total_seconds(),
            execution_timeout_seconds=None if timeout is None else timeout.total_seconds(),
            do_xcom_push=self.do_xcom_push,
            multiple_outputs=self.multiple_outputs,
            doc=self.doc_md or self.doc,
        )

    def set_dag(self, dag: DagOfTask) -> None:
        """Take note of the DAG it is in; `DAG.add_task` calls this."""
        self._dag = dag
        if self._is_complete:
            self.link_references()

    def link_references(self) -> None:
        """Make it wait for every task whose XCom its template fields need."""
        for resolvable in self._resolvables():
            if isinstance(resolvable, XComArg):
                edges.link(resolvable, self)

    def _initialized(self) -> None:
        """Take note that every `__init__` has run."""
        if "task_id" not in self.__dict__:
            name = type(self).__name__
            msg = f"{name}.__init__ must call super().__init__(task_id=..., **kwargs)"
            raise TypeError(msg)
        self._is_complete = True
        if self._dag is not None:
            self.link_references()

    def _others(self, task_ids: Iterable[str]) -> list[Any]:
        if self._dag is None:
            return []
        return [self._dag.get_task(task_id) for task_id in sorted(task_ids)]

    def _templates(self) -> Templates | None:
        return None if self._dag is None else self._dag.templates

    def _dag_id(self) -> str | None:
        return self.dag_id

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        # A reference that is set later makes an edge as well.
        if name in self.template_fields and self.__dict__.get("_dag") and self._is_complete:
            self.link_references()

    def __repr__(self) -> str:
        return f"<Task({self.operator_name or type(self).__name__}): {self.task_id}>"


BaseOperator.__init__ = takes_default_args(BaseOperator.__init__, HINTS)  # type: ignore[method-assign] # as for its subclasses
