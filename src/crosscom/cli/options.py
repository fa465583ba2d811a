"""The arguments and options that several commands take, with their words for the help."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import Parameter

AsJson: TypeAlias = Annotated[bool, Parameter(name="--json", help="Print JSON, and nothing else.")]
Yes: TypeAlias = Annotated[bool, Parameter(name="--yes", help="Do not ask.")]
Reason: TypeAlias = Annotated[
    str, Parameter(name="--reason", help="Why; kept in the store's audit.", show_default=True)
]
Latest: TypeAlias = Annotated[
    bool,
    Parameter(name="--latest", help="Use today's DAG file, not the one the run was started with."),
]
