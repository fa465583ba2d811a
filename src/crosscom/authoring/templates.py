"""Template fields: what is rendered where, and what an error says."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crosscom.authoring.context import DATE_NAMES
from crosscom.authoring.nesting import Resolvable, nested_fields
from crosscom.authoring.template_options import TemplateOptions
from crosscom.errors import TemplateError

if TYPE_CHECKING:
    from crosscom.authoring.sandbox import TemplateEnvironment

_MARKS = ("{{", "{%", "{#")


class Literal(Resolvable):
    """A value that is taken as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        """Carry *value*."""
        self.value = value

    def resolve(self, context: Mapping[str, Any]) -> Any:  # noqa: ARG002 - it needs none
        """Give the value."""
        return self.value


def literal(value: Any) -> Literal:
    """Give *value* so wrapped that no template in it is rendered, and no file read for it."""
    return Literal(value)


class Templates:
    """The templates of one DAG; Jinja is imported when the first one is rendered."""

    def __init__(self, options: TemplateOptions) -> None:
        """Render as *options* say."""
        self.options = options
        self._environment: TemplateEnvironment | None = None

    @property
    def environment(self) -> TemplateEnvironment:
        """The Jinja environment, made on first use."""
        if self._environment is None:
            # Only here: Jinja takes tens of milliseconds, which most tasks need not pay.
            from crosscom.authoring.sandbox import TemplateEnvironment  # noqa: PLC0415

            self._environment = TemplateEnvironment(self.options)
        return self._environment

    def with_environment(self, environment: Any) -> Templates:
        """Give the same with another Jinja environment."""
        templates = Templates(self.options)
        templates._environment = environment
        return templates


def is_template(text: str) -> bool:
    """Tell whether rendering *text* could change it."""
    return any(mark in text for mark in _MARKS)


class FieldRenderer:
    """Renders what template fields hold: text, files, references, and all of these nested."""

    def __init__(
        self,
        templates: Templates,
        context: Mapping[str, Any],
        *,
        extensions: tuple[str, ...] = (),
        native: bool = False,
    ) -> None:
        """Render in *context*; text that ends as one of *extensions* names a file."""
        self._templates = templates
        self._context = context
        self._extensions = extensions
        self._native = native
        self._open: set[int] = set()

    def render_field(self, value: Any) -> Any:
        """Render one field; a function is called with `context` and `jinja_env`."""
        if callable(value) and not isinstance(value, Resolvable):
            return value(context=self._context, jinja_env=self._templates.environment)
        return self.render(value)

    def render(self, value: Any) -> Any:
        """Render *value*; what is given is never changed."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Resolvable):
            return value.resolve(self._context)
        inside = _render_inside(value)
        if inside is None or id(value) in self._open:
            return value
        self._open.add(id(value))
        try:
            return inside(value, self.render)
        finally:
            self._open.discard(id(value))

    def _text(self, text: str) -> Any:
        if self._extensions and text.endswith(self._extensions):
            return self._templates.environment.render_file(text, self._context, native=self._native)
        if is_template(text):
            return self._templates.environment.render_text(text, self._context, native=self._native)
        return text


_Inner = Callable[[Any], Any]


def _render_inside(value: Any) -> Callable[[Any, _Inner], Any] | None:
    """Give what renders the parts of a container of this type; None where it has none."""
    if isinstance(value, dict):
        return _render_dict
    if isinstance(value, list):
        return _render_list
    if isinstance(value, tuple):
        return _render_tuple
    if isinstance(value, set | frozenset):
        return _render_set
    return None if nested_fields(value) is None else _render_object


def _render_dict(value: dict[Any, Any], inner: _Inner) -> dict[Any, Any]:
    if type(value) is dict:
        return {key: inner(item) for key, item in value.items()}
    # A copy, so that an OrderedDict stays one and a defaultdict keeps its default.
    rendered = copy.copy(value)
    for key, item in value.items():
        rendered[key] = inner(item)
    return rendered


def _render_list(value: list[Any], inner: _Inner) -> list[Any]:
    items = [inner(item) for item in value]
    if type(value) is list:
        return items
    rendered = copy.copy(value)
    rendered[:] = items
    return rendered


def _render_tuple(value: tuple[Any, ...], inner: _Inner) -> tuple[Any, ...]:
    items = tuple(inner(item) for item in value)
    if type(value) is tuple:
        return items
    make = getattr(value, "_make", type(value))  # a namedtuple takes its fields one by one
    rendered: tuple[Any, ...] = make(items)
    return rendered


def _render_set(value: set[Any] | frozenset[Any], inner: _Inner) -> set[Any] | frozenset[Any]:
    return type(value)(inner(item) for item in value)


def _render_object(value: Any, inner: _Inner) -> Any:
    rendered = copy.copy(value)
    for field in nested_fields(value) or ():
        setattr(rendered, field, inner(getattr(value, field)))
    return rendered


def explain(error: Exception, task_id: str, field: str, dag_id: str | None) -> TemplateError:
    """Give the error that says which field of which task could not be rendered, and why."""
    where = f"field {field!r} of task {task_id!r} could not be rendered"
    return TemplateError(f"{where}: {_reason(error)}", dag_id=dag_id, field=field)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    module = type(error).__module__.partition(".")[0]
    if module != "jinja2":
        # Its text may hold a value.
        return f"{type(error).__name__} was raised in it"
    if type(error).__name__ == "TemplateNotFound":
        return (
            f"there is no template file {error}; put it beside the DAG file or into "
            "template_searchpath, or end the text with a blank where no file is meant"
        )
    text = str(error)
    name = text.removesuffix(" is undefined").strip("'")
    if name in DATE_NAMES:
        return f"{text}: the run has no logical date; start it with one (--logical-date)"
    return text
