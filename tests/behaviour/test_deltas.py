"""Every difference from Airflow 3.3, one test each: what crosscom does.

What Airflow does stands in the docstring; it was measured on Airflow 3.3.2. The table is
`docs/reference/differences-from-airflow.md`, and a test holds the two together.
"""

import re
import threading
from collections import OrderedDict
from decimal import Decimal
from pathlib import Path

import pytest

from crosscom import DAG, BaseOperator, task
from crosscom.errors import (
    InvalidName,
    StaleTryError,
    XComCorrupted,
    XComNotFound,
    XComSerializationError,
)
from crosscom.model import EncodedValue, Payload, XComAddress
from crosscom.operators import BashOperator, PythonOperator
from crosscom.runtime.inline import run_inline
from crosscom.runtime.workplace import Workplace
from crosscom.settings import load_settings
from crosscom.stores.memory import MemoryStore
from crosscom.testing import run_dag, run_task

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "differences-from-airflow.md"


def place_of(dag):
    """Give a memory store for *dag*, and what it takes to run there."""
    return Workplace.of(dag, MemoryStore(), load_settings())


def test_identities_are_checked():
    """A key of 600 characters is refused before anything is stored.

    Airflow: no rule for keys; "512 only enforced by the DB: a 600-char key was accepted on
    SQLite".
    """

    @task
    def work(ti=None):
        ti.xcom_push("k" * 600, 1)

    result = run_task(work)

    assert isinstance(result.exception, InvalidName)
    assert (result.error, result.xcoms) == (
        (
            "InvalidName: key of 600 characters is refused; it must be 1 to 512 characters "
            "without control characters or lone surrogates"
        ),
        {},
    )


def test_outputs_become_visible_together():
    """Where one of several outputs cannot be kept, none is stored.

    Airflow: "each key first, then `return_value`; no transaction; a crash in between leaves
    part of them".
    """

    @task(multiple_outputs=True)
    def work():
        return {"good": 1, "bad": threading.Lock()}

    result = run_task(work)

    assert isinstance(result.exception, XComSerializationError)
    assert (result.state, result.xcoms) == ("failed", {})


def test_late_pushes_are_refused():
    """A try that was cleared meanwhile cannot write any more.

    Airflow: "No attempt/try number in the key", "Any task token may write any XCom".
    """
    with DAG("d") as dag:

        @task
        def work(ti=None):
            if not refused:
                place.store.clear([ti.key], reason="a test")
                with pytest.raises(StaleTryError) as caught:
                    ti.xcom_push("k", "late")
                refused.append(caught.value)
            return "in time"

        work()
    refused: list[StaleTryError] = []
    place = place_of(dag)
    run = place.show(run_inline(place, place.new_run()))

    assert len(refused) == 1
    assert run.get_task_instance("work").xcom_pull() == "in time"
    assert run.get_task_instance("work").xcom_pull(key="k", default="absent") == "absent"


def test_a_default_is_for_what_is_absent():
    """`default` is given for what is absent, and only for that; a pushed None is a value.

    Airflow: "default ignored when `map_indexes` is not given"; "pushed `None`, with default:
    `None` (indistinguishable from missing; `map_indexes=-1` gives the default even though a
    null row exists)".
    """

    @task
    def work(ti=None):
        ti.xcom_push("nothing", None)
        return [
            ti.xcom_pull("nosuch", default="D"),
            ti.xcom_pull("nosuch", default="D", map_indexes=-1),
            ti.xcom_pull("work", key="nothing", default="D"),
            ti.xcom_pull("work", key="nothing", default="D", map_indexes=-1),
        ]

    assert run_task(work).value == ["D", "D", None, None]


def test_what_is_required_raises():
    """With required=True, or on_missing="error" for a DAG or project, absent is an error.

    Airflow: "missing: `None` (error logged by the client, task goes on)".
    """
    with DAG("d", on_missing="error"):

        @task
        def work(ti=None):
            ti.xcom_push("rows", 1)
            return ti.xcom_pull("work", key="row")

        strict = work()

    @task
    def asks(ti=None):
        return ti.xcom_pull("asks", key="row", required=True)

    assert isinstance(run_task(asks).exception, XComNotFound)
    assert str(run_task(strict).exception).endswith("it pushed: 'rows'; did you mean 'rows'?")


def test_damaged_bytes_raise():
    """Bytes that are not those that were pushed are an error, whatever the default.

    Airflow, object storage backend: "If the object is missing or unreadable the consumer
    silently receives the URL string".
    """
    with DAG("d") as dag:

        @task
        def work(ti=None):
            address = XComAddress(ti.key, "k")
            damaged = EncodedValue(Payload("json", b"[1,"), "list", 3, b"\0" * 32, "[]")
            place.store.put_by_hand(address, damaged, reason="a test")
            with pytest.raises(XComCorrupted):
                ti.xcom_pull(key="k", default="D")

        work()
    place = place_of(dag)

    assert run_inline(place, place.new_run()).state.value == "success"


def test_native_templates_keep_types():
    """With native templates a single expression keeps its type, and text stays text.

    Airflow: "Native mode `literal_eval`s any string, so "42" gives 42, "1.0" gives 1.0 even
    without braces".
    """

    class Echo(BaseOperator):
        template_fields = ("fields",)

        def __init__(self, *, fields, **kwargs):
            super().__init__(**kwargs)
            self.fields = fields

        def execute(self, context):
            return self.fields

    with DAG("d", render_template_as_native_obj=True):
        echo = Echo(
            task_id="echo",
            fields=["42", "1.0", "{{ '42' }}", "{{ ti.xcom_pull('rows') }}", "n={{ 1 }}"],
        )
        task(task_id="rows")(lambda: [Decimal("1.50")])() >> echo

    assert run_task(echo, given={"rows": [Decimal("1.50")]}).value == [
        "42",
        "1.0",
        "42",
        [Decimal("1.50")],
        "n=1",
    ]


def test_clearing_takes_effect_at_once():
    """What is cleared is gone when the call returns, before anything starts again.

    Airflow: ""Clear" in UI/CLI/API: nothing at clear time - old values stay readable until the
    task starts again".
    """
    with DAG("d") as dag:
        task(task_id="work")(lambda: 1)()
    place = place_of(dag)
    run = place.show(run_inline(place, place.new_run()))
    work = run.get_task_instance("work")
    place.store.clear([work.key], reason="a test")

    assert work.xcom_pull(default="gone") == "gone"


def test_what_was_cleared_or_replaced_is_history():
    """Values of earlier tries, and replaced ones, stay readable by try.

    Airflow: "every key of that TI is deleted at start"; "overwrite: delete + insert".
    """
    with DAG("d") as dag:

        @task(retries=1)
        def work(ti=None):
            ti.xcom_push("k", f"first of try {ti.try_number}")
            ti.xcom_push("k", f"second of try {ti.try_number}")
            if ti.try_number == 1:
                raise ValueError

        work()
    place = place_of(dag)
    run = place.show(run_inline(place, place.new_run()))
    xcoms = place.xcoms()
    history = xcoms.history(XComAddress(run.get_task_instance("work").key, "k"))

    assert [(entry.try_number, entry.live, xcoms.pull_entry(entry)) for entry in history] == [
        (1, False, "first of try 1"),
        (1, False, "second of try 1"),
        (2, False, "first of try 2"),
        (2, True, "second of try 2"),
    ]


def test_values_come_back_as_they_went_in():
    """A value comes back equal and of the same type.

    Airflow: fails for `bytes, time, Enum, deque, complex, range, Path`; "silently changed:
    int/None dict keys to str, Decimal through float, namedtuple to tuple, OrderedDict to dict".
    """
    value = {1: b"\x00", None: Decimal("0.1"), "z": complex(1, 2), "p": Path("/tmp")}

    @task
    def work(ti=None):
        return ti.xcom_pull("given")

    pulled = run_task(work, given={"given": value}).value

    assert pulled == value
    assert [type(one) for one in pulled.values()] == [type(one) for one in value.values()]


def test_a_refused_value_is_named_by_its_path():
    """What cannot be kept exactly is refused; the text says where in the value it lies.

    Airflow: `TypeError: Cannot serialize object of type ...` without the path.
    """

    @task
    def work():
        return {"rows": [1, {"lock": threading.Lock()}]}

    result = run_task(work)

    assert isinstance(result.exception, XComSerializationError)
    assert result.exception.path == "value['rows'][1]['lock']"
    assert "value['rows'][1]['lock']" in str(result.exception)


def test_returned_values_are_not_logged(caplog):
    """A returned value never reaches a log, whatever show_return_value_in_logs says.

    Airflow: `show_return_value_in_logs=True` by default: "Done. Returned value was: ...".
    """
    caplog.set_level(0)
    with DAG("d") as dag:
        task(task_id="work", show_return_value_in_logs=True)(lambda: "a secret")()

    assert run_dag(dag).get_task_instance("work").xcom_pull() == "a secret"
    assert "a secret" not in caplog.text


def test_stderr_is_never_the_value(capfd):
    """The last line of stdout is the value, whatever is written to stderr after it.

    Airflow: `stderr=STDOUT`, so that a last warning becomes the XCom.
    """
    work = BashOperator(task_id="work", bash_command="echo value; echo warning >&2")

    assert run_task(work).value == "value"


def test_unknown_op_kwargs_are_refused():
    """A misspelled name fails the task, and no default takes its place.

    Airflow: `op_kwargs` are filtered by the function's parameters.
    """
    work = PythonOperator(
        task_id="work", python_callable=lambda limit=5: limit, op_kwargs={"limt": 1}
    )

    assert isinstance(run_task(work).exception, TypeError)


def test_arguments_may_be_named_like_the_context():
    """What is given explicitly is the value, also under a name of the context.

    Airflow: `ValueError`, "The key 'run_id' in args is a part of kwargs and therefore reserved".
    """

    @task
    def work(run_id, ds=None):
        return run_id

    assert run_task(work("mine")).value == "mine"


def test_line_breaks_of_templates_stay():
    """A text ends as its author wrote it, rendered or not.

    Airflow: every text goes through Jinja, which cuts off one line break at the end.
    """

    @task
    def work(*texts):
        return texts

    assert run_task(work("plain\n", "{{ 1 }}\n")).value == ("plain\n", "1\n")


def test_containers_in_templates_keep_their_type():
    """What holds a template is of the same type when it is rendered.

    Airflow: "recursion in list/tuple/namedtuple/set/dict" rebuilds plain ones.
    """

    @task
    def work(*values):
        return [type(value).__name__ for value in values], values[1]

    call = work(OrderedDict(a="{{ 1 }}"), frozenset({"{{ 1 }}"}))

    assert run_task(call).value == (["OrderedDict", "frozenset"], frozenset({"1"}))


def test_template_folders_are_relative_to_the_file(tmp_path, monkeypatch):
    """Where the command is called from does not matter.

    Airflow: relative folders are looked for in the working directory.
    """
    monkeypatch.chdir(tmp_path)

    folder = DAG("d", template_searchpath="sql").templates.options.search_path[1]

    assert folder == str(Path(__file__).parent / "sql")


def test_the_table_names_each_of_these_tests():
    """Each row of the table has its test here, and each test here has its row."""
    here = {name for name in globals() if name.startswith("test_")}
    here.remove("test_the_table_names_each_of_these_tests")
    rows = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")][1:]
    named = [re.fullmatch(r"\|.+\|.+\|.+\| `(\w+)` \|", row) for row in rows]

    assert {match[1] if match else None for match in named} == here
    assert len(rows) == len(here)
