"""What a store promises about `get_latest`: Airflow's `include_prior_dates`."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import json

from crosscom.model import Fence, XComAddress
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    at,
    begin,
    encoded,
    instance,
    new_run,
    push_in,
    run_now,
)

DAY_US = 86_400_000_000


def latest(store: Store, address: XComAddress) -> object:
    """Give the value `get_latest` finds, or `...`."""
    payload = store.get_latest(address)
    return ... if payload is None else json.loads(payload.data)


class PriorDatesContract:
    """`get_latest`."""

    def test_own_run_is_found(self, store: Store) -> None:
        """The value of the run itself is found."""
        store.create_run(new_run("today", logical_date_us=2 * DAY_US))
        push_in(store, "today", "own")

        assert latest(store, at("rows", instance(run_id="today"))) == "own"

    def test_nearest_earlier_date_is_found(self, store: Store) -> None:
        """Without a value of its own, the latest date before this run's wins, not the last push."""
        for day, run_id in enumerate(("monday", "tuesday", "wednesday"), 1):
            store.create_run(new_run(run_id, logical_date_us=day * DAY_US))
        push_in(store, "tuesday", "tuesday")
        push_in(store, "monday", "monday")

        assert latest(store, at("rows", instance(run_id="wednesday"))) == "tuesday"

    def test_own_run_comes_before_earlier_ones(self, store: Store) -> None:
        """A value of the run itself is nearer than any earlier one that was pushed later."""
        for day, run_id in enumerate(("monday", "tuesday"), 1):
            store.create_run(new_run(run_id, logical_date_us=day * DAY_US))
        push_in(store, "tuesday", "tuesday")
        push_in(store, "monday", "monday")

        assert latest(store, at("rows", instance(run_id="tuesday"))) == "tuesday"

    def test_later_date_is_not_seen(self, store: Store) -> None:
        """A run with a later date is not seen, though it ran before."""
        store.create_run(new_run("tuesday", logical_date_us=2 * DAY_US))
        store.create_run(new_run("monday", logical_date_us=DAY_US))
        push_in(store, "tuesday", "later")

        assert store.get_latest(at("rows", instance(run_id="monday"))) is None

    def test_run_without_date_counts_from_its_creation(self, store: Store) -> None:
        """Runs without a logical date are ordered by when they were made."""
        for run_id in ("first", "second", "third"):
            store.create_run(new_run(run_id))
        push_in(store, "second", "second")
        push_in(store, "first", "first")

        assert latest(store, at("rows", instance(run_id="third"))) == "second"

    def test_creation_and_dates_are_one_order(self, store: Store) -> None:
        """A logical date is compared with the creation of a run that has none."""
        made = store.create_run(new_run("undated")).created_at_us
        store.create_run(new_run("before", logical_date_us=made - DAY_US))
        store.create_run(new_run("after", logical_date_us=made + DAY_US))
        for run_id in ("before", "after"):
            push_in(store, run_id, run_id)

        assert latest(store, at("rows", instance(run_id="undated"))) == "before"

    def test_latest_push_decides_between_equal_dates(self, store: Store) -> None:
        """Of two runs with one date the value that was pushed last wins."""
        for run_id in ("one", "two"):
            store.create_run(new_run(run_id, logical_date_us=DAY_US))
        push_in(store, "two", "two")
        push_in(store, "one", "one")

        assert latest(store, at("rows", instance(run_id="two"))) == "one"

    def test_cleared_values_are_not_seen(self, store: Store) -> None:
        """History is no value: an earlier one is found behind it."""
        for day, run_id in enumerate(("monday", "tuesday", "wednesday"), 1):
            store.create_run(new_run(run_id, logical_date_us=day * DAY_US))
        for run_id in ("monday", "tuesday"):
            push_in(store, run_id, run_id)
        store.clear([instance(run_id="tuesday")], reason="a test")

        assert latest(store, at("rows", instance(run_id="wednesday"))) == "monday"

    def test_other_dags_tasks_indexes_and_keys_are_not_seen(self, store: Store) -> None:
        """Only the same task, map index and key of the same DAG count."""
        store.create_run(new_run("monday", logical_date_us=DAY_US))
        store.create_run(new_run("monday", logical_date_us=DAY_US, dag_id="other"))
        store.create_run(new_run("tuesday", logical_date_us=2 * DAY_US))
        monday = instance(run_id="monday")
        store.put(at("names", monday), encoded(0), Fence(begin(store, monday).id, 0))
        for other in (
            instance("load", "monday"),
            instance(run_id="monday", map_index=0),
            instance(run_id="monday", dag_id="other"),
        ):
            store.put_by_hand(at("rows", other), encoded(0), reason="a test")

        assert store.get_latest(at("rows", instance(run_id="tuesday"))) is None

    def test_unknown_run_finds_nothing(self, store: Store) -> None:
        """A run that is not there has no date to look back from."""
        store.create_run(new_run("monday", logical_date_us=DAY_US))
        push_in(store, "monday", 1)

        assert store.get_latest(at("rows", instance(run_id="never"))) is None
        assert run_now(store, instance(run_id="monday").run).logical_date_us == DAY_US
