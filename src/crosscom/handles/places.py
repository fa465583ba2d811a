"""Where handles look things up: a store that is open, or one that is opened for each look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from crosscom.backends import Backend
from crosscom.serializers import ClassFinder
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.stores.opening import open_store


class Place(Protocol):
    """A store to look things up in, and the backend that opens its values."""

    @property
    def backend(self) -> Backend:
        """Opens the store's values."""

    def store(self) -> AbstractContextManager[Store]:
        """Lend the store for one look."""


class OpenPlace:
    """A store that somebody else opened and closes."""

    __slots__ = ("_store", "backend")

    def __init__(self, store: Store, backend: Backend) -> None:
        """Lend *store*; *backend* opens its values."""
        self._store = store
        self.backend = backend

    def store(self) -> AbstractContextManager[Store]:
        """Lend the store, which stays open."""
        return nullcontext(self._store)


class ConfiguredPlace:
    """The configured store, opened for each look: it is free for others in between."""

    __slots__ = ("_settings", "backend")

    def __init__(self, settings: Settings, classes: tuple[type, ...] = ()) -> None:
        """Look into the store of *settings*; *classes* may come back beside the allowed ones."""
        self._settings = settings
        self.backend = Backend(class_finder(settings, classes))

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store for one look."""
        opened = open_store(
            self._settings.store_url,
            lock_timeout_seconds=self._settings.lock_timeout_seconds,
            create=False,
        )
        try:
            yield opened
        finally:
            opened.close()


def class_finder(settings: Settings, classes: tuple[type, ...] = ()) -> ClassFinder:
    """Give the classes that may come back outside of a DAG: the allowed and the named ones."""
    return ClassFinder(allowed=frozenset(settings.allowed_classes), named=classes)
