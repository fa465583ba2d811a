"""Loaded code and a store become a run, from its first row to its end."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crosscom.errors import StoreError
from crosscom.model import DagDescription, NewRun, RunKey, RunRecord
from crosscom.model.times import microseconds
from crosscom.runtime.code_host import CodeHost
from crosscom.runtime.finding_runs import check_unchanged
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.job import Job
from crosscom.runtime.processes import this_process
from crosscom.runtime.resuming import take_up
from crosscom.runtime.scheduler import Scheduler
from crosscom.runtime.watcher import Watcher
from crosscom.runtime.wire import Loaded
from crosscom.settings import Settings
from crosscom.stores.base import Store

_FULL = "microseconds"


@dataclass(frozen=True, slots=True)
class RunDriver:
    """Loaded code and a store, for one run."""

    host: CodeHost
    store: Store
    settings: Settings
    watcher: Watcher

    def start(
        self, loaded: Loaded, *, run_id: str | None, logical_date: datetime | None, conf: str
    ) -> RunRecord:
        """Make the run and bring it to its end."""
        description = DagDescription.from_json(loaded.description)
        now = datetime.now(UTC)
        new = NewRun(
            key=RunKey(description.dag_id, run_id or f"manual__{now.isoformat(timespec=_FULL)}"),
            description=description,
            bundle=loaded.bundle,
            logical_date_us=microseconds(logical_date or now),
            conf=conf,
            params=loaded.params,
            scheduler=this_process(),
        )

        def make() -> RunRecord:
            # A run id that is taken is refused below, and leaves nothing.
            if self.store.run(new.key) is None:
                self.store.put_sources(loaded.bundle, loaded.sources)
            return self.store.create_run(new)

        return self._drive(loaded, description, make)

    def resume(self, loaded: Loaded, record: RunRecord, *, latest: bool) -> RunRecord:
        """Take the run over and bring it to its end."""
        stored = self.store.description(record.description_digest or "")
        found = DagDescription.from_json(loaded.description)
        check_unchanged(stored, found, record.key, latest=latest)

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
            try:
                Scheduler(job, workers, interrupts).run()
            except StoreError as error:
                error.add_note(f"go on, once that is mended, with: crosscom resume {run.key}")
                raise
            workers.close()
        ended = self.store.run(run.key) or run
        self.watcher.run_ended(ended)
        return ended
