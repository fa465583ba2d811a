"""Rendering one field: text, files, references, and all of these nested."""

from collections import OrderedDict, namedtuple
from datetime import UTC, datetime
from typing import Any

import jinja2
import pytest

from crosscom.authoring.nesting import Resolvable
from crosscom.authoring.template_options import TemplateOptions
from crosscom.authoring.templates import FieldRenderer, Templates, is_template, literal

Pair = namedtuple("Pair", "one other")  # noqa: PYI024 - as users write it


class Reference(Resolvable):
    """A reference to a value that looks like a template."""

    def resolve(self, context):
        """Give the value."""
        return "{{ n }}"


class Query:
    """An object with template fields."""

    template_fields = ("sql",)

    def __init__(self, sql):
        self.sql = sql


def render(value, *, native=False, extensions=(), context=None, **options):
    """Render *value*."""
    templates = Templates(TemplateOptions(**options))
    names = {"n": 5, "rows": [1, 2], "word": "x"} if context is None else context
    return FieldRenderer(templates, names, extensions=extensions, native=native).render_field(value)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("{{ n }}", "5"),
        ("a{% if n > 1 %}b{% endif %}c{# no #}", "abc"),
        (["{{ n }}", "n", 7], ["5", "n", 7]),
        (("{{ n }}",), ("5",)),
        (Pair("{{ n }}", 1), Pair("5", 1)),
        ({"{{ n }}": "{{ n }}"}, {"{{ n }}": "5"}),
        ({"{{ n }}"}, {"5"}),
        (frozenset({"{{ n }}"}), frozenset({"5"})),
        (OrderedDict(a="{{ n }}"), OrderedDict(a="5")),
        ([{"a": ({"b": ["{{ n }}"]},)}], [{"a": ({"b": ["5"]},)}]),
        (5, 5),
        (None, None),
        (b"{{ n }}", b"{{ n }}"),
    ],
    ids=repr,
)
def test_text_is_rendered_wherever_it_is(value, wanted):
    """Lists, tuples, sets and dicts keep their type; keys of dicts are not rendered."""
    result = render(value)

    assert result == wanted
    assert type(result) is type(wanted)


def test_objects_with_template_fields_are_rendered_as_copies():
    """The object that was given stays as it is."""
    query = Query("{{ n }}")

    assert render([query])[0].sql == "5"
    assert query.sql == "{{ n }}"


def test_what_is_given_is_never_changed_nor_handed_out():
    """Lists without a template are copied too: a task may change its arguments."""
    value = {"rows": [1, 2]}

    result = render(value)
    result["rows"].append(3)

    assert value == {"rows": [1, 2]}


def test_a_value_that_holds_itself_ends():
    """Where the ring closes, it is left as it is."""
    ring: list[Any] = ["{{ n }}"]
    ring.append(ring)

    assert render(ring)[0] == "5"


def test_references_become_values_and_values_are_no_templates():
    """What was pulled is never rendered, whatever it looks like."""
    assert render([Reference()]) == ["{{ n }}"]
    assert render(Reference()) == "{{ n }}"


def test_a_literal_is_taken_as_it_is():
    """No template in it is rendered, and no file is read for it."""
    assert render([literal("{{ n }}")]) == ["{{ n }}"]
    assert render(literal("run.sh"), extensions=(".sh",)) == "run.sh"


def test_a_function_as_a_field_is_called():
    """It gets the context and the Jinja environment by name; inside of a list it is a value."""

    def build(context, jinja_env):
        return jinja_env.from_string("<{{ n }}>").render(context)

    assert render(build) == "<5>"
    assert render([build]) == [build]


@pytest.mark.parametrize("text", ["plain", "{ n }", "%}", "100%", "", "a\n", "{"])
def test_text_without_a_mark_is_no_template(text):
    """It is given as it is, without Jinja."""
    templates = Templates(TemplateOptions())

    assert not is_template(text)
    assert templates.render(text, {}, native=True) is text
    assert templates._environment is None  # no public name tells whether Jinja was needed


@pytest.mark.parametrize("text", ["a{{ n }}\n", "a\n{{ n }}\n\n", "{{ n }} \n"])
def test_line_breaks_stay(text):
    """A rendered text has the line breaks that its author wrote."""
    assert render(text) == text.replace("{{ n }}", "5")


def test_marks_can_be_others():
    """What begins a tag may be changed for a DAG; then only that does."""
    options = {"variable_start_string": "<<", "variable_end_string": ">>"}

    assert render("<< n >>{{ n }}", environment=options) == "5{{ n }}"
    assert render("# if n\nyes\n# endif\n", environment={"line_statement_prefix": "#"}) == "yes\n"


def test_macros_filters_and_options_of_a_dag_are_used():
    """`user_defined_macros`, `user_defined_filters` and Jinja's own options."""
    rendered = render(
        "{{ double(n) }} {{ n | shout }} {% do rows.append(3) %}{{ rows }}",
        macros={"double": lambda number: number * 2},
        filters={"shout": lambda value: f"{value}!"},
    )

    assert rendered == "10 5! [1, 2, 3]"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ds", "2026-01-31"),
        ("ds_nodash", "20260131"),
        ("ts", "2026-01-31T10:05:00+00:00"),
        ("ts_nodash", "20260131T100500"),
        ("ts_nodash_with_tz", "20260131T100500+0000"),
    ],
)
def test_dates_have_filters(name, shown):
    """The filters are Airflow's; None stays None."""
    context = {"moment": datetime(2026, 1, 31, 10, 5, tzinfo=UTC), "none": None}

    assert render(f"{{{{ moment | {name} }}}}", context=context) == shown
    assert render(f"{{{{ none | {name} }}}}", context=context, native=True) is None


def test_files_are_found_beside_the_dag_first(tmp_path):
    """The first folder of the search path that has the file wins."""
    own, further = tmp_path / "own", tmp_path / "further"
    for folder in (own, further):
        folder.mkdir()
        (folder / "a.sql").write_text(f"{folder.name} {{{{ n }}}}\n")
    (further / "b.sql").write_text("{% include 'a.sql' %}!")
    path = (str(own), str(further))

    assert render("a.sql", extensions=(".sql",), search_path=path) == "own 5\n"
    assert render(["b.sql"], extensions=(".sql",), search_path=path) == ["own 5\n!"]
    assert render("a.sql", search_path=path) == "a.sql"
    with pytest.raises(jinja2.TemplateNotFound):
        render("c.sql", extensions=(".sql",), search_path=path)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("plain include", []),
        ("{{ n }}", []),
        ("{{ include }}", []),
        ("{% include 'b' %}{% extends 'a' %}{% from 'c' import x %}", ["a", "b", "c"]),
        ("{% include ['a', 'b'] ignore missing %}{% include n %}", ["a", "b"]),
        ("{% include %}", []),
    ],
)
def test_a_template_tells_which_files_it_includes(text, names):
    """Those whose names are written in it; a broken one tells none."""
    assert Templates(TemplateOptions()).included(text) == names


@pytest.mark.parametrize("name", ["../secret.sql", "/etc/hostname.sql"])
def test_files_outside_of_the_search_path_are_not_read(name, tmp_path):
    """A name cannot leave the folders."""
    (tmp_path / "secret.sql").write_text("secret")
    (tmp_path / "dags").mkdir()

    with pytest.raises(jinja2.TemplateNotFound):
        render(name, extensions=(".sql",), search_path=(str(tmp_path / "dags"),))


@pytest.mark.parametrize("native", [False, True])
def test_an_undefined_name_is_an_error_by_default(native):
    """Another class can be asked for."""
    with pytest.raises(jinja2.UndefinedError, match="'nope' is undefined"):
        render("{{ nope }}", native=native)
    assert render("{{ nope }}", native=native, undefined=jinja2.Undefined) == ""
    assert render("{{ nope }}", native=native, undefined=jinja2.DebugUndefined) == "{{ nope }}"


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ function.__globals__ }}",
        "{{ function.__code__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') | string }}",
        "{{ '{0.__class__}'.format('') }}",
    ],
)
def test_templates_are_sandboxed(text, native):
    """What leads out of the sandbox is refused, also where values keep their type."""
    with pytest.raises(jinja2.TemplateError):
        render(text, native=native, context={"function": render})


def test_names_with_one_underscore_are_allowed():
    """As in Airflow."""
    holder: Any = Query("x")
    holder._own = 7

    assert render("{{ q._own }}", context={"q": holder}) == "7"


BIG = [object()]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ n }}", 5),
        ("{{n}}", 5),
        ("{{- n -}}", 5),
        ("{{ n }}\n", 5),
        ("{{ '1_000' }}", "1_000"),
        ("{{ '(1,)' }}", "(1,)"),
        ("{{ 42 }}", 42),
        ("{{ [1, 2] }}", [1, 2]),
        ("{{ {'a': none} }}", {"a": None}),
        ("{{ none }}", None),
        ("{{ 'yes' if n > 3 else n }}", "yes"),
        ("{{ rows | sum }}", 3),
        ("{{ rows[0] }}", 1),
        ("{{ rows is defined }}", True),
        (" {{ n }}", " 5"),
        ("{{ n }} ", "5 "),
        ("{{ n }}\n\n", "5\n\n"),
        ("{{ n }}{{ n }}", "55"),
        ("{% if n %}{{ n }}{% endif %}", "5"),
        ("{% for row in rows[:1] %}{{ row }}{% endfor %}", "1"),
        ("{% set x = 1 %}{{ x }}", "1"),
        ("42", "42"),
        ("1.0", "1.0"),
        ("[1, 2]", "[1, 2]"),
        ("{# 42 #}42", "42"),
        ("{% raw %}{{ n }}{% endraw %}", "{{ n }}"),
    ],
)
def test_one_single_expression_keeps_its_type(text, wanted):
    """Everything else stays text, and no text is read as Python."""
    result = render(text, native=True)

    assert result == wanted
    assert type(result) is type(wanted)


def test_one_single_expression_gives_the_very_object():
    """Nothing is copied, printed or parsed."""
    assert render("{{ big }}", native=True, context={"big": BIG}) is BIG
    assert render({"a": ["{{ big }}"]}, native=True, context={"big": BIG})["a"][0] is BIG


def test_each_text_is_compiled_once():
    """Rendering it again takes what was compiled, for each way apart."""
    templates = Templates(TemplateOptions())

    assert templates.render("{{ n }}", {"n": 1}, native=False) == "1"
    assert templates.render("{{ n }}", {"n": 2}, native=True) == 2
    assert templates.render("{{ n }}", {"n": 3}, native=False) == "3"
    assert len(templates._compiled) == 2  # no public name tells what was compiled


def test_an_environment_from_elsewhere_can_be_used():
    """Also one without folders."""
    templates = Templates(TemplateOptions()).with_environment(jinja2.Environment())

    assert templates.render("{{ n }}", {"n": 1}, native=True) == 1
    with pytest.raises(jinja2.TemplateNotFound):
        templates.read("a.sql")
