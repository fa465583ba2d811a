"""What a run remembers of its DAG: tasks, edges, policies. Shapes and comparisons read it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """One task. Durations are seconds."""

    task_id: str
    operator: str
    """The operator's class name; `@task` for decorated functions."""
    upstream: tuple[str, ...] = ()
    """Task ids it waits for, sorted."""
    reads: tuple[tuple[str, str], ...] = ()
    """(task id, key) of every XComArg it is given, sorted."""
    is_mapped: bool = False
    trigger_rule: str = "all_success"
    retries: int = 0
    retry_delay_seconds: float = 300.0
    retry_exponential_backoff: float = 0.0
    """The factor between delays; 0 means constant."""
    max_retry_delay_seconds: float | None = None
    execution_timeout_seconds: float | None = None
    do_xcom_push: bool = True
    multiple_outputs: bool = False
    doc: str | None = None


@dataclass(frozen=True)
class DagDescription:
    """A DAG without its code. Equal descriptions have equal digests, in every process."""

    dag_id: str
    tasks: tuple[TaskDescription, ...]
    """In topological order; ties in the order of definition."""
    params: str = "{}"
    """Default params and their schema as plain JSON."""
    schedule: str | None = None
    tags: tuple[str, ...] = ()
    doc: str | None = None
    isolation: str | None = None
    """`process`, `reuse`, `none`, or None for the configured one."""
    max_active_tasks: int | None = None

    @cached_property
    def by_id(self) -> dict[str, TaskDescription]:
        """The tasks by their id."""
        return {task.task_id: task for task in self.tasks}

    @cached_property
    def digest(self) -> str:
        """A name for exactly this description (hex)."""
        return blake2b(self.to_json().encode(), digest_size=16).hexdigest()

    def to_json(self) -> str:
        """Give the canonical text: sorted names, no blanks."""
        return self._canonical

    @cached_property
    def _canonical(self) -> str:
        # Field by field: `asdict` copies every value deeply, which a run with many tasks feels.
        body: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        names = [each.name for each in fields(TaskDescription)]
        body["tasks"] = [{name: getattr(task, name) for name in names} for task in self.tasks]
        return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> DagDescription:
        """Read what `to_json` wrote; fields that are missing take their defaults."""
        body: dict[str, Any] = json.loads(text)
        tasks = tuple(
            TaskDescription(
                **{
                    **task,
                    "upstream": tuple(task["upstream"]),
                    "reads": tuple(tuple(read) for read in task["reads"]),
                }
            )
            for task in body.pop("tasks")
        )
        return cls(tasks=tasks, **{**body, "tags": tuple(body["tags"])})
