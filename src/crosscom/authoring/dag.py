"""DAG: tasks, and which of them wait for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from crosscom.authoring.current_dag import enter_dag, leave_dag
from crosscom.authoring.default_args import arguments_of
from crosscom.authoring.hints import DAG_HINTS, take_hints
from crosscom.authoring.operator import BaseOperator
from crosscom.authoring.params import NOTSET, DagParam, Params
from crosscom.authoring.policies import check_choice, check_positive
from crosscom.authoring.protocols import FinishedRun
from crosscom.authoring.source_file import Folder, file_of_caller, search_path
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import Templates
from crosscom.authoring.topology import find_cycle, topological_order
from crosscom.errors import DagCycle, DagError, DuplicateTaskId
from crosscom.model import DagDescription
from crosscom.model.identity import check_id


class DAG:
    """Tasks, and which of them wait for which. Tasks made inside of `with DAG(...)` join it.

    >>> from crosscom.operators import EmptyOperator
    >>> with DAG("nightly") as dag:
    ...     _ = EmptyOperator(task_id="begin") >> EmptyOperator(task_id="end")
    >>> [task.task_id for task in dag.describe().tasks]
    ['begin', 'end']

    Args:
        dag_id: Its id.
        description: What it does, in one line.
        schedule: Shown, and not acted on: a DAG runs when it is asked to.
        default_args: Arguments for all its operators, where they are not given.
        params: Defaults of what a run may be told in its conf: values, or `Param`s.
        tags: Words to find it by.
        doc_md: What it does, as Markdown.
        max_active_tasks: How many of its tasks run at once, at most.
        template_searchpath: Folders of template files, after the DAG file's own; relative ones
            are below that.
        template_undefined: A class of Jinja for names that are not there; by default they are
            an error.
        user_defined_macros: Further names that templates see.
        user_defined_filters: Further filters.
        jinja_environment_kwargs: Further arguments for Jinja's environment.
        render_template_as_native_obj: Let a field that is one single expression keep its
            value's type.
        isolation: `process`, `reuse` or `none`; by default as it is configured.
        on_missing: `none` or `error`; by default as it is configured.

    Raises:
        InvalidName: The `dag_id` breaks its rule.
        InvalidParam: A param's default or schema is no plain JSON.
        TypeError: An argument is unknown.
        ValueError: An argument breaks its rule.
    """

    def __init__(
        self,
        dag_id: str,
        *,
        description: str | None = None,
        schedule: Any = None,
        default_args: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Iterable[str] | None = None,
        doc_md: str | None = None,
        max_active_tasks: int | None = None,
        template_searchpath: Folder | Iterable[Folder] | None = None,
        template_undefined: type | None = None,
        user_defined_macros: Mapping[str, Any] | None = None,
        user_defined_filters: Mapping[str, Any] | None = None,
        jinja_environment_kwargs: Mapping[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        isolation: str | None = None,
        on_missing: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_id("dag_id", dag_id)
        take_hints(self, kwargs, DAG_HINTS, lambda: arguments_of(type(self)), f"DAG {dag_id!r}")
        check_choice("isolation", isolation, ("process", "reuse", "none"))
        check_choice("on_missing", on_missing, ("none", "error"))
        check_positive("max_active_tasks", max_active_tasks)
        self.dag_id = dag_id
        self.description = description
        self.schedule = schedule
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.params = Params(params)
        self.tags = tuple(sorted(set(tags or ())))
        self.doc_md = doc_md
        self.max_active_tasks = max_active_tasks
        self.isolation = isolation
        self.on_missing = on_missing
        self.fileloc = file_of_caller()
        self.edge_labels: dict[tuple[str, str], str] = {}
        self.templates = Templates(
            TemplateOptions(
                search_path=search_path(self.fileloc, template_searchpath),
                macros=user_defined_macros or {},
                filters=user_defined_filters or {},
                undefined=template_undefined,
                environment=jinja_environment_kwargs or {},
                native=render_template_as_native_obj,
            )
        )
        self._tasks: dict[str, BaseOperator] = {}
        # The last number given out after an id, so that finding the next one stays cheap.
        self._numbers: dict[str, int] = {}

    @property
    def task_dict(self) -> dict[str, BaseOperator]:
        """The tasks by id, in the order in which they were made."""
        return self._tasks

    @property
    def tasks(self) -> list[BaseOperator]:
        """The tasks, in the order in which they were made."""
        return list(self._tasks.values())

    @property
    def task_ids(self) -> list[str]:
        """The ids of the tasks, in the order in which they were made."""
        return list(self._tasks)

    def has_task(self, task_id: str) -> bool:
        """Tell whether there is such a task."""
        return task_id in self._tasks

    def get_task(self, task_id: str) -> BaseOperator:
        """Give the task with that id.

        Raises:
            DagError: There is none.
        """
        try:
            return self._tasks[task_id]
        except KeyError:
            there = ", ".join(self._tasks) or "none at all"
            msg = f"DAG {self.dag_id!r} has no task {task_id!r}; it has {there}"
            raise DagError(msg, dag_id=self.dag_id) from None

    def add_task(self, task: BaseOperator) -> None:
        """Take *task* in.

        Raises:
            DuplicateTaskId: Another task has its id.
        """
        if self._tasks.setdefault(task.task_id, task) is not task:
            msg = f"DAG {self.dag_id!r} has two tasks with the id {task.task_id!r}; rename one"
            raise DuplicateTaskId(msg, dag_id=self.dag_id, task_id=task.task_id)
        task.set_dag(self)

    def unique_task_id(self, task_id: str) -> str:
        """Give *task_id*, or with `__1`, `__2`, ... after it where it is taken."""
        unique, number = task_id, self._numbers.get(task_id, 0)
        while unique in self._tasks:
            number += 1
            unique = f"{task_id}__{number}"
        self._numbers[task_id] = number
        return unique

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """Give a reference to the param *name*; with *default*, the param is made or set.

        Raises:
            InvalidParam: The default breaks the schema of a param that is there, or is no JSON.
        """
        if default is not NOTSET or name not in self.params:
            self.params[name] = default
        return DagParam(name)

    def resolve_params(
        self, conf: Mapping[str, Any] | None = None, task: BaseOperator | None = None
    ) -> dict[str, Any]:
        """Give the params of a run started with *conf*, or of one of its tasks.

        The DAG's defaults come first, the task's own over them, *conf* over all.

        Raises:
            InvalidParam: One has no value, or breaks its schema.
        """
        return self.params.resolved(conf or {}, None if task is None else task.params)

    def describe(self) -> DagDescription:
        """Give the DAG without its code: tasks in topological order, ties as they were made.

        Raises:
            DagCycle: Tasks wait for each other; names them.
        """
        for task in self._tasks.values():
            task.link_references()
        upstream = {task.task_id: task.upstream_task_ids for task in self._tasks.values()}
        order = topological_order(upstream)
        if order is None:
            cycle = find_cycle(upstream)
            way = " >> ".join(cycle)
            msg = f"the tasks of DAG {self.dag_id!r} wait for each other: {way}; remove an edge"
            raise DagCycle(msg, dag_id=self.dag_id, cycle=cycle)
        return DagDescription(
            dag_id=self.dag_id,
            tasks=tuple(self._tasks[task_id].describe() for task_id in order),
            params=self.params.declare(),
            schedule=_shown(self.schedule),
            tags=self.tags,
            doc=self.doc_md or self.description,
            isolation=self.isolation,
            max_active_tasks=self.max_active_tasks,
        )

    def test(
        self,
        logical_date: datetime | None = None,
        run_conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
    ) -> FinishedRun:
        """Run it to its end in this process and thread, with the configured store.

        Args:
            logical_date: The date the run is for; now by default.
            run_conf: What `dag_run.conf` is; overrides params.
            run_id: The run's id; made from the time where there is none.

        Raises:
            DagCycle: Its tasks wait for each other.
            InvalidParam: A param has no value, or breaks its schema.
            RunExists: The run id is taken; nothing was stored.
            SettingsError: The configuration is wrong.
            StoreError: The store could not keep what happened.
        """
        # Running stands above writing DAGs: it is looked up by name, and only when asked for.
        runtime = import_module("crosscom.runtime.inline")
        run: FinishedRun = runtime.test_dag(
            self, logical_date=logical_date, run_conf=run_conf, run_id=run_id
        )
        return run

    def __enter__(self) -> Self:
        enter_dag(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leave_dag(is_complete=error is None)

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


def _shown(schedule: Any) -> str | None:
    if schedule is None or isinstance(schedule, str):
        return schedule
    # Of other things only the kind: their text may hold an address in memory.
    return str(schedule) if isinstance(schedule, timedelta) else type(schedule).__name__
