"""The ports of a store: what every place that keeps XComs, runs and Variables must promise.

Every method is one transaction: others see all of its effect or none of it, and after it
returned its effect survives the death of any process. A method that raises changed nothing.
All methods raise `StoreUnavailable`, `StoreReadOnly`, `StoreFull` where that is what happened.
A store never opens a payload. Threads of one process may share it: each call is one step for the
others. It must not be carried across a fork: a child that uses its parent's store gets
`StoreUnavailable`.

`crosscom.testing.StoreContract` tests every promise made here; whoever writes a store subclasses
it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from crosscom.model import (
    AttemptRecord,
    Bundle,
    DagDescription,
    EncodedValue,
    Fence,
    NewRun,
    Payload,
    ProcessIdentity,
    Receipt,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
    XComAddress,
    XComEntry,
)
from crosscom.stores.audit import AuditStore
from crosscom.stores.variables import VariableStore

__all__ = ["AuditStore", "RunStore", "Store", "TryStore", "VariableStore", "XComStore"]


class XComStore(Protocol):
    """Keeps encoded values by address, and what was replaced or cleared as history."""

    def put(self, address: XComAddress, value: EncodedValue, fence: Fence) -> None:
        """Keep *value* at *address*; what rested there becomes history.

        The fence is checked in the statement that stores the value. Doing the same put (same
        address, attempt and sequence) again changes nothing and raises nothing, also when the
        value was replaced or the try ended since.

        Raises:
            StaleTryError: The fence's attempt is not that task instance's current, running one.
        """

    def put_by_hand(
        self, address: XComAddress, value: EncodedValue, *, reason: str, create_run: bool = False
    ) -> None:
        """Keep *value* at *address* without a try, with a line in the audit.

        What rested there becomes history. The entry counts to the try that was started last.

        Args:
            address: Where to keep it. Its task instance is made where it is missing.
            value: What to keep.
            reason: Why; kept in the audit.
            create_run: Make the run, with state `external`, where it is missing.

        Raises:
            RunNotFound: The run is missing and *create_run* is false.
        """

    def get(self, address: XComAddress) -> Payload | None:
        """Give the live payload at *address*, or None where nothing rests."""

    def get_latest(self, address: XComAddress) -> Payload | None:
        """Give the live payload at *address* of this or the nearest earlier run of its DAG.

        Earlier means: its logical date (its creation where it has none) is not after this
        run's. The latest date wins, then the latest push (Airflow's `include_prior_dates`).
        """

    def get_entry(self, entry_id: int) -> Payload | None:
        """Give the payload of one entry, live or history, or None where it was forgotten.

        The id of a forgotten entry is not given to another one.
        """

    def entries(
        self, run: RunKey, task_id: str | None = None, map_index: int | None = None
    ) -> list[XComEntry]:
        """List the live entries of a run, a task or a task instance.

        They come in the order of their push.
        """

    def history(self, address: XComAddress) -> list[XComEntry]:
        """List every entry that was ever pushed at *address*, oldest first, the live one last."""

    def receipts(self, run: RunKey) -> list[Receipt]:
        """List which tries pulled the entries of a run, live and history, by entry and attempt.

        A try's receipts come with its end; what a try pulled that died before is not known.
        """

    def delete(self, address: XComAddress, *, reason: str) -> int:
        """Forget the live entry and the history at *address*, with a line in the audit.

        Returns:
            How many entries were forgotten; where it is none, the audit gets no line.
        """


class RunStore(Protocol):
    """Keeps runs, what they remember of their DAG, and their code."""

    def create_run(self, run: NewRun) -> RunRecord:
        """Make a run with one task instance (state `none`) per unmapped task.

        The run starts as `running` where the new run names a scheduler, else as `queued`. Each
        task instance may use its task's retries: its `max_tries` is one more than they are.

        Raises:
            RunExists: Its run id is taken.
        """

    def run(self, key: RunKey) -> RunRecord | None:
        """Give one run, or None."""

    def runs(self, dag_id: str | None = None, *, limit: int | None = None) -> list[RunRecord]:
        """List runs, the latest made first."""

    def dag_ids(self) -> list[str]:
        """List every DAG that has a run, sorted."""

    def description(self, digest: str) -> DagDescription:
        """Give a run's description of its DAG.

        Raises:
            StoreUnavailable: There is none with that digest: the store is damaged.
        """

    def bundle(self, digest: str) -> Bundle:
        """Give the manifest of a run's code.

        Raises:
            StoreUnavailable: There is none with that digest: the store is damaged.
        """

    def put_sources(self, bundle: Bundle, sources: Mapping[str, bytes]) -> None:
        """Keep a bundle and the bytes of its files; what is there already stays.

        Args:
            bundle: The manifest.
            sources: The bytes by the digest that the manifest gives them.
        """

    def source(self, digest: str) -> bytes:
        """Give the bytes of one file of a bundle.

        Raises:
            StoreUnavailable: There is none with that digest: the store is damaged.
        """


class TryStore(Protocol):
    """Moves task instances through their states. `begin_try` and `end_try` alone write a try's.

    *lease* is the number a scheduler got with the run. Each method that takes one raises
    `LeaseLost`, and changes nothing, when the run has been taken over since.
    """

    def adopt_run(self, key: RunKey, scheduler: ProcessIdentity, *, lease: int) -> RunRecord:
        """Take the run over from the holder of *lease*; it becomes `running` under a new lease.

        Whether the old scheduler still lives is for the caller to find out before.

        Raises:
            LeaseLost: Another scheduler was quicker.
            RunNotFound: No such run.
        """

    def begin_try(
        self,
        ti: TaskInstanceKey,
        process: ProcessIdentity | None,
        *,
        lease: int,
        bundle_digest: str | None = None,
    ) -> AttemptRecord:
        """Start the next try: it becomes current and running, and earlier XComs become history.

        A still running earlier attempt of the task instance is moved to `cleared`.

        Raises:
            LeaseLost: The run was taken over.
            RunNotFound: No such task instance.
        """

    def end_try(
        self,
        attempt: int,
        end: TryEnd,
        values: Sequence[tuple[str, EncodedValue]] = (),
        *,
        first_sequence: int = 0,
        reads: Collection[int] = (),
    ) -> None:
        """End a try: its *values* (key and value) and its state become visible together.

        Values take the sequences from *first_sequence* on. Doing the same end again with the
        same `attempt_state` changes nothing. An end that uses no retry raises `max_tries` by one.
        A `lost` end raises `lost_tries` by one, every other end sets it to 0.
        *reads* are the ids of the entries that the try pulled: they become its receipts.

        Raises:
            StaleTryError: The attempt is not its task instance's current, running one.
            ValueError: The end says `running`.
        """

    def settle(
        self, run: RunKey, states: Mapping[TaskInstanceKey, TaskState], *, lease: int
    ) -> None:
        """Give task instances a state that no try gave them: skipped, upstream_failed, none.

        `none` is for a task instance that `resume` starts again; it then may use all its
        retries anew, and keeps its XComs until then. A running task instance stays as it is:
        only its try's end, `clear` and the next try move it.

        Raises:
            LeaseLost: The run was taken over.
            RunNotFound: There is no such run, or it has no such task instance.
            ValueError: A state is `running` or `up_for_retry`, which only tries give.
        """

    def finish_run(
        self, run: RunKey, state: RunState, *, lease: int, revision: int | None = None
    ) -> bool:
        """End a run, or mark it interrupted.

        Args:
            run: Which run.
            state: What it becomes.
            lease: The scheduler's claim on it.
            revision: The revision the scheduler decided on. Where the run has a newer one,
                somebody cleared task instances since, and nothing is changed.

        Returns:
            Whether the run was ended: false only where *revision* is not its newest.

        Raises:
            LeaseLost: The run was taken over.
            RunNotFound: No such run.
            ValueError: The state is `queued` or `running`.
        """

    def clear(self, tis: Sequence[TaskInstanceKey], *, reason: str) -> list[AttemptRecord]:
        """Move the fence and make their XComs history, at once; each may use all retries anew.

        The revision of each run grows by one, a run that succeeded or failed becomes `queued`,
        and a line for each task instance goes to the audit. Tries keep counting from where
        they were.

        Returns:
            The attempts that were running, now `cleared`, so that they can be killed.

        Raises:
            RunNotFound: One of the task instances does not exist.
        """

    def task_instances(self, run: RunKey) -> list[TaskInstanceRecord]:
        """List a run's task instances, by task id and map index."""

    def attempts(self, run: RunKey, task_id: str | None = None) -> list[AttemptRecord]:
        """List the tries of a run, oldest first."""

    def attempt(self, attempt: int) -> AttemptRecord | None:
        """Give one try, or None."""


class Store(XComStore, RunStore, TryStore, VariableStore, AuditStore, Protocol):
    """One place that keeps everything."""

    @property
    def url(self) -> str:
        """Which store this is, without credentials; `sqlite:///path` or `memory:`."""

    def close(self) -> None:
        """Let go of the place. Closing twice is harmless."""
