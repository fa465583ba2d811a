"""What a scheduler makes of a run that another one left."""

from dataclasses import replace

import pytest

from crosscom.model import (
    AttemptState,
    DagDescription,
    NewRun,
    RunKey,
    TaskDescription,
    TaskInstanceKey,
    TaskState,
    TryEnd,
)
from crosscom.runtime.processes import this_process
from crosscom.runtime.resuming import downstream_of, take_up, to_start_again
from crosscom.stores.memory import MemoryStore

RUN = RunKey("d", "r")
TASKS = tuple(
    TaskDescription(task_id, "@task", upstream=upstream)
    for task_id, upstream in (
        ("a", ()),
        ("b", ("a",)),
        ("c", ("b",)),
        ("d", ("a",)),
        ("e", ("c", "d")),
    )
)
DESCRIPTION = DagDescription("d", TASKS)


@pytest.fixture
def store():
    """A store with a run of five tasks."""
    made = MemoryStore()
    made.create_run(NewRun(RUN, DESCRIPTION, None, None, scheduler=this_process()))
    return made


def key(task_id):
    """Give the key of a task of the run."""
    return TaskInstanceKey("d", "r", task_id)


def states(store):
    """Give the state of each task."""
    return {one.key.task_id: str(one.state) for one in store.task_instances(RUN)}


def end(store, task_id, attempt_state, task_state, **fields):
    """Begin a try of a task and end it."""
    attempt = store.begin_try(key(task_id), None, lease=store.run(RUN).lease)
    store.end_try(attempt.id, TryEnd(attempt_state, task_state, **fields))
    return attempt


def take_over(store):
    """Adopt the run and take it up."""
    run = store.adopt_run(RUN, this_process(), lease=store.run(RUN).lease)
    take_up(store, run, DESCRIPTION)


def test_failures_and_what_they_kept_from_starting_start_again(store):
    """Failed, upstream_failed, and skipped after those start again; success and others stay."""
    end(store, "a", AttemptState.SUCCESS, TaskState.SUCCESS)
    end(store, "b", AttemptState.FAILED, TaskState.FAILED)
    store.settle(
        RUN,
        {
            key("c"): TaskState.UPSTREAM_FAILED,
            key("d"): TaskState.SKIPPED,
            key("e"): TaskState.SKIPPED,
        },
        lease=store.run(RUN).lease,
    )

    take_over(store)

    assert states(store) == {"a": "success", "b": "none", "c": "none", "d": "skipped", "e": "none"}


def test_what_starts_again_comes_in_topological_order():
    """The order is that of the description."""
    store = MemoryStore()
    store.create_run(NewRun(RUN, DESCRIPTION, None, None))
    records = [replace(one, state=TaskState.FAILED) for one in store.task_instances(RUN)]

    assert [one.task_id for one in to_start_again(DESCRIPTION, reversed(records))] == list("abcde")


def test_a_running_try_was_lost_and_costs_no_retry(store):
    """A try found running ends as lost; its task instance may start at once, with all retries."""
    attempt = store.begin_try(key("a"), None, lease=store.run(RUN).lease)
    before = store.task_instances(RUN)[0].max_tries

    take_over(store)

    record = store.task_instances(RUN)[0]
    assert store.attempt(attempt.id).state is AttemptState.LOST
    assert record.state is TaskState.UP_FOR_RETRY
    assert record.max_tries == before + 1


def test_the_fourth_loss_in_a_row_is_a_failure(store):
    """After three losses in a row it is the task that kills its scheduler."""
    found = []
    for _ in range(4):
        attempt = store.begin_try(key("a"), None, lease=store.run(RUN).lease)
        take_over(store)
        found.append(store.attempt(attempt.id).state)

    assert found == [*[AttemptState.LOST] * 3, AttemptState.FAILED]
    assert states(store)["a"] == "failed"


def test_another_end_starts_the_count_of_losses_anew(store):
    """Only losses in a row are counted: an interruption between them starts anew."""
    for _ in range(3):
        store.begin_try(key("a"), None, lease=store.run(RUN).lease)
        take_over(store)
    end(store, "a", AttemptState.INTERRUPTED, TaskState.UP_FOR_RETRY, retry_at_us=1)
    attempt = store.begin_try(key("a"), None, lease=store.run(RUN).lease)

    take_over(store)

    assert store.attempt(attempt.id).state is AttemptState.LOST


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [(["b"], "bce"), (["a"], "abcde"), (["e"], "e"), (["d", "b"], "bcde"), ([], "")],
)
def test_what_is_downstream_of_tasks(chosen, expected):
    """Tasks and all that depend on them, in topological order."""
    assert downstream_of(DESCRIPTION, chosen) == list(expected)
