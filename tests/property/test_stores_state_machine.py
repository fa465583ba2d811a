"""Whatever is done to them, the SQLite store and the memory store answer and hold the same."""

import shutil
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from crosscom.errors import CrosscomError
from crosscom.model import (
    AttemptState,
    Fence,
    RunKey,
    RunState,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.memory import MemoryStore
from crosscom.stores.sqlite import SQLiteStore
from crosscom.testing.contracts.samples import SCHEDULER, encoded, instance, new_run, run_now

# Waiting for a disk would be most of the time: here nothing has to survive.
MEMORY_DISK = Path("/dev/shm")
RUNS = [RunKey("sales", "r1"), RunKey("sales", "r2")]
INSTANCES = [instance(task, run.run_id) for run in RUNS for task in ("extract", "load")]
STRANGERS = [instance("nobody"), instance("extract", "r9")]
KEYS = ["return_value", "rows"]
ADDRESSES = [XComAddress(ti, key) for ti in INSTANCES for key in KEYS]

instances = st.sampled_from(INSTANCES)
keys = st.sampled_from(KEYS)
values = st.integers(0, 9).map(encoded)
# Few numbers, so that sequences, attempts and leases are often used again or out of date.
sequences = st.integers(0, 3)
attempts = st.integers(0, 12)
leases = st.integers(0, 2)
ends = st.sampled_from(
    [
        TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS),
        TryEnd(AttemptState.FAILED, TaskState.FAILED, error="ValueError: no"),
        TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, retry_at_us=5),
        TryEnd(AttemptState.SKIPPED, TaskState.SKIPPED),
        TryEnd(AttemptState.LOST, TaskState.UP_FOR_RETRY, retry_at_us=0, uses_retry=False),
        TryEnd(AttemptState.INTERRUPTED, TaskState.NONE, uses_retry=False),
    ]
)


def timeless(record):
    """Give a record without what two clocks tell differently."""
    if isinstance(record, list):
        return [timeless(one) for one in record]
    if not hasattr(record, "__dataclass_fields__"):
        return record
    told = asdict(record)
    for field in fields(record):
        if field.name.endswith("_us") and field.name not in ("retry_at_us", "logical_date_us"):
            told[field.name] = told[field.name] is not None
    return told


class Stores(RuleBasedStateMachine):
    """Two stores to which the same is done."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY_DISK if MEMORY_DISK.exists() else None))
        self.stores = (SQLiteStore(self.folder / "store.db"), MemoryStore())
        self.pushes = []

    def teardown(self):
        """Leave nothing behind."""
        self.stores[0].close()
        shutil.rmtree(self.folder)

    def both(self, act):
        """Do the same to both stores; they answer, or refuse, alike."""
        answers = []
        for store in self.stores:
            try:
                answers.append(("gave", timeless(act(store))))
            except (CrosscomError, ValueError) as error:
                answers.append((type(error).__name__, str(error)))
        assert answers[0] == answers[1]

    @initialize(retries=st.integers(0, 2))
    def make_runs(self, retries):
        """Start with two runs of one DAG, the second one a day later."""
        for number, run in enumerate(RUNS):
            new = new_run(run.run_id, retries=retries, logical_date_us=number)
            self.both(lambda store, new=new: store.create_run(new))

    @rule(ti=instances, key=keys, value=values, attempt=attempts, sequence=sequences)
    def push(self, ti, key, value, attempt, sequence):
        """Push under an attempt that may be anything."""
        self.both(lambda store: store.put(XComAddress(ti, key), value, Fence(attempt, sequence)))

    @rule(ti=instances, key=keys, value=values)
    def push_as_current(self, ti, key, value):
        """Push under the current attempt of a task instance, with the next sequence."""
        found = self.stores[1].task_instances(ti.run)
        current = next(one.attempt for one in found if one.key == ti) or 0
        push = (XComAddress(ti, key), value, Fence(current, 100 + len(self.pushes)))
        self.pushes.append(push)
        self.both(lambda store: store.put(*push))

    @precondition(lambda self: self.pushes)
    @rule(data=st.data())
    def push_again(self, data):
        """Repeat a push, as one does whose answer got lost."""
        push = data.draw(st.sampled_from(self.pushes))
        self.both(lambda store: store.put(*push))

    @rule(ti=st.sampled_from([*INSTANCES, *STRANGERS]), key=keys, value=values, make=st.booleans())
    def push_by_hand(self, ti, key, value, make):
        """Push by hand, also where there is no such task or run."""
        if ti.run_id == "r9":
            make = False
        self.both(
            lambda store: store.put_by_hand(
                XComAddress(ti, key), value, reason="by hand", create_run=make
            )
        )

    @rule(ti=st.sampled_from([*INSTANCES, *STRANGERS]), lease=leases)
    def begin(self, ti, lease):
        """Begin the next try, perhaps under a lease that is none."""
        self.both(lambda store: store.begin_try(ti, SCHEDULER, lease=lease))

    @rule(ti=instances)
    def begin_now(self, ti):
        """Begin the next try under the lease the run has."""
        lease = run_now(self.stores[1], ti.run).lease
        self.both(lambda store: store.begin_try(ti, SCHEDULER, lease=lease))

    @rule(
        attempt=attempts,
        end=ends,
        pushed=st.lists(st.tuples(keys, values), max_size=3),
        reads=st.sets(st.integers(1, 5), max_size=2),
    )
    def end(self, attempt, end, pushed, reads):
        """End a try that may have ended before, with values and receipts."""
        known = {one for one in reads if self.stores[1].get_entry(one) is not None}
        self.both(lambda store: store.end_try(attempt, end, pushed, first_sequence=4, reads=known))

    @rule(tis=st.lists(st.sampled_from([*INSTANCES, *INSTANCES, *STRANGERS]), max_size=3))
    def clear(self, tis):
        """Clear some task instances."""
        self.both(lambda store: store.clear(tis, reason="a test"))

    @rule(
        run=st.sampled_from(RUNS),
        states=st.dictionaries(instances, st.sampled_from(TaskState), max_size=2),
        lease=leases,
    )
    def settle(self, run, states, lease):
        """Settle task instances, perhaps of another run or as what only tries give."""
        self.both(lambda store: store.settle(run, states, lease=lease))

    @rule(address=st.sampled_from(ADDRESSES))
    def delete(self, address):
        """Forget an address."""
        self.both(lambda store: store.delete(address, reason="a test"))

    @rule(run=st.sampled_from(RUNS), lease=leases)
    def adopt(self, run, lease):
        """Take a run over."""
        self.both(lambda store: store.adopt_run(run, SCHEDULER, lease=lease))

    @rule(
        run=st.sampled_from(RUNS),
        state=st.sampled_from(RunState),
        lease=leases,
        revision=st.none() | st.integers(0, 2),
    )
    def finish(self, run, state, lease, revision):
        """End a run, perhaps on an old decision."""
        self.both(lambda store: store.finish_run(run, state, lease=lease, revision=revision))

    @invariant()
    def they_hold_the_same(self):
        """Everything that can be read of one store can be read of the other."""
        for run in RUNS:
            for read in ("run", "task_instances", "attempts", "entries", "receipts"):
                self.both(lambda store, read=read, run=run: getattr(store, read)(run))
        for address in ADDRESSES:
            for read in ("get", "get_latest", "history"):
                self.both(lambda store, read=read, at=address: getattr(store, read)(at))
        self.both(lambda store: store.audit_lines(limit=1000))

    @invariant()
    def one_try_runs_where_one_should(self):
        """A task instance runs exactly while its current try does, and no other try of it does."""
        store = self.stores[0]
        running = {
            attempt.id
            for run in RUNS
            for attempt in store.attempts(run)
            if attempt.state is AttemptState.RUNNING
        }
        current = {
            record.attempt
            for run in RUNS
            for record in store.task_instances(run)
            if record.state is TaskState.RUNNING
        }

        assert running == current

    @invariant()
    def only_the_last_entry_is_live(self):
        """Of all entries of an address only the last one can be live, and that one is got."""
        store = self.stores[0]
        for address in ADDRESSES:
            history = store.history(address)
            payload = store.get(address)

            assert not any(entry.live for entry in history[:-1])
            live = [entry.id for entry in history if entry.live]
            assert live == ([] if payload is None else [payload.entry])


TestStores = Stores.TestCase
TestStores.settings = settings(stateful_step_count=30)
