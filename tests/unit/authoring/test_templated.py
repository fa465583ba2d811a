"""Errors of rendering: which field of which task, and never a value."""

from typing import Any

import jinja2
import pytest

from crosscom import DAG, BaseOperator, Context, SkipException
from crosscom.errors import TemplateError, VariableNotFound, XComNotFound


class Query(BaseOperator):
    """An operator with two templates."""

    template_fields = ("sql", "options")
    template_ext = (".sql",)

    def __init__(self, *, sql="", options=None, **kwargs):
        super().__init__(**kwargs)
        self.sql = sql
        self.options = options


class Secret(Exception):
    """An error whose text holds a value."""


def leak():
    """Raise an error whose text holds a value."""
    raise Secret("hunter2")


def skip():
    """Skip from inside of a template."""
    raise SkipException("nothing to do")


@pytest.fixture
def prepare(context_of):
    """Give a function that prepares a task with these templates."""

    def prepare(date=True, native=None, dag_native=False, **fields):
        dag = DAG(
            "d",
            user_defined_macros={"leak": leak, "skip": skip},
            render_template_as_native_obj=dag_native,
        )
        query = Query(task_id="q", dag=dag, render_template_as_native_obj=native, **fields)
        return query.prepare(context_of(query, **({} if date else {"date": None})))

    return prepare


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sql": "{{ nope }}"}, "field 'sql' of task 'q' could not be rendered: 'nope' is undef"),
        ({"options": [{"a": "{{ x.y }}"}]}, "field 'options' of task 'q' could not be rendered: "),
        ({"sql": "a\n{% if %}"}, "Expected an expression, got 'end of statement block', in line 2"),
        ({"sql": "{{ 1 | nope }}"}, "No filter named 'nope', in line 1"),
        (
            {"sql": "{{ ''.__class__ }}"},
            "access to attribute '__class__' of 'str' object is unsafe",
        ),
        ({"sql": "{{ leak() }}"}, "could not be rendered: Secret was raised in it"),
        ({"sql": "{{ 1 / 0 }}"}, "could not be rendered: ZeroDivisionError was raised in it"),
        (
            {"sql": "nope.sql"},
            "there is no template file nope.sql; put it beside the DAG file or into template_s",
        ),
    ],
)
def test_an_error_names_task_and_field(prepare, fields, reason):
    """What Jinja says is told; the text of another error is not, as it may hold a value."""
    with pytest.raises(TemplateError) as caught:
        prepare(**fields)

    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert (caught.value.field, caught.value.dag_id) == (next(iter(fields)), "d")
    assert caught.value.__cause__ is not None


def test_a_date_that_the_run_has_not_is_explained(prepare):
    """A run for no date lacks the names of dates."""
    with pytest.raises(TemplateError) as caught:
        prepare(sql="{{ ds }}", date=False)
    assert str(caught.value) == (
        "field 'sql' of task 'q' could not be rendered: 'ds' is undefined: "
        "the run is for no date; give it one (--logical-date)"
    )


def test_what_is_nested_too_deeply_is_told(prepare):
    """A field of ten thousand lists is an error of that field, and no crash."""
    deep: Any = "x"
    for _ in range(10_000):
        deep = [deep]

    with pytest.raises(TemplateError, match="field 'options' .*: it is nested too deeply$"):
        prepare(options=deep)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{{ skip() }}", SkipException),
        ("{{ ti.xcom_pull('a', key='k', required=True) }}", XComNotFound),
        ("{{ var.value.nope }}", VariableNotFound),
    ],
)
def test_an_error_with_a_meaning_of_its_own_keeps_it(prepare, text, error):
    """A note tells task and field."""
    with pytest.raises(error) as caught:
        prepare(sql=text)
    assert caught.value.__notes__ == ["while field 'sql' of task 'q' was rendered"]


def test_an_operator_decides_before_its_dag_whether_types_are_kept(prepare):
    """`render_template_as_native_obj` of the operator wins where it is given."""
    text = "{{ [1] }}"

    assert prepare(sql=text).sql == "[1]"
    assert prepare(sql=text, dag_native=True).sql == [1]
    assert prepare(sql=text, native=True).sql == [1]
    assert prepare(sql=text, native=False, dag_native=True).sql == "[1]"


def test_a_text_can_be_rendered_by_an_operator_itself(context_of):
    """`render_template` takes any value, and another environment if one is given."""
    query = Query(task_id="q", dag=DAG("d"))
    context = context_of(query)
    other = jinja2.Environment(variable_start_string="<", variable_end_string=">")

    assert query.render_template(["{{ ds }}"], context) == ["2026-01-31"]
    assert query.render_template("{{ < ds >", context, other) == "{{ 2026-01-31"


def test_fields_can_be_rendered_in_place(context_of):
    """`render_template_fields` changes the object, as in Airflow."""
    query = Query(task_id="q", sql="{{ ds }}", dag=DAG("d"))

    query.render_template_fields(context_of(query))

    assert query.sql == "2026-01-31"


def test_a_task_without_a_dag_renders_as_well():
    """With the defaults of every DAG."""
    query = Query(task_id="q", sql="{{ run_id[0] | replace('r', 5) }}")

    assert query.prepare(Context(run_id="r")).sql == "5"


def test_a_template_field_that_is_not_there_is_named(context_of):
    """An operator that forgot to set one fails with its name."""
    query = Query(task_id="q", dag=DAG("d"))
    del query.sql

    with pytest.raises(
        TemplateError, match="field 'sql' of task 'q' .*: AttributeError was raised"
    ):
        query.prepare(context_of(query))
