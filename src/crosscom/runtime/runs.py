"""Runs from the outside: start one, go on with one, clear tasks of one."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crosscom.errors import SettingsError
from crosscom.model import RunKey, RunRecord, TaskInstanceKey
from crosscom.runtime.bundle import locate_bundle
from crosscom.runtime.code_host import CodeHost
from crosscom.runtime.finding_runs import (
    bundle_of,
    check_task,
    has_live_scheduler,
    known_run,
    resumable_run,
)
from crosscom.runtime.processes import end_sessions
from crosscom.runtime.resuming import downstream_of
from crosscom.runtime.run_driver import RunDriver
from crosscom.runtime.watcher import Watcher
from crosscom.runtime.wire import Load
from crosscom.settings import Settings, ensure_home
from crosscom.stores.base import Store
from crosscom.stores.opening import open_store


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run."""

    file: Path
    dag_id: str | None = None
    """Which DAG of the file; None where it has one."""
    run_id: str | None = None
    """None makes one from the time."""
    logical_date: datetime | None = None
    conf: str = "{}"
    """`dag_run.conf` as JSON."""
    isolation: str | None = None
    """`process`, `reuse` or `none`; None takes the DAG's, else the configured one."""


def start_run(request: RunRequest, settings: Settings, watcher: Watcher) -> RunRecord:
    """Run a DAG file to its end.

    Ctrl-C (or SIGTERM, or the terminal's end) asks the tries that run to end, and gives them
    `kill_grace_seconds`; a second one kills them. The run is `interrupted` then, and `resume_run`
    goes on with it.

    Args:
        request: What to run.
        settings: Where, and with what.
        watcher: Is told what happens.

    Returns:
        The run as it ended: `success`, `failed` or `interrupted`.

    Raises:
        DagError: The file could not be loaded, has no such DAG, or its params are not met.
        RunExists: The run id is taken.
        SettingsError: Its conf is no JSON object, or the store does not go with its isolation.
        LeaseLost: Another scheduler took the run over; what ran here was killed.
        StoreError: The store cannot be used; what ran was killed.
    """
    file = Path(os.path.normpath(Path.cwd() / request.file))
    if file.is_symlink():
        # As Python does: what a script imports lies beside the file, not beside a link to it.
        file = file.resolve()
    conf = _checked_conf(request.conf)
    host = CodeHost(settings, request.isolation)
    try:
        host.begin(Load(str(file), str(file.parent), settings, request.dag_id, conf))
        ensure_home(settings)
        with closing(_open(settings)) as store:
            loaded = host.finish()
            return RunDriver(host, store, settings, watcher).start(
                loaded, run_id=request.run_id, logical_date=request.logical_date, conf=conf
            )
    except BaseException:
        host.kill()
        raise


def resume_run(
    run: RunKey, settings: Settings, watcher: Watcher, *, latest: bool = False
) -> RunRecord:
    """Go on with a run: what was interrupted, lost, failed or cleared starts again.

    A task whose success is committed never runs again. What is left of old tries is killed
    first. The code is the run's own, also where its files changed since.

    Args:
        run: Which run.
        settings: Where, and with what.
        watcher: Is told what happens.
        latest: Take today's file instead; each try remembers which code it ran.

    Returns:
        The run as it ended: `success`, `failed` or `interrupted`.

    Raises:
        RunNotFound: There is no such run, or it never had a DAG.
        RunActive: A live scheduler works on it.
        RunError: It was made in Python, which keeps no code.
        DagChanged: The code describes another DAG than the run was started with; names the
            difference. With *latest*, only tasks and edges count.
        DagError: The file could not be loaded.
        LeaseLost: Another scheduler took the run over; what ran here was killed.
        StoreError: The store cannot be used; what ran was killed.
    """
    host = CodeHost(settings, None)
    try:
        with closing(_open(settings, create=False)) as store:
            record = resumable_run(store, run)
            bundle = bundle_of(store, record)
            assert bundle is not None  # noqa: S101 - else it could not be resumed
            root = Path(bundle.root) if latest else locate_bundle(bundle, store, settings.home)
            host.begin(Load(str(root / bundle.dag_file), str(root), settings, run.dag_id))
            loaded = host.finish()
            return RunDriver(host, store, settings, watcher).resume(loaded, record, latest=latest)
    except BaseException:
        host.kill()
        raise


def clear_tasks(
    run: RunKey,
    task_ids: Sequence[str],
    settings: Settings,
    *,
    downstream: bool,
    reason: str,
) -> list[TaskInstanceKey]:
    """Let tasks of a run start again; their XComs become history and their tries stale, at once.

    A live scheduler kills their processes and starts them again. Without one, their processes
    are killed here, and nothing runs until `resume_run`.

    Args:
        run: Which run.
        task_ids: Which tasks; none means all.
        settings: Where.
        downstream: Also all that depends on them.
        reason: Why; kept in the audit.

    Returns:
        What was cleared, in topological order.

    Raises:
        RunNotFound: There is no such run.
        TaskNotFound: It has no such task.
        StoreError: The store cannot be written.
    """
    with closing(_open(settings, create=False)) as store:
        record = known_run(store, run)
        description = store.description(record.description_digest or "")
        for task_id in task_ids:
            check_task(description, run, task_id)
        wanted = list(task_ids) or list(description.by_id)
        order = downstream_of(description, wanted)
        chosen = order if downstream else [one for one in order if one in set(wanted)]
        keys = [TaskInstanceKey(run.dag_id, run.run_id, task_id) for task_id in chosen]
        running = store.clear(keys, reason=reason)
        if not has_live_scheduler(record):
            # A try that ran in its scheduler's own process is no process to end.
            found = [one.process for one in running if one.process != record.scheduler]
            processes = [process for process in found if process is not None]
            end_sessions(processes, grace_seconds=settings.kill_grace_seconds)
        return keys


def _open(settings: Settings, *, create: bool = True) -> Store:
    return open_store(
        settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds, create=create
    )


def _checked_conf(conf: str) -> str:
    try:
        is_object = isinstance(json.loads(conf), dict)
    except ValueError:
        is_object = False
    if not is_object:
        msg = 'cannot take conf: it must be a JSON object, as {"limit": 10}'
        raise SettingsError(msg)
    return conf
