"""The Jinja environment: sandboxed, and able to give a value instead of text.

The only module that imports Jinja. It takes tens of milliseconds, so that nothing imports this
module before a template is really rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment, is_internal_attribute

from crosscom.authoring import macros
from crosscom.authoring.template_options import TemplateOptions

Render = Callable[[Mapping[str, Any]], Any]


class TemplateEnvironment(SandboxedEnvironment):
    """Renders the templates of one DAG; each text is compiled once."""

    def __init__(self, options: TemplateOptions) -> None:
        """Set it up as the DAG says."""
        super().__init__(
            **{
                "undefined": options.undefined or StrictUndefined,
                "loader": FileSystemLoader(options.search_path),
                "extensions": ["jinja2.ext.do"],
                # A text is what the author wrote, to its last line break.
                "keep_trailing_newline": True,
                **options.environment,
            }
        )
        self.globals.update(options.macros)
        self.filters.update(_DATE_FILTERS)
        self.filters.update(options.filters)
        self._compiled: dict[tuple[str, bool], Render] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - Jinja's
        """Allow `_name`, as Airflow does; forbid `__name__` and what leads out of the sandbox."""
        return not is_internal_attribute(obj, attr)

    def render_text(self, text: str, context: Mapping[str, Any], *, native: bool) -> Any:
        """Render *text*; *native* gives the value itself where it is one single expression."""
        render = self._compiled.get((text, native))
        if render is None:
            render = self._compiled[text, native] = compile_text(self, text, native=native)
        return render(context)

    def render_file(self, name: str, context: Mapping[str, Any], *, native: bool) -> Any:
        """Render what the file *name* holds."""
        if self.loader is None:
            msg = "no loader for this environment specified"
            raise TypeError(msg)
        source, _, _ = self.loader.get_source(self, name)
        return self.render_text(source, context, native=native)


def compile_text(environment: Environment, text: str, *, native: bool) -> Render:
    """Give a function that renders *text*."""
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
    # The line break at the end of a file or a block of text is no text of its own.
    if len(parts) == 2 and isinstance(parts[1], nodes.TemplateData) and parts[1].data == "\n":
        parts.pop()
    if len(parts) != 1 or isinstance(parts[0], nodes.TemplateData):
        return None
    return parts[0]


def _compile_expression(environment: Environment, expression: nodes.Expr) -> Render:
    # Jinja turns what it outputs into text, and not what it assigns: so assign, and look.
    assign = nodes.Assign(nodes.Name("crosscom_value", "store"), expression, lineno=1)
    template = environment.from_string(nodes.Template([assign], lineno=1))

    def render(context: Mapping[str, Any]) -> Any:
        names = template.new_context(dict(context))
        for _ in template.root_render_func(names):
            pass
        value = names.vars["crosscom_value"]
        # A strict one raises here; a lenient one is empty text, as it is anywhere else.
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
