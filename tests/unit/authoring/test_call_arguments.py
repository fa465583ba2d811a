"""How a function gets what it asks for by name."""

import inspect

import pytest

from crosscom.authoring.call_arguments import check_call, keyword_arguments

CONTEXT = {"ti": "the ti", "ds": "2026-01-31", "params": {}}


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "wanted"),
    [
        (lambda: 0, (), {}, {}),
        (lambda ti: 0, (), {}, {"ti": "the ti"}),
        (lambda ti=None: 0, (), {}, {"ti": "the ti"}),
        (lambda rows, ti=None: 0, (1,), {}, {"ti": "the ti"}),
        (lambda rows, *, ds: 0, (), {"rows": 1}, {"rows": 1, "ds": "2026-01-31"}),
        (lambda rows, **context: 0, (1,), {}, CONTEXT),
        (lambda ti, **context: 0, (1,), {}, {"ds": "2026-01-31", "params": {}}),
        (lambda **context: 0, (), {"ds": "mine"}, {**CONTEXT, "ds": "mine"}),
        (lambda params: 0, (5,), {}, {}),
        (lambda params: 0, (), {"params": 5}, {"params": 5}),
        (lambda *values, ti=None: 0, (1, 2), {}, {"ti": "the ti"}),
        (lambda ts=None: 0, (), {}, {}),
    ],
)
def test_what_is_not_given_comes_from_the_context(function, args, kwargs, wanted):
    """A call's own arguments come first; names that are absent from the context are left out."""
    assert keyword_arguments(function, args, kwargs, CONTEXT) == wanted


def test_a_builtin_that_does_not_tell_its_arguments_gets_what_is_given():
    """Such a function takes nothing from the context."""
    assert keyword_arguments(min, (3, 2), {}, CONTEXT) == {}


def check(function, *args, **kwargs):
    """Check a call of *function*."""
    check_call(inspect.signature(function), args, kwargs, "load")


def test_a_call_that_will_work_passes():
    """Context names may be left out; arguments may come by place or by name."""
    check(lambda rows, limit=5, *, ti=None, **context: 0, 1)
    check(lambda ti, rows: 0, rows=1)
    check(lambda ds, ti=None: 0)


@pytest.mark.parametrize(
    ("function", "args", "text"),
    [
        (lambda rows: 0, (), "load() is missing the argument 'rows'"),
        (lambda a, *, b: 0, (), "load() is missing the argument 'a', 'b'"),
        (lambda a: 0, (1, 2), "load() too many positional arguments"),
    ],
)
def test_a_call_that_cannot_work_is_refused_at_once(function, args, text):
    """The DAG file does not load; the text names function and argument."""
    with pytest.raises(TypeError) as caught:
        check(function, *args)
    assert str(caught.value) == text


def test_an_unknown_argument_is_named():
    """A misspelled keyword is refused."""
    with pytest.raises(TypeError, match=r"^load\(\) got an unexpected keyword argument 'row'$"):
        check(lambda rows: 0, row=1)


def test_a_context_name_has_no_default_but_none():
    """As in Airflow: the default would never be used."""
    with pytest.raises(ValueError) as caught:
        check(lambda ti=5: 0)
    assert str(caught.value) == "Context key parameter ti can't have a default other than None"
