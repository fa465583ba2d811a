"""Variables are texts that belong to no run; the environment comes first."""

import pytest

from crosscom.errors import InvalidName, InvalidVariable, VariableNotFound
from crosscom.stores.memory import MemoryStore
from crosscom.variables import Variables


@pytest.fixture
def variables():
    """Give Variables of an empty store and an empty environment."""
    return Variables(MemoryStore(), {})


def test_what_was_set_is_got(variables):
    """A Variable holds the text that was set last."""
    variables.set("region", "eu")
    variables.set("region", "us", description="where we sell")

    assert variables.get("region") == "us"


def test_the_environment_comes_first():
    """CROSSCOM_VAR_<KEY> hides the store's text."""
    variables = Variables(MemoryStore(), {"CROSSCOM_VAR_REGION": "env"})
    variables.set("region", "store")

    assert variables.get("region") == "env"


def test_json_in_and_out(variables):
    """With serialize_json and deserialize_json a Variable holds plain JSON."""
    variables.set("limits", {"rows": [1, 2]}, serialize_json=True)

    assert variables.get("limits", deserialize_json=True) == {"rows": [1, 2]}
    assert variables.get("limits") == '{"rows": [1, 2]}'


def test_numbers_are_kept_as_text(variables):
    """A number is kept as str gives it, as in Airflow."""
    variables.set("n", 5)

    assert variables.get("n") == "5"


def test_the_default_is_for_what_is_absent(variables):
    """A default is given for an absent Variable, also None, and never for an empty one."""
    variables.set("empty", "")

    assert variables.get("absent", None) is None
    assert variables.get("empty", "default") == ""


def test_absent_without_default_is_an_error_that_helps(variables):
    """A missing Variable names the nearest key, or how to set it."""
    variables.set("region", "eu")

    with pytest.raises(
        VariableNotFound, match="^there is no Variable 'regoin'; did you mean 'region'"
    ):
        variables.get("regoin")
    with pytest.raises(VariableNotFound, match="set it with: crosscom var set xyz VALUE"):
        variables.get("xyz")


def test_text_that_is_no_json_is_an_error_without_the_text(variables):
    """A Variable that is no JSON says where it breaks off and does not show itself."""
    variables.set("secret", '{"token": hunter2}')

    with pytest.raises(InvalidVariable, match="no JSON at character 10") as info:
        variables.get("secret", deserialize_json=True)

    assert "hunter2" not in str(info.value)


@pytest.mark.parametrize("value", [None, {"a": 1}, b"x", [1], "\ud800"])
def test_what_is_no_text_is_refused(variables, value):
    """A value that is neither text nor number is refused, and nothing is stored."""
    with pytest.raises(InvalidVariable, match="pass serialize_json=True"):
        variables.set("k", value)

    assert variables.keys() == []


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object()])
def test_what_is_no_json_is_refused(variables, value):
    """serialize_json refuses what plain JSON cannot say."""
    with pytest.raises(InvalidVariable, match="is no plain JSON"):
        variables.set("k", value, serialize_json=True)


def test_keys_are_listed_by_prefix(variables):
    """keys gives the store's keys in order, those with a prefix if asked."""
    for key in ("b_2", "a", "b_1"):
        variables.set(key, "x")

    assert variables.keys() == ["a", "b_1", "b_2"]
    assert variables.keys("b_") == ["b_1", "b_2"]


def test_delete_tells_whether_it_was_there(variables):
    """Deleting forgets a Variable, once."""
    variables.set("k", "v")

    assert variables.delete("k")
    assert not variables.delete("k")


def test_a_bad_key_is_refused(variables):
    """The rule of keys holds for Variables too."""
    with pytest.raises(InvalidName, match="^key of 0 characters"):
        variables.get("")
