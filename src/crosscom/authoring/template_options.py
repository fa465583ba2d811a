"""How the templates of a DAG are rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
