"""What a store promises about runs, descriptions and code."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from dataclasses import replace

import pytest

from crosscom.errors import RunExists, StoreUnavailable
from crosscom.model import (
    Bundle,
    DagDescription,
    RunKey,
    RunState,
    TaskDescription,
    TaskState,
)
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    OTHER_SCHEDULER,
    SCHEDULER,
    at,
    encoded,
    instance,
    new_run,
)

BUNDLE = Bundle(
    digest="b1",
    root="/home/ann/dags",
    dag_file="sales.py",
    files=(("shapes.py", "d2"), ("templates/ü.sql", "d3")),
)


class RunContract:
    """`create_run`, `run`, `runs`, `dag_ids`."""

    def test_new_run_is_as_it_was_described(self, store: Store) -> None:
        """A run keeps everything it was made with, and `run` gives what `create_run` gave."""
        new = replace(
            new_run(logical_date_us=1_700_000_000_000_000),
            run_type="scheduled",
            conf='{"rows": 10}',
            params='{"region": "eu"}',
            bundle=BUNDLE,
        )

        run = store.create_run(new)

        assert store.run(new.key) == run
        assert (run.key, run.logical_date_us) == (new.key, 1_700_000_000_000_000)
        assert (run.run_type, run.conf, run.params) == (new.run_type, new.conf, new.params)
        assert run.description_digest == new.description.digest
        assert run.bundle_digest == "b1"
        assert (run.revision, run.ended_at_us) == (0, None)

    def test_run_with_a_scheduler_runs(self, store: Store) -> None:
        """A run that names its scheduler is running from its creation."""
        run = store.create_run(new_run(scheduler=SCHEDULER))

        assert (run.state, run.scheduler) == (RunState.RUNNING, SCHEDULER)
        assert run.started_at_us == run.created_at_us

    def test_run_without_a_scheduler_is_queued(self, store: Store) -> None:
        """A run that names no scheduler waits for one."""
        run = store.create_run(new_run(scheduler=None))

        assert (run.state, run.scheduler, run.started_at_us) == (RunState.QUEUED, None, None)

    def test_new_run_has_its_task_instances(self, store: Store) -> None:
        """There is one task instance per task, that never started and may use all retries."""
        store.create_run(new_run(retries=2))

        records = store.task_instances(RunKey("sales", "r1"))

        assert [record.key for record in records] == [instance("extract"), instance("load")]
        assert {record.state for record in records} == {TaskState.NONE}
        assert {(record.try_number, record.max_tries) for record in records} == {(0, 3)}
        assert {(record.lost_tries, record.attempt) for record in records} == {(0, None)}

    def test_mapped_tasks_have_no_instance_yet(self, store: Store) -> None:
        """How many instances a mapped task has is not known when its run is made."""
        tasks = (TaskDescription("a", "@task"), TaskDescription("b", "@task", is_mapped=True))
        store.create_run(replace(new_run(), description=DagDescription("sales", tasks)))

        assert [record.key.task_id for record in store.task_instances(instance().run)] == ["a"]

    def test_taken_run_id_is_refused(self, store: Store) -> None:
        """A second run with one id is refused, and the first one stays as it was."""
        made = store.create_run(new_run(retries=1))
        second = replace(new_run(retries=5), conf='{"other": 1}')

        with pytest.raises(RunExists) as caught:
            store.create_run(second)

        assert str(caught.value) == (
            "cannot make run sales@r1: there is one already; choose another run id, or resume it"
        )
        assert store.runs() == [made]
        assert {one.max_tries for one in store.task_instances(made.key)} == {2}
        with pytest.raises(StoreUnavailable):
            store.description(second.description.digest)

    def test_two_dags_may_use_one_run_id(self, store: Store) -> None:
        """Run ids belong to their DAG."""
        for dag_id in ("sales", "stock"):
            store.create_run(new_run(dag_id=dag_id))

        assert [str(run.key) for run in store.runs()] == ["stock@r1", "sales@r1"]

    def test_unknown_run_is_none(self, store: Store) -> None:
        """A run that was never made is None, and has neither task instances nor tries."""
        key = RunKey("sales", "r9")

        assert store.run(key) is None
        assert store.task_instances(key) == []
        assert store.attempts(key) == []

    def test_runs_come_latest_made_first(self, store: Store) -> None:
        """The latest made run comes first, whatever its logical date; a limit cuts the list."""
        for number in range(4):
            store.create_run(new_run(f"r{number}", logical_date_us=-number))

        assert [run.key.run_id for run in store.runs()] == ["r3", "r2", "r1", "r0"]
        assert [run.key.run_id for run in store.runs(limit=2)] == ["r3", "r2"]
        assert store.runs(limit=0) == []

    def test_runs_of_one_dag(self, store: Store) -> None:
        """The list can be narrowed to a DAG; the limit counts its runs only."""
        for dag_id in ("sales", "stock", "sales", "stock"):
            store.create_run(new_run(f"r{len(store.runs())}", dag_id=dag_id))

        assert [run.key.run_id for run in store.runs("sales")] == ["r2", "r0"]
        assert [run.key.run_id for run in store.runs("sales", limit=1)] == ["r2"]
        assert store.runs("nobody") == []

    def test_dag_ids_are_sorted_and_told_once(self, store: Store) -> None:
        """Every DAG with a run is listed once."""
        for dag_id, run_id in (("stock", "r1"), ("sales", "r1"), ("stock", "r2")):
            store.create_run(new_run(run_id, dag_id=dag_id))
        store.put_by_hand(
            at("rows", instance(dag_id="lake")), encoded(1), reason="a test", create_run=True
        )

        assert store.dag_ids() == ["lake", "sales", "stock"]


class CodeContract:
    """`description`, `bundle`, `put_sources`, `source`."""

    def test_description_comes_back_equal(self, store: Store) -> None:
        """A run's description of its DAG is kept to the last field."""
        task = TaskDescription(
            "extract",
            "@task",
            upstream=("a", "b"),
            reads=(("a", "rows"),),
            trigger_rule="all_done",
            retries=3,
            retry_delay_seconds=0.5,
            max_retry_delay_seconds=60.0,
            execution_timeout_seconds=5.0,
            do_xcom_push=False,
            multiple_outputs=True,
            doc="räumt auf",
        )
        description = DagDescription("sales", (task,), params='{"n":1}', tags=("x",), doc="é")

        run = store.create_run(replace(new_run(), description=description))

        assert store.description(run.description_digest or "") == description

    def test_equal_descriptions_are_kept_once(self, store: Store) -> None:
        """Two runs of one DAG name the same description."""
        digests = {store.create_run(new_run(run_id)).description_digest for run_id in ("a", "b")}

        assert len(digests) == 1

    @pytest.mark.parametrize("what", ["description", "bundle", "source"])
    def test_unknown_digest_is_an_error(self, store: Store, what: str) -> None:
        """A digest that nothing has is a damaged store, not an empty answer."""
        with pytest.raises(StoreUnavailable, match="no-such-digest"):
            getattr(store, what)("no-such-digest")

    def test_bundle_of_a_run_comes_back_equal(self, store: Store) -> None:
        """The manifest a run was made with is kept as it is."""
        store.create_run(replace(new_run(), bundle=BUNDLE))

        assert store.bundle("b1") == BUNDLE

    def test_sources_come_back_to_the_byte(self, store: Store) -> None:
        """The files of a bundle are kept by digest, whatever is in them."""
        sources = {"d2": b"class Point: ...\n", "d3": bytes(range(256))}

        store.put_sources(BUNDLE, sources)

        assert store.bundle("b1") == BUNDLE
        assert {digest: store.source(digest) for digest in sources} == sources

    def test_sources_may_be_put_again(self, store: Store) -> None:
        """What is there already stays, and new files of another bundle come beside it."""
        store.put_sources(BUNDLE, {"d2": b"two"})
        other = replace(BUNDLE, digest="b2", files=(("shapes.py", "d2"), ("new.py", "d4")))

        store.put_sources(BUNDLE, {"d2": b"two"})
        store.put_sources(other, {"d2": b"two", "d4": b"four"})

        assert (store.source("d2"), store.source("d4")) == (b"two", b"four")
        assert (store.bundle("b1"), store.bundle("b2")) == (BUNDLE, other)

    def test_sources_before_the_run(self, store: Store) -> None:
        """A bundle may be put before or after a run that names it."""
        store.put_sources(BUNDLE, {"d2": b"two"})

        run = store.create_run(replace(new_run(scheduler=OTHER_SCHEDULER), bundle=BUNDLE))

        assert store.bundle(run.bundle_digest or "") == BUNDLE

    def test_equal_code_of_two_folders(self, store: Store) -> None:
        """Two runs of equal code keep one bundle, and each the folder it was read from."""
        elsewhere = replace(BUNDLE, root="/elsewhere")

        first = store.create_run(replace(new_run("r1"), bundle=BUNDLE))
        second = store.create_run(replace(new_run("r2"), bundle=elsewhere))

        assert first.bundle_digest == second.bundle_digest
        roots = [run.code_root for run in (store.run(first.key), store.run(second.key)) if run]
        assert roots == [BUNDLE.root, "/elsewhere"]
