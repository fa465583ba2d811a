"""Runs in SQLite, with the description and the code of their DAG."""

from __future__ import annotations

import json
from collections.abc import Mapping

from crosscom.errors import StoreUnavailable
from crosscom.model import (
    UNMAPPED,
    Bundle,
    DagDescription,
    NewRun,
    RunKey,
    RunRecord,
    RunState,
)
from crosscom.stores.rules import now_us, run_exists
from crosscom.stores.sqlite.rows import OverDatabase, process_as_text, run_record

# Make a run, unless its id is taken.
_CREATE = """
INSERT INTO dag_run (dag_id, run_id, state, run_type, logical_date, conf, params,
                     description, bundle, code_root, scheduler, created_at, started_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""

# Make one task instance of a new run.
_CREATE_TASK_INSTANCE = """
INSERT INTO task_instance (run, task_id, map_index, state, retries, max_tries)
VALUES (?, ?, ?, 'none', ?, ?)
"""

# Keep a description; one with that digest says the same.
_PUT_DESCRIPTION = """
INSERT INTO dag_description (digest, dag_id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
"""

# Keep a manifest; one with that digest says the same.
_PUT_BUNDLE = """
INSERT INTO bundle (digest, root, dag_file, manifest) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

# Keep the bytes of a file; what is there with that digest is the same.
_PUT_SOURCE = "INSERT INTO source (digest, data) VALUES (?, ?) ON CONFLICT DO NOTHING"

_COLUMNS = """
SELECT dag_id, run_id, state, logical_date, run_type, conf, params, description, bundle,
       scheduler, lease, revision, created_at, started_at, ended_at, code_root
  FROM dag_run
"""

# One run.
_RUN = f"{_COLUMNS} WHERE dag_id = ? AND run_id = ?"

# The runs of all DAGs, the latest made first; a negative limit is none.
_RUNS = f"{_COLUMNS} ORDER BY id DESC LIMIT ?"

# The runs of one DAG, the latest made first.
_RUNS_OF_DAG = f"{_COLUMNS} WHERE dag_id = ? ORDER BY id DESC LIMIT ?"

# Every DAG that has a run.
_DAG_IDS = "SELECT DISTINCT dag_id FROM dag_run ORDER BY dag_id"

# One description, one manifest, one file.
_DESCRIPTION = "SELECT body FROM dag_description WHERE digest = ?"
_BUNDLE = "SELECT digest, root, dag_file, manifest FROM bundle WHERE digest = ?"
_SOURCE = "SELECT data FROM source WHERE digest = ?"


class RunsInSQLite(OverDatabase):
    """The `RunStore` part of the store."""

    __slots__ = ()

    def create_run(self, run: NewRun) -> RunRecord:
        """Make a run with its task instances; see `RunStore.create_run`."""
        with self._db.transaction:
            self._db.execute(_PUT_DESCRIPTION, _description_row(run.description))
            if run.bundle is not None:
                self._db.execute(_PUT_BUNDLE, _bundle_row(run.bundle))
            made = self._db.execute(_CREATE, _run_row(run, now_us()))
            if made.rowcount == 0:
                raise run_exists(run.key)
            self._db.execute_many(
                _CREATE_TASK_INSTANCE,
                [
                    (made.lastrowid, task.task_id, UNMAPPED, task.retries, task.retries + 1)
                    for task in run.description.tasks
                    if not task.is_mapped
                ],
            )
            return run_record(self._db.row(_RUN, (run.key.dag_id, run.key.run_id)))

    def run(self, key: RunKey) -> RunRecord | None:
        """Give one run, or None; see `RunStore.run`."""
        row = self._db.row(_RUN, (key.dag_id, key.run_id))
        return None if row is None else run_record(row)

    def runs(self, dag_id: str | None = None, *, limit: int | None = None) -> list[RunRecord]:
        """List runs, the latest made first; see `RunStore.runs`."""
        most = -1 if limit is None else limit
        if dag_id is None:
            rows = self._db.rows(_RUNS, (most,))
        else:
            rows = self._db.rows(_RUNS_OF_DAG, (dag_id, most))
        return [run_record(row) for row in rows]

    def dag_ids(self) -> list[str]:
        """List every DAG that has a run, sorted; see `RunStore.dag_ids`."""
        return [str(row[0]) for row in self._db.rows(_DAG_IDS)]

    def description(self, digest: str) -> DagDescription:
        """Give a run's description of its DAG; see `RunStore.description`."""
        row = self._db.row(_DESCRIPTION, (digest,))
        if row is None:
            raise self._damaged("description", digest)
        return DagDescription.from_json(row[0])

    def bundle(self, digest: str) -> Bundle:
        """Give the manifest of a run's code; see `RunStore.bundle`."""
        row = self._db.row(_BUNDLE, (digest,))
        if row is None:
            raise self._damaged("bundle", digest)
        name, root, dag_file, manifest = row
        files = tuple((path, file_digest) for path, file_digest in json.loads(manifest))
        return Bundle(digest=name, root=root, dag_file=dag_file, files=files)

    def put_sources(self, bundle: Bundle, sources: Mapping[str, bytes]) -> None:
        """Keep a bundle and the bytes of its files; see `RunStore.put_sources`."""
        with self._db.transaction:
            self._db.execute(_PUT_BUNDLE, _bundle_row(bundle))
            self._db.execute_many(_PUT_SOURCE, sources.items())

    def source(self, digest: str) -> bytes:
        """Give the bytes of one file of a bundle; see `RunStore.source`."""
        row = self._db.row(_SOURCE, (digest,))
        if row is None:
            raise self._damaged("source file", digest)
        return bytes(row[0])

    def _damaged(self, what: str, digest: str) -> StoreUnavailable:
        url = self._db.url
        return StoreUnavailable(
            f"store {url} has no {what} {digest}, though a run names it: it is damaged, restore it",
            url=url,
        )


def _run_row(run: NewRun, now: int) -> tuple[str | int | None, ...]:
    starts = run.scheduler is not None
    return (
        run.key.dag_id,
        run.key.run_id,
        RunState.RUNNING if starts else RunState.QUEUED,
        run.run_type,
        run.logical_date_us,
        run.conf,
        run.params,
        run.description.digest,
        None if run.bundle is None else run.bundle.digest,
        None if run.bundle is None else run.bundle.root,
        process_as_text(run.scheduler),
        now,
        now if starts else None,
    )


def _description_row(description: DagDescription) -> tuple[str, str, str]:
    return (description.digest, description.dag_id, description.to_json())


def _bundle_row(bundle: Bundle) -> tuple[str, str, str, str]:
    return (bundle.digest, bundle.root, bundle.dag_file, json.dumps(bundle.files))
