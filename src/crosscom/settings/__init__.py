"""Configuration, read once: the nearest `crosscom.toml`, then the environment, then the home."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscom.errors import SettingsError
from crosscom.settings.options import (
    OPTIONS,
    Option,
    Source,
    absolute_path,
    find_option,
    read_option,
    unknown,
)

__all__ = ["HOME_VARIABLE", "OPTION_NAMES", "PREFIX", "Settings", "ensure_home", "load_settings"]

OPTION_NAMES = tuple(option.name for option in OPTIONS)
"""Every option as `section.key`, in the order of the documentation."""

HOME_VARIABLE = "CROSSCOM_HOME"
"""Names the folder that holds the store and the logs."""

PREFIX = "CROSSCOM__"
"""Every option is also an environment variable: `CROSSCOM__SECTION__KEY`."""

HOME_FOLDER = ".crosscom"
STORE_FILE = "crosscom.db"
OWN_FILE = "crosscom.toml"
SHARED_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option, checked. The options are described in `docs/reference/settings.md`."""

    home: Path
    """The absolute folder of the store and the logs; `ensure_home` makes it."""
    store_url: str
    """`sqlite:///absolute/path`, or another URL as it was written."""
    slots: int = 2
    """How many tries run at once."""
    isolation: str = "process"
    start_method: str = "auto"
    on_missing: str = "none"
    import_timeout_seconds: float = 30.0
    kill_grace_seconds: float = 5.0
    lock_timeout_seconds: float = 60.0
    allowed_classes: tuple[str, ...] = ()
    """`package.module:Class` or `package.module:*`: classes that may come back from a store."""
    bundle_include: tuple[str, ...] = ()
    """Patterns of further files that belong to a run's code."""


def load_settings(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Give the settings that count in the folder *start*.

    `CROSSCOM__SECTION__KEY` comes before `crosscom.toml` (or the table `[tool.crosscom]` of a
    `pyproject.toml`), which is looked for in *start* and then upwards; the nearest file counts
    alone. Nothing is made or written.

    Args:
        start: Where to begin; the working directory by default.
        environ: The environment; this process's by default.

    Raises:
        SettingsError: An option is unknown or breaks its rule, or a file cannot be read. The
            text names option, source and rule, never the value.
    """
    folder = Path.cwd() if start is None else start.absolute()
    variables = os.environ if environ is None else environ
    options = {**_from_file(folder), **_from_environment(variables, folder)}
    home = _home(folder, variables)
    store_url = options.pop("store_url", f"sqlite://{home / STORE_FILE}")
    options.setdefault("slots", _usable_processors())
    return Settings(home=home, store_url=store_url, **options)


def ensure_home(settings: Settings) -> Path:
    """Give the home folder, made where it is missing, with a `.gitignore` that hides it all.

    Raises:
        SettingsError: It cannot be made.
    """
    home = settings.home
    if home.is_dir():
        return home
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".gitignore").write_text("*\n", encoding="ascii")
    except OSError as error:
        msg = (
            f"cannot make the home folder {home}: {error.strerror}; "
            f"set {HOME_VARIABLE} to a folder you may write"
        )
        raise SettingsError(msg) from None
    return home


def _home(folder: Path, variables: Mapping[str, str]) -> Path:
    named = variables.get(HOME_VARIABLE)
    if named:
        return absolute_path(named, folder)
    for place in (folder, *folder.parents):
        if (place / HOME_FOLDER).is_dir():
            return place / HOME_FOLDER
    return folder / HOME_FOLDER


def _from_file(folder: Path) -> dict[str, Any]:
    """Give the options of the nearest file, by field."""
    for place in (folder, *folder.parents):
        own, shared = place / OWN_FILE, place / SHARED_FILE
        if own.is_file():
            return _file_options(_parse(own), own)
        if shared.is_file():
            table = _shared_table(shared)
            if table is not None:
                return _file_options(table, shared)
    return {}


def _shared_table(path: Path) -> object | None:
    # Most pyproject.toml know nothing of crosscom: parsing them would cost every start.
    if b"crosscom" not in _bytes(path):
        return None
    tool = _parse(path).get("tool")
    return tool.get("crosscom") if isinstance(tool, dict) else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; make it readable, or remove it"
        raise SettingsError(msg) from None


def _parse(path: Path) -> dict[str, Any]:
    # Only where a file is there: the import takes milliseconds.
    import tomllib  # noqa: PLC0415

    try:
        return tomllib.loads(_bytes(path).decode())
    except UnicodeDecodeError:
        msg = f"cannot read {path}: it is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        # The parser's own text may quote what it found there.
        where = re.search(r"line \d+, column \d+|end of document", str(error))
        msg = f"cannot read {path}: it is no TOML at {where[0] if where else 'some place'}"
    raise SettingsError(msg)


def _file_options(table: object, path: Path) -> dict[str, Any]:
    source = Source(str(path), path.parent, is_text=False)
    if not isinstance(table, dict):
        msg = f"cannot use [tool.crosscom] of {path}: it must be a table"
        raise SettingsError(msg)
    return {
        option.field: read_option(option, value, source)
        for section, keys in table.items()
        for option, value in _section(section, keys, source)
    }


def _section(section: str, keys: object, source: Source) -> Iterator[tuple[Option, object]]:
    known = sorted({option.section for option in OPTIONS})
    if section not in known:
        raise unknown("section", section, known, source)
    if not isinstance(keys, dict):
        msg = f"cannot use {section} from {source.name}: it must be a table, as [{section}]"
        raise SettingsError(msg)
    for key, value in keys.items():
        yield find_option(section, key, source), value


def _from_environment(variables: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Give the options of the environment, by field."""
    found = {}
    for variable in sorted(name for name in variables if name.startswith(PREFIX)):
        source = Source(variable, folder, is_text=True)
        section, _, key = variable.removeprefix(PREFIX).lower().partition("__")
        option = find_option(section, key, source)
        found[option.field] = read_option(option, variables[variable], source)
    return found


def _usable_processors() -> int:
    # macOS has no affinity. Two at least: most tasks wait for something.
    if hasattr(os, "sched_getaffinity"):
        return max(2, len(os.sched_getaffinity(0)))
    return max(2, os.cpu_count() or 2)
