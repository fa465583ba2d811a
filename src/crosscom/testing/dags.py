"""Run a DAG, or one task on given upstream values, with a memory store of its own."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crosscom.authoring import DAG, BaseOperator, XComArg
from crosscom.errors import TaskNotFound
from crosscom.model import (
    RETURN_KEY,
    AttemptState,
    RunRecord,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.model.nearest import nearest
from crosscom.runtime.dag_run import DagRun
from crosscom.runtime.inline import run_inline, run_one_try
from crosscom.runtime.workplace import Workplace
from crosscom.settings import load_settings
from crosscom.stores.base import Store
from crosscom.stores.memory import MemoryStore
from crosscom.stores.rules import now_us

_BARE_DAG_ID = "run_task"


def run_dag(
    dag: DAG,
    conf: Mapping[str, Any] | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    logical_date: datetime | None = None,
) -> DagRun:
    """Run *dag* to its end in this process and thread; nothing is kept after the test.

    Tasks run one after the other, with real tries; a retry starts at once, its delay is not
    waited for. What a task raises fails that task, not the test: look at the states.

    >>> from crosscom import DAG, task
    >>> with DAG("sums") as dag:
    ...     @task
    ...     def three():
    ...         return 3
    ...     @task
    ...     def double(number):
    ...         return number * 2
    ...     _ = double(three())
    >>> run = run_dag(dag)
    >>> run.state, run.get_task_instance("double").xcom_pull()
    ('success', 6)

    Args:
        dag: The DAG.
        conf: What `dag_run.conf` is.
        params: Values of params; the same as giving them in *conf*.
        run_id: The run's id; made from the time where there is none.
        logical_date: The date the run is for; now by default.

    Returns:
        The run, with Airflow's names.

    Raises:
        DagCycle: Its tasks wait for each other.
        InvalidParam: A param has no value or breaks its schema.
    """
    _check_dag(dag)
    workplace = Workplace.of(dag, MemoryStore(), load_settings())
    run = workplace.new_run(
        {**(params or {}), **(conf or {})}, run_id=run_id, logical_date=logical_date
    )
    return workplace.show(run_inline(workplace, run))


def _check_dag(dag: object) -> None:
    if not isinstance(dag, DAG):
        hint = "; call it" if callable(dag) else ""
        msg = f"run_dag takes a DAG, not a {type(dag).__name__}{hint}"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How one try of one task ended.

    Attributes:
        state: `success`, `failed`, `skipped`, or `up_for_retry` where a try is left.
        value: What it returned, as another task would pull it; None where it pushed none.
        xcoms: Everything it pushed, by key; with `return_value`.
        error: Type and text of what it raised, or None.
        exception: What it raised, or None.
        try_number: The number of the try.
    """

    state: str
    value: Any
    xcoms: dict[str, Any]
    error: str | None
    exception: BaseException | None
    try_number: int


def run_task(
    task: BaseOperator | XComArg | Callable[[], Any],
    given: Mapping[str | tuple[str, str], Any] | None = None,
    *,
    conf: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    logical_date: datetime | None = None,
    try_number: int = 1,
) -> TaskResult:
    """Try one task in this process, on *given* upstream values; no other task runs.

    >>> from crosscom import task
    >>> @task
    ... def report(ti=None):
    ...     return f"{ti.xcom_pull('extract', key='rows')} rows"
    >>> run_task(report, given={("extract", "rows"): 12}).value
    '12 rows'

    Args:
        task: A task of a DAG (an operator, or what calling a `@task` gave), or one without a
            DAG; a `@task` function that needs no arguments need not be called.
        given: What other tasks pushed: `{"extract": 3}` for what `extract` returned,
            `{("extract", "rows"): [1, 2]}` for a key. Arguments, templates and pulls see it.
        conf: What `dag_run.conf` is.
        params: Values of params; the same as giving them in *conf*.
        run_id: The run's id; made from the time where there is none.
        logical_date: The date the run is for; now by default.
        try_number: Which try it is: the ones before it failed.

    Raises:
        TaskNotFound: *given* names a task that the task's DAG does not have.
        XComSerializationError: A given value cannot be kept exactly.
        InvalidParam: A param has no value or breaks its schema.
    """
    operator, dag, is_bare = _operator_in_dag(task)
    workplace = Workplace.of(dag, MemoryStore(), load_settings())
    new = workplace.new_run(
        {**(params or {}), **(conf or {})}, run_id=run_id, logical_date=logical_date
    )
    run = workplace.store.create_run(new)
    xcoms = workplace.xcoms()
    for address, value in _given(given or {}, run, None if is_bare else dag).items():
        xcoms.push_by_hand(address, value, reason="given to run_task")
    key = TaskInstanceKey(dag.dag_id, run.key.run_id, operator.task_id)
    _fail_tries(workplace.store, run, key, try_number - 1)
    max_tries = max(operator.retries + 1, try_number)
    raised: list[BaseException] = []
    end = run_one_try(workplace, run, key, max_tries, caught=raised.append)
    pushed = {
        entry.address.key: xcoms.pull(entry.address)
        for entry in xcoms.entries(key.run, key.task_id)
    }
    return TaskResult(
        state=end.task_state.value,
        value=pushed.get(RETURN_KEY),
        xcoms=pushed,
        error=end.error,
        exception=raised[0] if raised else None,
        try_number=try_number,
    )


def _operator_in_dag(task: Any) -> tuple[BaseOperator, DAG, bool]:
    """Give the operator, its DAG, and whether that DAG is only for this one test."""
    if isinstance(task, XComArg):
        task = task.operator
    if isinstance(task, BaseOperator):
        if isinstance(task.dag, DAG):
            return task, task.dag, False
        # A copy, so that the task, and those it refers to, stay free to join a DAG.
        task = copy.deepcopy(task)
        dag = _bare_dag(getattr(task, "python_callable", type(task)))
        dag.add_task(task)
        return task, dag, True
    if callable(task):
        with _bare_dag(task) as dag:
            called = task()
        if isinstance(called, XComArg):
            return called.operator, dag, True
    msg = f"run_task takes a task, not a {type(task).__name__}; decorate the function with @task"
    raise TypeError(msg)


def _bare_dag(code: Any) -> DAG:
    """Give a DAG for this one test, as if it stood in the file of the task's code."""
    module = sys.modules.get(code.__module__)
    file = getattr(module, "__file__", None) or "<unknown>"
    dag = DAG(_BARE_DAG_ID, template_searchpath=Path(file).parent)
    dag.fileloc = file
    return dag


def _given(
    given: Mapping[str | tuple[str, str], Any], run: RunRecord, dag: DAG | None
) -> dict[XComAddress, Any]:
    addresses: dict[XComAddress, Any] = {}
    for name, value in given.items():
        task_id, key = (name, RETURN_KEY) if isinstance(name, str) else name
        ti = TaskInstanceKey(run.key.dag_id, run.key.run_id, task_id)
        if dag is not None and not dag.has_task(task_id):
            raise _no_task(ti, dag)
        addresses[XComAddress(ti, key)] = value
    return addresses


def _no_task(ti: TaskInstanceKey, dag: DAG) -> TaskNotFound:
    near = nearest(ti.task_id, dag.task_ids)
    hint = f"; did you mean {near!r}?" if near else f"; its tasks: {', '.join(dag.task_ids)}"
    msg = f"run_task was given a value of {ti.task_id!r}, but DAG {ti.dag_id!r} has no such task"
    return TaskNotFound(msg + hint, dag_id=ti.dag_id, run_id=ti.run_id, task_id=ti.task_id)


def _fail_tries(store: Store, run: RunRecord, key: TaskInstanceKey, count: int) -> None:
    """Let *count* tries begin and fail, so that the next one has its number."""
    for _ in range(count):
        attempt = store.begin_try(key, None, lease=run.lease)
        end = TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, now_us(), error="given as failed")
        store.end_try(attempt.id, end)
