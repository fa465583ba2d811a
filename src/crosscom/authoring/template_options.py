"""How the templates of a DAG are rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What begins a tag, by the argument of Jinja's environment that changes it.
_MARKS = {
    "block_start_string": "{%",
    "variable_start_string": "{{",
    "comment_start_string": "{#",
    "line_statement_prefix": None,
    "line_comment_prefix": None,
}


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """What a DAG says about its templates."""

    search_path: tuple[str, ...] = ()
    """Folders that template files are looked for in, the first one first."""
    macros: Mapping[str, Any] = field(default_factory=dict)
    """Further names that templates see."""
    filters: Mapping[str, Any] = field(default_factory=dict)
    """Further filters."""
    undefined: type | None = None
    """A class of Jinja for names that are not there; None makes them an error."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments for Jinja's environment."""
    native: bool = False
    """Whether a field that is one single expression keeps its value's type."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What a text must contain one of to be a template."""
        chosen = (self.environment.get(name, mark) for name, mark in _MARKS.items())
        return tuple(mark for mark in chosen if mark)
