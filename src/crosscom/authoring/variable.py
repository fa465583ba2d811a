"""Variable: the project's Variables, inside of tasks and outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crosscom.authoring.context import find_current_context
from crosscom.authoring.protocols import Variables


class Variable:
    """Named texts that belong to no run.

    `CROSSCOM_VAR_<KEY>` in the environment comes first, then the store. A task reads and
    writes its own store. Anywhere else, as at the top of a DAG file, each call opens the
    configured store and closes it again.
    """

    @staticmethod
    def get(key: str, default: Any = ..., deserialize_json: bool = False) -> Any:
        """Give a Variable's text, or what its JSON says.

        Args:
            key: Its name.
            default: What to give where it is absent; never parsed.
            deserialize_json: Read the text as JSON.

        Raises:
            VariableNotFound: It is absent, and there is no *default*.
            InvalidVariable: Its text is no JSON.
            InvalidName: The key breaks the rule of keys.
        """
        given = () if default is ... else (default,)
        with _variables() as variables:
            return variables.get(key, *given, deserialize_json=deserialize_json)

    @staticmethod
    def set(
        key: str, value: object, description: str | None = None, serialize_json: bool = False
    ) -> None:
        """Keep *value* under *key*, replacing what was there; visible when the call returns.

        Args:
            key: Its name.
            value: A text, number or bool, kept as text; with *serialize_json* any plain JSON.
            description: What it is for.
            serialize_json: Keep the value as JSON.

        Raises:
            InvalidVariable: The value is neither text nor number, or is no JSON.
            InvalidName: The key breaks the rule of keys.
        """
        with _variables() as variables:
            variables.set(key, value, description, serialize_json=serialize_json)

    @staticmethod
    def delete(key: str) -> bool:
        """Forget a Variable of the store; tell whether it was there.

        Raises:
            InvalidName: The key breaks the rule of keys.
        """
        with _variables() as variables:
            return variables.delete(key)

    @staticmethod
    def keys(prefix: str = "") -> list[str]:
        """List the store's keys that begin with *prefix*, sorted; none of the environment."""
        with _variables() as variables:
            return variables.keys(prefix)


@contextmanager
def _variables() -> Iterator[Variables]:
    """Give those of the running task, or for this one call those of the configured store."""
    context = find_current_context()
    if context is not None and "var" in context:
        yield context["var"].variables
        return
    # Only here: settings and stores take milliseconds, and few DAG files read a Variable.
    from crosscom.settings import ensure_home, load_settings  # noqa: PLC0415 - as said above
    from crosscom.stores.opening import open_store  # noqa: PLC0415 - as said above
    from crosscom.variables import Variables as OfStore  # noqa: PLC0415 - as said above

    settings = load_settings()
    ensure_home(settings)
    store = open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)
    try:
        yield OfStore(store, os.environ)
    finally:
        store.close()
