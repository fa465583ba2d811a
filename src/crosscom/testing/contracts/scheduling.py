"""What a store promises about leases, settling and finishing."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from collections.abc import Callable

import pytest

from crosscom.errors import LeaseLost, RunNotFound
from crosscom.model import (
    Fence,
    RunKey,
    RunState,
    TaskState,
)
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    FAILED,
    OTHER_SCHEDULER,
    SCHEDULER,
    SUCCESS,
    at,
    begin,
    begin_in_new_run,
    encoded,
    instance,
    instance_now,
    new_run,
    push_in,
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


class LeaseContract:
    """`adopt_run`, and every method that takes a lease."""

    def test_adopted_run_has_a_new_lease(self, store: Store) -> None:
        """Taking a run over gives it a new scheduler, a new lease, and lets it run."""
        lease = store.create_run(new_run(scheduler=None)).lease

        run = store.adopt_run(RUN, OTHER_SCHEDULER, lease=lease)

        assert (run.state, run.scheduler) == (RunState.RUNNING, OTHER_SCHEDULER)
        assert run.lease > lease
        assert run.started_at_us is not None
        assert store.run(RUN) == run

    def test_adopted_run_keeps_its_start(self, store: Store) -> None:
        """A run that goes on started when it started, and has no end any more."""
        made = store.create_run(new_run())
        store.finish_run(RUN, RunState.INTERRUPTED, lease=made.lease)

        run = store.adopt_run(RUN, OTHER_SCHEDULER, lease=made.lease)

        assert (run.started_at_us, run.ended_at_us) == (made.started_at_us, None)

    @pytest.mark.parametrize("name", sorted(UNDER_A_LEASE))
    def test_older_lease_is_refused(self, store: Store, name: str) -> None:
        """A scheduler whose run was taken over changes nothing any more."""
        lease = store.create_run(new_run()).lease
        run = store.adopt_run(RUN, OTHER_SCHEDULER, lease=lease)

        with pytest.raises(LeaseLost) as caught:
            UNDER_A_LEASE[name](store, lease)

        assert str(caught.value) == (
            f"run sales@r1 was taken over by another scheduler (lease {run.lease}, this one holds "
            f"{lease}); nothing was changed, stop working on it"
        )
        assert store.run(RUN) == run
        assert instance_now(store).state is TaskState.NONE
        assert store.attempts(RUN) == []

    @pytest.mark.parametrize("name", sorted(UNDER_A_LEASE))
    def test_unknown_run_is_refused(self, store: Store, name: str) -> None:
        """A run that is not there cannot be worked on."""
        with pytest.raises(RunNotFound) as caught:
            UNDER_A_LEASE[name](store, 0)

        assert str(caught.value) == "there is no run sales@r1; DAG 'sales' has no runs"

    def test_tries_end_under_any_lease(self, store: Store) -> None:
        """A try has its own fence: it may end after its run was taken over."""
        attempt = begin_in_new_run(store)
        store.adopt_run(RUN, OTHER_SCHEDULER, lease=0)

        store.end_try(attempt, SUCCESS, [("return_value", encoded(1))])

        assert instance_now(store).state is TaskState.SUCCESS
        assert resting(store, at("return_value")) == 1


class SettleContract:
    """`settle`, `finish_run`, `task_instances`."""

    @pytest.mark.parametrize("state", [TaskState.SKIPPED, TaskState.UPSTREAM_FAILED])
    def test_settled_task_instances_never_ran(self, store: Store, state: TaskState) -> None:
        """Task instances that no try will start are given their state together."""
        lease = store.create_run(new_run()).lease

        store.settle(RUN, {instance(): state, instance("load"): state}, lease=lease)

        for record in store.task_instances(RUN):
            assert (record.state, record.try_number, record.attempt) == (state, 0, None)
            assert record.ended_at_us is not None

    def test_settled_as_none_starts_anew(self, store: Store) -> None:
        """A failed task instance that is settled as none may use all its retries anew."""
        store.create_run(new_run(retries=2))
        for _ in range(3):
            attempt = begin(store).id
            store.end_try(attempt, FAILED)

        store.settle(RUN, {instance(): TaskState.NONE}, lease=0)

        record = instance_now(store)
        assert (record.state, record.ended_at_us) == (TaskState.NONE, None)
        assert (record.try_number, record.max_tries, record.lost_tries) == (3, 6, 0)

    def test_settled_as_none_keeps_xcoms_until_the_next_try(self, store: Store) -> None:
        """What a failed task pushed rests until it really starts again."""
        store.create_run(new_run())
        push_in(store, "r1", "left")
        attempt = instance_now(store).attempt or 0
        store.end_try(attempt, FAILED)

        store.settle(RUN, {instance(): TaskState.NONE}, lease=0)
        left = resting(store, at("rows"))
        begin(store)

        assert left == "left"
        assert resting(store, at("rows")) is ...

    def test_running_task_instance_is_not_settled(self, store: Store) -> None:
        """A task instance that runs is left to its try."""
        attempt = begin_in_new_run(store)

        store.settle(RUN, {instance(): TaskState.SKIPPED}, lease=0)
        store.settle(RUN, {instance(): TaskState.NONE}, lease=0)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        assert instance_now(store).state is TaskState.RUNNING

    def test_settling_is_all_or_nothing(self, store: Store) -> None:
        """Where one of the task instances is not of the run, none is settled."""
        store.create_run(new_run())
        store.create_run(new_run("r2"))

        for stranger in (instance("nobody"), instance("load", "r2")):
            states = {instance(): TaskState.SKIPPED, stranger: TaskState.SKIPPED}
            with pytest.raises(RunNotFound) as caught:
                store.settle(RUN, states, lease=0)

            assert str(caught.value) == (
                f"run sales@r1 has no task instance {stranger}; nothing was changed"
            )
        assert instance_now(store).state is TaskState.NONE
        assert instance_now(store, instance("load", "r2")).state is TaskState.NONE

    @pytest.mark.parametrize("state", [TaskState.RUNNING, TaskState.UP_FOR_RETRY])
    def test_states_of_tries_cannot_be_settled(self, store: Store, state: TaskState) -> None:
        """Running and up for retry come from tries alone."""
        store.create_run(new_run())

        with pytest.raises(ValueError, match=f"cannot be settled as {state}: only a try gives"):
            store.settle(RUN, {instance(): state}, lease=0)

        assert instance_now(store).state is TaskState.NONE

    @pytest.mark.parametrize("state", [RunState.SUCCESS, RunState.FAILED, RunState.INTERRUPTED])
    def test_finished_run_has_its_end(self, store: Store, state: RunState) -> None:
        """A run that ended tells how and when."""
        store.create_run(new_run())

        assert store.finish_run(RUN, state, lease=0)

        run = run_now(store, RUN)
        assert run.state is state
        assert run.ended_at_us is not None

    @pytest.mark.parametrize("state", [RunState.RUNNING, RunState.QUEUED])
    def test_run_cannot_end_as_running(self, store: Store, state: RunState) -> None:
        """A run ends in a state in which nobody works on it."""
        store.create_run(new_run())

        with pytest.raises(ValueError, match=f"a run cannot end as {state}"):
            store.finish_run(RUN, state, lease=0)

        assert run_now(store, RUN).ended_at_us is None

    def test_run_does_not_finish_past_a_clear(self, store: Store) -> None:
        """A scheduler that decided before somebody cleared a task does not end the run."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, SUCCESS)
        decided_on = run_now(store, RUN).revision
        store.clear([instance()], reason="a test")

        assert not store.finish_run(RUN, RunState.SUCCESS, lease=0, revision=decided_on)

        assert run_now(store, RUN).state is RunState.RUNNING
        assert store.finish_run(RUN, RunState.FAILED, lease=0, revision=decided_on + 1)

    def test_task_instances_are_sorted(self, store: Store) -> None:
        """They come by task id, then by map index."""
        store.create_run(new_run())
        for ti in (instance(map_index=10), instance(map_index=2), instance("a", map_index=0)):
            store.put_by_hand(at("rows", ti), encoded(0), reason="a test")

        found = [(one.key.task_id, one.key.map_index) for one in store.task_instances(RUN)]

        assert found == [("a", 0), ("extract", -1), ("extract", 2), ("extract", 10), ("load", -1)]
