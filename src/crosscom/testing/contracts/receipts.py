"""What a store promises about receipts: who pulled what."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from crosscom.model import Fence, Receipt
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    FAILED,
    SUCCESS,
    at,
    begin,
    begin_in_new_run,
    encoded,
    instance,
    new_run,
    push_in,
)


class ReceiptContract:
    """`receipts`, and the reads of `end_try`."""

    def test_payload_names_its_entry(self, store: Store) -> None:
        """A payload that was read tells which entry it came from, live or history."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))
        store.put(at("rows"), encoded(2), Fence(attempt, 1))

        first, second = (entry.id for entry in store.history(at("rows")))

        payloads = (store.get(at("rows")), store.get_latest(at("rows")), store.get_entry(first))
        found = [None if payload is None else payload.entry for payload in payloads]
        assert found == [second, second, first]

    def test_end_of_a_try_leaves_receipts(self, store: Store) -> None:
        """What a try pulled is known once it ended, also where it failed."""
        store.put(at("rows"), encoded(1), Fence(begin_in_new_run(store), 0))
        [entry] = store.entries(instance().run)
        load = instance("load")
        attempt = begin(store, load).id
        before = store.receipts(load.run)

        store.end_try(attempt, FAILED, reads={entry.id})

        assert before == []
        assert store.receipts(load.run) == [Receipt(entry.id, attempt, load, try_number=1)]

    def test_repeated_end_leaves_one_receipt(self, store: Store) -> None:
        """The same end again, and an entry pulled by two tries, are told apart."""
        store.put(at("rows"), encoded(1), Fence(begin_in_new_run(store), 0))
        [entry] = store.entries(instance().run)
        load = instance("load")
        tries = []
        for _ in range(2):
            tries.append(begin(store, load).id)
            store.end_try(tries[-1], FAILED, reads=[entry.id, entry.id])
            store.end_try(tries[-1], FAILED, reads=[entry.id])

        assert [each.attempt for each in store.receipts(load.run)] == tries

    def test_receipts_are_listed_with_the_run_of_the_entry(self, store: Store) -> None:
        """A pull from another run is listed where the entry is, and names its reader."""
        store.create_run(new_run("r1"))
        store.create_run(new_run("r2"))
        push_in(store, "r1", 1)
        [entry] = store.entries(instance().run)
        reader = instance("load", "r2")
        attempt = begin(store, reader).id

        store.end_try(attempt, SUCCESS, reads=[entry.id])

        assert store.receipts(instance().run) == [Receipt(entry.id, attempt, reader, 1)]
        assert store.receipts(reader.run) == []

    def test_deleted_entries_leave_no_receipts(self, store: Store) -> None:
        """Who pulled an entry is forgotten with it."""
        store.put(at("rows"), encoded(1), Fence(begin_in_new_run(store), 0))
        [entry] = store.entries(instance().run)
        store.end_try(begin(store, instance("load")).id, SUCCESS, reads=[entry.id])

        store.delete(at("rows"), reason="a test")

        assert store.receipts(instance().run) == []
