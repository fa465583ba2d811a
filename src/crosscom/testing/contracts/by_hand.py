"""What a store promises about what people do by hand, and about the audit of it."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import pytest

from crosscom.errors import RunNotFound
from crosscom.model import Fence, RunKey, RunState, TaskState
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    SUCCESS,
    at,
    begin_in_new_run,
    encoded,
    instance,
    instance_now,
    new_run,
    pushed_values,
    resting,
    run_now,
)


class HandContract:
    """`put_by_hand`, `delete` and the audit."""

    def test_put_by_hand_needs_no_try(self, store: Store) -> None:
        """A value pushed by hand rests there with no attempt, under the try number so far."""
        store.create_run(new_run())

        store.put_by_hand(at("rows"), encoded(5), reason="unblock the report")
        (entry,) = store.history(at("rows"))

        assert resting(store, at("rows")) == 5
        assert (entry.attempt, entry.try_number) == (None, 0)

    def test_put_by_hand_leaves_a_line(self, store: Store) -> None:
        """The audit tells when, who, what, where and why."""
        store.create_run(new_run())

        store.put_by_hand(at("rows"), encoded(5), reason="unblock the report")
        (line,) = store.audit_lines()

        assert (line.action, line.address) == ("push", str(at("rows")))
        assert line.reason == "unblock the report"
        assert line.actor
        assert line.at_us > 1_600_000_000_000_000

    def test_put_by_hand_replaces_into_history(self, store: Store) -> None:
        """A value pushed by hand over a task's own makes that history."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("task"), Fence(attempt, 0))

        store.put_by_hand(at("rows"), encoded("hand"), reason="a test")

        assert resting(store, at("rows")) == "hand"
        assert pushed_values(store, at("rows")) == ["task", "hand"]
        assert [entry.try_number for entry in store.history(at("rows"))] == [1, 1]

    def test_task_replaces_what_was_put_by_hand(self, store: Store) -> None:
        """A running task pushes over a value that was put by hand."""
        attempt = begin_in_new_run(store)
        store.put_by_hand(at("rows"), encoded("hand"), reason="a test")

        store.put(at("rows"), encoded("task"), Fence(attempt, 0))

        assert pushed_values(store, at("rows")) == ["hand", "task"]

    def test_put_by_hand_works_on_a_finished_task(self, store: Store) -> None:
        """A task instance that ended keeps its state when a value is put by hand."""
        attempt = begin_in_new_run(store)
        store.end_try(attempt, SUCCESS)

        store.put_by_hand(at("rows"), encoded(5), reason="a test")

        assert resting(store, at("rows")) == 5
        assert instance_now(store).state is TaskState.SUCCESS

    def test_put_by_hand_refuses_an_unknown_run(self, store: Store) -> None:
        """Without `create_run` a missing run is an error that names the latest ones."""
        for run_id in ("r1", "r2"):
            store.create_run(new_run(run_id))
        address = at("rows", instance(run_id="r9"))

        with pytest.raises(RunNotFound) as caught:
            store.put_by_hand(address, encoded(5), reason="a test")

        assert str(caught.value) == "there is no run sales@r9; its latest: r2, r1"
        assert (caught.value.dag_id, caught.value.run_id) == ("sales", "r9")
        assert store.audit_lines() == []

    def test_put_by_hand_makes_an_external_run(self, store: Store) -> None:
        """With `create_run` the run is made, as one that only holds values from outside."""
        address = at("rows", instance(run_id="from_cron"))

        store.put_by_hand(address, encoded(5), reason="a test", create_run=True)
        run = run_now(store, RunKey("sales", "from_cron"))

        assert resting(store, address) == 5
        assert (run.state, run.description_digest) == (RunState.EXTERNAL, None)
        assert instance_now(store, address.task_instance).state is TaskState.NONE

    def test_put_by_hand_uses_a_run_that_is_there(self, store: Store) -> None:
        """With `create_run` a run that is there stays what it is."""
        made = store.create_run(new_run())

        store.put_by_hand(at("rows"), encoded(5), reason="a test", create_run=True)

        assert store.runs() == [made]

    def test_delete_forgets_value_and_history(self, store: Store) -> None:
        """A deleted address holds nothing, and its entries cannot be read by their ids."""
        attempt = begin_in_new_run(store)
        for sequence in range(3):
            store.put(at("rows"), encoded(sequence), Fence(attempt, sequence))
        ids = [entry.id for entry in store.history(at("rows"))]

        assert store.delete(at("rows"), reason="a secret") == 3

        assert store.get(at("rows")) is None
        assert store.history(at("rows")) == []
        assert [store.get_entry(one) for one in ids] == [None] * 3

    def test_delete_leaves_other_addresses(self, store: Store) -> None:
        """Deleting one key leaves other keys and other instances alone."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))
        store.put(at("names"), encoded(2), Fence(attempt, 1))
        store.put_by_hand(at("rows", instance("load")), encoded(3), reason="a test")

        store.delete(at("rows"), reason="a test")

        assert resting(store, at("names")) == 2
        assert resting(store, at("rows", instance("load"))) == 3

    def test_delete_leaves_a_line_where_it_forgot_something(self, store: Store) -> None:
        """Deleting is audited; deleting nothing gives 0 and no line."""
        store.create_run(new_run())
        store.put_by_hand(at("rows"), encoded(5), reason="wrong")

        assert store.delete(at("rows"), reason="it was wrong") == 1
        assert store.delete(at("rows"), reason="again") == 0
        assert store.delete(at("rows", instance(run_id="r9")), reason="no run") == 0

        assert [(line.action, line.reason) for line in store.audit_lines()] == [
            ("delete", "it was wrong"),
            ("push", "wrong"),
        ]

    def test_forgotten_ids_are_not_given_again(self, store: Store) -> None:
        """A new entry never has the id of a forgotten one."""
        store.create_run(new_run())
        seen: set[int] = set()
        for round_ in range(4):
            store.put_by_hand(at("rows"), encoded(round_), reason="a test")
            seen.update(entry.id for entry in store.history(at("rows")))
            store.delete(at("rows"), reason="a test")

        assert len(seen) == 4

    def test_forgotten_key_can_be_pushed_again(self, store: Store) -> None:
        """A task goes on pushing to a key that was deleted under its hands."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded("old"), Fence(attempt, 0))
        store.delete(at("rows"), reason="a test")

        store.put(at("rows"), encoded("new"), Fence(attempt, 1))

        assert pushed_values(store, at("rows")) == ["new"]

    def test_audit_lists_the_latest_first(self, store: Store) -> None:
        """The audit gives the newest lines, at most as many as asked for."""
        store.create_run(new_run())
        for number in range(5):
            store.put_by_hand(at("rows"), encoded(number), reason=f"number {number}")

        assert [line.reason for line in store.audit_lines(limit=2)] == ["number 4", "number 3"]

    def test_reason_may_hold_anything(self, store: Store) -> None:
        """A reason with bytes that no encoding knows is written out, not refused."""
        store.create_run(new_run())

        store.put_by_hand(at("rows"), encoded(5), reason="caf\udce9")

        assert [line.reason for line in store.audit_lines()] == ["caf\\udce9"]
