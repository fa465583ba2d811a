"""Who watches a run: the progress on a terminal, a test, or nobody."""

from __future__ import annotations

from typing import Protocol

from crosscom.model import DagDescription, RunRecord, TaskInstanceKey, TaskState, TryEnd


class Watcher(Protocol):
    """Is told what happens in a run, after it was committed, in the scheduler's process.

    Each call has to return soon: the run waits for it.
    """

    def run_started(self, run: RunRecord, description: DagDescription) -> None:
        """Hear that a run begins, or goes on."""

    def try_started(self, ti: TaskInstanceKey, try_number: int) -> None:
        """Hear that a try begins."""

    def try_ended(self, ti: TaskInstanceKey, try_number: int, end: TryEnd, seconds: float) -> None:
        """Hear how a try ended, and how long it took."""

    def settled(self, ti: TaskInstanceKey, state: TaskState) -> None:
        """Hear that a task instance was skipped, or is upstream_failed, without a try."""

    def note(self, text: str) -> None:
        """Hear something a person should know, said once."""

    def run_ended(self, run: RunRecord) -> None:
        """Hear that the run ended, or was interrupted."""


class Nobody:
    """Hears everything and does nothing."""

    def run_started(self, run: RunRecord, description: DagDescription) -> None:
        """Do nothing."""

    def try_started(self, ti: TaskInstanceKey, try_number: int) -> None:
        """Do nothing."""

    def try_ended(self, ti: TaskInstanceKey, try_number: int, end: TryEnd, seconds: float) -> None:
        """Do nothing."""

    def settled(self, ti: TaskInstanceKey, state: TaskState) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def run_ended(self, run: RunRecord) -> None:
        """Do nothing."""
