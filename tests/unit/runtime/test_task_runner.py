"""One try: what it commits, how it ends, what it logs."""

import asyncio
import json
import logging
from collections import OrderedDict
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from crosscom import DAG, BaseOperator, FailException, SkipException, get_current_context, task
from crosscom.errors import NotInTask, StaleTryError, XComNotFound
from crosscom.model import RETURN_KEY, AttemptState, TaskInstanceKey, TaskState, XComAddress
from crosscom.runtime.task_runner import TryRequest, run_try
from crosscom.runtime.workplace import Workplace
from crosscom.settings import Settings
from crosscom.stores.memory import MemoryStore

SETTINGS = Settings(home=Path("/nowhere"), store_url="memory:")


class Bench:
    """A run of one DAG in a memory store, whose tries are run one by one."""

    def __init__(self, dag, settings=SETTINGS):
        self.place = Workplace.of(dag, MemoryStore(), settings)
        self.store = self.place.store
        self.run = self.store.create_run(self.place.new_run(run_id="r1"))
        self.xcoms = self.place.xcoms()

    def begin(self, task_id):
        """Begin a try and give what run_try needs."""
        key = TaskInstanceKey(self.run.key.dag_id, "r1", task_id)
        attempt = self.store.begin_try(key, None, lease=self.run.lease)
        return TryRequest(
            attempt=attempt.id,
            key=key,
            try_number=attempt.try_number,
            max_tries=self.record(task_id).max_tries,
            run=self.run,
            description=self.place.description,
            bundle_root=self.place.bundle_root,
        )

    def go(self, task_id):
        """Begin a try, run it, give its end."""
        return run_try(self.place.dag, self.begin(task_id), self.store, self.place.settings)

    def record(self, task_id):
        """Give the task instance as it is stored."""
        records = self.store.task_instances(self.run.key)
        return next(record for record in records if record.key.task_id == task_id)

    def pushed(self, task_id):
        """Give everything the task pushed, by key, in the order of its push."""
        entries = self.xcoms.entries(self.run.key, task_id)
        return {entry.address.key: self.xcoms.pull(entry.address) for entry in entries}


def bench(function, **arguments):
    """Give the bench of a DAG with one task, `work`."""
    with DAG("d") as dag:
        task(task_id="work", **arguments)(function)()
    return Bench(dag)


def failing(error, **arguments):
    """Give the bench of a task that raises *error*."""

    def work():
        raise error

    return bench(work, **arguments)


def test_the_returned_value_is_pushed_with_success():
    """What a task returns becomes return_value, in the transaction of its success."""
    one = bench(lambda: (1, {2}))
    end = one.go("work")

    assert (end.attempt_state, end.task_state) == (AttemptState.SUCCESS, TaskState.SUCCESS)
    assert one.pushed("work") == {RETURN_KEY: (1, {2})}
    assert one.record("work").state is TaskState.SUCCESS


def test_a_returned_none_is_not_pushed():
    """None stores no row."""
    one = bench(lambda: None)
    one.go("work")

    assert one.pushed("work") == {}


def test_do_xcom_push_false_pushes_nothing_by_itself():
    """What is returned is not stored, but a push by hand still is."""

    def work(ti=None):
        ti.xcom_push("k", 1)
        return 2

    one = bench(work, do_xcom_push=False, multiple_outputs=True)
    one.go("work")

    assert one.pushed("work") == {"k": 1}


def test_multiple_outputs_pushes_each_key_and_the_whole():
    """Each key is an XCom, then the whole dict is return_value."""
    one = bench(lambda: {"a": 1, "b": None}, multiple_outputs=True)
    one.go("work")

    assert list(one.pushed("work").items()) == [
        ("a", 1),
        ("b", None),
        (RETURN_KEY, {"a": 1, "b": None}),
    ]


def test_a_return_annotation_of_dict_means_multiple_outputs():
    """A function that says it returns a dict need not say multiple_outputs."""

    def work() -> dict[str, int]:
        return {"a": 1}

    one = bench(work)
    one.go("work")

    assert one.pushed("work") == {"a": 1, RETURN_KEY: {"a": 1}}


def test_a_key_named_return_value_is_the_whole_dict():
    """With a key called return_value the whole dict counts, as in Airflow."""
    one = bench(lambda: {RETURN_KEY: 1}, multiple_outputs=True)
    one.go("work")

    assert one.pushed("work") == {RETURN_KEY: {RETURN_KEY: 1}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            [1],
            (
                "TypeError: Returned output was type <class 'list'> "
                "expected dictionary for multiple_outputs"
            ),
        ),
        (
            {"a": 1, 3: 4},
            (
                "TypeError: Returned dictionary keys must be strings when using multiple_outputs, "
                "found <class 'int'> instead"
            ),
        ),
    ],
)
def test_multiple_outputs_refuses_what_airflow_refuses(value, text):
    """No dict, or a key that is no text, fails the try with Airflow's words; nothing is stored."""
    one = bench(lambda: value, multiple_outputs=True)

    assert one.go("work").error == text
    assert one.pushed("work") == {}


def test_multiple_outputs_of_none_pushes_nothing():
    """A task with multiple_outputs may return None."""
    one = bench(lambda: None, multiple_outputs=True)

    assert one.go("work").task_state is TaskState.SUCCESS
    assert one.pushed("work") == {}


def test_a_value_that_cannot_be_kept_fails_the_try_as_a_whole(caplog):
    """One output of several that cannot be kept: none is stored, the text names the path."""
    one = bench(lambda: {"good": 1, "bad": [asyncio.sleep]}, multiple_outputs=True)
    end = one.go("work")

    assert end.task_state is TaskState.FAILED
    assert end.error.startswith("XComSerializationError: cannot push d@r1/work:bad: ")
    assert "value[0]" in end.error
    assert one.pushed("work") == {}
    assert end.error in caplog.text


def test_a_key_that_breaks_its_rule_fails_the_try():
    """A key of multiple_outputs is checked like any other."""
    one = bench(lambda: {"": 1}, multiple_outputs=True)

    assert one.go("work").error.startswith("InvalidName: key of 0 characters is refused")


def test_arguments_are_resolved_before_the_function_is_called():
    """An XComArg becomes the value that was pushed, also deep inside of lists and dicts."""
    with DAG("d") as dag:

        @task
        def first():
            return {"n": 1}

        @task
        def second(one, many, ti=None):
            return [one, many, ti.task_id]

        value = first()
        second(value, {"deep": [value]})
    one = Bench(dag)
    one.go("first")
    one.go("second")

    assert one.pushed("second")[RETURN_KEY] == [{"n": 1}, {"deep": [{"n": 1}]}, "second"]


def test_each_use_of_a_value_is_a_copy_of_its_own():
    """Changing one argument changes neither the other nor what is stored."""
    with DAG("d") as dag:

        @task
        def first():
            return [1]

        @task
        def second(one, other):
            one.append(2)
            return other

        value = first()
        second(value, value)
    one = Bench(dag)
    one.go("first")
    one.go("second")

    assert (one.pushed("first"), one.pushed("second")) == ({RETURN_KEY: [1]}, {RETURN_KEY: [1]})


def test_the_operator_of_the_dag_stays_as_it_was_written():
    """A try renders a copy: the next try finds the templates."""

    class Echo(BaseOperator):
        template_fields = ("text",)

        def __init__(self, *, text, **kwargs):
            super().__init__(**kwargs)
            self.text = text

        def execute(self, context):
            return self.text

    with DAG("d") as dag:
        Echo(task_id="work", text="{{ ti.try_number }}")
    one = Bench(dag)
    one.go("work")

    assert one.pushed("work") == {RETURN_KEY: "1"}
    assert vars(dag.get_task("work"))["text"] == "{{ ti.try_number }}"


def test_the_context_is_there_while_the_task_runs():
    """get_current_context works inside of the task and nowhere else."""
    one = bench(lambda: get_current_context()["ti"].task_id)
    one.go("work")

    assert one.pushed("work") == {RETURN_KEY: "work"}
    with pytest.raises(NotInTask):
        get_current_context()


def test_an_async_function_is_awaited():
    """An `async def` task may await, and sees its context."""

    async def work():
        await asyncio.sleep(0)
        return get_current_context()["ti"].task_id

    one = bench(work)
    one.go("work")

    assert one.pushed("work") == {RETURN_KEY: "work"}


def test_an_async_function_runs_in_a_notebook_too():
    """Where a loop runs already, as in notebooks, the task gets a loop of its own."""

    async def work():
        await asyncio.sleep(0)
        return get_current_context()["ti"].task_id

    async def notebook():
        one = bench(work)
        one.go("work")
        return one.pushed("work")

    assert asyncio.run(notebook()) == {RETURN_KEY: "work"}


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt("no")])
def test_whatever_a_task_raises_fails_its_try(error):
    """Also SystemExit and KeyboardInterrupt end the try and nothing more."""
    one = failing(error)
    end = one.go("work")

    assert (end.attempt_state, end.task_state) == (AttemptState.FAILED, TaskState.FAILED)
    assert end.error == f"{type(error).__name__}: {error}"


def test_a_failed_try_with_another_left_is_up_for_retry():
    """While a try is left, the task instance waits for its retry_delay."""
    one = failing(ValueError("no"), retries=1, retry_delay=timedelta(seconds=50))
    end, record = one.go("work"), one.record("work")

    assert end.task_state is TaskState.UP_FOR_RETRY
    assert (record.state, record.retry_at_us) == (end.task_state, end.retry_at_us)
    assert one.go("work").task_state is TaskState.FAILED


def test_a_failed_try_keeps_what_it_pushed():
    """What was pushed before the failure stays for all_done tasks and for people."""

    def work(ti=None):
        ti.xcom_push("k", 1)
        raise ValueError

    one = bench(work)

    assert one.go("work").error == "ValueError"
    assert one.pushed("work") == {"k": 1}


def test_skip_exception_skips_without_a_retry(caplog):
    """A skipped try uses no retry, keeps what it pushed, and is no error in the log."""

    def work(ti=None):
        ti.xcom_push("k", 1)
        raise SkipException("no rows today")

    one = bench(work, retries=3)
    with caplog.at_level(logging.INFO, "crosscom.task"):
        end = one.go("work")

    assert (end.attempt_state, end.task_state) == (AttemptState.SKIPPED, TaskState.SKIPPED)
    assert one.pushed("work") == {"k": 1}
    assert caplog.messages == ["try 1 of d@r1/work was skipped: SkipException: no rows today"]


def test_fail_exception_leaves_no_try():
    """FailException fails the task at once, however many retries are left."""
    end = failing(FailException("bad input"), retries=3).go("work")

    assert (end.task_state, end.error) == (TaskState.FAILED, "FailException: bad input")


def test_a_failure_is_logged_with_the_tasks_own_traceback(caplog):
    """The traceback begins at the task's code; it shows no call of ours before that."""
    failing(ValueError("no"), retries=1, retry_delay=timedelta(seconds=50)).go("work")
    (record,) = caplog.records
    lines = caplog.text.splitlines()

    assert (record.name, record.levelno) == ("crosscom.task", logging.ERROR)
    assert record.getMessage() == "try 1 of d@r1/work failed; a retry is due in 50 s"
    assert "in work" in lines[2]
    assert lines[-1] == "ValueError: no"


def test_the_error_that_is_kept_is_bounded_text():
    """A long text is cut, and a lone surrogate is written as its code."""
    assert len(failing(ValueError("x" * 5_000)).go("work").error) == 1_000
    assert failing(ValueError("\ud800")).go("work").error == "ValueError: \\ud800"


def test_an_error_without_a_text_that_works_is_still_an_end():
    """An exception whose text raises fails its try like any other."""

    class Broken(Exception):
        def __str__(self):
            raise RuntimeError

    one = failing(Broken())
    logging.disable()
    try:
        assert one.go("work").error == "Broken: (its text cannot be shown)"
    finally:
        logging.disable(logging.NOTSET)


def test_a_try_that_was_cleared_meanwhile_changes_nothing():
    """Its end comes too late: StaleTryError escapes, and nothing of it is stored."""

    def work(ti=None):
        one.store.clear([ti.key], reason="a test")

    one = bench(work)

    with pytest.raises(StaleTryError):
        one.go("work")
    assert one.pushed("work") == {}
    assert one.record("work").state is TaskState.NONE


@pytest.mark.parametrize("swallows", [True, False])
def test_a_stale_push_escapes_whatever_the_task_does(swallows):
    """A task may swallow the error of a late push; its end is too late all the same."""

    def work(ti=None):
        one.store.clear([ti.key], reason="a test")
        with suppress(StaleTryError if swallows else ZeroDivisionError):
            ti.xcom_push("k", 1)
        return 2

    one = bench(work)

    with pytest.raises(StaleTryError):
        one.go("work")
    assert one.pushed("work") == {}


def test_the_next_try_finds_none_of_the_earlier_xcoms():
    """What the first try pushed is history when the second begins."""

    def work(ti=None):
        seen = ti.xcom_pull(key="k", default="nothing")
        ti.xcom_push("k", ti.try_number)
        if ti.try_number == 1:
            raise ValueError
        return seen

    one = bench(work, retries=1)
    one.go("work")
    one.go("work")

    assert one.pushed("work") == {"k": 2, RETURN_KEY: "nothing"}
    address = XComAddress(one.record("work").key, "k")
    assert [entry.try_number for entry in one.xcoms.history(address)] == [1, 2]


def test_on_missing_of_the_dag_comes_before_the_configured_one():
    """A DAG may ask for errors where the project asks for none, and the other way round."""

    def work(ti=None):
        return ti.xcom_pull("work", key="absent")

    for of_dag, of_project, expected in [
        (None, "none", TaskState.SUCCESS),
        (None, "error", TaskState.FAILED),
        ("error", "none", TaskState.FAILED),
        ("none", "error", TaskState.SUCCESS),
    ]:
        with DAG("d", on_missing=of_dag) as dag:
            task(work)()
        settings = Settings(home=Path("/nowhere"), store_url="memory:", on_missing=of_project)

        assert Bench(dag, settings).go("work").task_state is expected


def test_dag_run_and_params_are_those_of_the_run():
    """The context's dag_run has conf and dates, and reads the run's other task instances."""

    def work(dag_run=None, params=None, ds=None):
        first = dag_run.get_task_instance("work")
        return [dag_run.run_id, dag_run.conf, params, dag_run.logical_date is None, first.state]

    with DAG("d", params={"n": 1}) as dag:
        task(work)()
    one = Bench(dag)
    one.go("work")

    assert one.pushed("work")[RETURN_KEY] == ["r1", {}, {"n": 1}, False, "running"]


def test_variables_are_read_through_the_runs_store():
    """`var.value` and `var.json` read the store that keeps the run."""

    class Echo(BaseOperator):
        template_fields = ("text",)
        text = "{{ var.value.region }} {{ var.json.limits.rows }}"

        def execute(self, context):
            return self.text

    with DAG("d") as dag:
        Echo(task_id="work")
    one = Bench(dag)
    one.store.set_variable("region", "eu")
    one.store.set_variable("limits", json.dumps({"rows": 9}))
    one.go("work")

    assert one.pushed("work") == {RETURN_KEY: "eu 9"}


def test_a_mapping_that_is_no_dict_may_have_multiple_outputs():
    """Any mapping is taken apart."""
    one = bench(lambda: OrderedDict(a=1), multiple_outputs=True)
    one.go("work")

    assert one.pushed("work") == {"a": 1, RETURN_KEY: OrderedDict(a=1)}


def test_what_was_raised_is_given_to_who_asks_for_it():
    """`caught` gets the exception itself."""
    one = failing(XComNotFound("no", address="d@r1/x:k"))
    caught: list[BaseException] = []
    run_try(one.place.dag, one.begin("work"), one.store, SETTINGS, caught.append)

    assert isinstance(caught[0], XComNotFound)
