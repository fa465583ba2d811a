"""What a store promises about putting, getting and listing entries."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from crosscom.model import EncodedValue, Fence, Payload, RunKey
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    at,
    begin,
    begin_in_new_run,
    encoded,
    instance,
    new_run,
    payload_at,
    pushed_values,
    resting,
)


class PutContract:
    """`put`, `get`, `get_entry`, `entries`, `history`."""

    def test_put_is_visible_at_once(self, store: Store) -> None:
        """A value can be got as soon as its put returned."""
        attempt = begin_in_new_run(store)

        store.put(at("rows"), encoded([1, 2]), Fence(attempt, 0))

        assert payload_at(store, at("rows")) == encoded([1, 2]).payload

    def test_threads_may_share_the_store(self, store: Store) -> None:
        """Threads that put and replace at the same time lose nothing and see no error."""
        attempt = begin_in_new_run(store)

        def put_many(thread: int) -> None:
            for number in range(20):
                sequence = 20 * thread + number
                store.put(at(f"k{number % 7}"), encoded(sequence), Fence(attempt, sequence))

        with ThreadPoolExecutor(4) as threads:
            for _ in threads.map(put_many, range(4)):
                pass

        pushed = [value for key in range(7) for value in pushed_values(store, at(f"k{key}"))]
        assert len(pushed) == 80
        assert set(pushed) == set(range(80))

    def test_get_gives_none_where_nothing_rests(self, store: Store) -> None:
        """An address without a value gives None: its key, task, index, run or DAG is unknown."""
        attempt = begin_in_new_run(store)
        store.put(at("rows"), encoded(1), Fence(attempt, 0))

        empty = [
            at("other"),
            at("rows", instance("load")),
            at("rows", instance(map_index=0)),
            at("rows", instance(run_id="r2")),
            at("rows", instance(dag_id="other")),
        ]

        assert [store.get(address) for address in empty] == [None] * len(empty)

    def test_null_is_a_value(self, store: Store) -> None:
        """A pushed null rests there like any other value."""
        attempt = begin_in_new_run(store)

        store.put(at("rows"), encoded(None), Fence(attempt, 0))

        assert payload_at(store, at("rows")) == Payload("json", b"null")

    def test_payload_comes_back_to_the_byte(self, store: Store) -> None:
        """Encoding, backend and bytes come back as they were put, also bytes that are no text."""
        attempt = begin_in_new_run(store)
        payload = Payload("raw", bytes(range(256)) * 300, "shop.backends.Lake")
        value = EncodedValue(payload, "bytes", len(payload.data), b"\0" * 32, '"76,800 bytes"')

        store.put(at("blob"), value, Fence(attempt, 0))

        assert payload_at(store, at("blob")) == payload

    def test_empty_payload_comes_back(self, store: Store) -> None:
        """No bytes at all are a payload too."""
        attempt = begin_in_new_run(store)
        value = EncodedValue(Payload("raw", b""), "bytes", 0, b"\0" * 32, '""')

        store.put(at("blob"), value, Fence(attempt, 0))

        assert payload_at(store, at("blob")) == Payload("raw", b"")

    def test_keys_are_any_text(self, store: Store) -> None:
        """Keys with quotes, slashes, blanks, percent signs and any script are kept apart."""
        attempt = begin_in_new_run(store)
        keys = ["a'b", 'a"b', "a/b", "a b", "a%b", "A B", "ключ", "鍵", "🗝", "x" * 512, "[0]:k"]

        for sequence, key in enumerate(keys):
            store.put(at(key), encoded(key), Fence(attempt, sequence))

        assert [resting(store, at(key)) for key in keys] == keys

    def test_map_indexes_are_apart(self, store: Store) -> None:
        """The instances of a mapped task hold their own values."""
        store.create_run(new_run())
        for index in (0, 1, 2**31 - 1):
            address = at("rows", instance(map_index=index))
            store.put_by_hand(address, encoded(index), reason="a test")

        found = [resting(store, at("rows", instance(map_index=i))) for i in (0, 1, 2**31 - 1)]

        assert found == [0, 1, 2**31 - 1]

    def test_second_put_replaces(self, store: Store) -> None:
        """The last put of a key is the one that is got."""
        attempt = begin_in_new_run(store)

        for sequence, value in enumerate(("old", "newer", "newest")):
            store.put(at("rows"), encoded(value), Fence(attempt, sequence))

        assert resting(store, at("rows")) == "newest"
        assert len(store.entries(instance().run)) == 1

    def test_replaced_value_is_history(self, store: Store) -> None:
        """What was replaced is listed before the live entry, with its end, and can be read."""
        attempt = begin_in_new_run(store)
        for sequence, value in enumerate(("old", "new")):
            store.put(at("rows"), encoded(value), Fence(attempt, sequence))

        old, new = store.history(at("rows"))

        assert (old.live, new.live) == (False, True)
        assert old.ended_at_us is not None
        assert new.ended_at_us is None
        assert pushed_values(store, at("rows")) == ["old", "new"]

    def test_entry_tells_what_was_put(self, store: Store) -> None:
        """An entry carries address, try, attempt, encoding, type, size, digest and preview."""
        attempt = begin_in_new_run(store)
        value = EncodedValue(Payload("raw", b"\1\2", "shop.B"), "bytes", 2, b"d" * 32, '"2 bytes"')

        store.put(at("blob"), value, Fence(attempt, 0))
        (entry,) = store.entries(instance().run)

        assert (entry.address, entry.live) == (at("blob"), True)
        assert (entry.try_number, entry.attempt) == (1, attempt)
        assert (entry.encoding, entry.backend) == ("raw", "shop.B")
        assert (entry.type_name, entry.size_bytes) == ("bytes", 2)
        assert (entry.digest, entry.preview) == (b"d" * 32, '"2 bytes"')
        assert entry.pushed_at_us > 1_600_000_000_000_000

    def test_small_json_is_its_own_preview(self, store: Store) -> None:
        """An entry whose value has no preview shows the value's own text."""
        attempt = begin_in_new_run(store)

        store.put(at("rows"), encoded({"n": 1}), Fence(attempt, 0))

        assert [entry.preview for entry in store.history(at("rows"))] == ['{"n": 1}']

    def test_entries_come_in_the_order_of_their_push(self, store: Store) -> None:
        """A run's entries are listed as they were pushed, over all its tasks."""
        store.create_run(new_run())
        extract, load = begin(store), begin(store, instance("load"))
        pushes = [("z", extract), ("a", load), ("m", extract), ("b", load)]
        for sequence, (key, attempt) in enumerate(pushes):
            store.put(at(key, attempt.task_instance), encoded(0), Fence(attempt.id, sequence))

        keys = [entry.address.key for entry in store.entries(instance().run)]

        assert keys == ["z", "a", "m", "b"]

    def test_replaced_key_moves_to_the_end(self, store: Store) -> None:
        """A key that was pushed again stands where its last push stands."""
        attempt = begin_in_new_run(store)
        for sequence, key in enumerate(("a", "b", "a")):
            store.put(at(key), encoded(sequence), Fence(attempt, sequence))

        assert [entry.address.key for entry in store.entries(instance().run)] == ["b", "a"]

    def test_entries_of_a_task_or_one_instance(self, store: Store) -> None:
        """The list can be narrowed to a task, and to one of its map indexes."""
        store.create_run(new_run())
        for ti in (instance(map_index=0), instance(map_index=1), instance("load")):
            store.put_by_hand(at("rows", ti), encoded(0), reason="a test")
        run = instance().run

        assert len(store.entries(run)) == 3
        assert len(store.entries(run, "extract")) == 2
        (one,) = store.entries(run, "extract", 1)
        assert one.address.task_instance == instance(map_index=1)
        assert store.entries(run, "nobody") == []
        assert store.entries(RunKey("sales", "r9")) == []

    def test_get_entry_gives_none_for_an_unknown_id(self, store: Store) -> None:
        """An id that was never given has no payload."""
        assert store.get_entry(1) is None

    def test_history_of_an_unknown_address_is_empty(self, store: Store) -> None:
        """An address where nothing was ever pushed has no history."""
        assert store.history(at("rows")) == []
