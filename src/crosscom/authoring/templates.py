"""Templates: what is rendered, and with what. Jinja comes with the first one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crosscom.authoring.containers import render_inside
from crosscom.authoring.nesting import Resolvable
from crosscom.authoring.template_options import TemplateOptions

# A template with none of these words needs no other file.
_INCLUDING = ("include", "extends", "import")


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


def is_template(text: str, marks: tuple[str, ...] = TemplateOptions().marks) -> bool:
    """Tell whether rendering *text* could change it."""
    return any(mark in text for mark in marks)


class Templates:
    """The templates of one DAG; each text is compiled once."""

    def __init__(self, options: TemplateOptions, environment: Any = None) -> None:
        """Render as *options* say, or in the Jinja *environment* given."""
        self.options = options
        self._marks = options.marks
        self._environment = environment
        self._compiled: dict[tuple[str, bool], Any] = {}

    @property
    def environment(self) -> Any:
        """The Jinja environment, made on first use."""
        if self._environment is None:
            # Only here: Jinja takes tens of milliseconds, which most tasks need not pay.
            from crosscom.authoring.sandbox import make_environment  # noqa: PLC0415

            self._environment = make_environment(self.options)
        return self._environment

    def with_environment(self, environment: Any) -> Templates:
        """Give the same with a Jinja environment from elsewhere."""
        return Templates(self.options, environment)

    def read(self, name: str) -> str:
        """Give the text of a template file."""
        environment = self.environment
        # Jinja is loaded by now.
        from crosscom.authoring.sandbox import read_template  # noqa: PLC0415

        return read_template(environment, name)

    def included(self, text: str) -> list[str]:
        """Give the files that *text* includes, extends or imports by name, sorted."""
        if not is_template(text, self._marks) or not any(word in text for word in _INCLUDING):
            return []
        environment = self.environment
        # Jinja is loaded by now.
        from crosscom.authoring.sandbox import included_names  # noqa: PLC0415

        return included_names(environment, text)

    def render(self, text: str, context: Mapping[str, Any], *, native: bool) -> Any:
        """Render *text*; what holds no template is given as it is, without Jinja."""
        if not is_template(text, self._marks):
            return text
        render = self._compiled.get((text, native))
        if render is None:
            environment = self.environment
            # Jinja is loaded by now.
            from crosscom.authoring.sandbox import compile_text  # noqa: PLC0415

            render = compile_text(environment, text, native=native)
            self._compiled[text, native] = render
        return render(context)


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
            is_file = self._extensions and value.endswith(self._extensions)
            text = self._templates.read(value) if is_file else value
            return self._templates.render(text, self._context, native=self._native)
        if isinstance(value, Resolvable):
            return value.resolve(self._context)
        inside = render_inside(value)
        # What holds itself stays as it is: rendering it would not end.
        if inside is None or id(value) in self._open:
            return value
        self._open.add(id(value))
        try:
            return inside(value, self.render)
        finally:
            self._open.discard(id(value))
