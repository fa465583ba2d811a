"""Runs, task instances and tries as a store keeps them. Times are microseconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field

from crosscom.model.description import DagDescription
from crosscom.model.identity import RunKey, TaskInstanceKey
from crosscom.model.states import AttemptState, RunState, TaskState


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that cannot be mistaken for a later one with the same number."""

    host: str
    boot_id: str
    pid: int
    started_ticks: int
    """Clock ticks between the machine's start and the process's."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The code of a run: every file it needs, by digest."""

    digest: str
    """blake3 (hex) over the sorted manifest."""
    root: str
    """The absolute folder the files were read from; of a run, its `code_root` says it."""
    dag_file: str
    """The DAG file, relative to the root, with forward slashes."""
    files: tuple[tuple[str, str], ...]
    """(relative path, blake3 hex of its bytes), sorted."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """Everything that is stored, in one transaction, when a run is made."""

    key: RunKey
    description: DagDescription
    bundle: Bundle | None
    logical_date_us: int | None
    run_type: str = "manual"
    conf: str = "{}"
    """`dag_run.conf` as plain JSON."""
    params: str = "{}"
    """The run's resolved params as plain JSON."""
    scheduler: ProcessIdentity | None = None
    """Who runs it."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it stands."""

    key: RunKey
    state: RunState
    logical_date_us: int | None
    run_type: str
    conf: str
    params: str
    description_digest: str | None
    bundle_digest: str | None
    scheduler: ProcessIdentity | None
    """Who runs it, or ran it last."""
    lease: int
    """Grows each time a scheduler takes the run; a scheduler with an older one must stop."""
    revision: int
    """Grows each time someone else than its scheduler changes the run's task instances."""
    created_at_us: int
    started_at_us: int | None
    ended_at_us: int | None
    code_root: str | None = None
    """The folder its code was read from. Runs with equal bundles may come from several."""


@dataclass(frozen=True, slots=True)
class TaskInstanceRecord:
    """A task instance as it stands."""

    key: TaskInstanceKey
    state: TaskState
    try_number: int
    """The number of the last try that was started; 0 before the first."""
    max_tries: int
    """The last try number that may still be started."""
    lost_tries: int
    """How many tries in a row died with their scheduler."""
    attempt: int | None
    """The current attempt, running or ended; None before the first and when cleared."""
    retry_at_us: int | None
    """When an `up_for_retry` task instance may start again."""
    started_at_us: int | None
    ended_at_us: int | None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One started try. Its id is never used again."""

    id: int
    task_instance: TaskInstanceKey
    try_number: int
    state: AttemptState
    process: ProcessIdentity | None
    bundle_digest: str | None
    """The code this try ran."""
    started_at_us: int
    ended_at_us: int | None
    error: str | None
    """Type and text of what ended it, at most 1,000 characters."""


@dataclass(frozen=True, slots=True)
class TryEnd:
    """How a try ended, and what that makes of its task instance."""

    attempt_state: AttemptState
    task_state: TaskState
    retry_at_us: int | None = None
    """Set exactly when *task_state* is `up_for_retry`."""
    uses_retry: bool = True
    """False raises `max_tries` by one, so that the try costs no retry."""
    error: str | None = field(default=None)
