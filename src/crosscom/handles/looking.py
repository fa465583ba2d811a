"""Looking at a place by address: one value, one level, one history."""

from __future__ import annotations

from crosscom.handles.finding import (
    find_address,
    find_entry,
    find_run,
    names_run,
    value_not_found,
)
from crosscom.handles.handle import DagHandle, Listing, RunHandle, TaskHandle, XComHandle
from crosscom.handles.listing import list_dags, list_entries, list_runs, list_tasks
from crosscom.handles.places import Place
from crosscom.model import AddressPattern, XComAddress, parse_address


def get_at(place: Place, address: str | XComAddress) -> XComHandle:
    """Give a handle of the XCom that rests at *address*."""
    with place.store() as store:
        return XComHandle(place, find_entry(store, as_pattern(address)))


def list_at(place: Place, address: str | XComAddress | None) -> Listing:
    """List what lies one level below *address*; all DAGs where it is None."""
    with place.store() as store:
        if address is None:
            dags = list_dags(store)
            return Listing(store.url, [DagHandle(place, dag) for dag in dags])
        pattern = as_pattern(address)
        if pattern.task_id is not None:
            entries = list_entries(store, pattern)
            return Listing(str(pattern), [XComHandle(place, entry) for entry in entries])
        if names_run(address):
            run = find_run(store, pattern)
            tasks = list_tasks(store, run)
            return Listing(str(run.key), [TaskHandle(place, task) for task in tasks])
        runs = list_runs(store, pattern.dag_id)
        return Listing(pattern.dag_id, [RunHandle(place, run) for run in runs])


def history_at(place: Place, address: str | XComAddress) -> Listing:
    """List every entry that was ever pushed at *address*, oldest first."""
    with place.store() as store:
        full = find_address(store, as_pattern(address))
        entries = store.history(full)
        if not entries:
            raise value_not_found(store, full)
    return Listing(str(full), [XComHandle(place, entry) for entry in entries])


def as_pattern(address: str | XComAddress) -> AddressPattern:
    """Give the parts of an address, from text or from a full one."""
    if not isinstance(address, XComAddress):
        return parse_address(address)
    ti = address.task_instance
    return AddressPattern(ti.dag_id, ti.run_id, 0, ti.task_id, ti.map_index, address.key)
