"""DAG: tasks and their order."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crosscom.authoring.current_dag import enter_dag, leave_dag
from crosscom.authoring.hints import DAG_HINTS, take_hints
from crosscom.authoring.operator import BaseOperator
from crosscom.authoring.params import NOTSET, DagParam, Params
from crosscom.authoring.protocols import FinishedRun
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import Templates
from crosscom.authoring.topology import find_cycle, topological_order
from crosscom.errors import DagCycle, DagError, DuplicateTaskId
from crosscom.model import DagDescription
from crosscom.model.identity import check_id

_ISOLATIONS = (None, "process", "reuse", "none")
_ON_MISSING = (None, "none", "error")


class DAG:
    """Tasks, and which of them wait for which.

    Tasks made inside of `with DAG(...):` join it.

    >>> from crosscom.operators import EmptyOperator
    >>> with DAG("nightly") as dag:
    ...     _ = EmptyOperator(task_id="begin") >> EmptyOperator(task_id="end")
    >>> [task.task_id for task in dag.describe().tasks]
    ['begin', 'end']

    Raises:
        InvalidName: The `dag_id` breaks its rule.
        InvalidParam: A param's default breaks its schema.
        TypeError: An argument is unknown.
    """

    def __init__(
        self,
        dag_id: str,
        *,
        description: str | None = None,
        schedule: Any = None,
        default_args: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        doc_md: str | None = None,
        max_active_tasks: int | None = None,
        template_searchpath: str | Path | Iterable[str | Path] = (),
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
        take_hints(self, kwargs, DAG_HINTS, f"DAG {dag_id!r}")
        self.dag_id = dag_id
        self.description = description
        self.schedule = schedule
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.params = Params(params)
        self.tags = tuple(sorted(set(tags)))
        self.doc_md = doc_md
        self.max_active_tasks = max_active_tasks
        self.isolation = isolation
        self.on_missing = on_missing
        self.fileloc = _file_of_caller()
        self.edge_labels: dict[tuple[str, str], str] = {}
        self.templates = Templates(
            TemplateOptions(
                search_path=_search_path(self.fileloc, template_searchpath),
                macros=user_defined_macros or {},
                filters=user_defined_filters or {},
                undefined=template_undefined,
                environment=jinja_environment_kwargs or {},
                native=render_template_as_native_obj,
            )
        )
        self._tasks: dict[str, BaseOperator] = {}
        # The last number given out for an id: finding the next one stays cheap.
        self._taken: dict[str, int] = {}

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
            msg = f"DAG {self.dag_id!r} has no task {task_id!r}; it has {', '.join(self._tasks)}"
            raise DagError(msg, dag_id=self.dag_id) from None

    def add_task(self, task: BaseOperator) -> None:
        """Take *task* in.

        Raises:
            DuplicateTaskId: Another task has its id.
        """
        if self._tasks.setdefault(task.task_id, task) is not task:
            msg = f"DAG {self.dag_id!r} has two tasks with the id {task.task_id!r}; rename one"
            raise DuplicateTaskId(msg, dag_id=self.dag_id, task_id=task.task_id)
        task.join(self)

    def unique_task_id(self, task_id: str) -> str:
        """Give *task_id*, or with `__1`, `__2`, ... after it where it is taken."""
        unique, number = task_id, self._taken.get(task_id, 0)
        while unique in self._tasks:
            number += 1
            unique = f"{task_id}__{number}"
        self._taken[task_id] = number
        return unique

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """Give a reference to the param *name*; with *default*, the param is made or set.

        Raises:
            InvalidParam: The default breaks the param's schema.
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
            msg = f"the tasks of DAG {self.dag_id!r} wait for each other: {' >> '.join(cycle)}"
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
            logical_date: The date the run is for.
            run_conf: What `dag_run.conf` is; overrides params.
            run_id: The run's id; made from the time where there is none.
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
        leave_dag()

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


def _file_of_caller() -> str:
    """Give the file whose code made the DAG."""
    frame = sys._getframe(1)  # noqa: SLF001 - `inspect` offers the same for 100 times the price
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename


_PACKAGE = __name__.rpartition(".")[0] + "."


def _search_path(fileloc: str, further: str | Path | Iterable[str | Path]) -> tuple[str, ...]:
    folders = [further] if isinstance(further, str | Path) else list(further)
    return (str(Path(fileloc).parent), *map(str, folders))


def _shown(schedule: Any) -> str | None:
    if schedule is None or isinstance(schedule, str):
        return schedule
    # Of other things only the kind: their text may hold an address in memory.
    return str(schedule) if isinstance(schedule, timedelta) else type(schedule).__name__


def collect_dags(namespace: Mapping[str, object], recorded: Collection[DAG] = ()) -> list[DAG]:
    """Give the DAGs of a loaded file, in the order in which they were made there.

    Args:
        namespace: The file's globals.
        recorded: What `recording_dags` gave while the file was loaded: DAGs whose `with` block
            or `@dag` call ended there, also where no global names them.
    """
    found = dict.fromkeys(recorded)
    found.update(dict.fromkeys(value for value in namespace.values() if isinstance(value, DAG)))
    return list(found)
