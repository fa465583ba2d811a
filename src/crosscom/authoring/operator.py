"""BaseOperator: what every task is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from crosscom.authoring import edges
from crosscom.authoring.context import Context
from crosscom.authoring.current_dag import current_dag
from crosscom.authoring.default_args import takes_default_args
from crosscom.authoring.edges import Linkable
from crosscom.authoring.hints import HINTS, take_hints
from crosscom.authoring.nesting import find_resolvables
from crosscom.authoring.params import Params
from crosscom.authoring.policies import as_factor, as_retries, as_timedelta
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import FieldRenderer, Templates, explain
from crosscom.authoring.trigger_rule import TriggerRule, check_trigger_rule
from crosscom.authoring.xcom_arg import XComArg
from crosscom.errors import CrosscomError
from crosscom.model import TaskDescription
from crosscom.model.identity import check_id


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

    def unique_task_id(self, task_id: str) -> str:
        """Give an id that is not taken."""


_RETRY_DELAY = timedelta(minutes=5)
_NO_DAG = Templates(TemplateOptions())


class BaseOperator(Linkable):
    """One task of a DAG. Own operators are subclasses that override `execute`.

    A subclass names the attributes that are templates in `template_fields`, and gives what it
    does not know to its base: `super().__init__(**kwargs)`. What it returns from `execute` is
    pushed as `return_value`.
    """

    template_fields: Sequence[str] = ()
    """Names of the attributes that are rendered before `execute`."""
    template_ext: Sequence[str] = ()
    """Endings of texts in template fields that name a template file."""
    is_mapped: ClassVar[bool] = False
    operator_name: ClassVar[str | None] = None
    """How the task's kind is shown; the class's name by default."""

    task_id: str
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `default_args` reach the arguments of the subclass."""
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = takes_default_args(cls.__dict__["__init__"])  # type: ignore[method-assign]
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
        execution_timeout: timedelta | None = None,
        trigger_rule: str = TriggerRule.ALL_SUCCESS,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        render_template_as_native_obj: bool | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_id("task_id", task_id)
        take_hints(self, kwargs, HINTS, f"{type(self).__name__} (task {task_id!r})")
        self.task_id = task_id
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.params = Params(params)
        self.retries = as_retries(retries)
        self.retry_delay = as_timedelta("retry_delay", retry_delay)
        self.retry_exponential_backoff = as_factor(retry_exponential_backoff)
        self.max_retry_delay = (
            None if max_retry_delay is None else as_timedelta("max_retry_delay", max_retry_delay)
        )
        self.execution_timeout = (
            None
            if execution_timeout is None
            else as_timedelta("execution_timeout", execution_timeout)
        )
        self.trigger_rule = check_trigger_rule(trigger_rule)
        self.do_xcom_push = do_xcom_push
        self.multiple_outputs = multiple_outputs
        self.render_template_as_native_obj = render_template_as_native_obj
        self.doc = doc
        self.doc_md = doc_md
        self._dag: DagOfTask | None = None
        joined = dag or current_dag()
        if joined is not None:
            joined.add_task(self)

    def execute(self, context: Context) -> Any:
        """Do the task's work, and give what is pushed as `return_value`.

        Called on a copy whose template fields are rendered. `SkipException` ends the task as
        skipped, `FailException` fails it with no further try.
        """
        msg = f"{type(self).__name__} has no execute(self, context)"
        raise NotImplementedError(msg)

    def on_kill(self) -> None:
        """Clean up when the task is told to stop; its processes are ended by the runner."""

    @property
    def dag(self) -> DagOfTask | None:
        """The DAG it is in, or None."""
        return self._dag

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

    def prepare(self, context: Context) -> BaseOperator:
        """Give a copy that is ready to execute: references resolved, templates rendered.

        Raises:
            TemplateError: A field could not be rendered; names task and field, never a value.
            XComNotFound: A key that has to be there was not pushed.
        """
        ready = copy.copy(self)
        ready.__dict__["_links_new_values"] = False
        ready.render_template_fields(context)
        return ready

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Render the template fields of this object, in place.

        Raises:
            TemplateError: A field could not be rendered; names task and field, never a value.
            XComNotFound: A key that has to be there was not pushed.
        """
        renderer = self._renderer(context, jinja_env)
        for field in self.template_fields:
            try:
                rendered = renderer.render_field(getattr(self, field))
            except CrosscomError as error:
                error.add_note(f"while field {field!r} of task {self.task_id!r} was rendered")
                raise
            except Exception as error:
                raise explain(error, self.task_id, field, self.dag_id) from error
            self.__dict__[field] = rendered

    def render_template(self, content: Any, context: Context, jinja_env: Any = None) -> Any:
        """Give *content* rendered: text, or lists, tuples, sets, dicts that hold some."""
        return self._renderer(context, jinja_env).render(content)

    def references(self) -> list[tuple[str, str]]:
        """Give the (task id, key) of every XCom its template fields need, sorted."""
        return sorted(
            {
                reference
                for resolvable in find_resolvables(self._field_values())
                for reference in resolvable.references()
            }
        )

    def describe(self) -> TaskDescription:
        """Give what a run remembers of it."""
        maximum, timeout = self.max_retry_delay, self.execution_timeout
        return TaskDescription(
            task_id=self.task_id,
            operator=self.operator_name or type(self).__name__,
            upstream=tuple(sorted(self.upstream_task_ids)),
            reads=tuple(self.references()),
            is_mapped=self.is_mapped,
            trigger_rule=str(self.trigger_rule),
            retries=self.retries,
            retry_delay_seconds=self.retry_delay.total_seconds(),
            retry_exponential_backoff=self.retry_exponential_backoff,
            max_retry_delay_seconds=None if maximum is None else maximum.total_seconds(),
            execution_timeout_seconds=None if timeout is None else timeout.total_seconds(),
            do_xcom_push=self.do_xcom_push,
            multiple_outputs=self.multiple_outputs,
            doc=self.doc_md or self.doc,
        )

    def join(self, dag: DagOfTask) -> None:
        """Take note of the DAG it is in; called by `DAG.add_task`."""
        self._dag = dag
        if self.__dict__.get("_links_new_values"):
            self.link_references()

    def link_references(self) -> None:
        """Make it wait for every task whose XCom its template fields need."""
        for resolvable in find_resolvables(self._field_values()):
            if isinstance(resolvable, XComArg):
                edges.link(resolvable, self)

    def _field_values(self) -> list[Any]:
        return [getattr(self, field, None) for field in self.template_fields]

    def _others(self, task_ids: Iterable[str]) -> list[Any]:
        if self._dag is None:
            return []
        return [self._dag.get_task(task_id) for task_id in sorted(task_ids)]

    def _renderer(self, context: Context, jinja_env: Any) -> FieldRenderer:
        templates = _NO_DAG if self._dag is None else self._dag.templates
        native = self.render_template_as_native_obj
        return FieldRenderer(
            templates if jinja_env is None else templates.with_environment(jinja_env),
            context,
            extensions=tuple(self.template_ext),
            native=templates.options.native if native is None else native,
        )

    def _initialized(self) -> None:
        """Take note that every `__init__` has run."""
        if "task_id" not in self.__dict__:
            name = type(self).__name__
            msg = f"{name}.__init__ must call super().__init__(task_id=..., **kwargs)"
            raise TypeError(msg)
        self.__dict__["_links_new_values"] = True
        if self._dag is not None:
            self.link_references()

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in self.template_fields and self.__dict__.get("_links_new_values"):
            self.link_references()

    def __repr__(self) -> str:
        return f"<Task({self.operator_name or type(self).__name__}): {self.task_id}>"


BaseOperator.__init__ = takes_default_args(BaseOperator.__init__, HINTS)  # type: ignore[method-assign]
