"""Where the code of a run is loaded and its tries run: a template's children, or this process."""

from __future__ import annotations

import selectors
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crosscom.errors import SettingsError
from crosscom.model import Bundle, DagDescription
from crosscom.runtime.bundle import locate_bundle
from crosscom.runtime.interrupts import Interrupts
from crosscom.runtime.template_process import TemplateProcess
from crosscom.runtime.wire import Load, Loaded
from crosscom.runtime.workers import ProcessWorkers, Workers
from crosscom.settings import Settings
from crosscom.stores.base import Store
from crosscom.stores.opening import sqlite_path

if TYPE_CHECKING:
    from crosscom.runtime.child import Code

_DESCRIPTORS = Path("/proc/self/fd")


class CodeHost:
    """Code on its way into processes: begin to load it, do other things, take the answer.

    Made before a store is opened: the template is forked right here.
    """

    def __init__(self, settings: Settings, isolation: str | None) -> None:
        """Start a template, unless tries are to run in this process.

        Args:
            settings: How.
            isolation: What the run asks for; None leaves it to the DAG, then to the settings.
        """
        self._settings = settings
        self._isolation = isolation
        self._code: Code | None = None
        self._template: TemplateProcess | None = None
        if isolation != "none":
            may_fork = not _is_open_here(settings.store_url)
            self._template = TemplateProcess.start(settings, may_fork=may_fork)

    def begin(self, load: Load) -> None:
        """Begin to load a DAG file."""
        self._load = load
        if self._template is not None:
            self._template.load(load)

    def finish(self) -> Loaded:
        """Give what is in the file, once it is loaded.

        Raises:
            DagError: It could not be loaded, or has no such DAG.
            SettingsError: Its tries cannot run in processes of their own with this store.
        """
        if self._template is not None:
            loaded = self._template.loaded(self._load)
            asked = DagDescription.from_json(loaded.description).isolation
            self._isolation = self._isolation or asked or self._settings.isolation
            if self._isolation != "none":
                self._check_store()
                return loaded
            self._template.close()
            self._template = None
        # Here and not above: with a template this process needs nothing of what tries need.
        from crosscom.runtime.loaded_code import load_code  # noqa: PLC0415

        self._code, loaded = load_code(self._load)
        return loaded

    def workers(
        self, store: Store, bundle: Bundle, interrupts: Interrupts, selector: selectors.BaseSelector
    ) -> Workers:
        """Give the place where tries of the loaded code run.

        Args:
            store: The scheduler's.
            bundle: The loaded code.
            interrupts: What ends the run early.
            selector: What the scheduler waits with.
        """
        if self._template is None:
            # As in `finish`.
            from crosscom.runtime.inline_workers import InlineWorkers  # noqa: PLC0415

            assert self._code is not None  # noqa: S101 - `finish` has loaded it
            return InlineWorkers(self._code, store, interrupts, selector)

        def restart() -> TemplateProcess:
            root = locate_bundle(bundle, store, self._settings.home)
            return self._loaded_template(str(root / bundle.dag_file), str(root))

        return ProcessWorkers(
            self._template,
            restart=restart,
            reuse=self._isolation == "reuse",
            selector=selector,
        )

    def kill(self) -> None:
        """End the template, whatever it does."""
        if self._template is not None:
            self._template.kill()

    def _loaded_template(self, path: str, root: str) -> TemplateProcess:
        # The store is open here by now, and must not be carried across a fork.
        template = TemplateProcess.start(self._settings, may_fork=False)
        load = Load(path, root, self._settings, self._load.dag_id)
        template.load(load)
        template.loaded(load)
        return template

    def _check_store(self) -> None:
        if sqlite_path(self._settings.store_url) is None:
            msg = (
                "cannot use a store in memory with isolation 'process' or 'reuse', because other "
                "processes would not see it; name a file in core.store, or use 'none'"
            )
            raise SettingsError(msg)


def _is_open_here(store_url: str) -> bool:
    """Tell whether this process has the store open: SQLite must not be carried across a fork."""
    path = sqlite_path(store_url)
    if path is None or not _DESCRIPTORS.is_dir():
        return False
    for link in _DESCRIPTORS.iterdir():
        with suppress(OSError):
            if str(link.readlink()).startswith(path):
                return True
    return False
