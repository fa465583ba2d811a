"""What a store promises about starting tries."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import pytest

from crosscom.errors import RunNotFound
from crosscom.model import AttemptState, Fence, TaskState, TryEnd
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    SCHEDULER,
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
)

RETRY = TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=77)
LOST = TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, retry_at_us=0, uses_retry=False)
INTERRUPTED = TryEnd(AttemptState.INTERRUPTED, TaskState.NONE, uses_retry=False)


class BeginContract:
    """`begin_try`, `attempt`, `attempts`."""

    def test_begun_try_runs(self, store: Store) -> None:
        """The record of a new try tells all about it, and is kept."""
        store.create_run(new_run())

        attempt = store.begin_try(instance(), SCHEDULER, lease=0, bundle_digest="b1")

        assert (attempt.task_instance, attempt.try_number) == (instance(), 1)
        assert (attempt.state, attempt.process) == (AttemptState.RUNNING, SCHEDULER)
        assert (attempt.bundle_digest, attempt.ended_at_us, attempt.error) == ("b1", None, None)
        assert store.attempt(attempt.id) == attempt

    def test_begun_try_is_current(self, store: Store) -> None:
        """Its task instance runs, with this try as its current one."""
        store.create_run(new_run())
        attempt = begin(store)

        record = instance_now(store)

        assert (record.state, record.attempt) == (TaskState.RUNNING, attempt.id)
        assert (record.try_number, record.max_tries) == (1, 1)
        assert (record.started_at_us, record.ended_at_us) == (attempt.started_at_us, None)
        assert instance_now(store, instance("load")).state is TaskState.NONE

    def test_try_may_begin_without_a_process(self, store: Store) -> None:
        """The process of a try need not be known when it begins."""
        store.create_run(new_run())

        attempt = store.begin_try(instance(), None, lease=0)

        assert attempt_now(store, attempt.id).process is None

    def test_attempt_ids_are_never_used_again(self, store: Store) -> None:
        """Each try, of whichever task instance and run, has an id of its own that grows."""
        ids = []
        for run_id in ("r1", "r2"):
            store.create_run(new_run(run_id))
            for _ in range(2):
                ids += [begin(store, instance(task, run_id)).id for task in ("extract", "load")]
            store.clear([instance("load", run_id)], reason="a test")

        assert ids == sorted(set(ids))

    def test_next_try_counts_on(self, store: Store) -> None:
        """Try numbers grow by one with each start."""
        store.create_run(new_run())

        assert [begin(store).try_number for _ in range(3)] == [1, 2, 3]

    def test_next_try_clears_the_xcoms_of_earlier_ones(self, store: Store) -> None:
        """When a try begins, what the task instance had pushed is history, by its try."""
        first = begin_in_new_run(store)
        store.put(at("rows"), encoded("first"), Fence(first, 0))
        store.put(at("names"), encoded("names"), Fence(first, 1))
        store.end_try(first, RETRY)

        begin(store)

        assert store.entries(instance().run) == []
        assert resting(store, at("rows")) is ...
        assert pushed_values(store, at("rows")) == ["first"]
        assert [entry.live for entry in store.history(at("names"))] == [False]

    def test_history_is_told_by_try(self, store: Store) -> None:
        """The entries of three tries at one key stand in order, each with its try number."""
        store.create_run(new_run())
        for value in ("first", "second", "third"):
            store.put(at("rows"), encoded(value), Fence(begin(store).id, 0))

        history = store.history(at("rows"))

        assert [entry.try_number for entry in history] == [1, 2, 3]
        assert [entry.live for entry in history] == [False, False, True]
        assert pushed_values(store, at("rows")) == ["first", "second", "third"]

    def test_first_try_clears_what_was_put_by_hand(self, store: Store) -> None:
        """What rested there before the first try began is history too."""
        store.create_run(new_run())
        store.put_by_hand(at("rows"), encoded("hand"), reason="a test")

        begin(store)

        assert resting(store, at("rows")) is ...
        assert pushed_values(store, at("rows")) == ["hand"]

    def test_next_try_leaves_siblings_alone(self, store: Store) -> None:
        """XComs of other task instances stay when a try begins."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))
        sibling = instance(map_index=0)
        store.put_by_hand(at("rows", sibling), encoded(2), reason="a test")

        begin(store, sibling)
        begin(store, instance("load"))

        assert resting(store, at("rows")) == 1

    def test_running_try_is_cleared_by_the_next(self, store: Store) -> None:
        """A try that still runs when the next one begins is moved to cleared."""
        first = begin_in_new_run(store)

        begin(store)

        record = attempt_now(store, first)
        assert record.state is AttemptState.CLEARED
        assert record.ended_at_us is not None

    def test_ended_try_keeps_its_state_when_the_next_begins(self, store: Store) -> None:
        """What an earlier try came to is not changed by a later one."""
        first = begin_in_new_run(store)
        store.end_try(first, RETRY)

        begin(store)

        assert attempt_now(store, first).state is AttemptState.FAILED

    def test_next_try_forgets_when_to_retry(self, store: Store) -> None:
        """A task instance that runs again waits for no time."""
        first = begin_in_new_run(store)
        store.end_try(first, RETRY)

        begin(store)

        record = instance_now(store)
        assert (record.retry_at_us, record.ended_at_us) == (None, None)

    def test_try_of_an_unknown_task_instance_is_refused(self, store: Store) -> None:
        """There is no try without its task instance, nor without its run."""
        store.create_run(new_run())

        with pytest.raises(RunNotFound) as no_task:
            store.begin_try(instance("nobody"), SCHEDULER, lease=0)
        with pytest.raises(RunNotFound) as no_run:
            store.begin_try(instance(run_id="r9"), SCHEDULER, lease=0)

        assert str(no_task.value) == (
            "run sales@r1 has no task instance sales@r1/nobody; nothing was changed"
        )
        assert str(no_run.value) == "there is no run sales@r9; its latest: r1"
        assert store.attempts(instance().run) == []

    def test_attempts_are_listed_oldest_first(self, store: Store) -> None:
        """The tries of a run, or of one of its tasks, come in the order they began."""
        store.create_run(new_run())
        store.create_run(new_run("r2"))
        begin(store, instance(run_id="r2"))
        made = [begin(store, instance(task)).id for task in ("load", "extract", "load")]

        run = instance().run

        assert [attempt.id for attempt in store.attempts(run)] == made
        assert [attempt.id for attempt in store.attempts(run, "load")] == [made[0], made[2]]
        assert store.attempts(run, "nobody") == []

    def test_unknown_attempt_is_none(self, store: Store) -> None:
        """An attempt id that was never given has no record."""
        assert store.attempt(1) is None
