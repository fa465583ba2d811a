"""Variables: named texts that belong to no run. The environment comes first, then the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from crosscom.errors import InvalidVariable, VariableNotFound
from crosscom.model.identity import check_key
from crosscom.model.nearest import nearest
from crosscom.stores.base import VariableStore

ENVIRONMENT_PREFIX = "CROSSCOM_VAR_"


class _Unset(Enum):
    UNSET = "unset"


_UNSET = _Unset.UNSET


class Variables:
    """The Variables of one store, with the environment in front of it.

    >>> from crosscom.stores.memory import MemoryStore
    >>> variables = Variables(MemoryStore(), {"CROSSCOM_VAR_REGION": "eu"})
    >>> variables.get("region")
    'eu'
    >>> variables.set("limits", {"rows": 10}, serialize_json=True)
    >>> variables.get("limits", deserialize_json=True)
    {'rows': 10}
    """

    __slots__ = ("_environ", "_store")

    def __init__(self, store: VariableStore, environ: Mapping[str, str]) -> None:
        """Read *environ* first, then *store*."""
        self._store = store
        self._environ = environ

    def get(self, key: str, default: Any = _UNSET, *, deserialize_json: bool = False) -> Any:
        """Give a Variable's text, or what its JSON says.

        `CROSSCOM_VAR_<KEY>` (the key in capitals) comes first, then the store.

        Args:
            key: Its name.
            default: What to give where it is absent; never parsed.
            deserialize_json: Read the text as JSON.

        Raises:
            VariableNotFound: It is absent and there is no *default*.
            InvalidVariable: Its text is no JSON.
            InvalidName: The key breaks the rule of keys.
        """
        check_key(key)
        text = self._environ.get(ENVIRONMENT_PREFIX + key.upper())
        if text is None:
            text = self._store.get_variable(key)
        if text is None:
            if default is _UNSET:
                raise self._not_found(key)
            return default
        return _parsed(key, text) if deserialize_json else text

    def set(
        self,
        key: str,
        value: object,
        description: str | None = None,
        *,
        serialize_json: bool = False,
    ) -> None:
        """Keep *value* under *key*, replacing what was there; visible when the call returns.

        A Variable is text: a number or bool is kept as `str` gives it (as in Airflow), anything
        else needs `serialize_json=True`.

        Raises:
            InvalidVariable: The value is neither text nor number, or is no JSON.
            InvalidName: The key breaks the rule of keys.
        """
        check_key(key)
        text = _as_json(key, value) if serialize_json else _as_text(key, value)
        self._store.set_variable(key, text, description=description)

    def delete(self, key: str) -> bool:
        """Forget a Variable of the store; tell whether it was there."""
        check_key(key)
        return self._store.delete_variable(key)

    def keys(self, prefix: str = "") -> list[str]:
        """List the store's keys that begin with *prefix*, sorted; not the environment's."""
        return self._store.variable_keys(prefix)

    def _not_found(self, key: str) -> VariableNotFound:
        near = nearest(key, self.keys())
        hint = f"did you mean {near!r}?" if near else f"set it with: crosscom var set {key} VALUE"
        return VariableNotFound(key, f"there is no Variable {key!r}; {hint}")


def _parsed(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        msg = (
            f"Variable {key!r} is no JSON{where}; read it without deserialize_json, or set it anew"
        )
        raise InvalidVariable(key, msg) from None


def _as_json(key: str, value: object) -> str:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        msg = f"Variable {key!r} cannot be kept: its {type(value).__name__} is no plain JSON"
        raise InvalidVariable(key, msg) from None
    return text


def _as_text(key: str, value: object) -> str:
    if isinstance(value, str | int | float):
        text = str(value)
        if _is_utf8(text):
            return text
    msg = (
        f"Variable {key!r} cannot be kept: a Variable is text, not {type(value).__name__}; "
        "pass serialize_json=True, or text without lone surrogates"
    )
    raise InvalidVariable(key, msg)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
