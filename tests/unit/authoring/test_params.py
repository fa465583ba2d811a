"""Params: defaults, schemas, and the values of a run."""

import json
import re

import pytest

from crosscom.authoring.params import NOTSET, DagParam, Param, Params
from crosscom.errors import InvalidParam


def test_a_run_gets_defaults_then_its_conf():
    """What the conf says comes before the defaults; what it adds is there as well."""
    params = Params({"rows": 10, "zone": Param("eu", enum=["eu", "us"])})

    assert params.resolved({"zone": "us", "more": [1]}) == {"rows": 10, "zone": "us", "more": [1]}


def test_a_task_puts_its_own_params_over_those_of_its_dag():
    """Params of a task come between the DAG's defaults and the conf."""
    of_dag, of_task = Params({"a": 1, "b": 1, "c": 1}), Params({"b": 2, "c": 2})

    assert of_dag.resolved({"c": 3}, of_task) == {"a": 1, "b": 2, "c": 3}


def test_values_are_the_callers_own():
    """Changing a run's params changes no default."""
    params = Params({"rows": [1]})

    params.resolved({})["rows"].append(2)

    assert params.resolved({}) == {"rows": [1]}


def test_a_param_without_default_needs_a_value():
    """A run that gives none is refused; the text names the param."""
    params = Params({"day": Param(type="string")})

    assert params.resolved({"day": "mon"}) == {"day": "mon"}
    with pytest.raises(InvalidParam) as caught:
        params.resolved({})
    assert str(caught.value) == (
        "param 'day' has no value and no default; give one in the run's conf"
    )
    assert caught.value.param == "day"
    with pytest.raises(InvalidParam, match="param 'day' has no value"):
        params["day"]


def test_a_value_that_breaks_the_schema_is_refused_and_not_shown():
    """The text names param, rule and type; the value may be secret."""
    params = Params({"key": Param("abc", type="string", maxLength=5)})

    with pytest.raises(InvalidParam) as caught:
        params.resolved({"key": "secret-value"})

    assert (
        str(caught.value) == "the value of param 'key' must not be longer than 5; it is of type str"
    )


def test_a_default_that_breaks_its_schema_asks_for_a_value():
    """As in Airflow: a run that gives another one is good, a run that gives none is refused."""
    params = Params({"n": Param(None, type="integer")})

    assert params.resolved({"n": 1}) == {"n": 1}
    with pytest.raises(
        InvalidParam, match="param 'n' must be of type integer; it is of type NoneType$"
    ):
        params.resolved({})


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object(), b"x"])
def test_a_default_must_be_plain_json(value):
    """What a run could not be told in its conf is no default either."""
    with pytest.raises(
        InvalidParam, match="the default of param 'n' must be plain JSON, which this"
    ):
        Params({"n": value})
    with pytest.raises(InvalidParam, match="the value of param 'n' must be plain JSON, which this"):
        Params({"n": 1}).resolved({"n": value})


def test_a_schema_must_be_plain_json():
    """A run keeps it with its description of the DAG."""
    with pytest.raises(
        InvalidParam, match="the schema of param 'n' must be plain JSON, which this"
    ):
        Params({"n": Param(1, pattern=re.compile("x"))})


def test_setting_a_value_keeps_the_schema():
    """A new default has to fit the rules of the old one."""
    params = Params({"n": Param(1, "How many.", type="integer")})

    params["n"] = 2

    assert params["n"] == 2
    assert params.get_param("n").description == "How many."
    with pytest.raises(InvalidParam, match="must be of type integer"):
        params["n"] = "3"


def test_params_are_a_mapping():
    """They count, list, delete and show themselves, without their values."""
    params = Params({"a": 1, "b": 2})
    del params["a"]

    assert (list(params), len(params), repr(params)) == (["b"], 1, "Params(b)")
    assert repr(Param(5, type="integer")) == "Param(type='integer')"


def test_what_is_declared_is_plain_sorted_json():
    """Defaults, descriptions and schemas are told; what is not there is left out."""
    params = Params({"b": Param(description="Which day.", type="string"), "a": None})

    assert json.loads(params.declare()) == {
        "a": {"default": None},
        "b": {"description": "Which day.", "schema": {"type": "string"}},
    }
    assert params.declare() == Params({"a": None, "b": params.get_param("b")}).declare()


def test_a_schema_may_be_given_as_a_dict():
    """`schema=` and single words are the same."""
    assert Param(1, schema={"type": "integer"}).schema == Param(1, type="integer").schema
    assert Param().default is NOTSET


def test_a_dag_param_stands_for_the_value_and_for_its_template():
    """It resolves to the run's value; as text it is Jinja."""
    param = DagParam("rows")

    assert param.resolve({"params": {"rows": 5}}) == 5
    assert f"{param}" == "{{ params['rows'] }}"
    assert repr(param) == "DagParam('rows')"
    assert list(param.references()) == []
