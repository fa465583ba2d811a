"""PythonOperator: a task that calls a function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from crosscom.authoring.call_arguments import keyword_arguments
from crosscom.authoring.context import Context
from crosscom.authoring.operator import BaseOperator


class PythonOperator(BaseOperator):
    """Calls a function; what it returns is pushed as `return_value`.

    The function gets *op_args* and *op_kwargs*, and by name what it asks of the context.

    Args:
        python_callable: The function.
        op_args: Its positional arguments; a template field.
        op_kwargs: Its keyword arguments; a template field.
        templates_dict: Texts that are rendered, and given as `templates_dict` in the context.
        templates_exts: Endings of texts in the template fields that name a template file.
        show_return_value_in_logs: Taken as in Airflow. No value is ever logged.
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(python_callable):
            msg = "python_callable must be callable"  # type: ignore[unreachable] # DAG files are seldom typed
            raise TypeError(msg)
        self.python_callable = python_callable
        self.op_args = tuple(op_args or ())
        self.op_kwargs = dict(op_kwargs or {})
        self.templates_dict = templates_dict
        self.show_return_value_in_logs = show_return_value_in_logs
        if templates_exts:
            self.template_ext = tuple(templates_exts)

    def execute(self, context: Context) -> Any:
        """Call the function, and give what it returns."""
        if self.templates_dict is not None:
            context["templates_dict"] = self.templates_dict
        kwargs = keyword_arguments(self.python_callable, self.op_args, self.op_kwargs, context)
        return self.python_callable(*self.op_args, **kwargs)
