"""Bad input through Python and through the command line in this process."""

from __future__ import annotations

import threading

import pytest

import crosscom as xc
from crosscom import DAG, errors, task
from crosscom.cli import main
from crosscom.operators import EmptyOperator
from crosscom.testing import run_dag

SECRET = "hunter2-do-not-show"
ADDRESS_FORM = "dag_id[@run_id]/task_id[[map_index]][:key]"

FIELDS = {
    "dag_id": ("a b@r/t:k", "dag_id of 3 characters is refused; it must be 1 to 250"),
    "no dag_id": ("@r/t", "dag_id of 0 characters is refused; it must be 1 to 250"),
    "long dag_id": ("d" * 251 + "@r/t", "dag_id of 251 characters is refused"),
    "dag_id of dots": ("..@r/t", "dag_id of 2 characters is refused"),
    "dag_id, lone surrogate": ("d\ud800@r/t", "dag_id of 2 characters is refused"),
    "run_id": ("d@r r/t", "run_id of 3 characters is refused; it must be 1 to 250"),
    "no run_id": ("d@/t", "run_id of 0 characters is refused"),
    "run_id of dots": ("d@../t", "run_id of 2 characters is refused"),
    "task_id": ("d@r/t t", "task_id of 3 characters is refused; it must be 1 to 250"),
    "no task_id": ("d@r/:k", "task_id of 0 characters is refused"),
    "task_id with a slash": ("d@r/t/../u", "task_id of 6 characters is refused"),
    "map_index": ("d@r/t[-2]", "map_index out of range is refused; it must be an int from -1"),
    "large map_index": ("d@r/t[2147483648]", "map_index out of range is refused"),
    "no key": ("d@r/t:", "key of 0 characters is refused; it must be 1 to 512"),
    "long key": ("d@r/t:" + "k" * 513, "key of 513 characters is refused"),
    "key with a line end": ("d@r/t:k\n", "key of 2 characters is refused"),
    "key, lone surrogate": ("d@r/t:\udfff", "key of 1 character is refused"),
}
FORMS = {
    "empty": ("", f"an address is a text of the form {ADDRESS_FORM}, not an empty one"),
    "open bracket": ("d@r/t[0", f"task_id or task_id[map_index]; the form is {ADDRESS_FORM}"),
    "index of letters": (
        "d@r/t[x]",
        "the task part of an address is task_id or task_id[map_index]",
    ),
    "text after the index": ("d@r/t[0]x", "the task part of an address is task_id or"),
    "runs back in letters": ("d@^x/t", "after @^ an address counts runs back, as @^1; the form is"),
}
BAD_ADDRESSES = {**FIELDS, **FORMS}


def nested(make, levels=100_000):
    """Nest a secret."""
    value = SECRET
    for _ in range(levels):
        value = make(value)
    return value


def cycle():
    """Give a list that holds itself."""
    value: list[object] = [SECRET]
    value.append(value)
    return value


TOO_DEEP = "it is nested deeper than 500 levels; push a flatter value"
BAD_VALUES = {
    "a lock": (
        lambda: {"rows": [SECRET, {"lock": threading.Lock()}]},
        "['rows'][1]['lock']: it is a _thread.lock, which no serializer keeps exactly; push plain",
    ),
    "a cycle": (
        cycle,
        "[1]: it is the same object as one it lies in (a cycle); push a value without cycles",
    ),
    "deep lists": (lambda: nested(lambda inner: [inner]), TOO_DEEP),
    "deep tuples": (lambda: nested(lambda inner: (inner,)), TOO_DEEP),
    "deep dicts": (lambda: nested(lambda inner: {"a": inner}), TOO_DEEP),
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", BAD_ADDRESSES)
@pytest.mark.parametrize("method", ["push", "pull", "get", "history"])
def test_addresses_in_python(name, method):
    """Whatever takes an address refuses one that breaks a rule; nothing is stored."""
    address, text = BAD_ADDRESSES[name]

    with xc.open("memory:") as store:
        with pytest.raises((errors.InvalidName, errors.InvalidAddress)) as caught:
            getattr(store, method)(address, *([SECRET] if method == "push" else []))
        stored = list(store.ls())

    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert stored == []


@pytest.mark.parametrize("name", BAD_ADDRESSES)
@pytest.mark.parametrize("command", ["push", "get", "show", "history", "rm"])
def test_addresses_on_the_command_line(home, capsys, name, command):
    """A command refuses such an address in one line and with 2; it does not even make a store."""
    address, text = BAD_ADDRESSES[name]

    code = main([command, address, *([f'"{SECRET}"'] if command == "push" else [])])

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert text in told.err
    assert told.err.count("\n") == 1
    assert SECRET not in told.err
    assert list(home.rglob("*.db")) == []


@pytest.mark.parametrize("name", BAD_VALUES)
def test_values_pushed_by_address(name):
    """A value that cannot be kept is refused with its path; what rested there stays."""
    make, text = BAD_VALUES[name]

    with xc.open("memory:") as store:
        store.push("d@r/t", "before")
        with pytest.raises(errors.XComSerializationError) as caught:
            store.push("d@r/t", make())
        kept, earlier = store.pull("d@r/t"), store.history("d@r/t")

    assert text in str(caught.value)
    assert str(caught.value).startswith("cannot push d@r/t:return_value: cannot keep value")
    assert SECRET not in str(caught.value)
    assert (kept, len(earlier)) == ("before", 1)


@pytest.mark.parametrize("name", BAD_VALUES)
def test_values_returned_by_a_task(name, caplog):
    """A task that returns such a value fails, its log does not show it, nothing of it is stored."""
    make, text = BAD_VALUES[name]
    with DAG("d") as dag:

        @task(multiple_outputs=True)
        def give():
            return {"fine": 1, "bad": make()}

        @task(trigger_rule="all_done")
        def look(ti=None):
            return [ti.xcom_pull("give", key=key) for key in ("return_value", "fine", "bad")]

        give() >> look()

    run = run_dag(dag)

    assert run.get_task_instance("give").state == "failed"
    assert run.get_task_instance("look").xcom_pull() == [None, None, None]
    assert text in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("value", ["a\ud800", {"\udfff": 1}, ["\ud800\udc00"]], ids=ascii)
def test_lone_surrogates_in_values(value):
    """A value is no name: its lone surrogates come back as they were."""
    with xc.open("memory:") as store:
        store.push("d@r/t", value)

        assert store.pull("d@r/t") == value


def test_a_cycle_of_tasks(home):
    """A DAG with a cycle does not run, neither in a test nor in its store."""
    with DAG("d") as dag:
        first, second = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        first >> second >> first

    for run in (run_dag, DAG.test):
        with pytest.raises(errors.DagCycle) as caught:
            run(dag)
        assert str(caught.value) == (
            "the tasks of DAG 'd' wait for each other: a >> b >> a; remove an edge"
        )


def test_two_tasks_with_one_id():
    """The second task of one id is refused where it is made; the DAG keeps the first."""
    with DAG("d") as dag:
        first = EmptyOperator(task_id="a")

        with pytest.raises(errors.DuplicateTaskId) as caught:
            EmptyOperator(task_id="a")

    assert str(caught.value) == "DAG 'd' has two tasks with the id 'a'; rename one"
    assert dag.tasks == [first]


@pytest.mark.parametrize("name", ["", "a b", "..", "d" * 251, "\ud800", 5, None], ids=ascii)
def test_names_in_dag_files(name):
    """A DAG or task whose id breaks the rule cannot be made."""
    with pytest.raises(errors.InvalidName, match="^dag_id of .* is refused; it must be"):
        DAG(name)
    with DAG("d"), pytest.raises(errors.InvalidName, match="^task_id of .* is refused; it must be"):
        EmptyOperator(task_id=name)


def test_two_runs_with_one_id(home):
    """A run id that is taken is refused; the first run stays as it is."""
    with DAG("d") as dag:

        @task
        def give():
            return 1

        give()
    dag.test(run_id="r")

    with pytest.raises(errors.RunExists) as caught:
        dag.test(run_id="r")

    assert str(caught.value) == (
        "cannot make run d@r: there is one already; choose another run id, or resume it"
    )
    assert xc.get("d@r/give").value == 1
    assert len(xc.history("d@r/give")) == 1


def test_an_unknown_dag(home):
    """A DAG that never ran is refused with the nearest that did."""
    with xc.open() as store:
        store.push("churn@r/t", 1)

    with pytest.raises(errors.DagNotFound, match="did you mean 'churn'\\?$"):
        xc.get("chrun/t")
