"""Arguments of Airflow's that a DAG file may give, and that change nothing here."""

from __future__ import annotations

import warnings
from typing import Any

HINTS = frozenset(
    {
        "depends_on_past",
        "doc_json",
        "doc_rst",
        "doc_yaml",
        "email",
        "email_on_failure",
        "email_on_retry",
        "end_date",
        "executor",
        "executor_config",
        "ignore_first_depends_on_past",
        "inlets",
        "map_index_template",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "on_execute_callback",
        "on_failure_callback",
        "on_retry_callback",
        "on_skipped_callback",
        "on_success_callback",
        "outlets",
        "owner",
        "pool",
        "pool_slots",
        "priority_weight",
        "queue",
        "resources",
        "run_as_user",
        "sla",
        "start_date",
        "task_display_name",
        "wait_for_downstream",
        "wait_for_past_depends_before_skipping",
        "weight_rule",
    }
)
"""Arguments of operators that are taken and kept as attributes, and not acted on."""

DAG_HINTS = frozenset(
    {
        "access_control",
        "auto_register",
        "catchup",
        "dag_display_name",
        "dagrun_timeout",
        "deadline",
        "disable_bundle_versioning",
        "end_date",
        "fail_fast",
        "is_paused_upon_creation",
        "max_active_runs",
        "max_consecutive_failed_dag_runs",
        "on_failure_callback",
        "on_success_callback",
        "owner_links",
        "sla_miss_callback",
        "start_date",
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
        "run_as_user",
        "wait_for_downstream",
    }
)


def take_hints(holder: Any, given: dict[str, Any], known: frozenset[str], name: str) -> None:
    """Keep hints as attributes of *holder*; *name* says in texts what it is.

    Warns of those that make a difference in Airflow and make none here.

    Raises:
        TypeError: Something given is no hint either; names it, and the nearest known name.
    """
    unknown = sorted(set(given) - known)
    if unknown:
        msg = (
            f"{name} got unknown argument{'s'[: len(unknown) - 1]} {', '.join(map(repr, unknown))}"
        )
        raise TypeError(msg)
    for argument, value in given.items():
        if value and argument in _WOULD_CHANGE_A_RUN:
            warnings.warn(
                f"{name}: {argument} is kept, but crosscom does not act on it", stacklevel=4
            )
        setattr(holder, argument, value)
