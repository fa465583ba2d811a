"""The configured store, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosscom.settings import Settings, ensure_home
from crosscom.stores.base import Store
from crosscom.stores.opening import open_store, sqlite_path


@contextmanager
def reading(settings: Settings) -> Iterator[Store]:
    """Open the store to look only; a store that is missing is an error and is not made."""
    store = open_store(
        settings.store_url,
        lock_timeout_seconds=settings.lock_timeout_seconds,
        create=False,
        read_only=True,
    )
    try:
        yield store
    finally:
        store.close()


@contextmanager
def writing(settings: Settings) -> Iterator[Store]:
    """Open the store to change it; a missing one is made, with its home."""
    ensure_home(settings)
    store = open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)
    try:
        yield store
    finally:
        store.close()


def is_missing(settings: Settings) -> bool:
    """Tell whether nothing was ever stored: there is no file yet."""
    path = sqlite_path(settings.store_url)
    return path is not None and not Path(path).exists()
