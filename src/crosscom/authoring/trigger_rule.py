"""The names of the trigger rules; what they mean is decided where tasks are run."""

from __future__ import annotations

from enum import StrEnum


class TriggerRule(StrEnum):
    """When a task may start, by the ends of the tasks right before it."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_SKIPPED = "all_skipped"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"


def check_trigger_rule(rule: object) -> TriggerRule:
    """Give *rule* as one of the names.

    Raises:
        ValueError: It is none of them.
    """
    try:
        return TriggerRule(rule)  # type: ignore[arg-type] # what is no text is refused as well
    except ValueError:
        names = ", ".join(TriggerRule)
        msg = f"trigger_rule must be one of {names}; there is no such rule as {rule!r}"
        raise ValueError(msg) from None
