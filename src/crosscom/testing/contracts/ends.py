"""What a store promises about ending tries."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import pytest

from crosscom.model import AttemptState, Fence, TaskState, TryEnd
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

RETRY = TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=77)
LOST = TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, retry_at_us=0, uses_retry=False)
INTERRUPTED = TryEnd(AttemptState.INTERRUPTED, TaskState.NONE, uses_retry=False)


class EndContract:
    """`end_try`."""

    def test_values_and_state_become_visible_together(self, store: Store) -> None:
        """The end of a try stores its values and its state."""
        attempt = begin_in_new_run(store)
        values = [("rows", encoded(3)), ("return_value", encoded({"rows": 3}))]

        store.end_try(attempt, SUCCESS, values)

        assert instance_now(store).state is TaskState.SUCCESS
        assert attempt_now(store, attempt).state is AttemptState.SUCCESS
        assert resting(store, at("rows")) == 3
        assert resting(store, at("return_value")) == {"rows": 3}
        assert {entry.attempt for entry in store.entries(instance().run)} == {attempt}

    def test_ended_try_has_its_end(self, store: Store) -> None:
        """Try and task instance both tell when it ended."""
        attempt = begin_in_new_run(store)

        store.end_try(attempt, SUCCESS)

        record = attempt_now(store, attempt)
        assert record.ended_at_us is not None
        assert instance_now(store).ended_at_us == record.ended_at_us
        assert instance_now(store).attempt == attempt

    def test_values_of_the_end_replace_earlier_pushes(self, store: Store) -> None:
        """A value pushed with the end makes the try's own earlier one history."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("early"), Fence(attempt, 0))

        store.end_try(attempt, SUCCESS, [("rows", encoded("late"))], first_sequence=1)

        assert pushed_values(store, at("rows")) == ["early", "late"]

    def test_one_end_may_push_a_key_twice(self, store: Store) -> None:
        """The later of two values with one key is the live one."""
        attempt = begin_in_new_run(store)

        store.end_try(attempt, SUCCESS, [("rows", encoded(1)), ("rows", encoded(2))])

        assert pushed_values(store, at("rows")) == [1, 2]

    def test_repeated_end_changes_nothing(self, store: Store) -> None:
        """The same end again is harmless: nothing is pushed or counted twice."""
        attempt = begin_in_new_run(store)
        for _ in range(2):
            store.end_try(attempt, LOST, [("rows", encoded(1))])

        record = instance_now(store)

        assert (record.max_tries, record.lost_tries) == (2, 1)
        assert pushed_values(store, at("rows")) == [1]

    def test_repeated_end_after_the_next_try_began_changes_nothing(self, store: Store) -> None:
        """An end that was done is not done again to the try that followed."""
        first = begin_in_new_run(store)
        store.end_try(first, RETRY)
        second = begin(store)

        store.end_try(first, RETRY)

        assert instance_now(store).attempt == second.id
        assert instance_now(store).state is TaskState.RUNNING

    def test_failed_try_keeps_what_it_pushed(self, store: Store) -> None:
        """XComs of a failed last try rest until it starts again."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        store.end_try(attempt, FAILED)

        assert resting(store, at("rows")) == 1

    def test_end_that_uses_a_retry(self, store: Store) -> None:
        """A task instance that is up for retry knows when, and may start no more often."""
        store.create_run(new_run(retries=2))
        attempt = begin(store).id

        store.end_try(attempt, RETRY)

        record = instance_now(store)
        assert (record.state, record.retry_at_us) == (TaskState.UP_FOR_RETRY, 77)
        assert (record.try_number, record.max_tries) == (1, 3)

    def test_lost_try_costs_no_retry(self, store: Store) -> None:
        """A try that died with its scheduler may be made up for; how many in a row is counted."""
        store.create_run(new_run(retries=1))
        for _ in range(3):
            store.end_try(begin(store).id, LOST)

        record = instance_now(store)

        assert (record.try_number, record.max_tries, record.lost_tries) == (3, 5, 3)

    def test_interrupted_try_costs_no_retry(self, store: Store) -> None:
        """A try that was stopped on purpose may be made up for, and counts as no lost one."""
        store.create_run(new_run(retries=1))

        store.end_try(begin(store).id, INTERRUPTED)

        record = instance_now(store)
        assert (record.max_tries, record.lost_tries) == (3, 0)
        assert record.state is TaskState.NONE

    @pytest.mark.parametrize("end", [SUCCESS, FAILED, RETRY, INTERRUPTED], ids=str)
    def test_other_ends_break_the_row_of_lost_tries(self, store: Store, end: TryEnd) -> None:
        """Lost tries are counted in a row: any other end sets the count to 0."""
        store.create_run(new_run(retries=5))
        for one in (LOST, LOST, end):
            store.end_try(begin(store).id, one)

        assert instance_now(store).lost_tries == 0

    def test_error_is_kept_in_bounds(self, store: Store) -> None:
        """A try keeps the first 1,000 characters of its error, also where they are no text."""
        attempt = begin_in_new_run(store)
        error = "ValueError: \udce9" + "x" * 2000

        store.end_try(attempt, TryEnd(AttemptState.FAILED, TaskState.FAILED, error=error))

        kept = attempt_now(store, attempt).error
        assert kept == "ValueError: \\udce9" + "x" * 982

    @pytest.mark.parametrize(
        "end",
        [
            TryEnd(AttemptState.RUNNING, TaskState.SUCCESS),
            TryEnd(AttemptState.SUCCESS, TaskState.RUNNING),
        ],
        ids=str,
    )
    def test_running_is_no_end(self, store: Store, end: TryEnd) -> None:
        """An end that would leave the try or its task instance running is refused."""
        attempt = begin_in_new_run(store)

        with pytest.raises(ValueError, match="a try cannot end as running"):
            store.end_try(attempt, end)

        assert attempt_now(store, attempt).state is AttemptState.RUNNING
        assert instance_now(store).state is TaskState.RUNNING
