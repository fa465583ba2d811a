"""A key that was replaced before is stored in a shorter way, with the same promises."""

import json
from hashlib import sha256

import pytest

from crosscom.errors import StaleTryError
from crosscom.model import (
    DagDescription,
    EncodedValue,
    Fence,
    NewRun,
    Payload,
    RunKey,
    TaskDescription,
    TaskInstanceKey,
    XComAddress,
)
from crosscom.stores.sqlite import SQLiteStore

RUN = RunKey("sales", "r1")
TI = TaskInstanceKey("sales", "r1", "load")
TOTAL = XComAddress(TI, "total")


def encoded(value):
    """Give a value as plain JSON."""
    data = json.dumps(value).encode()
    return EncodedValue(Payload("json", data), "int", len(data), sha256(data).digest(), str(value))


@pytest.fixture
def store(tmp_path):
    """Give a store with a run of one task."""
    store = SQLiteStore(tmp_path / "store.db")
    description = DagDescription("sales", (TaskDescription("load", "@task"),))
    store.create_run(NewRun(RUN, description, None, None))
    yield store
    store.close()


@pytest.fixture
def attempt(store):
    """Give the id of a try that has replaced a key already."""
    attempt = store.begin_try(TI, None, lease=0).id
    for sequence in range(2):
        store.put(TOTAL, encoded(sequence), Fence(attempt, sequence))
    return attempt


def values(store):
    """Give what was ever stored at the address and is not forgotten, oldest first."""
    entries = store.history(TOTAL)
    assert [entry.live for entry in entries] == [False] * (len(entries) - 1) + [True]
    return [json.loads(store.get_entry(entry.id).data) for entry in entries]


def test_replaced_key_is_replaced_again(store, attempt):
    """Each further put makes the one before it history."""
    store.put(TOTAL, encoded(2), Fence(attempt, 2))
    store.put(TOTAL, encoded(3), Fence(attempt, 3))

    assert values(store) == [0, 1, 2, 3]


@pytest.mark.parametrize("sequence", [0, 1, 2])
def test_repeated_put_of_a_replaced_key_changes_nothing(store, attempt, sequence):
    """A put whose answer was lost may be sent again, whether it was replaced since or not."""
    store.put(TOTAL, encoded(2), Fence(attempt, 2))

    store.put(TOTAL, encoded(sequence), Fence(attempt, sequence))

    assert values(store) == [0, 1, 2]


def test_forgotten_key_is_stored_anew(store, attempt):
    """A key that was replaced and then forgotten is stored as a new one."""
    store.delete(TOTAL, reason="test")

    store.put(TOTAL, encoded(2), Fence(attempt, 2))

    assert values(store) == [2]


def test_stale_attempt_does_not_replace_again(store, attempt):
    """A try that was cleared cannot replace what it replaced before."""
    store.clear([TI], reason="test")
    newer = store.begin_try(TI, None, lease=0).id
    store.put(TOTAL, encoded(7), Fence(newer, 0))
    before = values(store)

    with pytest.raises(StaleTryError):
        store.put(TOTAL, encoded(8), Fence(attempt, 2))
    assert values(store) == before


def test_any_number_of_keys_is_replaced(store, attempt):
    """There may be more keys than the store remembers to have replaced."""
    addresses = [XComAddress(TI, f"key_{number}") for number in range(1001)]
    sequence = 2
    for _ in range(3):
        for address in addresses:
            store.put(address, encoded(sequence), Fence(attempt, sequence))
            sequence += 1

    newest = [json.loads(store.get(address).data) for address in addresses]
    assert newest == list(range(sequence - 1001, sequence))
