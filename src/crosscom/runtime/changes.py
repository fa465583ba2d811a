"""What differs between the DAG a run was started with and the one a file describes now."""

from __future__ import annotations

from dataclasses import fields

from crosscom.model import DagDescription, TaskDescription

_SHAPE = ("upstream", "is_mapped")
_MOST_NAMED = 5


def describe_change(stored: DagDescription, found: DagDescription) -> str | None:
    """Say in a few words how *found* differs from *stored*; None where it does not."""
    if stored == found:
        return None
    words = _changed_tasks(stored, found)
    names = [one.name for one in fields(DagDescription) if one.name != "tasks"]
    changed = [name for name in names if getattr(stored, name) != getattr(found, name)]
    words += [f"the DAG's {name} changed" for name in changed]
    return "; ".join(words) or "the order of its tasks changed"


def describe_change_of_shape(stored: DagDescription, found: DagDescription) -> str | None:
    """Say how tasks and edges differ; None where only policies (retries, timeouts) may."""
    words = _changed_tasks(stored, found, _SHAPE)
    if stored.dag_id != found.dag_id:
        words.append("the DAG's dag_id changed")
    return "; ".join(words) or None


def _changed_tasks(
    stored: DagDescription, found: DagDescription, names: tuple[str, ...] | None = None
) -> list[str]:
    names = names or tuple(one.name for one in fields(TaskDescription))
    words = _named("no task", stored.by_id.keys() - found.by_id.keys(), "any more")
    words += _named("a new task", found.by_id.keys() - stored.by_id.keys())
    for task_id in sorted(stored.by_id.keys() & found.by_id.keys()):
        old, new = stored.by_id[task_id], found.by_id[task_id]
        changed = [name for name in names if getattr(old, name) != getattr(new, name)]
        if changed:
            words.append(f"{', '.join(changed)} of task {task_id!r} changed")
    return [*words[:_MOST_NAMED], *([f"{len(words) - _MOST_NAMED} more"] * (len(words) > 5))]


def _named(what: str, task_ids: set[str], how: str = "") -> list[str]:
    return [f"there is {what} {task_id!r} {how}".rstrip() for task_id in sorted(task_ids)]
