"""What the contract puts into a store: small values, one DAG, its runs and tries."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

import json
from hashlib import sha256

from crosscom.model import (
    UNMAPPED,
    AttemptRecord,
    AttemptState,
    DagDescription,
    EncodedValue,
    Fence,
    NewRun,
    Payload,
    ProcessIdentity,
    RunKey,
    RunRecord,
    TaskDescription,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.stores.base import Store

DAG_ID = "sales"

SCHEDULER = ProcessIdentity(host="here", boot_id="b0", pid=4711, started_ticks=10)
OTHER_SCHEDULER = ProcessIdentity(host="here", boot_id="b0", pid=4712, started_ticks=11)

SUCCESS = TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS)
FAILED = TryEnd(AttemptState.FAILED, TaskState.FAILED)


def encoded(value: object) -> EncodedValue:
    """Give *value* as plain JSON that is its own preview. A store never looks inside."""
    data = json.dumps(value).encode()
    return EncodedValue(
        payload=Payload("json", data),
        type_name=type(value).__name__,
        size_bytes=len(data),
        digest=sha256(data).digest(),
        preview=None,
    )


def described(*task_ids: str, retries: int = 0, dag_id: str = DAG_ID) -> DagDescription:
    """Give the description of a DAG with these tasks and no edges."""
    tasks = tuple(TaskDescription(task_id, "@task", retries=retries) for task_id in task_ids)
    return DagDescription(dag_id, tasks)


def new_run(
    run_id: str = "r1",
    *,
    retries: int = 0,
    logical_date_us: int | None = None,
    dag_id: str = DAG_ID,
    scheduler: ProcessIdentity | None = SCHEDULER,
) -> NewRun:
    """Give a run of the tasks `extract` and `load`."""
    return NewRun(
        key=RunKey(dag_id, run_id),
        description=described("extract", "load", retries=retries, dag_id=dag_id),
        bundle=None,
        logical_date_us=logical_date_us,
        scheduler=scheduler,
    )


def instance(
    task_id: str = "extract", run_id: str = "r1", *, map_index: int = UNMAPPED, dag_id: str = DAG_ID
) -> TaskInstanceKey:
    """Give a task instance of such a run."""
    return TaskInstanceKey(dag_id, run_id, task_id, map_index)


def at(key: str, ti: TaskInstanceKey | None = None) -> XComAddress:
    """Give the address of *key* at a task instance, `extract` of `r1` unless told."""
    return XComAddress(instance() if ti is None else ti, key)


def begin(store: Store, ti: TaskInstanceKey | None = None) -> AttemptRecord:
    """Start the next try under the lease that the run has now."""
    key = instance() if ti is None else ti
    return store.begin_try(key, SCHEDULER, lease=run_now(store, key.run).lease)


def begin_in_new_run(store: Store) -> int:
    """Make the run `r1`, start the first try of `extract` and give its attempt."""
    store.create_run(new_run())
    return begin(store).id


def push_in(store: Store, run_id: str, value: object) -> None:
    """Push *value* as `rows` from a first try of `extract` in a run."""
    ti = instance(run_id=run_id)
    store.put(at("rows", ti), encoded(value), Fence(begin(store, ti).id, 0))


def run_now(store: Store, key: RunKey) -> RunRecord:
    """Give a run as it stands; it must be there."""
    run = store.run(key)
    assert run is not None
    return run


def instance_now(store: Store, ti: TaskInstanceKey | None = None) -> TaskInstanceRecord:
    """Give a task instance as it stands; it must be there."""
    key = instance() if ti is None else ti
    return next(record for record in store.task_instances(key.run) if record.key == key)


def attempt_now(store: Store, attempt: int) -> AttemptRecord:
    """Give a try as it stands; it must be there."""
    record = store.attempt(attempt)
    assert record is not None
    return record


def resting(store: Store, address: XComAddress) -> object:
    """Give the value that rests at *address*, or `...` where nothing does."""
    payload = store.get(address)
    return ... if payload is None else json.loads(payload.data)


def payload_at(store: Store, address: XComAddress) -> Payload | None:
    """Give what rests at *address* as it was put: without what the store knows of it."""
    payload = store.get(address)
    return None if payload is None else payload._replace(entry=0, digest=b"")


def pushed_values(store: Store, address: XComAddress) -> list[object]:
    """Give every value that was pushed at *address*, oldest first."""
    payloads = [store.get_entry(entry.id) for entry in store.history(address)]
    return [json.loads(payload.data) for payload in payloads if payload is not None]
