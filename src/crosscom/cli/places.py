"""The configured store, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crosscom.errors import SettingsError
from crosscom.settings import Settings, ensure_home, load_settings
from crosscom.stores.base import Store
from crosscom.stores.opening import MEMORY_URL, holds_nothing, open_store


def lasting_settings() -> Settings:
    """Give the settings of this command, whose store is one that outlives it.

    Raises:
        SettingsError: The store is one in memory, or an option is wrong.
    """
    settings = load_settings()
    if settings.store_url == MEMORY_URL:
        msg = (
            "core.store is a store in memory, which would end with this command; "
            "name a file, or use crosscom.testing.run_dag in Python"
        )
        raise SettingsError(msg)
    return settings


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
    """Tell whether nothing was ever stored: there is no file yet, or nothing in it."""
    return holds_nothing(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)
