"""PythonOperator: a task that calls a function."""

import pytest

from crosscom import DAG
from crosscom.operators import PythonOperator


def test_a_function_gets_arguments_and_context(context_of):
    """Positional, named and templated arguments, and the context by name."""

    def load(rows, *, where, ds=None, templates_dict=None, **context):
        return rows, where, ds, templates_dict, context["run_id"]

    operator = PythonOperator(
        task_id="load",
        dag=DAG("d"),
        python_callable=load,
        op_args=["{{ ds }}"],
        op_kwargs={"where": ["{{ run_id }}"]},
        templates_dict={"day": "{{ ds }}"},
    )
    context = context_of(operator)

    result = operator.prepare(context).execute(context)

    assert result == ("2026-01-31", ["r"], "2026-01-31", {"day": "2026-01-31"}, "r")
    assert context["templates_dict"] == {"day": "2026-01-31"}


def test_templates_of_a_function_may_be_files(context_of, tmp_path):
    """`templates_exts` names the endings."""
    (tmp_path / "q.sql").write_text("select {{ ds }}")
    operator = PythonOperator(
        task_id="load",
        dag=DAG("d", template_searchpath=tmp_path),
        python_callable=lambda templates_dict: templates_dict["q"],
        templates_dict={"q": "q.sql"},
        templates_exts=[".sql"],
    )
    context = context_of(operator)

    assert operator.prepare(context).execute(context) == "select 2026-01-31"
    assert tuple(PythonOperator.template_ext) == ()


def test_an_unknown_argument_of_the_function_is_an_error(context_of):
    """It is not dropped in silence."""
    operator = PythonOperator(
        task_id="load", dag=DAG("d"), python_callable=lambda rows: rows, op_kwargs={"row": 1}
    )

    with pytest.raises(TypeError, match="unexpected keyword argument 'row'"):
        operator.execute(context_of(operator))


def test_only_something_callable_can_be_called():
    """The mistake is told when the file is read."""
    with pytest.raises(TypeError, match="^python_callable must be callable$"):
        PythonOperator(task_id="p", python_callable="load")  # type: ignore[arg-type] # on purpose
