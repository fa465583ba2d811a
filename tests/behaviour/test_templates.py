"""Templates in DAG files: what they see, and what becomes of them."""

from collections import namedtuple
from datetime import UTC, datetime

import pytest

from crosscom import DAG, BaseOperator, Context, Variable, literal, task
from crosscom.errors import TemplateError, VariableNotFound
from crosscom.operators import BashOperator
from crosscom.testing import run_dag, run_task

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Show(BaseOperator):
    """Returns what became of its template."""

    template_fields = ("text",)
    template_ext = (".sql",)

    def __init__(self, text, **kwargs):
        super().__init__(**kwargs)
        self.text = text

    def execute(self, context):
        """Give the field."""
        return self.text


def shown(text, given=None, conf=None, logical_date=NOON, **arguments):
    """Give what becomes of *text* in a task of a DAG with *arguments*."""
    with DAG("d", **arguments):
        task(task_id="extract")(lambda: None)()
        show = Show(task_id="show", text=text)
    result = run_task(show, given, conf=conf, logical_date=logical_date)
    if result.exception is not None:
        raise result.exception
    return result.value


@pytest.mark.parametrize("name", ["ti", "task_instance"])
def test_a_template_pulls_xcoms(name):
    """By task and key, as in Airflow."""
    given = {"extract": [1, 2], ("extract", "table_name"): "sales"}
    text = (
        f"select * from {{{{ {name}.xcom_pull(task_ids='extract', key='table_name') }}}} "
        f"limit {{{{ {name}.xcom_pull('extract') | length }}}}"
    )

    assert shown(text, given) == "select * from sales limit 2"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ ds }} {{ ds_nodash }}", "2026-01-31 20260131"),
        ("{{ ts }}", "2026-01-31T12:00:00+00:00"),
        ("{{ ts_nodash }} {{ ts_nodash_with_tz }}", "20260131T120000 20260131T120000+0000"),
        ("{{ logical_date.year }} {{ data_interval_end | ds }}", "2026 2026-01-31"),
        ("{{ logical_date | ts_nodash }}", "20260131T120000"),
        ("{{ macros.ds_add(ds, 5) }}", "2026-02-05"),
        ("{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.') }}", "31.01."),
        ("{{ macros.json.dumps([1]) }}", "[1]"),
        ("{{ (logical_date - macros.timedelta(days=1)) | ds }}", "2026-01-30"),
        ("{{ params.n + 1 }} {{ params['zone'] }}", "8 eu"),
        ("{{ dag_run.conf['n'] }} {{ dag_run.conf.get('x', 'none') }}", "7 none"),
        ("{{ dag.dag_id }}/{{ task.task_id }} {{ dag_run.dag_id }}", "d/show d"),
        ("{{ ti.task_id }} {{ ti.try_number }} {{ try_number }}", "show 1 1"),
        ("{{ task_instance_key_str }}", "d__show__20260131"),
        ("{{ 'yes' if test_mode else 'no' }}", "no"),
    ],
)
def test_a_template_sees_the_context(text, wanted):
    """Run, task, dates, params, conf and macros under Airflow's names."""
    assert shown(text, conf={"n": 7}, params={"n": 1, "zone": "eu"}) == wanted


def test_a_template_sees_variables(monkeypatch):
    """As text or JSON, with a default where it is asked for."""
    monkeypatch.setenv("CROSSCOM_VAR_REGION", "eu")
    monkeypatch.setenv("CROSSCOM_VAR_LIMITS", '{"rows": [10, 20]}')

    assert shown("{{ var.value.region }} {{ var.json.limits.rows[1] }}") == "eu 20"
    assert shown("{{ var.value.get('nope', 'x') }} {{ var.json.get('nope', {}) }}") == "x {}"
    with pytest.raises(VariableNotFound):
        shown("{{ var.value.nope }}")


def test_a_template_sees_variables_that_tasks_set():
    """Those of the run's own store."""
    with DAG("d") as dag:
        first = task(task_id="first")(lambda: Variable.set("region", "eu"))()
        first >> Show(task_id="show", text="{{ var.value.region }}")

    assert run_dag(dag).get_task_instance("show").xcom_pull() == "eu"


def test_a_dag_brings_names_and_filters_of_its_own():
    """`user_defined_macros` and `user_defined_filters`."""
    names = {"double": lambda number: number * 2}

    text = shown(
        "{{ double(4) | roman }}",
        user_defined_macros=names,
        user_defined_filters={"roman": {8: "VIII"}.get},
    )

    assert text == "VIII"


def test_a_template_may_be_a_file_beside_the_dag(tmp_path):
    """Its templates are rendered, and others it includes are found."""
    (tmp_path / "head.sql").write_text("-- {{ ds }}\n")
    (tmp_path / "q.sql").write_text("{% include 'head.sql' %}select {{ params.n }}\n")

    text = shown("q.sql", template_searchpath=[tmp_path], params={"n": 5})

    assert text == "-- 2026-01-31\nselect 5\n"
    with pytest.raises(TemplateError, match="there is no template file nope.sql"):
        shown("nope.sql")


def test_a_run_for_no_date_cannot_show_one():
    """The text says why, and what to do."""
    show = Show(task_id="show", text="{{ ds }}")

    with pytest.raises(TemplateError, match="'ds' is undefined: the run is for no date; give it"):
        show.prepare(Context(run_id="r1"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ no_such_name }}", "'no_such_name' is undefined"),
        ("{{ params.nope }}", "'dict object' has no attribute 'nope'"),
        ("{{ ''.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ ti.xcom_pull.__globals__ }}", "access to attribute '__globals__'"),
        ("{{ broken", "unexpected end of template"),
    ],
)
@pytest.mark.parametrize("native", [False, True])
def test_a_template_that_cannot_be_rendered_fails_its_task(text, reason, native):
    """The error names task and field; the sandbox also holds where types are kept."""
    with pytest.raises(TemplateError, match="^field 'text' of task 'show' could not") as caught:
        shown(text, render_template_as_native_obj=native)
    assert reason in str(caught.value)


Point = namedtuple("Point", "x y")  # noqa: PYI024 - as users write it


@pytest.mark.parametrize(
    "value", ["1_000", "(1,)", "42", "1.0", "None", "[1]", 42, None, [1, (2,)], b"x", Point(1, 2)]
)
def test_a_pulled_value_keeps_its_type(value):
    """`render_template_as_native_obj` gives the value as it was pushed, text included."""
    text = "{{ ti.xcom_pull('extract') }}"

    result = shown(text, {"extract": value}, render_template_as_native_obj=True)

    assert result == value
    assert type(result) is type(value)
    assert shown(text, {"extract": value}) == str(value)


@pytest.mark.parametrize("text", ["42", "1.0", "[1, 2]", "{{ 4 }}2", " {{ 42 }}", "v{{ 42 }}"])
def test_text_stays_text(text):
    """No text is read as Python, rendered or not."""
    result = shown(text, render_template_as_native_obj=True)

    assert result == text.replace("{{ 4 }}", "4").replace("{{ 42 }}", "42")


def test_a_value_is_never_a_template():
    """What was pushed is not rendered, also where it looks like a template."""
    given: dict[str | tuple[str, str], str] = {"extract": "{{ var.value.secret }}"}

    assert shown("<{{ ti.xcom_pull('extract') }}>", given) == "<{{ var.value.secret }}>"
    with DAG("d"):
        rows = task(task_id="extract")(lambda: None)()
        show = Show(task_id="show", text=[rows])
    assert run_task(show, given).value == ["{{ var.value.secret }}"]


def test_a_literal_is_not_rendered():
    """`literal` keeps a text from Jinja, and from being taken for a file."""
    assert shown(literal("{{ ds }}")) == "{{ ds }}"
    assert shown([literal("q.sql"), "{{ ds }}"]) == ["q.sql", "2026-01-31"]


def test_arguments_of_functions_are_templates():
    """Text in the arguments of a `@task`, nested as deep as it may be."""

    @task
    def show(*args, **kwargs):
        return args, kwargs["x"]

    with DAG("d"):
        shown = show("{{ ds }}", [{"a": ("{{ run_id }}",)}], x={"{{ ds }}"})

    result = run_task(shown, run_id="r1", logical_date=NOON)
    assert result.value == (("2026-01-31", [{"a": ("r1",)}]), {"2026-01-31"})


def test_a_command_uses_an_xcom():
    """The statement of the concept: `{{ ti.xcom_pull(...) }}` in a Bash task."""
    with DAG("d") as dag:

        @task
        def foo(ti=None):
            ti.xcom_push("table_name", "sales")

        foo() >> BashOperator(
            task_id="bash",
            bash_command="echo {{ ti.xcom_pull(task_ids='foo', key='table_name') }}",
        )

    assert run_dag(dag).get_task_instance("bash").xcom_pull() == "sales"
