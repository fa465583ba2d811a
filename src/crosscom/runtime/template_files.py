"""The files of a DAG's templates: they belong to its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crosscom.authoring import DAG, BaseOperator
from crosscom.authoring.templates import is_template


def template_files(dag: DAG) -> Iterator[Path]:
    """Give every file that a template field names by its ending (`template_ext`) or includes.

    Files that these include in turn are among them.
    """
    names = [name for task in dag.tasks for text in _texts(task) for name in _names(text, task)]
    seen: set[Path] = set()
    while names:
        path = _find(names.pop(), dag)
        if path is not None and path not in seen:
            seen.add(path)
            yield path
            names += dag.templates.included(path.read_text(encoding="utf-8", errors="replace"))


def uses_templates(dag: DAG) -> bool:
    """Tell whether a task has something to render."""
    return any(
        is_template(text) or text.endswith(tuple(task.template_ext))
        for task in dag.tasks
        for text in _texts(task)
    )


def _names(text: str, task: BaseOperator) -> list[str]:
    if text.endswith(tuple(task.template_ext)):
        return [text]
    return [] if task.dag is None else task.dag.templates.included(text)


def _find(name: str, dag: DAG) -> Path | None:
    folders = map(Path, dag.templates.options.search_path)
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _texts(task: BaseOperator) -> Iterator[str]:
    waiting: list[Any] = [getattr(task, field, None) for field in task.template_fields]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            waiting.extend(value)
