"""The context: what a running task is told, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import ModuleType
from typing import Any, Protocol, TypedDict, cast

from crosscom.authoring import macros
from crosscom.authoring.protocols import DagRun, TaskInstance, Variables
from crosscom.errors import NotInTask


class Context(TypedDict, total=False):
    """What a running task is told; every name can be a keyword argument of its function.

    The names from `logical_date` to `ts_nodash_with_tz` are absent in a run that is for no
    date.
    """

    dag: Any
    dag_run: DagRun
    run_id: str
    task: Any
    ti: TaskInstance
    task_instance: TaskInstance
    task_instance_key_str: str
    try_number: int
    params: dict[str, Any]
    var: VariableAccess
    macros: ModuleType
    test_mode: bool
    expanded_ti_count: int | None
    map_index_template: str | None
    templates_dict: dict[str, Any] | None
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    ds: str
    ds_nodash: str
    ts: str
    ts_nodash: str
    ts_nodash_with_tz: str


CONTEXT_NAMES = Context.__optional_keys__
"""Every name a context may have."""

DATE_NAMES = frozenset(
    {
        "logical_date",
        "data_interval_start",
        "data_interval_end",
        "ds",
        "ds_nodash",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
    }
)
"""The names that are absent in a run that is for no date."""


class _Dag(Protocol):
    def resolve_params(
        self, conf: Mapping[str, Any] | None = None, task: Any = None
    ) -> dict[str, Any]: ...


class VariableAccess:
    """`var` in templates: `var.value.region`, `var.json.limits.rows`."""

    __slots__ = ("json", "value", "variables")

    def __init__(self, variables: Variables) -> None:
        """Read *variables*."""
        self.variables = variables
        self.value = VariableReader(variables, deserialize_json=False)
        self.json = VariableReader(variables, deserialize_json=True)


class VariableReader:
    """Gives Variables as attributes, or by `get(key, default)`."""

    __slots__ = ("_deserialize_json", "_variables")

    def __init__(self, variables: Variables, *, deserialize_json: bool) -> None:
        """Read *variables*, as text or as JSON."""
        self._variables = variables
        self._deserialize_json = deserialize_json

    def __getattr__(self, key: str) -> Any:
        # Python and Jinja ask every object for such names; no Variable is meant.
        if key.startswith("__"):
            raise AttributeError(key)
        return self._variables.get(key, deserialize_json=self._deserialize_json)

    def get(self, key: str, *default: Any) -> Any:
        """Give the Variable *key*, or *default* where it is absent.

        Raises:
            VariableNotFound: It is absent, and there is no *default*.
        """
        return self._variables.get(key, *default, deserialize_json=self._deserialize_json)


def build_context(
    *, dag: Any, task: Any, ti: TaskInstance, dag_run: DagRun, variables: Variables
) -> Context:
    """Give the context of one try.

    Raises:
        InvalidParam: A param of the run has no value or breaks its rule.
    """
    context: Context = {
        "dag": dag,
        "dag_run": dag_run,
        "run_id": dag_run.run_id,
        "task": task,
        "ti": ti,
        "task_instance": ti,
        "task_instance_key_str": f"{dag_run.dag_id}__{task.task_id}__{dag_run.run_id}",
        "try_number": ti.try_number,
        "params": cast("_Dag", dag).resolve_params(dag_run.conf, task),
        "var": VariableAccess(variables),
        "macros": macros,
        "test_mode": False,
        "expanded_ti_count": None,
        "map_index_template": None,
        "templates_dict": None,
    }
    if dag_run.logical_date is not None:
        _add_dates(context, dag_run.logical_date)
    return context


def _add_dates(context: Context, moment: datetime) -> None:
    context["logical_date"] = moment
    # A run on demand covers no time: its interval begins and ends at its date.
    context["data_interval_start"] = moment
    context["data_interval_end"] = moment
    context["ds"] = macros.as_ds(moment)
    context["ds_nodash"] = macros.as_ds_nodash(moment)
    context["ts"] = macros.as_ts(moment)
    context["ts_nodash"] = macros.as_ts_nodash(moment)
    context["ts_nodash_with_tz"] = macros.as_ts_nodash_with_tz(moment)
    task_id = context["task"].task_id
    dag_id = context["dag_run"].dag_id
    context["task_instance_key_str"] = f"{dag_id}__{task_id}__{context['ds_nodash']}"


_current: ContextVar[Context | None] = ContextVar("crosscom_context", default=None)

# A thread that a task starts has no context variables of it, and may ask all the same.
_running: list[Context] = []


def get_current_context() -> Context:
    """Give the context of the task that runs here.

    A thread that the task started sees it too, as long as no other task runs in this process.

    Raises:
        NotInTask: No task runs here.
    """
    context = find_current_context()
    if context is None:
        msg = (
            "no task runs here; get_current_context() works inside of a running task, "
            "not while a DAG file is read"
        )
        raise NotInTask(msg)
    return context


def find_current_context() -> Context | None:
    """Give the context of the task that runs here, or None."""
    context = _current.get()
    if context is None and len(_running) == 1:
        return _running[0]
    return context


@contextmanager
def set_current_context(context: Context) -> Iterator[Context]:
    """Make *context* what `get_current_context` gives inside of the block."""
    token = _current.set(context)
    _running.append(context)
    try:
        yield context
    finally:
        # By identity: contexts of two tasks may be equal.
        _running[:] = [one for one in _running if one is not context]
        _current.reset(token)
