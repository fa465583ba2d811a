"""One try of a task instance: resolve, render, execute, and end it in one transaction."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from types import CoroutineType, TracebackType
from typing import Any

from crosscom.authoring import DAG, BaseOperator
from crosscom.authoring.context import Context, build_context, set_current_context
from crosscom.backends import Backend
from crosscom.errors import FailException, SkipException, StaleTryError
from crosscom.model import (
    RETURN_KEY,
    AttemptState,
    DagDescription,
    EncodedValue,
    RunRecord,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.runtime.classes import class_finder
from crosscom.runtime.dag_run import DagRun
from crosscom.runtime.deadline import TimeIsUp, deadline
from crosscom.runtime.interrupts import ToldToStop
from crosscom.runtime.retries import MAX_ERROR_CHARACTERS, after_failure
from crosscom.runtime.task_instance import RunningTaskInstance
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.stores.rules import now_us
from crosscom.variables import Variables
from crosscom.xcoms import XComs

_log = logging.getLogger("crosscom.task")

_SUCCESS = TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS)


@dataclass(frozen=True, slots=True)
class TryRequest:
    """What is to be tried; `begin_try` made the attempt already."""

    attempt: int
    key: TaskInstanceKey
    try_number: int
    max_tries: int
    """The last try number that may still be started."""
    run: RunRecord
    description: DagDescription
    """The run's stored description of its DAG."""
    bundle_root: Path | None = None
    """The folder of the DAG's code: classes defined below it may come back from the store."""
    timeout_seconds: float | None = None
    """After how long `TimeIsUp` is raised in the task; None where another process watches."""


def run_try(
    dag: DAG,
    request: TryRequest,
    store: Store,
    settings: Settings,
    caught: Callable[[BaseException], None] | None = None,
) -> TryEnd:
    """Run one try in this process and thread, and give how it ended.

    Its XComArgs are resolved and its templates rendered, then it is executed under its
    context. The returned value, the keys of `multiple_outputs` and the state become visible
    in one transaction; values that it pushed itself were visible before, and stay. Nothing of
    a value that cannot be kept is stored, and the try fails.

    Whatever the task raises ends the try and is logged with its traceback to `crosscom.task`:
    `SkipException` as skipped, `FailException` as failed, anything else (also `SystemExit` and
    `KeyboardInterrupt`) as failed or, while a try is left, up_for_retry.

    Args:
        dag: The DAG, loaded from the run's code.
        request: Which try; its attempt must be current and running.
        store: Where the run rests.
        settings: Give `on_missing` and the allowed classes.
        caught: Is given what the task raised, before the try ends.

    Returns:
        The end that was committed.

    Raises:
        StaleTryError: The task instance was cleared or tried again meanwhile; nothing that
            came after that was stored.
        StoreError: The end could not be stored.
    """
    task = dag.get_task(request.key.task_id)
    function = getattr(task, "python_callable", None)
    xcoms = XComs(store, Backend(class_finder(settings, request.bundle_root, function)))
    ti = _task_instance(dag, request, store, xcoms, settings)
    values: list[tuple[str, EncodedValue]] = []
    try:
        context = build_context(
            dag=dag,
            task=task,
            ti=ti,
            dag_run=ti.dag_run,
            variables=Variables(store, os.environ),
        )
        value = _execute(task, context, request.timeout_seconds)
        values = _outputs(value, task, ti.key, xcoms)
        end = _SUCCESS
    except BaseException as error:
        # This is the edge of the user's code: nothing it raises may stop the run.
        if isinstance(error, StaleTryError) and error.attempt == request.attempt:
            raise
        end = _end_after(error, request)
        _log_end(error, end, request)
        if caught is not None:
            caught(error)
    store.end_try(
        request.attempt, end, values, first_sequence=ti.next_sequence(), reads=list(xcoms.pulled)
    )
    return end


def _task_instance(
    dag: DAG, request: TryRequest, store: Store, xcoms: XComs, settings: Settings
) -> RunningTaskInstance:
    on_missing = dag.on_missing or settings.on_missing
    record = TaskInstanceRecord(
        key=request.key,
        state=TaskState.RUNNING,
        try_number=request.try_number,
        max_tries=request.max_tries,
        lost_tries=0,
        attempt=request.attempt,
        retry_at_us=None,
        started_at_us=now_us(),
        ended_at_us=None,
    )
    dag_run = DagRun(request.run, store=store, xcoms=xcoms, on_missing=on_missing, dag=dag)
    return RunningTaskInstance(
        record,
        request.attempt,
        store=store,
        xcoms=xcoms,
        on_missing=on_missing,
        dag_run=dag_run,
        task=dag.get_task(request.key.task_id),
    )


def _execute(task: BaseOperator, context: Context, timeout_seconds: float | None) -> Any:
    with set_current_context(context):
        prepared = task.prepare(context)
        try:
            with deadline(timeout_seconds):
                result = prepared.execute(context)
                if isinstance(result, CoroutineType):
                    result = _awaited(result)
        except (TimeIsUp, ToldToStop):
            prepared.on_kill()
            raise
    return result


def _awaited(coroutine: CoroutineType[Any, Any, Any]) -> Any:
    # Only for `async def` tasks: the imports take tens of milliseconds.
    import asyncio  # noqa: PLC0415
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    # In a notebook this thread's loop is busy with the caller: the task gets one of its own.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, coroutine).result()


def _outputs(
    value: Any, task: BaseOperator, ti: TaskInstanceKey, xcoms: XComs
) -> list[tuple[str, EncodedValue]]:
    """Encode what becomes visible with success; errors say what Airflow's say."""
    if value is None or not task.do_xcom_push:
        return []
    outputs: dict[str, Any] = {}
    if task.multiple_outputs:
        if not isinstance(value, Mapping):
            msg = f"Returned output was type {type(value)} expected dictionary for multiple_outputs"
            raise TypeError(msg)
        for key in value:
            if not isinstance(key, str):
                msg = (
                    "Returned dictionary keys must be strings when using multiple_outputs, "
                    f"found {type(key)} instead"
                )
                raise TypeError(msg)
        outputs.update(value)
    outputs[RETURN_KEY] = value
    return [(key, xcoms.encode(XComAddress(ti, key), one)) for key, one in outputs.items()]


def _end_after(error: BaseException, request: TryRequest) -> TryEnd:
    text = _text_of(error)
    if isinstance(error, SkipException):
        return TryEnd(AttemptState.SKIPPED, TaskState.SKIPPED, error=text)
    if isinstance(error, FailException):
        return TryEnd(AttemptState.FAILED, TaskState.FAILED, error=text)
    task = request.description.by_id[request.key.task_id]
    return after_failure(task, request.key, request.try_number, request.max_tries, now_us(), text)


def _text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the user's own exception class may be broken
        text = "(its text cannot be shown)"
    named = f"{type(error).__name__}: {text}" if text else type(error).__name__
    # A store keeps UTF-8, and a text may hold lone surrogates.
    return named.encode("utf-8", "backslashreplace").decode()[:MAX_ERROR_CHARACTERS]


def _log_end(error: BaseException, end: TryEnd, request: TryRequest) -> None:
    name = f"try {request.try_number} of {request.key}"
    if end.task_state is TaskState.SKIPPED:
        _log.info("%s was skipped: %s", name, end.error)
        return
    then = "no try is left"
    if isinstance(error, FailException):
        then = "FailException leaves no try"
    elif end.retry_at_us is not None:
        then = f"a retry is due in {max(0, end.retry_at_us - now_us()) / 1e6:.3g} s"
    traceback = _of_the_task(error.__traceback__)
    _log.error("%s failed; %s", name, then, exc_info=(type(error), error, traceback))


def _of_the_task(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out the calls that lead from here to the task's own code."""
    while traceback is not None:
        if not traceback.tb_frame.f_globals.get("__name__", "").startswith("crosscom."):
            return traceback
        traceback = traceback.tb_next
    return None
