"""What went wrong in a template, without telling a value."""

from __future__ import annotations

from crosscom.authoring.context import DATE_NAMES
from crosscom.errors import TemplateError


def explain(error: Exception, task_id: str, field: str, dag_id: str | None) -> TemplateError:
    """Give the error that says which field of which task could not be rendered, and why."""
    where = f"field {field!r} of task {task_id!r} could not be rendered"
    return TemplateError(f"{where}: {_reason(error)}", dag_id=dag_id, field=field)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    # Jinja's own texts name what the template names; another one's may hold a value.
    if not type(error).__module__.startswith("jinja2."):
        return f"{type(error).__name__} was raised in it"
    if type(error).__name__ == "TemplateNotFound":
        return (
            f"there is no template file {getattr(error, 'name', None)}; put it beside the DAG file "
            "or into template_searchpath, or end the text with a blank where no file is meant"
        )
    line = getattr(error, "lineno", None)
    if line is not None:
        return f"{getattr(error, 'message', '').rstrip('.')}, in line {line}"
    text = str(error)
    if text.removesuffix(" is undefined").strip("'") in DATE_NAMES:
        return f"{text}: the run is for no date; give it one (--logical-date)"
    return text
