from __future__ import annotations


class TestRun:
    def test_text(self, crosscom, churn):
        """A run shows its state, its conf, its tasks, edges and errors."""
        out = crosscom("show", "churn@r7").out

        assert out.startswith("run    churn@r7\nstate  success\ntype   manual\n")
        assert 'conf   {"n": 1}\ntags   demo\n' in out
        assert "\n\nedges\nload >> train\n" in out
        assert out.endswith("\n\nerrors\nchurn@r7/train try 1: ValueError: no rows\n")

    def test_json(self, crosscom, churn):
        """A run's JSON holds its description, and the tries of each task."""
        body = crosscom("show", "churn", "--json").json

        assert ("churn", "r7", "success") == (body["dag_id"], body["run_id"], body["state"])
        assert {"n": 1} == body["conf"]
        assert ["load", "train"] == [task["task_id"] for task in body["dag"]["tasks"]]
        assert [(1, "failed"), (2, "success")] == [
            (each["try_number"], each["state"]) for each in body["tasks"][1]["tries"]
        ]
        assert None is body["code"]

    def test_a_run_without_a_dag(self, crosscom, here):
        """A run that only holds values shows those."""
        crosscom("push", "ext@e/t", "1", "--create-run")

        assert "state  external" in crosscom("show", "ext").out
        assert None is crosscom("show", "ext", "--json").json["dag"]


class TestTask:
    def test_text(self, crosscom, churn, here):
        """A task shows what it is, its tries with their errors, and what it pushed."""
        out = crosscom("show", "churn@r7/train").out

        assert out.startswith("task      churn@r7/train\nstate     success\ntries     2 of 2\n")
        assert "operator  PythonOperator\nrule      all_success\nretries   1, after 300 s\n" in out
        assert "upstream  load\nreads     load:rows\n" in out
        assert f"log       {here}/.crosscom/logs/churn/r7/train.2.log\n" in out
        assert "ValueError: no rows" in out.partition("\n\ntries\n")[2]
        assert '{"depth":3}' in out.partition("\n\npushed\n")[2]

    def test_downstream_and_doc(self, crosscom, churn):
        """A task shows what waits for it, and the first line of its text."""
        out = crosscom("show", "churn/load").out

        assert "doc         Load the customers.\n" in out
        assert "downstream  train\n" in out

    def test_json(self, crosscom, churn, here):
        """A task's JSON holds its description, tries, logs and XComs."""
        body = crosscom("show", "churn@r7/train", "--json").json

        assert "churn@r7/train" == body["address"]
        assert ["load"] == body["task"]["upstream"]
        assert "ValueError: no rows" == body["tries"][0]["error"]
        assert f"{here}/.crosscom/logs/churn/r7/train.1.log" == body["tries"][0]["log"]
        assert ["model", "return_value"] == [each["key"] for each in body["xcoms"]]

    def test_a_mapped_task_needs_its_index(self, crosscom, here):
        """A mapped task without index is refused, with the indexes it has."""
        for index in (0, 1):
            crosscom("push", f"ext@e/t[{index}]:k", str(index), "--create-run")

        assert crosscom("show", "ext/t").refusal == (
            "task 't' of ext@e is mapped (2 indexes, 0 to 1); write which one, as t[0]"
        )
        assert crosscom("show", "ext/t[5]").refusal == (
            "task 't' of ext@e has no index 5; it has 2 indexes, 0 to 1"
        )
        assert "ext@e/t[1]" in crosscom("show", "ext/t[1]").out


class TestValue:
    def test_text(self, crosscom, churn):
        """A value shows who pushed it, its size and digest, its history and preview."""
        out = crosscom("show", "churn@r7/train:model").out

        assert out.startswith("address   churn@r7/train:model\ntype      dict\nsize      11 B\n")
        assert " by try 2\n" in out
        assert "history   1 earlier\n" in out
        assert out.endswith('\n\npreview\n{"depth":3}\n')

    def test_json(self, crosscom, churn):
        """A value's JSON is its entry and how many were there before it."""
        body = crosscom("show", "churn@r7/train:model", "--json").json

        assert ("dict", 11, 1) == (body["type"], body["size_bytes"], body["earlier"])

    def test_by_hand(self, crosscom, churn):
        """A value that was pushed by hand says so, and a large one its exact size."""
        crosscom("push", "churn@r7/train:x", "a" * 2000, "--text")

        out = crosscom("show", "churn@r7/train:x").out

        assert " by hand\n" in out
        assert "size      2.0 KiB (2002 bytes)\n" in out
        assert "history   none\n" in out

    def test_unknown_key(self, crosscom, churn):
        """An unknown key names what the task pushed."""
        assert crosscom("show", "churn@r7/train:modl").refusal.endswith("did you mean 'model'?")
