"""A store by its URL."""

from __future__ import annotations

from crosscom.errors import SettingsError
from crosscom.stores.base import Store
from crosscom.stores.memory import MemoryStore
from crosscom.stores.sqlite import SQLiteStore
from crosscom.stores.sqlite import opening as sqlite_opening

MEMORY_URL = "memory:"

_SQLITE = "sqlite://"
_SUPPORTED = "supported are sqlite:///path/to/file.db, a path to a file, and memory:"


def open_store(
    url: str,
    *,
    lock_timeout_seconds: float = 60.0,
    create: bool = True,
    read_only: bool = False,
) -> Store:
    """Open the store at *url*: `sqlite:///path/to/file.db`, a path to a file, or `memory:`.

    What follows `sqlite://` is the path as it is, nothing in it is quoted. `memory:` gives a new,
    empty store each time. Close what you opened.

    Args:
        url: Which store.
        lock_timeout_seconds: How long to wait while another process writes.
        create: Make it where it is missing; its folder must be there.
        read_only: Only read, also where writing would be possible.

    Raises:
        SettingsError: No store is kept under such a URL.
        StoreError: It is missing (without *create*), is no store, or is damaged.
        StoreReadOnly: It is missing and cannot be made.
        StoreVersionError: Its schema is older (run `crosscom db upgrade`) or newer.
        StoreUnavailable: It stayed locked, or cannot be reached.
    """
    path = sqlite_path(url)
    if path is None:
        return MemoryStore()
    return SQLiteStore(
        path, lock_timeout_seconds=lock_timeout_seconds, create=create, read_only=read_only
    )


def holds_nothing(url: str, *, lock_timeout_seconds: float = 60.0) -> bool:
    """Tell whether nothing was ever stored at *url*; never of `memory:`.

    That is where there is no file, or one in which no store was begun, as a full disk leaves it.

    Raises:
        SettingsError: No store is kept under such a URL.
        StoreError: What is there is no store, or is damaged.
        StoreUnavailable: It stayed locked, or cannot be reached.
    """
    path = sqlite_path(url)
    return path is not None and sqlite_opening.holds_nothing(
        path, lock_timeout_seconds=lock_timeout_seconds
    )


def sqlite_path(url: str) -> str | None:
    """Give the path of a SQLite store, or None for `memory:`.

    >>> sqlite_path("sqlite:///data/store.db"), sqlite_path("store.db"), sqlite_path("memory:")
    ('/data/store.db', 'store.db', None)

    Raises:
        SettingsError: No store is kept under such a URL.
    """
    if url == MEMORY_URL:
        return None
    scheme, mark, rest = url.partition("://")
    path = rest if url.startswith(_SQLITE) else url
    if (mark and scheme != "sqlite") or not path or "\0" in path:
        shown = f"{scheme}://..." if mark else repr(url)
        msg = f"no store can be opened at {shown}: {_SUPPORTED}"
        raise SettingsError(msg)
    if mark and not path.startswith("/"):
        msg = f"no store can be opened at {url!r}: write sqlite:/// and the absolute path"
        raise SettingsError(msg)
    return "/" + path.lstrip("/") if mark else path
