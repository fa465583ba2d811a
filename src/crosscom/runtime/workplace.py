"""Where a run takes place when it runs in this process: a DAG, a store, the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crosscom.authoring import DAG
from crosscom.backends import Backend
from crosscom.model import DagDescription, NewRun, RunKey, RunRecord
from crosscom.model.times import microseconds
from crosscom.runtime.classes import class_finder
from crosscom.runtime.dag_run import DagRun
from crosscom.runtime.processes import this_process
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.xcoms import XComs


@dataclass(frozen=True, slots=True)
class Workplace:
    """A DAG, where its run is kept, and how values are read there."""

    dag: DAG
    description: DagDescription
    """The run's stored description of the DAG."""
    store: Store
    settings: Settings
    bundle_root: Path | None
    """The folder of the DAG's own code: classes defined below it may come back."""

    @classmethod
    def of(cls, dag: DAG, store: Store, settings: Settings) -> Workplace:
        """Give the workplace of a DAG that is run where it was written.

        Raises:
            DagCycle: Its tasks wait for each other.
        """
        file = Path(dag.fileloc)
        root = file.parent.absolute() if file.is_file() else None
        return cls(dag, dag.describe(), store, settings, root)

    def new_run(
        self,
        conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        logical_date: datetime | None = None,
    ) -> NewRun:
        """Give a run to make.

        Args:
            conf: What `dag_run.conf` is; overrides params.
            run_id: Its id; made from the time where there is none.
            logical_date: The date it is for, in UTC where it names no zone; now by default.

        Raises:
            TypeError: The conf is no plain JSON.
            InvalidParam: A param has no value or breaks its schema.
            InvalidName: The run id breaks its rule.
        """
        now = datetime.now(UTC)
        date = now if logical_date is None else logical_date
        run_id = f"manual__{now.isoformat(timespec='microseconds')}" if run_id is None else run_id
        conf_text = _plain_json(conf or {})
        return NewRun(
            key=RunKey(self.dag.dag_id, run_id),
            description=self.description,
            bundle=None,
            logical_date_us=microseconds(date),
            conf=conf_text,
            params=json.dumps(self.dag.resolve_params(conf)),
            scheduler=this_process(),
        )

    def xcoms(self) -> XComs:
        """Give the XComs of the store, as the DAG's own code may read them."""
        return XComs(self.store, Backend(class_finder(self.settings, self.bundle_root)))

    def show(self, run: RunRecord, *, owns_store: bool = False) -> DagRun:
        """Give a run as people see it."""
        return DagRun(
            run,
            store=self.store,
            xcoms=self.xcoms(),
            on_missing=self.dag.on_missing or self.settings.on_missing,
            dag=self.dag,
            owns_store=owns_store,
        )


def _plain_json(conf: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(conf), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        msg = "the conf of a run must be plain JSON: a dict of texts, numbers, lists and dicts"
        raise TypeError(msg) from None
