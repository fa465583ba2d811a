"""A whole run in this process: one try after the other, in topological order.

For tests, notebooks and debuggers. Tries and retries are real, but a retry starts at once: its
delay is not waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crosscom.authoring import DAG
from crosscom.errors import StaleTryError
from crosscom.model import NewRun, RunRecord, RunState, TaskInstanceKey, TryEnd
from crosscom.runtime.dag_run import DagRun
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.progress import Progress
from crosscom.runtime.task_runner import TryRequest, run_try
from crosscom.runtime.watcher import Nobody, Watcher
from crosscom.runtime.workplace import Workplace
from crosscom.settings import ensure_home, load_settings
from crosscom.stores.opening import open_store

_AFTER_EVERY_DELAY_US = 2**63


def test_dag(
    dag: DAG,
    *,
    logical_date: datetime | None,
    run_conf: Mapping[str, Any] | None,
    run_id: str | None,
) -> DagRun:
    """Run *dag* to its end in this process, with the configured store: `DAG.test`.

    Raises:
        RunExists: The run id is taken; nothing was stored.
        SettingsError: The configuration is wrong.
        StoreError: The store could not keep what happened.
    """
    settings = load_settings()
    ensure_home(settings)
    store = open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)
    try:
        workplace = Workplace.of(dag, store, settings)
        run = workplace.new_run(run_conf, run_id=run_id, logical_date=logical_date)
        return workplace.show(run_inline(workplace, run), owns_store=True)
    except BaseException:
        store.close()
        raise


def run_inline(workplace: Workplace, run: NewRun, watcher: Watcher | None = None) -> RunRecord:
    """Make a run and bring it to its end in this process.

    Args:
        workplace: The DAG, and where its run is kept.
        run: The run to make; it names this process as its scheduler.
        watcher: Is told what happens.

    Returns:
        The run as it ended.

    Raises:
        RunExists: Its run id is taken; nothing was stored.
        LeaseLost: Another scheduler took the run over.
        KeyboardInterrupt: Ctrl-C, or SIGTERM; the run was marked as interrupted.
        StoreError: The store could not keep what happened.
    """
    watcher = Nobody() if watcher is None else watcher
    store = workplace.store
    record = store.create_run(run)
    watcher.run_started(record, workplace.description)
    try:
        with Interrupts() as interrupts:
            _InlineRun(workplace, record, watcher, interrupts).run()
    except BaseException:
        store.finish_run(record.key, RunState.INTERRUPTED, lease=record.lease)
        raise
    finally:
        ended = store.run(record.key) or record
        watcher.run_ended(ended)
    return ended


def run_one_try(
    workplace: Workplace,
    run: RunRecord,
    key: TaskInstanceKey,
    max_tries: int,
    caught: Callable[[BaseException], None] | None = None,
) -> TryEnd:
    """Begin a try and run it in this process, which also keeps its `execution_timeout`.

    Args:
        workplace: The DAG, and where its run is kept.
        run: The run, as it was made or adopted.
        key: Which task instance.
        max_tries: The last try number that may still be started.
        caught: Is given what the task raised.

    Raises:
        StaleTryError: The task instance was cleared meanwhile.
        LeaseLost: The run was taken over.
    """
    attempt = workplace.store.begin_try(key, run.scheduler, lease=run.lease)
    request = TryRequest(
        attempt=attempt.id,
        key=key,
        try_number=attempt.try_number,
        max_tries=max_tries,
        run=run,
        description=workplace.description,
        bundle_root=workplace.bundle_root,
        timeout_seconds=workplace.description.by_id[key.task_id].execution_timeout_seconds,
    )
    return run_try(workplace.dag, request, workplace.store, workplace.settings, caught)


@dataclass(frozen=True, slots=True)
class _InlineRun:
    """One run on its way."""

    workplace: Workplace
    record: RunRecord
    watcher: Watcher
    interrupts: Interrupts

    def run(self) -> None:
        """Go on until the run is ended; take it up anew whenever it was changed from outside."""
        while not self._go_on():
            pass

    def _go_on(self) -> bool:
        """Go on until the run is ended; False where it was changed from outside."""
        store, run = self.workplace.store, self.record.key
        # Read before the task instances: a change in between is then noticed after the next try.
        revision = self._revision()
        records = store.task_instances(run)
        max_tries = {record.key: record.max_tries for record in records}
        numbers = {record.key: record.try_number for record in records}
        progress = Progress(self.workplace.description, records)
        while True:
            steps = progress.take(_AFTER_EVERY_DELAY_US)
            if steps.settle:
                store.settle(run, steps.settle, lease=self.record.lease)
                for key, state in steps.settle.items():
                    self.watcher.settled(key, state)
            if steps.finished is not None:
                lease = self.record.lease
                return store.finish_run(run, steps.finished, lease=lease, revision=revision)
            for key in steps.ready:
                numbers[key] += 1
                end = self._try(key, numbers[key], max_tries[key])
                if end is None or self._revision() != revision:
                    return False
                progress.note(key, end.task_state, end.retry_at_us)

    def _try(self, key: TaskInstanceKey, try_number: int, max_tries: int) -> TryEnd | None:
        """Run one try; None where it was cleared meanwhile."""
        self._stop_if_interrupted()
        started = time.monotonic()
        self.watcher.try_started(key, try_number)
        try:
            with self.interrupts.raised():
                end = run_one_try(self.workplace, self.record, key, max_tries)
        except StaleTryError:
            return None
        self.watcher.try_ended(key, try_number, end, time.monotonic() - started)
        self._stop_if_interrupted()
        return end

    def _stop_if_interrupted(self) -> None:
        # A task that raises KeyboardInterrupt itself has failed; only a signal stops the run.
        if self.interrupts.count:
            raise KeyboardInterrupt

    def _revision(self) -> int:
        run = self.workplace.store.run(self.record.key)
        return -1 if run is None else run.revision
