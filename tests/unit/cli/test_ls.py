from __future__ import annotations

import pytest


class TestText:
    def test_nothing_yet(self, crosscom, here):
        """In a fresh folder nothing is listed, nothing is made, and that is no error."""
        assert (0, "", "nothing here yet\n") == crosscom("ls")
        assert [] == list(here.iterdir())

    def test_dags(self, crosscom, churn):
        """Without an address, DAGs are listed with their latest run."""
        header, row = crosscom("ls").lines

        assert ["dag", "latest", "run", "state", "made"] == header
        assert ["churn", "r7", "success"] == row[:3]

    def test_runs(self, crosscom, churn):
        """A DAG's runs are listed, the latest made first."""
        assert [["r7", "success"], ["r6", "success"]] == [
            row[:2] for row in crosscom("ls", "churn").lines[1:]
        ]

    def test_tasks(self, crosscom, churn):
        """A run's tasks are listed in the order of the DAG, with what they pushed."""
        load, train = crosscom("ls", "churn@r7").out.splitlines()[1:]

        assert ["load", "success", "1"] == load.split()[:3]
        assert "rows (list, 5 B), return_value (tuple, " in load
        assert ["train", "success", "2"] == train.split()[:3]
        assert "model (dict, 11 B), return_value (NoneType, 4 B)" in train

    def test_the_latest_run(self, crosscom, churn):
        """`@^0` is the latest run and `@^1` the one before: their tasks are listed."""
        assert crosscom("ls", "churn@r7") == crosscom("ls", "churn@^0")
        assert crosscom("ls", "churn@r6") == crosscom("ls", "churn@^1")

    def test_xcoms(self, crosscom, churn):
        """A task's XComs are listed in the order of their push, with previews."""
        lines = crosscom("ls", "churn/train").lines

        assert ["key", "type", "size", "pushed", "by", "preview"] == lines[0]
        assert ["model", "dict", "11", "B"] == lines[1][:4]
        assert ["try", "2", '{"depth":3}'] == lines[1][-3:]

    def test_one_xcom(self, crosscom, churn):
        """An address with a key lists that XCom alone."""
        assert ["model"] == [row[0] for row in crosscom("ls", "churn/train:model").lines[1:]]

    def test_a_task_that_pushed_nothing(self, crosscom, churn):
        """A task without XComs says so on stderr."""
        crosscom("rm", "churn/train:model", "--yes")
        crosscom("rm", "churn/train", "--yes")

        assert (0, "", "nothing in churn/train\n") == crosscom("ls", "churn/train")

    def test_mapped_instances(self, crosscom, churn):
        """The XComs of all instances of a mapped task are listed with their index."""
        for index in (0, 1):
            crosscom("push", f"ext@e/t[{index}]:k", str(index), "--create-run")

        assert ["[0]:k", "[1]:k"] == [row[0] for row in crosscom("ls", "ext/t").lines[1:]]
        assert ["[1]:k"] == [row[0] for row in crosscom("ls", "ext/t[1]").lines[1:]]

    def test_keys_cannot_steer_the_terminal(self, crosscom, churn):
        """Previews are shown with escapes for what a terminal would obey."""
        crosscom("push", "churn@r7/train:evil", "\x1b[31m", "--text")

        assert "\x1b" not in crosscom("ls", "churn/train").out


class TestJson:
    def test_nothing_yet(self, crosscom):
        """In a fresh folder the list is empty."""
        assert [] == crosscom("ls", "--json").json

    def test_dags(self, crosscom, churn):
        """DAGs come with their latest run."""
        (dag,) = crosscom("ls", "--json").json

        assert {"dag_id", "latest_run_id", "state", "created_at"} == set(dag)
        assert ("churn", "r7", "success") == (dag["dag_id"], dag["latest_run_id"], dag["state"])

    def test_runs(self, crosscom, churn):
        """Runs come with their times."""
        run = crosscom("ls", "churn", "--json").json[0]

        assert ("churn", "r7", "success", "manual") == (
            run["dag_id"],
            run["run_id"],
            run["state"],
            run["run_type"],
        )
        assert run["ended_at"].endswith("Z")

    def test_tasks(self, crosscom, churn):
        """Tasks have the shape that `run --json` gives."""
        _, train = crosscom("ls", "churn@r7", "--json").json

        assert {"task_id", "map_index", "state", "try_number", "seconds", "xcoms"} == set(train)
        assert train["seconds"] >= 0
        assert train["xcoms"] == [
            {"key": "model", "type": "dict", "size_bytes": 11, "preview": {"depth": 3}},
            {"key": "return_value", "type": "NoneType", "size_bytes": 4, "preview": None},
        ]

    def test_xcoms(self, crosscom, churn):
        """XComs come with all that is known without opening them."""
        entry = crosscom("ls", "churn@r7/train:model", "--json").json[0]

        assert "churn@r7/train:model" == entry["address"]
        assert (True, 2, False, "json", "") == (
            entry["live"],
            entry["try_number"],
            entry["by_hand"],
            entry["encoding"],
            entry["backend"],
        )
        assert 64 == len(entry["digest"])
        assert None is entry["ended_at"]


class TestRefusals:
    def test_unknown_dag(self, crosscom, churn, here):
        """An unknown DAG names those that have runs, and the nearest."""
        assert crosscom("ls", "chrun").refusal == (
            f"store sqlite://{here}/.crosscom/crosscom.db has no run of DAG 'chrun'; "
            "there are runs of: churn; did you mean 'churn'?"
        )

    def test_unknown_run(self, crosscom, churn):
        """An unknown run names the DAG's latest."""
        assert crosscom("ls", "churn@r77").refusal == (
            "DAG 'churn' has no run 'r77'; its latest: r7, r6; did you mean 'r7'?"
        )

    def test_a_run_too_far_back(self, crosscom, churn):
        """A place before the first run tells how many there are."""
        assert crosscom("ls", "churn@^2").refusal == (
            "DAG 'churn' has only 2 runs, so there is no @^2"
        )

    def test_unknown_task(self, crosscom, churn):
        """An unknown task names the run's tasks."""
        assert crosscom("ls", "churn@r7/trian").refusal == (
            "run churn@r7 has no task 'trian'; its tasks: load, train; did you mean 'train'?"
        )

    def test_unknown_index(self, crosscom, churn):
        """An index of a task that is not mapped is an error."""
        assert crosscom("ls", "churn@r7/train[2]").refusal == (
            "task 'train' of churn@r7 has no index 2; it is not mapped"
        )

    def test_unknown_key(self, crosscom, churn):
        """An unknown key names what the task pushed."""
        assert crosscom("ls", "churn@r7/train:modl").refusal == (
            "task instance churn@r7/train has no XCom 'modl'; "
            "it pushed: 'model', 'return_value'; did you mean 'model'?"
        )

    @pytest.mark.parametrize(
        ("address", "why"),
        [
            ("", "an address is a text of the form"),
            ("a b", "dag_id of 3 characters is refused; it must be"),
            ("../x", "dag_id of 2 characters is refused; it must be"),
            ("churn/..", "task_id of 2 characters is refused; it must be"),
            ("churn@r 7", "run_id of 3 characters is refused; it must be"),
            ("churn@^x", "after @^ an address counts runs back, as @^1; the form is"),
            ("churn/train[x]", "the task part of an address is task_id or task_id[map_index]"),
            ("churn/train[-2]", "map_index out of range is refused; it must be"),
            ("churn/train:", "key of 0 characters is refused; it must be"),
            ("churn/train:a\x1bb", "key of 3 characters is refused; it must be"),
        ],
    )
    def test_no_address(self, crosscom, churn, address, why):
        """A text that is no address is refused with the form, or with the rule of the field."""
        assert crosscom("ls", address).refusal.startswith(why)

    def test_no_store_yet(self, crosscom, here):
        """An address in a fresh folder is an error, and nothing is made."""
        answer = crosscom("ls", "churn")

        assert 1 == answer.code
        assert answer.err.startswith("crosscom: error: ")
        assert [] == list(here.iterdir())
