"""Runs in memory, with the description and the code of their DAG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from crosscom.errors import StoreUnavailable
from crosscom.model import (
    Bundle,
    DagDescription,
    NewRun,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
)
from crosscom.stores.memory.contents import OverContents, alone
from crosscom.stores.memory.xcoms import new_task_instance
from crosscom.stores.rules import now_us, run_exists

_T = TypeVar("_T")


class RunsInMemory(OverContents):
    """The `RunStore` part of the store."""

    __slots__ = ()

    @alone
    def create_run(self, run: NewRun) -> RunRecord:
        """Make a run with its task instances; see `RunStore.create_run`."""
        if run.key in self._held.runs:
            raise run_exists(run.key)
        record = _new_record(run)
        self._held.runs[run.key] = record
        self._held.descriptions.setdefault(run.description.digest, run.description)
        if run.bundle is not None:
            self._held.bundles.setdefault(run.bundle.digest, run.bundle)
        for task in run.description.tasks:
            if not task.is_mapped:
                ti = TaskInstanceKey(run.key.dag_id, run.key.run_id, task.task_id)
                self._held.task_instances[ti] = new_task_instance(ti, retries=task.retries)
                self._held.retries[ti] = task.retries
        return record

    @alone
    def run(self, key: RunKey) -> RunRecord | None:
        """Give one run, or None; see `RunStore.run`."""
        return self._held.runs.get(key)

    @alone
    def runs(self, dag_id: str | None = None, *, limit: int | None = None) -> list[RunRecord]:
        """List runs, the latest made first; see `RunStore.runs`."""
        latest_first = reversed(self._held.runs.values())
        found = [run for run in latest_first if dag_id in (None, run.key.dag_id)]
        return found[:limit]

    @alone
    def dag_ids(self) -> list[str]:
        """List every DAG that has a run, sorted; see `RunStore.dag_ids`."""
        return sorted({key.dag_id for key in self._held.runs})

    @alone
    def description(self, digest: str) -> DagDescription:
        """Give a run's description of its DAG; see `RunStore.description`."""
        return _found(self._held.descriptions, "description", digest)

    @alone
    def bundle(self, digest: str) -> Bundle:
        """Give the manifest of a run's code; see `RunStore.bundle`."""
        return _found(self._held.bundles, "bundle", digest)

    @alone
    def put_sources(self, bundle: Bundle, sources: Mapping[str, bytes]) -> None:
        """Keep a bundle and the bytes of its files; see `RunStore.put_sources`."""
        self._held.bundles.setdefault(bundle.digest, bundle)
        for digest, data in sources.items():
            self._held.sources.setdefault(digest, data)

    @alone
    def source(self, digest: str) -> bytes:
        """Give the bytes of one file of a bundle; see `RunStore.source`."""
        return _found(self._held.sources, "source file", digest)


def _found(place: Mapping[str, _T], what: str, digest: str) -> _T:
    try:
        return place[digest]
    except KeyError:
        msg = f"store memory: has no {what} {digest}, though a run names it"
        raise StoreUnavailable(msg, url="memory:") from None


def _new_record(run: NewRun) -> RunRecord:
    now = now_us()
    starts = run.scheduler is not None
    return RunRecord(
        key=run.key,
        state=RunState.RUNNING if starts else RunState.QUEUED,
        logical_date_us=run.logical_date_us,
        run_type=run.run_type,
        conf=run.conf,
        params=run.params,
        description_digest=run.description.digest,
        bundle_digest=None if run.bundle is None else run.bundle.digest,
        scheduler=run.scheduler,
        lease=0,
        revision=0,
        created_at_us=now,
        started_at_us=now if starts else None,
        ended_at_us=None,
        code_root=None if run.bundle is None else run.bundle.root,
    )
