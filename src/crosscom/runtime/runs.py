"""Runs from the outside: start one, go on with one, clear tasks of one."""

from __future__ import annotations

import json
import os
import selectors
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from crosscom.errors import DagChanged, RunActive, RunNotFound, SettingsError, TaskNotFound
from crosscom.model import (
    DagDescription,
    NewRun,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
)
from crosscom.runtime.bundle import locate_bundle
from crosscom.runtime.changes import describe_change, describe_change_of_shape
from crosscom.runtime.code_host import CodeHost
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.processes import end_sessions, is_alive, this_process
from crosscom.runtime.resuming import downstream_of, take_up
from crosscom.runtime.scheduler import Job, Scheduler
from crosscom.runtime.watcher import Watcher
from crosscom.runtime.wire import Load, Loaded
from crosscom.settings import Settings, ensure_home
from crosscom.stores.base import Store
from crosscom.stores.opening import open_store

_SHOWN_RUNS = 5


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
    conf = _checked_conf(request.conf)
    host = CodeHost(settings, request.isolation)
    try:
        host.begin(Load(str(file), str(file.parent), settings, request.dag_id, conf))
        ensure_home(settings)
        with closing(_open(settings)) as store:
            loaded = host.finish()
            return _Runner(host, store, settings, watcher).start(loaded, request)
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
        DagChanged: The code describes another DAG than the run was started with; names the
            difference. With *latest*, only tasks and edges count.
        DagError: The file could not be loaded.
        LeaseLost: Another scheduler took the run over; what ran here was killed.
        StoreError: The store cannot be used; what ran was killed.
    """
    host = CodeHost(settings, None)
    try:
        with closing(_open(settings, create=False)) as store:
            record = _resumable(store, run)
            bundle = store.bundle(record.bundle_digest or "")
            root = Path(bundle.root) if latest else locate_bundle(bundle, store, settings.home)
            host.begin(Load(str(root / bundle.dag_file), str(root), settings, run.dag_id))
            loaded = host.finish()
            return _Runner(host, store, settings, watcher).resume(loaded, record, latest=latest)
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
        record = _known(store, run)
        description = store.description(record.description_digest or "")
        for task_id in task_ids:
            _check_task(description, run, task_id)
        wanted = list(task_ids) or list(description.by_id)
        order = downstream_of(description, wanted)
        chosen = order if downstream else [one for one in order if one in set(wanted)]
        keys = [TaskInstanceKey(run.dag_id, run.run_id, task_id) for task_id in chosen]
        running = store.clear(keys, reason=reason)
        if not _has_live_scheduler(record):
            processes = [one.process for one in running if one.process is not None]
            end_sessions(processes, grace_seconds=settings.kill_grace_seconds)
        return keys


@dataclass(frozen=True, slots=True)
class _Runner:
    """Loaded code and a store, for one run."""

    host: CodeHost
    store: Store
    settings: Settings
    watcher: Watcher

    def start(self, loaded: Loaded, request: RunRequest) -> RunRecord:
        """Make the run and bring it to its end."""
        description = DagDescription.from_json(loaded.description)
        now = datetime.now(UTC)
        logical_date = request.logical_date or now
        run_id = request.run_id or f"manual__{now.isoformat()}"
        new = NewRun(
            key=RunKey(description.dag_id, run_id),
            description=description,
            bundle=loaded.bundle,
            logical_date_us=_microseconds(logical_date),
            conf=request.conf,
            params=loaded.params,
            scheduler=this_process(),
        )

        def make() -> RunRecord:
            self.store.put_sources(loaded.bundle, loaded.sources)
            return self.store.create_run(new)

        return self._drive(loaded, description, make)

    def resume(self, loaded: Loaded, record: RunRecord, *, latest: bool) -> RunRecord:
        """Take the run over and bring it to its end."""
        stored = self.store.description(record.description_digest or "")
        found = DagDescription.from_json(loaded.description)
        _check_unchanged(stored, found, record.key, latest=latest)

        def adopt() -> RunRecord:
            if latest:
                self.store.put_sources(loaded.bundle, loaded.sources)
            adopted = self.store.adopt_run(record.key, this_process(), lease=record.lease)
            take_up(self.store, adopted, stored)
            return self.store.run(record.key) or adopted

        return self._drive(loaded, found, adopt, stored)

    def _drive(
        self,
        loaded: Loaded,
        description: DagDescription,
        make: Callable[[], RunRecord],
        stored: DagDescription | None = None,
    ) -> RunRecord:
        with Interrupts() as interrupts, selectors.DefaultSelector() as selector:
            selector.register(interrupts, selectors.EVENT_READ)
            workers = self.host.workers(self.store, loaded.bundle, interrupts, selector)
            # The first child gets ready while the run is made.
            workers.want(1)
            run = make()
            for note in loaded.notes:
                self.watcher.note(note)
            self.watcher.run_started(run, stored or description)
            job = Job(
                run=run,
                description=description,
                store=self.store,
                settings=self.settings,
                watcher=self.watcher,
                bundle_digest=loaded.bundle.digest,
                stored_description=None if stored in (None, description) else stored.to_json(),
            )
            Scheduler(job, workers, interrupts).run()
            workers.close()
        ended = self.store.run(run.key) or run
        self.watcher.run_ended(ended)
        return ended


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


def _microseconds(moment: datetime) -> int:
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.fromtimestamp(
        0, UTC
    )
    return since // timedelta(microseconds=1)


def _known(store: Store, run: RunKey) -> RunRecord:
    record = store.run(run)
    if record is not None and record.description_digest is not None:
        return record
    others = [str(one.key) for one in store.runs(run.dag_id, limit=_SHOWN_RUNS)]
    there = f"the latest of its DAG are {', '.join(others)}" if others else "its DAG has no run"
    msg = f"there is no run {run}; {there}"
    if record is not None:
        msg = f"the run {run} has no DAG: it only holds values that were pushed from outside"
    raise RunNotFound(msg, dag_id=run.dag_id, run_id=run.run_id)


def _has_live_scheduler(record: RunRecord) -> bool:
    if record.state is not RunState.RUNNING or record.scheduler is None:
        return False
    return is_alive(record.scheduler)


def _resumable(store: Store, run: RunKey) -> RunRecord:
    record = _known(store, run)
    if _has_live_scheduler(record):
        assert record.scheduler is not None  # noqa: S101 - it lives
        msg = (
            f"cannot resume {run}: process {record.scheduler.pid} works on it; wait until it is "
            "done, or stop it with Ctrl-C"
        )
        raise RunActive(msg, dag_id=run.dag_id, run_id=run.run_id)
    return record


def _check_unchanged(
    stored: DagDescription, found: DagDescription, run: RunKey, *, latest: bool
) -> None:
    compare = describe_change_of_shape if latest else describe_change
    change = compare(stored, found)
    if change is None:
        return
    what = "today's file" if latest else "its stored code"
    msg = (
        f"cannot resume {run}: {what} describes another DAG than the run was started with: "
        f"{change}; start a new run"
    )
    raise DagChanged(msg, dag_id=run.dag_id)


def _check_task(description: DagDescription, run: RunKey, task_id: str) -> None:
    if task_id in description.by_id:
        return
    near = get_close_matches(task_id, description.by_id, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(description.by_id)}"
    msg = f"the run {run} has no task {task_id!r}; {hint}"
    raise TaskNotFound(msg, dag_id=run.dag_id, run_id=run.run_id, task_id=task_id)
