"""The files of a DAG's templates: they belong to its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crosscom.authoring import DAG, BaseOperator
from crosscom.authoring.templates import is_template


def template_files(dag: DAG) -> Iterator[Path]:
    """Give every file that a template field of a task names by its ending (`template_ext`)."""
    folders = [Path(folder) for folder in dag.templates.options.search_path]
    for task in dag.tasks:
        for text in _texts(task):
            if text.endswith(tuple(task.template_ext)):
                found = (folder / text for folder in folders if (folder / text).is_file())
                yield from list(found)[:1]


def uses_templates(dag: DAG) -> bool:
    """Tell whether a task has something to render."""
    return any(
        is_template(text) or text.endswith(tuple(task.template_ext))
        for task in dag.tasks
        for text in _texts(task)
    )


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
