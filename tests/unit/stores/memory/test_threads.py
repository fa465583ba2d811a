from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from crosscom.errors import StaleTryError
from crosscom.model import Fence
from crosscom.stores.memory import MemoryStore
from crosscom.testing.contracts.samples import at, begin_in_new_run, encoded, instance

THREADS = 8
EACH = 500


def test_threads_push_at_once():
    """Every value that eight threads push at once is there, each under an id of its own."""
    store = MemoryStore()
    attempt = begin_in_new_run(store)
    barrier = Barrier(THREADS)

    def push(thread):
        barrier.wait()
        for number in range(EACH):
            sequence = thread * EACH + number
            store.put(at(f"key_{sequence}"), encoded(sequence), Fence(attempt, sequence))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(push, range(THREADS)))

    entries = store.entries(instance().run)
    assert {entry.address.key for entry in entries} == {f"key_{n}" for n in range(THREADS * EACH)}
    assert len({entry.id for entry in entries}) == THREADS * EACH


def test_clear_falls_between_pushes():
    """Pushes of a thread that is cleared from another one are whole or refused, never both."""
    store = MemoryStore()
    attempt = begin_in_new_run(store)
    barrier = Barrier(2)

    def push():
        barrier.wait()
        done = 0
        try:
            for number in range(100_000):
                store.put(at("rows"), encoded(number), Fence(attempt, number))
                done += 1
        except StaleTryError:
            pass
        return done

    with ThreadPoolExecutor(1) as pool:
        pushing = pool.submit(push)
        barrier.wait()
        while not store.history(at("rows")):
            pass
        store.clear([instance()], reason="a test")
        done = pushing.result()

    history = store.history(at("rows"))
    assert len(history) == done
    assert not any(entry.live for entry in history)
