"""Params: what a run is told, with defaults, and what each of them may be."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, MutableMapping
from enum import Enum
from typing import Any, Final

from crosscom.authoring.nesting import Resolvable
from crosscom.authoring.schema import breach
from crosscom.errors import InvalidParam


class _NotSet(Enum):
    NOTSET = "not set"


NOTSET: Final = _NotSet.NOTSET
"""No default: the run must give a value."""


class Param:
    """One param: its default, what it is for, and what it may be.

    Of a JSON schema these words are checked: `type`, `enum`, `const`, `minimum`, `maximum`,
    `exclusiveMinimum`, `exclusiveMaximum`, `minLength`, `maxLength`, `pattern`, `minItems`,
    `maxItems`. Others (`title`, `format`, ...) are kept and not checked.

    >>> Param(5, type="integer", minimum=1).check("retries", 7)

    Attributes:
        default: The value of a run that gives none; `NOTSET` where it must give one.
        description: What it is for.
        schema: The words of the schema.
    """

    __slots__ = ("default", "description", "schema")

    def __init__(
        self, default: Any = NOTSET, description: str | None = None, **kwargs: Any
    ) -> None:
        """Take the *default*, a *description*, and the words of the schema."""
        self.default = default
        self.description = description
        self.schema: dict[str, Any] = {**kwargs.pop("schema", {}), **kwargs}

    def check(self, name: str, value: object) -> None:
        """Refuse a *value* for this param that breaks its schema.

        Raises:
            InvalidParam: It does, or there is none, or it is no plain JSON.
        """
        if value is NOTSET:
            msg = f"param {name!r} has no value and no default; give one in the run's conf"
            raise InvalidParam(msg, param=name)
        _check_json(name, "value", value)
        rule = breach(value, self.schema)
        if rule is not None:
            msg = f"the value of param {name!r} {rule}; it is of type {type(value).__name__}"
            raise InvalidParam(msg, param=name)

    def __repr__(self) -> str:
        return f"Param(type={self.schema.get('type')!r})"


class Params(MutableMapping[str, Any]):
    """Params by name. Reading one gives its default; setting one keeps its schema."""

    __slots__ = ("by_name",)

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        """Take values and `Param`s.

        Raises:
            InvalidParam: A default or a schema is no plain JSON.
        """
        self.by_name: dict[str, Param] = {}
        for name, value in (params or {}).items():
            self[name] = value

    def get_param(self, name: str) -> Param:
        """Give the `Param` itself."""
        return self.by_name[name]

    def declare(self) -> str:
        """Give defaults, descriptions and schemas as plain JSON, sorted."""
        declared: dict[str, dict[str, Any]] = {}
        for name, param in self.by_name.items():
            entry: dict[str, Any] = {} if param.default is NOTSET else {"default": param.default}
            if param.description is not None:
                entry["description"] = param.description
            if param.schema:
                entry["schema"] = param.schema
            declared[name] = entry
        return json.dumps(declared, sort_keys=True, separators=(",", ":"))

    def resolved(self, conf: Mapping[str, Any], further: Params | None = None) -> dict[str, Any]:
        """Give the values of a run: defaults, those of *further* over them, then *conf*.

        Raises:
            InvalidParam: One has no value, or breaks its schema.
        """
        params = {**self.by_name, **(further.by_name if further else {})}
        values = {name: param.default for name, param in params.items()} | dict(conf)
        for name, value in values.items():
            if name in params:
                params[name].check(name, value)
        # A copy for each try: changing one changes no default.
        return copy.deepcopy(values)

    def __getitem__(self, name: str) -> Any:
        default = self.by_name[name].default
        if default is NOTSET:
            self.by_name[name].check(name, default)
        return default

    def __setitem__(self, name: str, value: Any) -> None:
        known = self.by_name.get(name)
        if isinstance(value, Param):
            param = value
        elif known is not None:
            known.check(name, value)
            param = Param(value, known.description, schema=known.schema)
        else:
            param = Param(value)
        # Its default is checked with the run's values, as the run may give another one.
        _check_json(name, "default", None if param.default is NOTSET else param.default)
        _check_json(name, "schema", param.schema)
        self.by_name[name] = param

    def __delitem__(self, name: str) -> None:
        del self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def __repr__(self) -> str:
        return f"Params({', '.join(self.by_name)})"


def _check_json(name: str, what: str, value: object) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        found = type(value).__name__
        msg = f"the {what} of param {name!r} must be plain JSON, which this {found} is not"
        raise InvalidParam(msg, param=name) from None


class DagParam(Resolvable):
    """Stands for a param inside of a `@dag` function; becomes its value when a task runs.

    In an f-string it becomes Jinja text.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Stand for the param *name*."""
        self.name = name

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """Give the value in this run."""
        return context["params"][self.name]

    def __str__(self) -> str:
        """Give the Jinja text that stands for the value."""
        return f"{{{{ params[{self.name!r}] }}}}"

    def __repr__(self) -> str:
        return f"DagParam({self.name!r})"
