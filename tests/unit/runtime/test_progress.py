"""Which task instances start, settle and wake, and how a run ends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.model import (
    DagDescription,
    RunState,
    TaskDescription,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
)
from crosscom.runtime.progress import Progress, next_steps
from crosscom.runtime.trigger_rules import TRIGGER_RULES

SUCCESS, FAILED, SKIPPED = TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED
UPSTREAM_FAILED, NONE = TaskState.UPSTREAM_FAILED, TaskState.NONE


def key(task_id):
    """Give the key of a task in the one run of these tests."""
    return TaskInstanceKey("d", "r", task_id)


def record(task_id, state=NONE, retry_at_us=None):
    """Give a task instance that stands at *state*."""
    return TaskInstanceRecord(key(task_id), state, 0, 1, 0, None, retry_at_us, None, None)


def dag(**upstream):
    """Give a DAG: each name with the names before it, as one text; `name:rule` for a rule."""
    tasks = []
    for name, before in upstream.items():
        task_id, _, rule = name.partition("__")
        tasks.append(
            TaskDescription(
                task_id, "x", tuple(sorted(before.split())), trigger_rule=rule or "all_success"
            )
        )
    return DagDescription("d", tuple(tasks))


def progress(description, **states):
    """Give the progress of a run whose other task instances have not begun."""
    records = [record(t.task_id, states.get(t.task_id, NONE)) for t in description.tasks]
    return Progress(description, records)


def ids(keys):
    """Give the task ids of *keys*."""
    return [one.task_id for one in keys]


def test_at_first_the_roots_are_ready():
    """A new run starts with the tasks that wait for nothing, in the order of the DAG."""
    steps = progress(dag(b="", a="", c="a b")).take(0)

    assert ["b", "a"] == ids(steps.ready)
    assert (None, None, {}) == (steps.finished, steps.next_wake_us, steps.settle)


def test_a_step_is_handed_out_once():
    """What was given as ready is not given again."""
    run = progress(dag(a=""))
    run.take(0)

    assert () == run.take(0).ready


def test_a_task_is_ready_when_its_last_upstream_succeeded():
    """With all_success a task waits for every upstream task."""
    run = progress(dag(a="", b="", c="a b"))
    run.take(0)
    run.note(key("a"), SUCCESS)

    assert () == run.take(0).ready
    run.note(key("b"), SUCCESS)
    assert ["c"] == ids(run.take(0).ready)


def test_a_failure_settles_everything_behind_it_at_once():
    """The state upstream_failed runs down the whole chain in one step."""
    run = progress(dag(a="", b="a", c="b", d="c"))
    run.take(0)
    run.note(key("a"), FAILED)
    steps = run.take(0)

    assert {key(name): UPSTREAM_FAILED for name in "bcd"} == steps.settle
    assert RunState.FAILED is steps.finished


def test_a_skip_settles_everything_behind_it_at_once():
    """A skip runs down the chain, and a run of successes and skips succeeds."""
    run = progress(dag(a="", b="a", c="b"))
    run.take(0)
    run.note(key("a"), SKIPPED)
    steps = run.take(0)

    assert {key("b"): SKIPPED, key("c"): SKIPPED} == steps.settle
    assert RunState.SUCCESS is steps.finished


def test_only_leaves_decide_about_the_run():
    """A failure that an all_done leaf outlives leaves the run successful, as in Airflow."""
    run = progress(dag(a="", b__all_done="a"))
    run.take(0)
    run.note(key("a"), FAILED)

    assert ["b"] == ids(run.take(0).ready)
    run.note(key("b"), SUCCESS)
    assert RunState.SUCCESS is run.take(0).finished


def test_a_failed_leaf_fails_the_run():
    """One failed leaf is enough."""
    run = progress(dag(a="", b=""), a=SUCCESS)
    run.note(key("b"), FAILED)

    assert RunState.FAILED is run.take(0).finished


def test_a_run_without_tasks_is_a_success():
    """There is nothing to wait for in an empty DAG."""
    assert RunState.SUCCESS is progress(DagDescription("d", ())).take(0).finished


def test_a_run_goes_on_while_a_task_runs():
    """A running task instance keeps its run from ending, and does not start again."""
    steps = progress(dag(a=""), a=TaskState.RUNNING).take(0)

    assert ((), None) == (steps.ready, steps.finished)


def test_a_started_task_is_no_end():
    """Word that a try began changes nothing for the others."""
    run = progress(dag(a="", b="a"))
    run.take(0)
    run.note(key("a"), TaskState.RUNNING)
    steps = run.take(0)

    assert ((), {}, None) == (steps.ready, steps.settle, steps.finished)


def test_one_success_starts_early_and_only_once():
    """A second success does not make a task ready a second time."""
    run = progress(dag(a="", b="", c__one_success="a b"))
    run.take(0)
    run.note(key("a"), SUCCESS)

    assert ["c"] == ids(run.take(0).ready)
    run.note(key("b"), SUCCESS)
    assert () == run.take(0).ready


def test_a_retry_becomes_ready_when_its_delay_is_over():
    """Before it is due, next_wake_us says when that is."""
    run = progress(dag(a="", b=""))
    run.take(0)
    run.note(key("a"), TaskState.UP_FOR_RETRY, 500)
    run.note(key("b"), TaskState.UP_FOR_RETRY, 300)
    early = run.take(299)

    assert ((), 300, None) == (early.ready, early.next_wake_us, early.finished)
    assert (["b"], 500) == (ids(run.take(300).ready), run.take(300).next_wake_us)
    assert ["a"] == ids(run.take(501).ready)


def test_a_cleared_upstream_holds_a_retry_back():
    """A task instance that waits for its retry waits for cleared upstream tasks as well."""
    description = dag(a="", b="a")
    run = Progress(description, [record("a"), record("b", TaskState.UP_FOR_RETRY, 10)])

    assert ["a"] == ids(run.take(20).ready)
    run.note(key("a"), SUCCESS)
    assert ["b"] == ids(run.take(20).ready)


def test_a_run_is_taken_up_from_its_records():
    """From the records alone follows what is ready, what settles and how it ended."""
    description = dag(a="", b="a", c="a", d="b", e="b c")
    records = [record("a", SUCCESS), record("b", FAILED), *(record(name) for name in "cde")]
    steps = next_steps(description, records, 0)

    assert ["c"] == ids(steps.ready)
    assert {key("d"): UPSTREAM_FAILED, key("e"): UPSTREAM_FAILED} == steps.settle


def test_what_ended_stays_as_it_is():
    """A late word about a task instance that ended changes nothing."""
    run = progress(dag(a="", b="a"))
    run.take(0)
    run.note(key("a"), SUCCESS)
    run.note(key("a"), FAILED)
    steps = run.take(0)

    assert (["b"], {}) == (ids(steps.ready), steps.settle)


@pytest.mark.parametrize("end", [SUCCESS, FAILED])
def test_a_chain_of_many_tasks_needs_no_stack(end):
    """5,000 tasks in a chain run, or settle, one after the other."""
    names = [f"t{number}" for number in range(5_000)]
    description = dag(**dict(zip(names, ["", *names], strict=False)))
    run = progress(description)
    ready, settled = ids(run.take(0).ready), 0
    for _ in names:
        if ready:
            run.note(key(ready[0]), end)
        steps = run.take(0)
        ready, settled = ids(steps.ready), settled + len(steps.settle)

    assert ([], 0 if end is SUCCESS else 4_999) == (ready, settled)
    assert steps.finished is (RunState.SUCCESS if end is SUCCESS else RunState.FAILED)


@st.composite
def _dags(draw):
    size = draw(st.integers(1, 8))
    tasks = []
    for number in range(size):
        before = draw(st.sets(st.integers(0, number - 1))) if number else set()
        rule = draw(st.sampled_from(sorted(TRIGGER_RULES)))
        upstream = tuple(sorted(f"t{one}" for one in before))
        tasks.append(TaskDescription(f"t{number}", "x", upstream, trigger_rule=rule))
    return DagDescription("d", tuple(tasks))


@given(_dags(), st.data())
def test_told_bit_by_bit_or_from_the_records_is_the_same(description, data):
    """What a run learns step by step leads where its records lead, and every run ends."""
    records = {task.task_id: record(task.task_id) for task in description.tasks}
    run, working = Progress(description, records.values()), []
    while True:
        steps = run.take(0)
        working += [one.task_id for one in steps.ready]
        for name in working:
            records[name] = replace(records[name], state=TaskState.RUNNING)
        for settled, state in steps.settle.items():
            records[settled.task_id] = replace(records[settled.task_id], state=state)
        again = next_steps(description, records.values(), 0)
        assert ((), {}, steps.finished) == (again.ready, again.settle, again.finished)
        if not working:
            break
        name = working.pop(data.draw(st.integers(0, len(working) - 1)))
        end = data.draw(st.sampled_from([SUCCESS, FAILED, SKIPPED]))
        records[name] = replace(records[name], state=end)
        run.note(key(name), end)

    assert steps.finished is not None
    assert all(one.state.is_finished for one in records.values())
