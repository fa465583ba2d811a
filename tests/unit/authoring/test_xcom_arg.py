"""XComArg: a reference to what a task will push."""

from typing import Any

import pytest

from crosscom import DAG, XComArg, task
from crosscom.errors import InvalidName, XComNotFound
from crosscom.operators import EmptyOperator


@pytest.fixture
def first():
    """Give a task of a DAG."""
    return EmptyOperator(task_id="first", dag=DAG("d"))


def test_a_reference_names_task_and_key(first):
    """By default it stands for what the task returns."""
    assert first.output == XComArg(first, "return_value")
    assert first.output["rows"] == XComArg(first, "rows")
    assert list(first.output["rows"].references()) == [("first", "rows")]
    assert repr(first.output) == "XComArg(<Task(EmptyOperator): first>, key='return_value')"


def test_references_are_equal_by_task_and_key(first):
    """Two ways to the same XCom are one reference, in sets as well."""
    assert {first.output, XComArg(first)} == {first.output}
    assert first.output["a"] != first.output["b"]
    assert first.output != "first"


def test_a_reference_resolves_to_the_value(first, context_of):
    """It pulls from its own task."""
    context = context_of(first, {("first", "return_value"): [1], ("first", "rows"): 2})

    assert first.output.resolve(context) == [1]
    assert first.output["rows"].resolve(context) == 2


def test_a_task_that_returned_nothing_resolves_to_none(first, context_of):
    """A missing return_value is None, as in Airflow."""
    assert first.output.resolve(context_of(first)) is None


def test_a_missing_key_is_an_error(first, context_of):
    """A key was asked for by name, so it has to be there."""
    with pytest.raises(XComNotFound):
        first.output["rows"].resolve(context_of(first))


def test_a_missing_key_of_multiple_outputs_is_none(context_of):
    """The returned dict may lack it, as in Airflow."""
    split = EmptyOperator(task_id="split", dag=DAG("d"), multiple_outputs=True)

    assert split.output["rows"].resolve(context_of(split)) is None


@pytest.mark.parametrize(("item", "kind"), [(0, "int"), (("a",), "tuple"), (None, "NoneType")])
def test_only_text_picks_a_key(first, item, kind):
    """The text is Airflow's."""
    with pytest.raises(ValueError) as caught:
        first.output[item]
    assert str(caught.value) == f"XComArg only supports str lookup, received {kind}"


def test_a_key_keeps_its_rule(first):
    """A key that could not be pushed cannot be referred to."""
    with pytest.raises(InvalidName, match="^key of 0 characters is refused"):
        first.output[""]


@pytest.mark.parametrize("use", [iter, list, lambda arg: [*arg]])
def test_a_reference_is_not_iterable(first, use):
    """How many items there will be is not known when the file is read."""
    with pytest.raises(TypeError, match="^'XComArg' object is not iterable$"):
        use(first.output)


def test_as_text_a_reference_is_a_template(first):
    """In an f-string it is Jinja, whatever characters the key has."""
    assert f"{first.output}" == (
        "{{ task_instance.xcom_pull(task_ids='first', dag_id='d', key='return_value') }}"
    )
    assert str(first.output["it's {{ \n"[:7]]) == (
        "{{ task_instance.xcom_pull(task_ids='first', dag_id='d', key=\"it's {{\") }}"
    )
    assert "dag_id" not in str(EmptyOperator(task_id="alone").output)


@pytest.mark.parametrize("key", ["rows", "it's", 'say "x"', "}} {{", "back\\slash", "ä"])
def test_the_text_of_a_reference_pulls_its_key(context_of, key):
    """Rendering it asks for exactly this task and key."""

    @task
    def show(text):
        """Give the text."""

    with DAG("d") as dag:
        first = EmptyOperator(task_id="first")
        show(f"<{first.output[key]}>")
    shown: Any = dag.get_task("show")
    context = context_of(shown, {("first", key): "value"})

    assert shown.prepare(context).op_args == ("<value>",)


def test_what_comes_later_is_not_there(first):
    """Mapping belongs to a later version: its names are missing, not silent."""
    for name in ("map", "zip", "concat", "expand"):
        assert not hasattr(first.output, name)
