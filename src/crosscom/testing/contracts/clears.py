"""What a store promises about clearing, and about its own end."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from collections.abc import Callable

import pytest

from crosscom.errors import RunNotFound
from crosscom.model import (
    AttemptState,
    Fence,
    RunKey,
    RunState,
    TaskState,
    TryEnd,
)
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    FAILED,
    SCHEDULER,
    SUCCESS,
    at,
    attempt_now,
    begin,
    begin_in_new_run,
    encoded,
    instance,
    instance_now,
    new_run,
    pushed_values,
    resting,
    run_now,
)

RUN = RunKey("sales", "r1")

UNDER_A_LEASE: dict[str, Callable[[Store, int], object]] = {
    "adopt_run": lambda store, lease: store.adopt_run(RUN, SCHEDULER, lease=lease),
    "begin_try": lambda store, lease: store.begin_try(instance(), SCHEDULER, lease=lease),
    "settle": lambda store, lease: store.settle(RUN, {instance(): TaskState.SKIPPED}, lease=lease),
    "finish_run": lambda store, lease: store.finish_run(RUN, RunState.SUCCESS, lease=lease),
}


class ClearContract:
    """`clear`."""

    def test_cleared_task_instance_is_as_new(self, store: Store) -> None:
        """It has no state, no current try and no times; its tries count on."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, SUCCESS)

        assert store.clear([instance()], reason="a test") == []

        record = instance_now(store)
        assert (record.state, record.attempt) == (TaskState.NONE, None)
        assert (record.retry_at_us, record.started_at_us, record.ended_at_us) == (None, None, None)
        assert begin(store).try_number == 2

    def test_cleared_xcoms_are_gone_at_once(self, store: Store) -> None:
        """Nothing rests there any more, before anything runs; all of it is history."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, SUCCESS, [("rows", encoded(1)), ("names", encoded(2))])

        store.clear([instance()], reason="a test")

        assert store.entries(RUN) == []
        assert pushed_values(store, at("rows")) == [1]
        assert [entry.live for entry in store.history(at("names"))] == [False]

    def test_clear_leaves_others_alone(self, store: Store) -> None:
        """Other task instances keep their state, their fence and their XComs."""
        store.create_run(new_run())
        load = begin(store, instance("load"))
        store.put(at("rows", instance("load")), encoded(1), Fence(load.id, 0))

        store.clear([instance()], reason="a test")
        store.put(at("more", instance("load")), encoded(2), Fence(load.id, 1))

        assert instance_now(store, instance("load")).attempt == load.id
        assert resting(store, at("rows", instance("load"))) == 1

    def test_cleared_task_instance_may_use_all_retries_anew(self, store: Store) -> None:
        """After two of two retries were used, clear grants two more; lost tries are forgotten."""
        store.create_run(new_run(retries=2))
        lost = TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, retry_at_us=0, uses_retry=False)
        for end in (FAILED, FAILED, FAILED, lost):
            store.end_try(begin(store).id, end)

        store.clear([instance()], reason="a test")

        record = instance_now(store)
        assert (record.try_number, record.max_tries, record.lost_tries) == (4, 7, 0)

    def test_running_tries_are_returned(self, store: Store) -> None:
        """The tries that ran are given back, cleared, so that they can be killed."""
        store.create_run(new_run())
        extract, load = begin(store), begin(store, instance("load"))
        store.end_try(load.id, SUCCESS)

        cleared = store.clear([instance(), instance("load")], reason="a test")

        assert [(one.id, one.state) for one in cleared] == [(extract.id, AttemptState.CLEARED)]
        assert cleared[0].process == SCHEDULER
        assert cleared[0].ended_at_us is not None
        assert cleared == [attempt_now(store, extract.id)]
        assert attempt_now(store, load.id).state is AttemptState.SUCCESS

    def test_clear_tells_the_scheduler(self, store: Store) -> None:
        """The revision of the run grows by one with each clear; the lease stays."""
        store.create_run(new_run())
        for _ in range(2):
            store.clear([instance(), instance("load")], reason="a test")

        run = run_now(store, RUN)

        assert (run.revision, run.lease) == (2, 0)
        assert run.state is RunState.RUNNING

    @pytest.mark.parametrize("state", [RunState.SUCCESS, RunState.FAILED])
    def test_finished_run_is_queued(self, store: Store, state: RunState) -> None:
        """A run that had ended waits for `resume` once something in it was cleared."""
        store.create_run(new_run())
        store.finish_run(RUN, state, lease=0)

        store.clear([instance()], reason="a test")

        run = run_now(store, RUN)
        assert (run.state, run.ended_at_us) == (RunState.QUEUED, None)

    def test_interrupted_and_external_runs_stay_so(self, store: Store) -> None:
        """An interrupted run waits for `resume` already; an external one has nothing to run."""
        store.create_run(new_run())
        store.finish_run(RUN, RunState.INTERRUPTED, lease=0)
        outside = instance(run_id="outside")
        store.put_by_hand(at("rows", outside), encoded(1), reason="a test", create_run=True)

        store.clear([instance(), outside], reason="a test")

        states = [run_now(store, ti.run).state for ti in (instance(), outside)]
        assert states == [RunState.INTERRUPTED, RunState.EXTERNAL]
        assert resting(store, at("rows", outside)) is ...

    def test_clear_leaves_a_line_for_each(self, store: Store) -> None:
        """The audit names each task instance that was cleared, once."""
        store.create_run(new_run())

        store.clear([instance(), instance("load"), instance()], reason="bad data")

        lines = [(line.action, line.address, line.reason) for line in store.audit_lines()]
        assert lines == [
            ("clear", "sales@r1/load", "bad data"),
            ("clear", "sales@r1/extract", "bad data"),
        ]

    def test_clear_is_all_or_nothing(self, store: Store) -> None:
        """Where one of the task instances does not exist, nothing is cleared."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        for stranger in (instance("nobody"), instance(run_id="r9")):
            with pytest.raises(RunNotFound):
                store.clear([instance(), stranger], reason="a test")

        assert instance_now(store).attempt == attempt
        assert resting(store, at("rows")) == 1
        assert (run_now(store, RUN).revision, store.audit_lines()) == (0, [])

    def test_clearing_nothing_changes_nothing(self, store: Store) -> None:
        """An empty list clears nothing and tells nobody."""
        made = store.create_run(new_run())

        assert store.clear([], reason="a test") == []

        assert store.run(RUN) == made
        assert store.audit_lines() == []


class CloseContract:
    """`url`, `close`."""

    def test_url_names_the_store(self, store: Store) -> None:
        """The URL is a text of a scheme and a place, the same each time."""
        scheme, mark, _ = store.url.partition(":")

        assert scheme.isalpha()
        assert mark
        assert store.url == store.url

    def test_closing_twice_is_harmless(self, store: Store) -> None:
        """A store may be closed again."""
        store.close()
        store.close()
