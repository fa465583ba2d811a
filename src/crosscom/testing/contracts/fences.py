"""What a store promises about the fence: no try writes after its place was taken."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import pytest

from crosscom.errors import StaleTryError
from crosscom.model import (
    AttemptState,
    Fence,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    FAILED,
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
)


def assert_refused(store: Store, address: XComAddress, fence: Fence) -> None:
    """A put under *fence* is refused and changes nothing."""
    before = store.history(address)

    with pytest.raises(StaleTryError) as caught:
        store.put(address, encoded("late"), fence)

    assert str(caught.value) == (
        f"attempt {fence.attempt} may not write to {address.task_instance}: it is not its running "
        "try; the task instance was cleared, retried or finished since, and nothing was stored"
    )
    assert caught.value.attempt == fence.attempt
    assert caught.value.task_instance == str(address.task_instance)
    assert store.history(address) == before


class FenceContract:
    """Who may put, and what a repeated put does."""

    def test_put_is_refused_after_clear(self, store: Store) -> None:
        """A try whose task instance was cleared writes nothing, on new and on old keys."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("early"), Fence(attempt, 0))
        store.clear([instance()], reason="a test")

        assert_refused(store, at("rows"), Fence(attempt, 1))
        assert_refused(store, at("other"), Fence(attempt, 2))

    def test_put_is_refused_after_the_next_try_began(self, store: Store) -> None:
        """A try that was followed by another writes nothing; the other one does."""
        first = begin_in_new_run(store)
        second = begin(store).id
        store.put(at("rows"), encoded("second"), Fence(second, 0))

        assert_refused(store, at("rows"), Fence(first, 0))
        assert resting(store, at("rows")) == "second"

    @pytest.mark.parametrize(
        "end",
        [
            SUCCESS,
            FAILED,
            TryEnd(AttemptState.SKIPPED, TaskState.SKIPPED),
            TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=1),
            TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, retry_at_us=1, uses_retry=False),
        ],
        ids=lambda end: f"{end.attempt_state}-{end.task_state}",
    )
    def test_put_is_refused_after_the_end(self, store: Store, end: TryEnd) -> None:
        """A try that ended, however it ended, writes nothing."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("early"), Fence(attempt, 0))
        store.end_try(attempt, end)

        assert_refused(store, at("rows"), Fence(attempt, 1))
        assert_refused(store, at("other"), Fence(attempt, 2))

    @pytest.mark.parametrize(
        "other",
        [
            instance("load"),
            instance(map_index=0),
            instance(run_id="r2"),
            instance(run_id="r9"),
            instance(dag_id="other"),
        ],
        ids=str,
    )
    def test_put_is_refused_at_another_task_instance(
        self, store: Store, other: TaskInstanceKey
    ) -> None:
        """An attempt writes to its own task instance only, even where another one runs."""
        attempt = begin_in_new_run(store)
        store.create_run(new_run("r2"))
        begin(store, instance("load"))
        begin(store, instance(run_id="r2"))

        assert_refused(store, at("rows", other), Fence(attempt, 0))

    def test_put_is_refused_for_an_attempt_that_never_was(self, store: Store) -> None:
        """An attempt id that the store never gave writes nothing."""
        attempt = begin_in_new_run(store)

        assert_refused(store, at("rows"), Fence(attempt + 1000, 0))

    def test_put_is_refused_where_the_task_was_settled(self, store: Store) -> None:
        """A try that ended does not write again when its task instance waits to start again."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, FAILED)
        store.settle(instance().run, {instance(): TaskState.NONE}, lease=0)

        assert_refused(store, at("rows"), Fence(attempt, 0))

    def test_repeated_put_changes_nothing(self, store: Store) -> None:
        """The same put again is harmless: one entry, no error."""
        attempt = begin_in_new_run(store)

        for _ in range(3):
            store.put(at("rows"), encoded(1), Fence(attempt, 0))

        assert pushed_values(store, at("rows")) == [1]

    def test_repeated_put_of_a_replaced_value_changes_nothing(self, store: Store) -> None:
        """A put that is repeated after a later one replaced its value does not come back."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("old"), Fence(attempt, 0))
        store.put(at("rows"), encoded("new"), Fence(attempt, 1))

        store.put(at("rows"), encoded("old"), Fence(attempt, 0))

        assert pushed_values(store, at("rows")) == ["old", "new"]
        assert resting(store, at("rows")) == "new"

    def test_repeated_put_after_put_by_hand_changes_nothing(self, store: Store) -> None:
        """A put that is repeated after a value was put by hand does not come back."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("task"), Fence(attempt, 0))
        store.put_by_hand(at("rows"), encoded("hand"), reason="a test")

        store.put(at("rows"), encoded("task"), Fence(attempt, 0))

        assert resting(store, at("rows")) == "hand"

    def test_repeated_put_after_the_end_is_harmless(self, store: Store) -> None:
        """A put that was done is no stale one when its answer got lost and the try ended."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))
        store.end_try(attempt, SUCCESS)

        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        assert pushed_values(store, at("rows")) == [1]

    def test_repeated_put_after_clear_brings_nothing_back(self, store: Store) -> None:
        """A put that was done and cleared stays cleared when it is repeated."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))
        store.clear([instance()], reason="a test")

        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        assert resting(store, at("rows")) is ...

    def test_sequences_of_two_tries_are_apart(self, store: Store) -> None:
        """The next try may use the sequences of the one before."""
        first = begin_in_new_run(store)
        store.put(at("rows"), encoded("first"), Fence(first, 0))
        second = begin(store).id

        store.put(at("rows"), encoded("second"), Fence(second, 0))

        assert pushed_values(store, at("rows")) == ["first", "second"]

    def test_end_is_refused_after_clear(self, store: Store) -> None:
        """A cleared try cannot end, and none of its values is stored."""
        attempt = begin_in_new_run(store)
        store.clear([instance()], reason="a test")

        with pytest.raises(StaleTryError) as caught:
            store.end_try(attempt, SUCCESS, [("return_value", encoded(1))])

        assert str(caught.value) == (
            f"attempt {attempt} of sales@r1/extract cannot end: it is cleared already; the task "
            "instance was cleared, retried or finished since, and nothing was stored"
        )
        assert store.history(at("return_value")) == []
        assert instance_now(store).state is TaskState.NONE

    def test_end_is_refused_after_the_next_try_began(self, store: Store) -> None:
        """A try that was followed by another cannot end, and the other one still runs."""
        first = begin_in_new_run(store)
        second = begin(store).id

        with pytest.raises(StaleTryError):
            store.end_try(first, SUCCESS, [("return_value", encoded(1))])

        assert resting(store, at("return_value")) is ...
        assert instance_now(store).state is TaskState.RUNNING
        assert attempt_now(store, second).state is AttemptState.RUNNING

    def test_second_different_end_is_refused(self, store: Store) -> None:
        """A try that failed cannot succeed afterwards, nor the other way round."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, FAILED)

        with pytest.raises(StaleTryError):
            store.end_try(attempt, SUCCESS, [("return_value", encoded(1))])

        assert instance_now(store).state is TaskState.FAILED
        assert resting(store, at("return_value")) is ...

    def test_end_of_an_unknown_attempt_is_refused(self, store: Store) -> None:
        """An attempt id that the store never gave cannot end."""
        with pytest.raises(StaleTryError) as caught:
            store.end_try(12345, SUCCESS)

        assert str(caught.value) == (
            "attempt 12345 cannot end: this store never started it; nothing was stored"
        )
        assert caught.value.attempt == 12345
