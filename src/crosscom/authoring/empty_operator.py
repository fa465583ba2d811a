"""EmptyOperator: a task that does nothing."""

from __future__ import annotations

from crosscom.authoring.context import Context
from crosscom.authoring.operator import BaseOperator


class EmptyOperator(BaseOperator):
    """Does nothing and pushes nothing: a place to join edges at."""

    def execute(self, context: Context) -> None:
        """Do nothing."""
