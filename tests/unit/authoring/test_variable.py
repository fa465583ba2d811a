"""Variable: in a task that task's, elsewhere the configured store's."""

import pytest

from crosscom import DAG, Variable
from crosscom.authoring import set_current_context
from crosscom.errors import VariableNotFound
from crosscom.operators import EmptyOperator


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Configure a store that is not there yet."""
    monkeypatch.setenv("CROSSCOM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_outside_of_tasks_the_configured_store_is_used(home):
    """Each call opens and closes it; what was set is there for the next."""
    Variable.set("region", "eu", "Where.")
    Variable.set("limits", {"rows": 10}, serialize_json=True)

    assert (home / "crosscom.db").exists()
    assert Variable.get("region") == "eu"
    assert Variable.get("limits", deserialize_json=True) == {"rows": 10}
    assert Variable.keys() == ["limits", "region"]
    assert Variable.keys("r") == ["region"]
    assert (Variable.delete("region"), Variable.delete("region")) == (True, False)


@pytest.mark.parametrize("default", [None, "", 0, [1]])
def test_a_default_is_for_what_is_absent(home, default):
    """Without one that is an error; None is a default like any other."""
    assert Variable.get("nope", default) == default
    assert Variable.get("nope", default=default, deserialize_json=True) == default
    with pytest.raises(VariableNotFound):
        Variable.get("nope")


def test_the_environment_comes_first(home, monkeypatch):
    """`CROSSCOM_VAR_<KEY>` wins over the store."""
    Variable.set("region", "eu")
    monkeypatch.setenv("CROSSCOM_VAR_REGION", "us")

    assert Variable.get("region") == "us"


def test_in_a_task_its_own_store_is_used(home, context_of):
    """No other store is opened or made."""
    empty = EmptyOperator(task_id="e", dag=DAG("d"))

    with set_current_context(context_of(empty, var={"region": "of the task"})):
        assert Variable.get("region") == "of the task"
        Variable.set("mine", 1)
        assert Variable.keys() == ["mine", "region"]
        assert Variable.delete("mine")

    assert not home.exists()
