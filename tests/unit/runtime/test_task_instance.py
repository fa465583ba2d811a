"""The `ti`: push and pull with Airflow's signatures, on a memory store."""

import logging
import threading
from dataclasses import replace

import pytest

from crosscom.backends import Backend
from crosscom.errors import (
    InvalidName,
    StaleTryError,
    XComCorrupted,
    XComNotFound,
    XComSerializationError,
)
from crosscom.model import (
    AttemptState,
    DagDescription,
    EncodedValue,
    Fence,
    NewRun,
    Payload,
    RunKey,
    TaskDescription,
    TaskInstanceKey,
    TaskState,
    TryEnd,
    XComAddress,
)
from crosscom.runtime.task_instance import RunningTaskInstance
from crosscom.stores.memory import MemoryStore
from crosscom.xcoms import XComs

DAG_ID, RUN_ID = "sales", "r1"
DESCRIPTION = DagDescription(
    DAG_ID,
    (
        TaskDescription("extract", "@task"),
        TaskDescription("quiet", "@task", do_xcom_push=False),
        TaskDescription("load", "@task", upstream=("extract",)),
    ),
)


class World:
    """A memory store with one run, and the task instances that run in it."""

    def __init__(self):
        self.store = MemoryStore()
        self.xcoms = XComs(self.store, Backend())
        self.run = self.make_run(RUN_ID)

    def make_run(self, run_id, *, dag_id=DAG_ID, logical_date_us=None):
        """Make a run of the DAG, or of another one with the same tasks."""
        description = replace(DESCRIPTION, dag_id=dag_id)
        return self.store.create_run(
            NewRun(RunKey(dag_id, run_id), description, None, logical_date_us)
        )

    def start(self, task_id, *, run=None, on_missing="none"):
        """Begin a try and give its `ti`."""
        run = run or self.run
        key = TaskInstanceKey(run.key.dag_id, run.key.run_id, task_id)
        attempt = self.store.begin_try(key, None, lease=run.lease)
        record = next(r for r in self.store.task_instances(run.key) if r.key == key)
        return RunningTaskInstance(
            record,
            attempt.id,
            store=self.store,
            xcoms=self.xcoms,
            on_missing=on_missing,
            dag_run=None,
        )

    def succeed(self, ti):
        """End the try of *ti*, which returned nothing."""
        self.store.end_try(ti._attempt, TryEnd(AttemptState.SUCCESS, TaskState.SUCCESS))


@pytest.fixture
def world():
    """Give a store with one run of the DAG `sales`."""
    return World()


@pytest.fixture
def extract(world):
    """Give the `ti` of a running `extract`."""
    return world.start("extract")


@pytest.fixture
def load(world, extract):
    """Give the `ti` of a running `load`, beside a running `extract`."""
    return world.start("load")


def lines(caplog):
    """Give what was logged about XComs."""
    return [record.getMessage() for record in caplog.records if record.name == "crosscom.xcom"]


def test_a_push_is_seen_when_the_call_returns(extract, load):
    """What one task pushed, another pulls while the first still runs."""
    extract.xcom_push("rows", [1, 2])

    assert load.xcom_pull("extract", key="rows") == [1, 2]


def test_a_push_takes_key_and_value_by_name(extract):
    """Both arguments may be given by name, as in Airflow."""
    extract.xcom_push(key="rows", value=1)

    assert extract.xcom_pull(key="rows") == 1


def test_a_second_push_replaces_the_first(world, extract):
    """The last push counts, and the one before is history."""
    extract.xcom_push("rows", 1)
    extract.xcom_push("rows", 2)

    assert extract.xcom_pull(key="rows") == 2
    assert len(world.xcoms.history(XComAddress(extract.key, "rows"))) == 2


def test_a_pull_without_arguments_is_about_the_own_return_value(extract):
    """The own task and `return_value` are what a pull means by default."""
    extract.xcom_push("return_value", 5)

    assert extract.xcom_pull() == 5


def test_arguments_keep_airflows_order(world, extract, load):
    """task_ids, dag_id, key, include_prior_dates can be given by place."""
    extract.xcom_push("rows", 7)

    assert load.xcom_pull("extract", DAG_ID, "rows", False) == 7


@pytest.mark.parametrize(
    "make",
    [list, tuple, iter, lambda ids: (one for one in ids), dict.fromkeys],
    ids=["list", "tuple", "iterator", "generator", "dict"],
)
def test_several_tasks_give_a_list_in_their_order(world, extract, load, make):
    """Any iterable of task ids gives a flat list in that order."""
    extract.xcom_push("n", 1)
    load.xcom_push("n", 2)

    assert load.xcom_pull(make(["load", "extract", "load"][:2]), key="n") == [2, 1]


def test_a_set_of_one_task_gives_a_list_of_one(extract):
    """The shape follows from the call, not from how many there are."""
    extract.xcom_push("n", 1)

    assert extract.xcom_pull({"extract"}, key="n") == [1]


def test_no_tasks_give_an_empty_list(extract):
    """Nobody was asked, so the list is empty."""
    assert extract.xcom_pull([]) == []


def test_what_is_absent_leaves_its_place_in_the_list(extract):
    """A hole is None, or the default, and nothing moves up."""
    extract.xcom_push("n", 1)

    assert extract.xcom_pull(["load", "extract"], key="n") == [None, 1]
    assert extract.xcom_pull(["load", "extract"], key="n", default=0) == [0, 1]


def test_map_indexes_choose_task_instances(world, extract):
    """One map index gives a value, several give a list, None means the unmapped one."""
    for index in (0, 1):
        address = XComAddress(replace(extract.key, map_index=index), "n")
        world.xcoms.push_by_hand(address, index * 10, reason="a test")
    extract.xcom_push("n", "unmapped")

    assert extract.xcom_pull("extract", key="n", map_indexes=1) == 10
    assert extract.xcom_pull("extract", key="n", map_indexes=[1, 0]) == [10, 0]
    assert extract.xcom_pull("extract", key="n", map_indexes=range(2)) == [0, 10]
    assert extract.xcom_pull("extract", key="n", map_indexes=None) == "unmapped"
    assert extract.xcom_pull("extract", key="n", map_indexes=[0, 9], default="D") == [0, "D"]


def test_several_tasks_and_map_indexes_give_one_flat_list(world, extract, load):
    """Each task's map indexes follow each other, task after task."""
    for ti in (extract, load):
        for index in (0, 1):
            address = XComAddress(replace(ti.key, map_index=index), "n")
            world.xcoms.push_by_hand(address, f"{ti.task_id}{index}", reason="a test")

    assert load.xcom_pull(["load", "extract"], key="n", map_indexes=[0, 1]) == [
        "load0",
        "load1",
        "extract0",
        "extract1",
    ]


def test_a_pushed_none_is_a_value(extract, caplog):
    """`default` and `required` do not touch a None that was pushed, and nothing is logged."""
    extract.xcom_push("nothing", None)

    assert extract.xcom_pull(key="nothing", default="D") is None
    assert extract.xcom_pull(key="nothing", required=True) is None
    assert lines(caplog) == []


@pytest.mark.parametrize("value", [0, "", [], {}, False, 0.0])
def test_falsy_values_are_values(extract, value):
    """What is false is not absent."""
    extract.xcom_push("k", value)

    assert extract.xcom_pull(key="k", default="D") == value


def test_the_default_is_for_what_is_absent(load, caplog):
    """A default is given as it is, and nothing is logged."""
    default = object()

    assert load.xcom_pull("extract", default=default) is default
    assert load.xcom_pull("extract", default=None) is None
    assert lines(caplog) == []


def test_an_absent_value_is_none_and_one_line(extract, load, caplog):
    """The line names what was pushed instead and what was most likely meant."""
    extract.xcom_push("row_count", 1)
    extract.xcom_push("table", "t")

    assert load.xcom_pull("extract", key="rowcount") is None
    assert lines(caplog) == [
        (
            "pulled None: task instance sales@r1/extract has no XCom 'rowcount'; "
            "it pushed: 'row_count', 'table'; did you mean 'row_count'?"
        )
    ]
    assert caplog.records[0].levelno == logging.WARNING


def test_a_task_that_pushed_nothing_is_named_with_its_state(load, caplog):
    """Where nothing was pushed, the state tells why."""
    assert load.xcom_pull("quiet") is None
    assert lines(caplog) == [
        (
            "pulled None: task instance sales@r1/quiet has no XCom 'return_value'; "
            "there is nothing of it in this run, and its state is none"
        )
    ]


def test_a_returned_none_is_no_mistake(world, extract, load, caplog):
    """A task that succeeded and returned None makes no line, and no error by on_missing."""
    world.succeed(extract)
    strict = world.start("load", on_missing="error")

    assert load.xcom_pull("extract") is None
    assert strict.xcom_pull("extract") is None
    assert lines(caplog) == []
    with pytest.raises(XComNotFound):
        load.xcom_pull("extract", required=True)


def test_a_task_that_pushes_no_return_value_is_named(world, load, caplog):
    """Of a task with do_xcom_push=False nobody knows what it returned: the line says why."""
    world.succeed(world.start("quiet"))

    assert load.xcom_pull("quiet") is None
    assert lines(caplog) == [
        (
            "pulled None: task instance sales@r1/quiet has no XCom 'return_value'; "
            "what it returns is not pushed (do_xcom_push=False)"
        )
    ]


def test_an_unknown_task_is_named_with_the_nearest_one(load):
    """A task that the DAG does not have is a mistake of its own."""
    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("extrct", required=True)

    assert str(info.value) == (
        "DAG 'sales' has no task 'extrct'; its tasks: 'extract', 'quiet', 'load'; "
        "did you mean 'extract'?"
    )
    assert info.value.address == "sales@r1/extrct:return_value"


def test_an_unknown_run_is_named_with_the_latest_ones(world, load):
    """A run that is not there is a mistake of its own."""
    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("extract", run_id="r11", required=True)
    assert str(info.value) == (
        "DAG 'sales' has no run 'r11'; its latest runs: 'r1'; did you mean 'r1'?"
    )

    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("extract", "billing", required=True)
    assert str(info.value) == "DAG 'billing' has no run 'r1'; it has none"


def test_required_raises_what_was_pushed_instead(extract, load):
    """The error carries address, keys and the nearest key."""
    extract.xcom_push("row_count", 1)
    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("extract", key="rowcount", required=True)

    assert info.value.address == "sales@r1/extract:rowcount"
    assert (info.value.pushed, info.value.nearest) == (("row_count",), "row_count")


def test_on_missing_error_raises_without_being_asked(world, extract):
    """With on_missing=error an absent value is an error, except with a default."""
    strict = world.start("load", on_missing="error")

    with pytest.raises(XComNotFound):
        strict.xcom_pull("extract", key="rows")
    assert strict.xcom_pull("extract", key="rows", default=1) == 1


def test_default_and_required_exclude_each_other(extract):
    """A pull cannot both give a default and raise."""
    with pytest.raises(TypeError) as info:
        extract.xcom_pull(default=1, required=True)

    assert str(info.value) == "xcom_pull takes default= or required=True, not both"


def test_damaged_bytes_are_never_masked(world, load):
    """A default does not hide that what was pushed is damaged."""
    damaged = EncodedValue(Payload("json", b"{"), "dict", 1, b"\0" * 32, "{}")
    extract = world.start("extract")
    world.store.put(XComAddress(extract.key, "k"), damaged, Fence(extract._attempt, 99))

    with pytest.raises(XComCorrupted):
        load.xcom_pull("extract", key="k", default="D")


def test_another_run_is_read_by_its_id(world, load):
    """run_id= reads another run of the same DAG."""
    other = world.start("extract", run=world.make_run("r0"))
    other.xcom_push("rows", "old")

    assert load.xcom_pull("extract", key="rows", run_id="r0") == "old"


def test_another_dag_is_read_at_the_same_run_id(world, load):
    """dag_id= without run_id= means the run of that DAG with this run's id, as in Airflow."""
    other = world.start("extract", run=world.make_run(RUN_ID, dag_id="billing"))
    other.xcom_push("rows", "billed")

    assert load.xcom_pull("extract", "billing", key="rows") == "billed"


def test_include_prior_dates_finds_an_earlier_run(world):
    """The nearest earlier logical date counts where this run has no such XCom."""
    for day in (1, 2):
        run = world.make_run(f"day{day}", logical_date_us=day)
        world.start("extract", run=run).xcom_push("rows", day)
    today = world.start("load", run=world.make_run("day3", logical_date_us=3))

    assert today.xcom_pull("extract", key="rows", default="D") == "D"
    assert today.xcom_pull("extract", key="rows", include_prior_dates=True) == 2


def test_a_pulled_value_is_the_callers_own(extract):
    """Changing a pulled value changes nothing stored."""
    extract.xcom_push("rows", [1])
    extract.xcom_pull(key="rows").append(2)

    assert extract.xcom_pull(key="rows") == [1]


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda ti: ti.xcom_push("", 1), "key"),
        (lambda ti: ti.xcom_push(None, 1), "key"),
        (lambda ti: ti.xcom_push("a\nb", 1), "key"),
        (lambda ti: ti.xcom_push("k" * 513, 1), "key"),
        (lambda ti: ti.xcom_pull(key=""), "key"),
        (lambda ti: ti.xcom_pull(key=None), "key"),
        (lambda ti: ti.xcom_pull("a/b"), "task_id"),
        (lambda ti: ti.xcom_pull(5), "task_id"),
        (lambda ti: ti.xcom_pull([["a"]]), "task_id"),
        (lambda ti: ti.xcom_pull("a", dag_id="d d"), "dag_id"),
        (lambda ti: ti.xcom_pull("a", run_id="../r"), "run_id"),
        (lambda ti: ti.xcom_pull("a", map_indexes="1"), "map_index"),
        (lambda ti: ti.xcom_pull("a", map_indexes=True), "map_index"),
        (lambda ti: ti.xcom_pull("a", map_indexes=[1, -2]), "map_index"),
    ],
)
def test_a_broken_identity_is_refused(extract, call, field):
    """Each field that breaks its rule is named, before anything is stored or looked for."""
    extract.xcom_pull("a", map_indexes=1)  # an equal address is known already

    with pytest.raises(InvalidName) as info:
        call(extract)
    assert info.value.field == field


def test_a_value_that_cannot_be_kept_changes_nothing(world, extract):
    """A refused push leaves what rested there."""
    extract.xcom_push("k", 1)

    with pytest.raises(XComSerializationError, match="cannot push sales@r1/extract:k"):
        extract.xcom_push("k", threading.Lock())
    assert extract.xcom_pull(key="k") == 1


def test_a_cleared_try_cannot_push(world, extract):
    """After its task instance was cleared, a push is refused and nothing is stored."""
    world.store.clear([extract.key], reason="a test")

    with pytest.raises(StaleTryError):
        extract.xcom_push("k", 1)
    assert world.xcoms.history(XComAddress(extract.key, "k")) == []


def test_threads_of_a_task_push_side_by_side(extract):
    """No two pushes of a try share a sequence, whichever thread they come from."""
    threads = [
        threading.Thread(target=extract.xcom_push, args=(f"k{number}", number))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [extract.xcom_pull(key=f"k{number}") for number in range(20)] == list(range(20))


def test_it_has_airflows_names(world, extract):
    """Identity, state, try and dates are where Airflow has them."""
    assert (extract.dag_id, extract.run_id, extract.task_id, extract.map_index) == (
        "sales",
        "r1",
        "extract",
        -1,
    )
    assert (extract.state, extract.try_number, extract.max_tries) == ("running", 1, 0)
    assert extract.start_date.tzinfo is not None
    assert extract.end_date is None
    assert repr(extract) == "<TaskInstance sales@r1/extract running>"


def test_a_run_without_a_dag_names_what_it_holds(world):
    """Of a run that was only pushed into from outside, the keys are known and no tasks are."""
    outside = XComAddress(TaskInstanceKey("cron", "r1", "import"), "rows")
    world.xcoms.push_by_hand(outside, 1, reason="a test", create_run=True)
    load = world.start("load")

    assert load.xcom_pull("import", "cron", key="rows") == 1
    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("import", "cron", key="row", required=True)
    assert str(info.value) == (
        "task instance cron@r1/import has no XCom 'row'; it pushed: 'rows'; did you mean 'rows'?"
    )


def test_a_map_index_that_is_not_there_is_named(load):
    """A task instance that does not exist has pushed nothing."""
    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("extract", map_indexes=3, required=True)

    assert str(info.value) == (
        "task instance sales@r1/extract[3] has no XCom 'return_value'; there is nothing of it "
        "in this run: it may not have run yet, a retry cleared it, or it was removed by hand"
    )


def test_a_long_list_of_names_is_cut(world):
    """An error names twenty tasks and counts the others."""
    tasks = tuple(TaskDescription(f"t{number}", "@task") for number in range(25))
    world.store.create_run(NewRun(RunKey("wide", "r1"), DagDescription("wide", tasks), None, None))
    load = world.start("load")

    with pytest.raises(XComNotFound) as info:
        load.xcom_pull("nosuch", "wide", required=True)
    assert str(info.value).endswith(", 't18', 't19' and 5 more")
