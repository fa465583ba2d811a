"""Templated: something with template fields, made ready before it runs."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from crosscom.authoring.context import Context
from crosscom.authoring.nesting import Resolvable, find_resolvables
from crosscom.authoring.template_errors import explain
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import FieldRenderer, Templates
from crosscom.errors import CrosscomError

_WITHOUT_DAG = Templates(TemplateOptions())


class Templated:
    """What has `template_fields`: attributes that hold templates and references."""

    task_id: str
    template_fields: Sequence[str] = ()
    """Names of the attributes that are rendered before `execute`."""
    template_ext: Sequence[str] = ()
    """Endings of texts in template fields that name a template file."""
    render_template_as_native_obj: bool | None = None
    """Whether a field that is one single expression keeps its value's type; None: as the DAG."""

    _is_complete = False
    """Whether setting a template field draws edges: after every `__init__`, and not in a copy."""

    def prepare(self, context: Context) -> Self:
        """Give a copy that is ready to execute: references resolved, templates rendered.

        This object is not changed.

        Raises:
            TemplateError: A field could not be rendered; names task and field, never a value.
            XComNotFound: A key that has to be there was not pushed.
        """
        ready = copy.copy(self)
        ready.__dict__["_is_complete"] = False
        ready.render_template_fields(context)
        return ready

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Render the template fields, in place.

        Raises:
            TemplateError: A field could not be rendered; names task and field, never a value.
            XComNotFound: A key that has to be there was not pushed.
        """
        renderer = self._renderer(context, jinja_env)
        for field in self.template_fields:
            try:
                rendered = renderer.render_field(getattr(self, field))
            except CrosscomError as error:
                # It has a meaning of its own, which a TemplateError would hide.
                error.add_note(f"while field {field!r} of task {self.task_id!r} was rendered")
                raise
            except Exception as error:
                raise explain(error, self.task_id, field, self._dag_id()) from error
            # Past `__setattr__`, which looks for references: there are none any more.
            self.__dict__[field] = rendered

    def render_template(self, content: Any, context: Context, jinja_env: Any = None) -> Any:
        """Give *content* rendered: text, or lists, tuples, sets and dicts that hold some."""
        return self._renderer(context, jinja_env).render(content)

    def find_references(self) -> list[tuple[str, str]]:
        """Give the (task id, key) of every XCom its template fields need, sorted."""
        found = self._resolvables()
        return sorted({reference for one in found for reference in one.references()})

    def _resolvables(self) -> Iterator[Resolvable]:
        values = [getattr(self, field, None) for field in self.template_fields]
        return find_resolvables(values)

    def _renderer(self, context: Mapping[str, Any], jinja_env: Any) -> FieldRenderer:
        templates = self._templates() or _WITHOUT_DAG
        native = self.render_template_as_native_obj
        return FieldRenderer(
            templates if jinja_env is None else templates.with_environment(jinja_env),
            context,
            extensions=tuple(self.template_ext),
            native=templates.options.native if native is None else native,
        )

    @abstractmethod
    def _templates(self) -> Templates | None: ...

    @abstractmethod
    def _dag_id(self) -> str | None: ...
