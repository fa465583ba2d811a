"""The configured store from Python: what `crosscom.get`, `ls`, `history` and `open` do."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath

from crosscom.handles.handle import Listing, XComHandle
from crosscom.handles.looking import get_at, history_at, list_at
from crosscom.handles.opened import OpenedStore
from crosscom.handles.places import ConfiguredPlace
from crosscom.model import XComAddress
from crosscom.settings import ensure_home, load_settings
from crosscom.stores.opening import open_store


def get(address: str | XComAddress, *, classes: Iterable[type] = ()) -> XComHandle:
    """Give a handle of the XCom at *address* in the configured store.

    It names exactly the entry that rests there now. Its `.value` loads.

    Args:
        address: `dag_id[@run_id]/task_id[[map_index]][:key]`; the latest run and
            `return_value` where these are left out. `@^1` is the run before the latest.
        classes: Classes of your own that its value may hold.

    Raises:
        XComNotFound: Nothing rests there; the text names what the task instance pushed.
        DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
        InvalidAddress, InvalidName: The address is none.
        SettingsError: An option is wrong.
        StoreError: The store could not be read.
    """
    return get_at(ConfiguredPlace(load_settings(), tuple(classes)), address)


def ls(address: str | XComAddress | None = None, *, classes: Iterable[type] = ()) -> Listing:
    """List one level down in the configured store: DAGs, runs, tasks, XComs.

    Args:
        address: A DAG, run, task or XCom; everything where it is left out.
        classes: Classes of your own that the values may hold.

    Raises:
        DagNotFound, RunNotFound, TaskNotFound, XComNotFound: There is no such thing.
        InvalidAddress, InvalidName: The address is none.
        SettingsError: An option is wrong.
        StoreError: The store could not be read.
    """
    return list_at(ConfiguredPlace(load_settings(), tuple(classes)), address)


def history(address: str | XComAddress, *, classes: Iterable[type] = ()) -> Listing:
    """List every entry that was ever pushed at *address*, oldest first, the live one last.

    Args:
        address: As for `get`.
        classes: Classes of your own that the values may hold.

    Raises:
        XComNotFound: Nothing was ever pushed there.
        DagNotFound, RunNotFound, TaskNotFound: There is no such task instance.
        InvalidAddress, InvalidName: The address is none.
        SettingsError: An option is wrong.
        StoreError: The store could not be read.
    """
    return history_at(ConfiguredPlace(load_settings(), tuple(classes)), address)


def open(  # noqa: A001  # it is read as crosscom.open
    url: str | PathLike[str] | None = None,
    *,
    classes: Iterable[type] = (),
    read_only: bool = False,
) -> OpenedStore:
    """Open a store, to push and pull without a DAG.

    Args:
        url: The path of a file, `sqlite:///path` or `memory:`; the configured store where it
            is left out. A missing file is made.
        classes: Classes of your own that may come back.
        read_only: Refuse every write; a missing file is an error then.

    Raises:
        SettingsError: The URL names no kind of store, or an option is wrong.
        StoreError: The store could not be opened.
    """
    settings = load_settings()
    if url is None and not read_only:
        ensure_home(settings)
    store = open_store(
        settings.store_url if url is None else fspath(url),
        lock_timeout_seconds=settings.lock_timeout_seconds,
        create=not read_only,
        read_only=read_only,
    )
    return OpenedStore(store, settings, tuple(classes))
