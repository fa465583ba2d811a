"""`crosscom var`: Variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import App, Parameter

from crosscom.cli.confirming import confirm
from crosscom.cli.options import AsJson, Yes
from crosscom.cli.output import emit, emit_json
from crosscom.cli.places import is_missing, lasting_settings, reading, writing
from crosscom.settings import Settings
from crosscom.stores.memory import MemoryStore
from crosscom.variables import Variables

app = App(
    name="var",
    help="Variables: named texts that every task can read.",
    default_parameter=Parameter(negative=(), show_default=False),
)


@app.command
def get(key: str, /, *, json: AsJson = False) -> None:
    """Print a Variable; `CROSSCOM_VAR_<KEY>` in the environment comes first.

    Args:
        key: Its name.
    """
    with _reading(lasting_settings()) as variables:
        text = variables.get(key)
    if json:
        emit_json({"key": key, "value": text})
    else:
        emit(text)


@app.command(name="set")
def set_(
    key: str,
    value: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    description: str | None = None,
    json: AsJson = False,
) -> None:
    """Keep a Variable, replacing what was there.

    Args:
        key: Its name.
        value: Its text.
        description: What it is for.
    """
    with writing(lasting_settings()) as store:
        Variables(store, os.environ).set(key, value, description)
    if json:
        emit_json({"key": key})
    else:
        emit(f"set {key}")


@app.command
def ls(prefix: str = "", /, *, json: AsJson = False) -> None:
    """List the keys of the store's Variables.

    Args:
        prefix: Only those that begin so.
    """
    with _reading(lasting_settings()) as variables:
        keys = variables.keys(prefix)
    if json:
        emit_json(keys)
        return
    for key in keys:
        emit(key)


@app.command
def rm(key: str, /, *, yes: Yes = False, json: AsJson = False) -> None:
    """Forget a Variable; nothing brings it back.

    Args:
        key: Its name.
    """
    with writing(lasting_settings()) as store:
        # Without the environment: what is set there cannot be forgotten here.
        variables = Variables(store, {})
        variables.get(key)
        confirm(f"forget the Variable {key!r}", yes=yes)
        variables.delete(key)
    if json:
        emit_json({"key": key})
    else:
        emit(f"forgot {key}")


@contextmanager
def _reading(settings: Settings) -> Iterator[Variables]:
    """Give the Variables of the store; where nothing was ever stored, of an empty one."""
    if is_missing(settings):
        yield Variables(MemoryStore(), os.environ)
        return
    with reading(settings) as store:
        yield Variables(store, os.environ)
