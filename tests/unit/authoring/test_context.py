"""The context: what a running task is told, by name."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime

import pytest

from crosscom import DAG, get_current_context
from crosscom.authoring import macros, set_current_context
from crosscom.authoring.context import CONTEXT_NAMES, DATE_NAMES
from crosscom.errors import InvalidParam, NotInTask, VariableNotFound
from crosscom.operators import EmptyOperator


@pytest.fixture
def empty():
    """Give a task of a DAG with params."""
    return EmptyOperator(task_id="e", dag=DAG("d", params={"n": 1}), params={"m": 2})


def test_the_context_tells_run_task_and_dates(empty, context_of):
    """Names and forms are Airflow's."""
    context = context_of(empty, conf={"n": 5})

    moment = datetime(2026, 1, 31, 10, 5, tzinfo=UTC)
    assert {name: context[name] for name in DATE_NAMES} == {
        "logical_date": moment,
        "data_interval_start": moment,
        "data_interval_end": moment,
        "ds": "2026-01-31",
        "ds_nodash": "20260131",
        "ts": "2026-01-31T10:05:00+00:00",
        "ts_nodash": "20260131T100500",
        "ts_nodash_with_tz": "20260131T100500+0000",
    }
    assert context["params"] == {"n": 5, "m": 2}
    assert context["ti"] is context["task_instance"]
    assert (context["dag"], context["task"]) == (empty.dag, empty)
    assert (context["run_id"], context["try_number"], context["test_mode"]) == ("r", 1, False)
    assert context["task_instance_key_str"] == "d__e__20260131"
    assert context["macros"] is macros
    assert context["dag_run"].conf == {"n": 5}
    assert set(context) <= CONTEXT_NAMES


def test_a_run_for_no_date_has_no_dates(empty, context_of):
    """The names are absent, as in Airflow, and not None."""
    context = context_of(empty, date=None)

    assert DATE_NAMES & set(context) == set()
    assert context["task_instance_key_str"] == "d__e__r"


def test_a_run_with_wrong_params_has_no_context(context_of):
    """A param without a value is refused before the task runs."""
    dag = DAG("d")
    dag.param("day")

    with pytest.raises(InvalidParam, match="param 'day' has no value"):
        context_of(EmptyOperator(task_id="e", dag=dag))


def test_variables_are_read_as_text_or_json(empty, context_of):
    """`var.value` and `var.json` take a name as attribute, or by `get` with a default."""
    var = context_of(empty, var={"region": "eu", "limits": '{"rows": 10}'})["var"]

    assert var.value.region == "eu"
    assert var.json.limits == {"rows": 10}
    assert var.value.get("limits") == '{"rows": 10}'
    assert var.value.get("nope", None) is None
    assert var.json.get("nope", [1]) == [1]
    with pytest.raises(VariableNotFound, match="there is no Variable 'regoin'; did you mean 'reg"):
        var.value.regoin
    with pytest.raises(VariableNotFound):
        var.json.get("nope")
    assert not hasattr(var.value, "__html__")


def test_the_current_context_is_there_inside_only(empty, context_of):
    """It is set for a block, blocks may nest, and afterwards all is as before."""
    outer, inner = context_of(empty), context_of(empty)

    with set_current_context(outer):
        with set_current_context(inner) as given:
            assert given is inner
            assert get_current_context() is inner
        assert get_current_context() is outer

    with pytest.raises(NotInTask) as caught:
        get_current_context()
    assert isinstance(caught.value, RuntimeError)
    assert str(caught.value) == (
        "no task runs here; get_current_context() works inside of a running task, "
        "not while a DAG file is read"
    )


def in_thread(function):
    """Call the function in another thread, and give its result."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_a_thread_of_a_task_sees_its_context(empty, context_of):
    """As long as no other task runs in the process; afterwards there is none."""
    with set_current_context(context_of(empty)) as context:
        assert in_thread(get_current_context) is context
        with set_current_context(context_of(empty)), pytest.raises(NotInTask):
            in_thread(get_current_context)

    with pytest.raises(NotInTask):
        in_thread(get_current_context)


def test_a_copied_context_goes_with_its_thread(empty, context_of):
    """`contextvars.copy_context` hands it over, whatever else runs."""
    with set_current_context(context_of(empty)) as context:
        carried = copy_context()
        with set_current_context(context_of(empty)):
            assert in_thread(lambda: carried.run(get_current_context)) is context
