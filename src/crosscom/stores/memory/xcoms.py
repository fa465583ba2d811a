"""Entries in memory."""

from __future__ import annotations

from dataclasses import replace

from crosscom.model import (
    EncodedValue,
    Fence,
    Payload,
    Receipt,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
    XComAddress,
    XComEntry,
)
from crosscom.stores.memory.contents import OverContents, Resting, alone
from crosscom.stores.rules import now_us, stale_put


class XComsInMemory(OverContents):
    """The `XComStore` part of the store."""

    __slots__ = ()

    @alone
    def put(self, address: XComAddress, value: EncodedValue, fence: Fence) -> None:
        """Keep *value* at *address*; see `XComStore.put`."""
        if fence in self._held.pushes.get(address, ()):
            return
        record = self._held.task_instances.get(address.task_instance)
        if (
            record is None
            or record.state is not TaskState.RUNNING
            or record.attempt != fence.attempt
        ):
            raise stale_put(fence.attempt, address.task_instance)
        self._keep(address, value, record.try_number, fence)

    @alone
    def put_by_hand(
        self, address: XComAddress, value: EncodedValue, *, reason: str, create_run: bool = False
    ) -> None:
        """Keep *value* at *address* without a try; see `XComStore.put_by_hand`."""
        ti = address.task_instance
        if ti.run not in self._held.runs:
            if not create_run:
                raise self._run_not_found(ti.run)
            self._held.runs[ti.run] = _external_run(ti.run)
        record = self._held.task_instances.get(ti)
        if record is None:
            record = self._held.task_instances[ti] = new_task_instance(ti, retries=0)
            self._held.retries[ti] = 0
        self._keep(address, value, record.try_number, None)
        self._write_audit("push", str(address), reason)

    @alone
    def get(self, address: XComAddress) -> Payload | None:
        """Give the live payload at *address*, or None; see `XComStore.get`."""
        resting = self._held.live.get(address.task_instance, {}).get(address.key)
        return None if resting is None else resting.payload

    @alone
    def get_latest(self, address: XComAddress) -> Payload | None:
        """Give the live payload of this or the nearest earlier run; see `XComStore.get_latest`."""
        ti = address.task_instance
        this = self._held.runs.get(ti.run)
        if this is None:
            return None
        found = [
            ((_date_us(run), resting.entry.id), resting.payload)
            for run in self._held.runs.values()
            if run.key.dag_id == ti.dag_id and _date_us(run) <= _date_us(this)
            if (resting := self._resting_in(run.key, address)) is not None
        ]
        return max(found, key=lambda one: one[0])[1] if found else None

    @alone
    def get_entry(self, entry_id: int) -> Payload | None:
        """Give the payload of one entry, live or history; see `XComStore.get_entry`."""
        return self._held.payloads.get(entry_id)

    @alone
    def entries(
        self, run: RunKey, task_id: str | None = None, map_index: int | None = None
    ) -> list[XComEntry]:
        """List live entries in the order of their push; see `XComStore.entries`."""
        found = [
            resting.entry
            for ti, by_key in self._held.live.items()
            if is_of(ti, run)
            and task_id in (None, ti.task_id)
            and map_index in (None, ti.map_index)
            for resting in by_key.values()
        ]
        return sorted(found, key=lambda entry: entry.id)

    @alone
    def history(self, address: XComAddress) -> list[XComEntry]:
        """List every entry of *address*, oldest first; see `XComStore.history`."""
        return [resting.entry for resting in self._ever(address)]

    @alone
    def receipts(self, run: RunKey) -> list[Receipt]:
        """List which tries pulled the entries of a run; see `XComStore.receipts`."""
        pulled = sorted(self._held.receipts)
        tries = self._held.attempts
        return [
            Receipt(entry, one, tries[one].task_instance, tries[one].try_number)
            for entry, one in pulled
            if self._held.runs_of_entries.get(entry) == run
        ]

    @alone
    def delete(self, address: XComAddress, *, reason: str) -> int:
        """Forget every entry of *address*; see `XComStore.delete`."""
        forgotten = self._ever(address)
        for resting in forgotten:
            del self._held.payloads[resting.entry.id]
            del self._held.runs_of_entries[resting.entry.id]
        self._held.live.get(address.task_instance, {}).pop(address.key, None)
        self._held.past.pop(address, None)
        self._held.pushes.pop(address, None)
        if forgotten:
            self._write_audit("delete", str(address), reason)
        return len(forgotten)

    def _keep(
        self, address: XComAddress, value: EncodedValue, try_number: int, fence: Fence | None
    ) -> None:
        self._archive(address)
        entry = XComEntry(
            id=next(self._held.entry_ids),
            address=address,
            live=True,
            try_number=try_number,
            attempt=None if fence is None else fence.attempt,
            encoding=value.payload.encoding,
            backend=value.payload.backend,
            type_name=value.type_name,
            size_bytes=value.size_bytes,
            digest=value.digest,
            preview=_own_preview(value) if value.preview is None else value.preview,
            pushed_at_us=now_us(),
            ended_at_us=None,
        )
        payload = value.payload._replace(entry=entry.id, digest=value.digest)
        resting = Resting(entry, payload)
        if fence is not None:
            self._held.pushes.setdefault(address, set()).add(fence)
        self._held.live.setdefault(address.task_instance, {})[address.key] = resting
        self._held.payloads[entry.id] = payload
        self._held.runs_of_entries[entry.id] = address.task_instance.run

    def _archive(self, address: XComAddress) -> None:
        resting = self._held.live.get(address.task_instance, {}).pop(address.key, None)
        if resting is not None:
            entry = replace(resting.entry, live=False, ended_at_us=now_us())
            self._held.past.setdefault(address, []).append(replace(resting, entry=entry))

    def _archive_all(self, ti: TaskInstanceKey) -> None:
        for key in list(self._held.live.get(ti, {})):
            self._archive(XComAddress(ti, key))

    def _ever(self, address: XComAddress) -> list[Resting]:
        resting = self._held.live.get(address.task_instance, {}).get(address.key)
        return [*self._held.past.get(address, []), *([] if resting is None else [resting])]

    def _resting_in(self, run: RunKey, address: XComAddress) -> Resting | None:
        ti = address.task_instance
        there = TaskInstanceKey(run.dag_id, run.run_id, ti.task_id, ti.map_index)
        return self._held.live.get(there, {}).get(address.key)


def is_of(ti: TaskInstanceKey, run: RunKey) -> bool:
    """Tell whether a task instance is of *run*; to make its `run` would check its names again."""
    return ti.dag_id == run.dag_id and ti.run_id == run.run_id


def new_task_instance(ti: TaskInstanceKey, *, retries: int) -> TaskInstanceRecord:
    """Give a task instance as it stands before its first try."""
    return TaskInstanceRecord(
        key=ti,
        state=TaskState.NONE,
        try_number=0,
        max_tries=retries + 1,
        lost_tries=0,
        attempt=None,
        retry_at_us=None,
        started_at_us=None,
        ended_at_us=None,
    )


def _external_run(key: RunKey) -> RunRecord:
    return RunRecord(
        key=key,
        state=RunState.EXTERNAL,
        logical_date_us=None,
        run_type="manual",
        conf="{}",
        params="{}",
        description_digest=None,
        bundle_digest=None,
        scheduler=None,
        lease=0,
        revision=0,
        created_at_us=now_us(),
        started_at_us=None,
        ended_at_us=None,
    )


def _date_us(run: RunRecord) -> int:
    return run.created_at_us if run.logical_date_us is None else run.logical_date_us


def _own_preview(value: EncodedValue) -> str:
    return value.payload.data.decode("utf-8", "replace")
