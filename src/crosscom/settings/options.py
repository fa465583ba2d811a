"""The options: where each is written, what rule it has, and how its value is read."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crosscom.errors import SettingsError
from crosscom.model.nearest import nearest

_MOST_SLOTS = 10_000
_MOST_SECONDS = 7 * 86_400.0


class Source(NamedTuple):
    """Where an option was written: errors name it, relative paths start at its folder."""

    name: str
    folder: Path
    is_text: bool


class Option(NamedTuple):
    """One option: where it is written, the field of `Settings` it fills, and its rule."""

    section: str
    key: str
    field: str
    read: Callable[[Any, Source], Any]
    rule: str

    @property
    def name(self) -> str:
        """Its name as people write it, `section.key`."""
        return f"{self.section}.{self.key}"


class _Refused(Exception):
    """A value breaks its rule; carries the nearest right one where there is one."""

    def __init__(self, nearest: str | None = None) -> None:
        super().__init__()
        self.nearest = nearest


def find_option(section: str, key: str, source: Source) -> Option:
    """Give the option that *source* names.

    Raises:
        SettingsError: There is none.
    """
    for option in OPTIONS:
        if (option.section, option.key) == (section, key):
            return option
    name = f"{section}.{key}" if key else section
    raise unknown("option", name, [option.name for option in OPTIONS], source)


def unknown(kind: str, name: str, known: Sequence[str], source: Source) -> SettingsError:
    """Give the error for a name that nobody knows."""
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"known are: {', '.join(known)}"
    return SettingsError(f"unknown {kind} {name!r} in {source.name}; {hint}")


def read_option(option: Option, value: object, source: Source) -> Any:
    """Give the value of an option as `Settings` keeps it.

    Raises:
        SettingsError: It breaks the option's rule. The text never holds it.
    """
    try:
        return option.read(value, source)
    except _Refused as refused:
        hint = f"; did you mean {refused.nearest!r}?" if refused.nearest else ""
        msg = f"cannot use option {option.name} from {source.name}: it must be {option.rule}{hint}"
        raise SettingsError(msg) from None


def absolute_path(text: str, folder: Path) -> Path:
    """Give a path as it was written in a file of *folder*; `~` is the user's own folder."""
    return Path(os.path.normpath(folder / os.path.expanduser(text)))  # noqa: PTH111  # never raises


def _store(value: object, source: Source) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _Refused
    if value == "memory:" or "://" in value:
        return value
    return f"sqlite://{absolute_path(value, source.folder)}"


def _whole(value: object, source: Source) -> int:
    if source.is_text and isinstance(value, str):
        value = int(value) if re.fullmatch(r"[0-9]{1,9}", value.strip(), re.ASCII) else value
    if type(value) is not int or not 1 <= value <= _MOST_SLOTS:
        raise _Refused
    return value


def _seconds(value: object, source: Source) -> float:
    if source.is_text and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _Refused from None
    if type(value) not in (int, float):
        raise _Refused
    seconds = float(value)  # type: ignore[arg-type]  # it is an int or a float
    if not math.isfinite(seconds) or not 0 <= seconds <= _MOST_SECONDS:
        raise _Refused
    return seconds


def _one_of(*choices: str) -> Callable[[object, Source], str]:
    def read(value: object, _source: Source) -> str:
        if not isinstance(value, str):
            raise _Refused
        if value not in choices:
            raise _Refused(nearest(value, choices))
        return value

    return read


def _texts(value: object, source: Source) -> tuple[str, ...]:
    if source.is_text and isinstance(value, str):
        value = [text.strip() for text in value.split(",") if text.strip()]
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise _Refused
    return tuple(value)


def _classes(value: object, source: Source) -> tuple[str, ...]:
    names = _texts(value, source)
    if not all(re.fullmatch(r"\w+(\.\w+)*:(\*|\w+(\.\w+)*)", name) for name in names):
        raise _Refused
    return names


_TIME = "a number of seconds from 0 to 604800 (a week)"
_LIST = "a list of texts (in the environment: separated by commas)"
OPTIONS = (
    Option("core", "store", "store_url", _store, "the path of a file, or a URL as sqlite:///path"),
    Option("core", "slots", "slots", _whole, f"a whole number from 1 to {_MOST_SLOTS}"),
    Option(
        "core",
        "isolation",
        "isolation",
        _one_of("process", "reuse", "none"),
        "'process', 'reuse' or 'none'",
    ),
    Option(
        "core",
        "start_method",
        "start_method",
        _one_of("auto", "fork", "exec"),
        "'auto', 'fork' or 'exec'",
    ),
    Option("core", "on_missing", "on_missing", _one_of("none", "error"), "'none' or 'error'"),
    Option("core", "import_timeout_seconds", "import_timeout_seconds", _seconds, _TIME),
    Option("core", "kill_grace_seconds", "kill_grace_seconds", _seconds, _TIME),
    Option("core", "lock_timeout_seconds", "lock_timeout_seconds", _seconds, _TIME),
    Option(
        "serializers",
        "allow",
        "allowed_classes",
        _classes,
        "a list of 'package.module:Class' or 'package.module:*' "
        "(in the environment: separated by commas)",
    ),
    Option("bundle", "include", "bundle_include", _texts, _LIST),
)
