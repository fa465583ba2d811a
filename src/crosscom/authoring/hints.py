"""Arguments of Airflow's that a DAG file may give and crosscom does not act on."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from crosscom.model.nearest import meant

_SCHEDULING = frozenset(
    {
        "end_date",
        "start_date",
        "on_failure_callback",
        "on_success_callback",
        "sla_miss_callback",
    }
)

HINTS = _SCHEDULING | frozenset(
    {
        "depends_on_past",
        "doc_json",
        "doc_rst",
        "doc_yaml",
        "email",
        "email_on_failure",
        "email_on_retry",
        "executor",
        "executor_config",
        "ignore_first_depends_on_past",
        "inlets",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "on_execute_callback",
        "on_retry_callback",
        "on_skipped_callback",
        "outlets",
        "owner",
        "pool",
        "pool_slots",
        "priority_weight",
        "queue",
        "resources",
        "run_as_user",
        "sla",
        "task_display_name",
        "wait_for_downstream",
        "wait_for_past_depends_before_skipping",
        "weight_rule",
    }
)
"""Arguments of operators that are taken and kept as attributes."""

DAG_HINTS = _SCHEDULING | frozenset(
    {
        "access_control",
        "auto_register",
        "catchup",
        "dag_display_name",
        "dagrun_timeout",
        "deadline",
        "disable_bundle_versioning",
        "fail_fast",
        "is_paused_upon_creation",
        "max_active_runs",
        "max_consecutive_failed_dag_runs",
        "owner_links",
    }
)
"""The same of DAGs."""

_WOULD_CHANGE_A_RUN = frozenset(
    {
        "dagrun_timeout",
        "depends_on_past",
        "fail_fast",
        "on_execute_callback",
        "on_failure_callback",
        "on_retry_callback",
        "on_skipped_callback",
        "on_success_callback",
        "pool",
        "run_as_user",
        "wait_for_downstream",
    }
)


def take_hints(
    holder: Any,
    given: dict[str, Any],
    hints: frozenset[str],
    names: Callable[[], Iterable[str]],
    title: str,
) -> None:
    """Keep the hints in *given* as attributes of *holder*.

    Those that would make a difference in Airflow are told in one warning for each, once for each
    line of the DAG file that gives them.

    Args:
        holder: The operator or DAG.
        given: What it was given beside the arguments it knows.
        hints: What it may be given so.
        names: Gives the arguments it knows.
        title: What it is called in texts.

    Raises:
        TypeError: Something else was given; names it, and what may have been meant.
    """
    unknown = sorted(set(given) - hints)
    if unknown:
        raise _unknown(unknown, [*hints, *names()], title)
    for argument, value in given.items():
        if value and argument in _WOULD_CHANGE_A_RUN:
            text = f"{argument} is kept with the task or DAG, but crosscom does not act on it"
            warnings.warn(text, stacklevel=_calls_to_the_caller())
        setattr(holder, argument, value)


def _calls_to_the_caller() -> int:
    """Count the calls from `take_hints` out to code that is not crosscom's own."""
    frame, calls = sys._getframe(1), 1  # noqa: SLF001 - what `warnings` itself counts by
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__")):
        frame, calls = frame.f_back, calls + 1
    return calls


def _is_ours(module: object) -> bool:
    return isinstance(module, str) and module.startswith("crosscom.")


def _unknown(unknown: list[str], known: list[str], title: str) -> TypeError:
    hint = meant(unknown[0], known) if len(unknown) == 1 else ""
    word = "argument" if len(unknown) == 1 else "arguments"
    return TypeError(f"{title} got unknown {word} {', '.join(map(repr, unknown))}{hint}")
