"""The Jinja environment: sandboxed, and able to give a value instead of text.

The only module that imports Jinja. That takes tens of milliseconds, so nothing imports this
module before a template is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
    Undefined,
    meta,
    nodes,
)
from jinja2.sandbox import SandboxedEnvironment, is_internal_attribute

from crosscom.authoring import macros
from crosscom.authoring.template_options import TemplateOptions

Render = Callable[[Mapping[str, Any]], Any]


class TemplateEnvironment(SandboxedEnvironment):
    """The sandbox: it forbids `__name__`, and what leads out; `_name` is allowed, as in Airflow."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - Jinja's
        """Tell whether a template may see an attribute."""
        return not is_internal_attribute(obj, attr)


def make_environment(options: TemplateOptions) -> TemplateEnvironment:
    """Give the environment that a DAG asks for."""
    arguments: dict[str, Any] = {
        "undefined": options.undefined or StrictUndefined,
        "loader": FileSystemLoader(options.search_path),
        "extensions": ["jinja2.ext.do"],
        # A text is what its author wrote, to the last line break.
        "keep_trailing_newline": True,
    }
    environment = TemplateEnvironment(**{**arguments, **options.environment})
    environment.globals.update(options.macros)
    environment.filters.update(_DATE_FILTERS)
    environment.filters.update(options.filters)
    return environment


def read_template(environment: Environment, name: str) -> str:
    """Give the text of a template file."""
    loader = environment.loader or FileSystemLoader(())
    source, _, _ = loader.get_source(environment, name)
    return source


def included_names(environment: Environment, text: str) -> list[str]:
    """Give the files that *text* includes, extends or imports by a name written in it, sorted."""
    try:
        named = meta.find_referenced_templates(environment.parse(text))
    except TemplateSyntaxError:
        # Whoever renders it is told.
        return []
    return sorted({name for name in named if name is not None})


def compile_text(environment: Environment, text: str, *, native: bool) -> Render:
    """Give a function that renders *text*.

    With *native* it gives the very value where the text is one single expression. All other
    text stays text: nothing that was rendered is read as Python.
    """
    if native:
        expression = _single_expression(environment.parse(text))
        if expression is not None:
            return _compile_expression(environment, expression)
    return environment.from_string(text).render


def _single_expression(template: nodes.Template) -> nodes.Expr | None:
    """Give the expression a template consists of; None where there is anything beside it."""
    if len(template.body) != 1 or not isinstance(template.body[0], nodes.Output):
        return None
    parts = list(template.body[0].nodes)
    # The line break at the end of a file or of a block of text does not make it more.
    if len(parts) == 2 and isinstance(parts[1], nodes.TemplateData) and parts[1].data == "\n":
        parts.pop()
    if len(parts) != 1 or isinstance(parts[0], nodes.TemplateData):
        return None
    return parts[0]


def _compile_expression(environment: Environment, expression: nodes.Expr) -> Render:
    # Jinja makes text of what it outputs, and not of what it assigns: so assign, and look.
    assign = nodes.Assign(nodes.Name("crosscom_value", "store"), expression, lineno=1)
    template = environment.from_string(nodes.Template([assign], lineno=1))

    def render(context: Mapping[str, Any]) -> Any:
        names = template.new_context(dict(context))
        for _ in template.root_render_func(names):
            pass
        value = names.vars["crosscom_value"]
        # A strict one raises here; a lenient one becomes the text it is anywhere else.
        return str(value) if isinstance(value, Undefined) else value

    return render


def _date_filter(show: Callable[[Any], str]) -> Callable[[Any], str | None]:
    return lambda moment: None if moment is None else show(moment)


_DATE_FILTERS = {
    "ds": _date_filter(macros.as_ds),
    "ds_nodash": _date_filter(macros.as_ds_nodash),
    "ts": _date_filter(macros.as_ts),
    "ts_nodash": _date_filter(macros.as_ts_nodash),
    "ts_nodash_with_tz": _date_filter(macros.as_ts_nodash_with_tz),
}
