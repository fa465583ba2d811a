"""Trigger rules: what the ends of the tasks before it mean for a task.

The rules are Airflow 3's (its `TriggerRuleDep`). They look at direct upstream tasks only, and
decide as soon as the outcome is certain: `one_success` runs while others still work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from crosscom.model import TaskState


class Decision(Enum):
    """What becomes of a task whose upstream tasks stand as they do."""

    WAIT = "wait"
    RUN = "run"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"


WAIT, RUN = Decision.WAIT, Decision.RUN
SKIPPED, UPSTREAM_FAILED = Decision.SKIPPED, Decision.UPSTREAM_FAILED


@dataclass(slots=True)
class Tally:
    """How many upstream task instances there are, and how many ended in which way.

    Those that were removed count nowhere.
    """

    total: int = 0
    success: int = 0
    failed: int = 0
    skipped: int = 0
    upstream_failed: int = 0

    @property
    def is_done(self) -> bool:
        """Whether all of them ended."""
        return self.success + self.skipped + self.bad == self.total

    @property
    def bad(self) -> int:
        """How many failed, or could not start because another one failed."""
        return self.failed + self.upstream_failed

    def count(self, state: TaskState) -> None:
        """Take in that one of them came to *state*; one that is no end changes nothing."""
        if state is TaskState.SUCCESS:
            self.success += 1
        elif state is TaskState.FAILED:
            self.failed += 1
        elif state is TaskState.SKIPPED:
            self.skipped += 1
        elif state is TaskState.UPSTREAM_FAILED:
            self.upstream_failed += 1
        elif state is TaskState.REMOVED:
            self.total -= 1


def decide(rule: str, upstream_states: Iterable[TaskState]) -> Decision:
    """Say what becomes of a task with this trigger *rule*.

    >>> decide("one_failed", [TaskState.RUNNING, TaskState.FAILED])
    <Decision.RUN: 'run'>

    Args:
        rule: A name of `TRIGGER_RULES`.
        upstream_states: One state for each direct upstream task instance.

    Raises:
        KeyError: There is no such rule; a DAG refuses it when it is written.
    """
    states = tuple(upstream_states)
    tally = Tally(total=len(states))
    for state in states:
        tally.count(state)
    return decide_tally(rule, tally)


def decide_tally(rule: str, tally: Tally) -> Decision:
    """Do the same as `decide` for upstream states that are counted already."""
    return TRIGGER_RULES[rule](tally) if tally.total else RUN


def _all_success(up: Tally) -> Decision:
    if up.bad:
        return UPSTREAM_FAILED
    if up.skipped:
        return SKIPPED
    return RUN if up.is_done else WAIT


def _all_failed(up: Tally) -> Decision:
    if up.success or up.skipped:
        return SKIPPED
    return RUN if up.is_done else WAIT


def _all_done(up: Tally) -> Decision:
    return RUN if up.is_done else WAIT


def _all_done_min_one_success(up: Tally) -> Decision:
    # A skipped task is not "done" for this rule, so the task cannot run any more.
    if up.skipped:
        return SKIPPED
    if not up.is_done:
        return WAIT
    return RUN if up.success else UPSTREAM_FAILED


def _one_success(up: Tally) -> Decision:
    if up.success:
        return RUN
    if not up.is_done:
        return WAIT
    return UPSTREAM_FAILED if up.bad else SKIPPED


def _one_failed(up: Tally) -> Decision:
    if up.bad:
        return RUN
    return SKIPPED if up.is_done else WAIT


def _one_done(up: Tally) -> Decision:
    # Done means here: it ran. A task that was skipped or never could start does not count.
    if up.success or up.failed:
        return RUN
    return SKIPPED if up.is_done else WAIT


def _none_failed(up: Tally) -> Decision:
    if up.bad:
        return UPSTREAM_FAILED
    return RUN if up.is_done else WAIT


def _none_failed_min_one_success(up: Tally) -> Decision:
    if up.bad:
        return UPSTREAM_FAILED
    if not up.is_done:
        return WAIT
    return RUN if up.success else SKIPPED


def _none_skipped(up: Tally) -> Decision:
    if up.skipped:
        return SKIPPED
    return RUN if up.is_done else WAIT


def _all_skipped(up: Tally) -> Decision:
    if up.success or up.bad:
        return SKIPPED
    return RUN if up.is_done else WAIT


def _always(_: Tally) -> Decision:
    return RUN


TRIGGER_RULES: Final[Mapping[str, Callable[[Tally], Decision]]] = MappingProxyType(
    {
        "all_success": _all_success,
        "all_failed": _all_failed,
        "all_done": _all_done,
        "all_done_min_one_success": _all_done_min_one_success,
        # No task is a setup yet, and without setups the rule asks for no more than all_done.
        "all_done_setup_success": _all_done,
        "one_success": _one_success,
        "one_failed": _one_failed,
        "one_done": _one_done,
        "none_failed": _none_failed,
        "none_failed_min_one_success": _none_failed_min_one_success,
        "none_skipped": _none_skipped,
        "all_skipped": _all_skipped,
        "always": _always,
    }
)
"""Every rule by its name."""
