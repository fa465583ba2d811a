"""Tries, retries, skips and failures through a whole run, with each store."""

from datetime import timedelta

import pytest

from crosscom import DAG, FailException, SkipException, chain, task
from crosscom.model import AttemptState, RunKey
from crosscom.runtime.inline import run_inline
from crosscom.runtime.watcher import Nobody
from crosscom.runtime.workplace import Workplace
from crosscom.settings import load_settings


def states(run):
    """Give the state of each task by its id."""
    return {ti.task_id: ti.state for ti in run.get_task_instances()}


def ends(how):
    """Give a function for a task that ends in this way."""

    def act():
        if how == "skipped":
            raise SkipException
        if how == "failed":
            raise ValueError(how)

    return act


@pytest.mark.parametrize(
    ("rule", "upstream", "expected"),
    [
        ("all_success", ["success", "failed"], "upstream_failed"),
        ("all_success", ["success", "skipped"], "skipped"),
        ("all_failed", ["failed", "failed"], "success"),
        ("all_failed", ["failed", "success"], "skipped"),
        ("all_done", ["failed", "skipped"], "success"),
        ("all_done_min_one_success", ["failed", "success"], "success"),
        ("all_done_min_one_success", ["failed", "failed"], "upstream_failed"),
        ("one_success", ["failed", "success"], "success"),
        ("one_success", ["skipped", "skipped"], "skipped"),
        ("one_failed", ["failed", "success"], "success"),
        ("one_failed", ["success", "success"], "skipped"),
        ("one_done", ["failed", "skipped"], "success"),
        ("none_failed", ["success", "skipped"], "success"),
        ("none_failed_min_one_success", ["skipped", "skipped"], "skipped"),
        ("none_skipped", ["failed", "success"], "success"),
        ("none_skipped", ["failed", "skipped"], "skipped"),
        ("all_skipped", ["skipped", "skipped"], "success"),
        ("all_skipped", ["skipped", "success"], "skipped"),
        ("always", ["failed", "skipped"], "success"),
    ],
)
def test_a_trigger_rule_decides_about_a_task(run, rule, upstream, expected):
    """Each rule, in a run, comes to the state that Airflow gives."""
    with DAG("d") as dag:
        befores = [
            task(task_id=f"before{number}")(ends(how))() for number, how in enumerate(upstream)
        ]
        befores >> task(task_id="after", trigger_rule=rule)(lambda: None)()

    assert states(run(dag))["after"] == expected


def test_each_try_is_kept_with_what_ended_it(run, store):
    """Every try has a record: its number, how it ended, and by what."""
    with DAG("d") as dag:

        @task(retries=2)
        def t(ti=None):
            if ti.try_number < 3:
                msg = f"no {ti.try_number}"
                raise ValueError(msg)

        t()
    run(dag, run_id="r1")

    assert [
        (attempt.try_number, attempt.state, attempt.error)
        for attempt in store.attempts(RunKey("d", "r1"))
    ] == [
        (1, AttemptState.FAILED, "ValueError: no 1"),
        (2, AttemptState.FAILED, "ValueError: no 2"),
        (3, AttemptState.SUCCESS, None),
    ]


def test_no_try_is_started_after_the_last_retry(run):
    """retries=2 means three tries, then the task has failed."""
    with DAG("d") as dag:

        @task(retries=2)
        def t():
            calls.append(1)
            raise ValueError

        t()
    calls: list[int] = []
    one = run(dag)

    assert (states(one), len(calls)) == ({"t": "failed"}, 3)
    assert one.get_task_instance("t").try_number == 3
    assert one.state == "failed"


def test_fail_exception_and_skip_exception_use_no_retry(run):
    """Both end a task for good in its first try."""
    with DAG("d") as dag:

        @task(retries=9)
        def fails():
            raise FailException

        @task(retries=9)
        def skips():
            raise SkipException

        fails()
        skips()
    one = run(dag)

    assert states(one) == {"fails": "failed", "skips": "skipped"}
    assert [ti.try_number for ti in one.get_task_instances()] == [1, 1]


def test_a_retry_waits_as_long_as_its_task_says(store):
    """The moment of the next try is stored: the delay after the failure, growing with backoff."""

    class Listener(Nobody):
        """Keeps how many seconds each retry has to wait."""

        def try_ended(self, ti, try_number, end, seconds):
            (record,) = store.task_instances(ti.run)
            if record.retry_at_us is not None:
                ended_at_us = store.attempts(ti.run)[-1].ended_at_us
                waits.append((record.retry_at_us - ended_at_us) / 1e6)

    with DAG("d") as dag:
        task(
            task_id="t",
            retries=2,
            retry_delay=timedelta(seconds=100),
            retry_exponential_backoff=True,
        )(ends("failed"))()
    waits: list[float] = []
    place = Workplace.of(dag, store, load_settings())
    run_inline(place, place.new_run(), Listener())

    assert len(waits) == 2
    assert 99 < waits[0] < 200 < waits[1] + 1 < 401


def test_a_finished_task_never_runs_again(run):
    """In one run each body whose success was committed has run once."""
    with DAG("d") as dag:
        chain(
            *(
                task(task_id=f"t{number}", retries=1)(lambda ti=None: calls.append(ti.task_id))()
                for number in range(30)
            )
        )
    calls: list[str] = []

    assert run(dag).state == "success"
    assert calls == [f"t{number}" for number in range(30)]


def test_a_cleared_task_may_use_all_its_retries_again(store):
    """After a clear the tries count on, and the task may fail as often as before."""
    with DAG("d") as dag:

        @task(retries=1)
        def t(ti=None):
            tries.append((ti.try_number, ti.max_tries))
            if len(tries) == 2:
                store.clear([ti.key], reason="a test")
            if len(tries) < 4:
                raise ValueError

        t()
    tries: list[tuple[int, int]] = []
    place = Workplace.of(dag, store, load_settings())

    assert run_inline(place, place.new_run()).state == "success"
    assert tries == [(1, 1), (2, 1), (3, 3), (4, 3)]


def test_a_clear_at_the_last_moment_keeps_the_run_open(store):
    """A task that is cleared after the last try ended, before the run does, runs again."""

    class Listener(Nobody):
        """Clears the task when its first try has ended."""

        def try_ended(self, ti, try_number, end, seconds):
            if try_number == 1:
                store.clear([ti], reason="a test")

    with DAG("d") as dag:
        task(task_id="t")(lambda: calls.append(1))()
    calls: list[int] = []
    place = Workplace.of(dag, store, load_settings())

    assert run_inline(place, place.new_run(), Listener()).state == "success"
    assert len(calls) == 2
