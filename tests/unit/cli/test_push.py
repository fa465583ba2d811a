from __future__ import annotations

import pytest

from crosscom.model import TaskInstanceKey, XComAddress


class TestPush:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ('{"a": [1, 2.5, null]}', '{"a":[1,2.5,null]}'),
            ("-5", "-5"),
            ("-0.5e3", "-500.0"),
            ('"--yes"', '"--yes"'),
            ("true", "true"),
            ("12345678901234567890123", "12345678901234567890123"),
        ],
    )
    def test_json(self, crosscom, churn, value, text):
        """A value is read as JSON, also one that begins like an option."""
        answer = crosscom("push", "churn@r7/train:v", value)

        assert 0 == answer.code
        assert f"{text}\n" == crosscom("get", "churn/train:v").out

    @pytest.mark.parametrize("value", ["plain", "--json", "-x", "{", "", "5"])
    def test_text(self, crosscom, churn, value):
        """With --text the value is kept as it is."""
        answer = crosscom("push", "churn@r7/train:v", "--text", "--", value)

        assert f"pushed churn@r7/train:v (str, {len(value) + 2} B)\n" == answer.out

    def test_what_was_there_is_history(self, crosscom, churn):
        """A push by hand replaces what rests there, and says that it was by hand."""
        crosscom("push", "churn/train:model", "1", "--reason", "the model was broken")

        by = [row[:2] for row in crosscom("history", "churn/train:model").lines[1:]]

        assert [["try", "1"], ["try", "2"], ["by", "hand"]] == by

    def test_the_reason_is_kept(self, crosscom, churn, here):
        """The reason is kept in the store's audit."""
        import sqlite3

        crosscom("push", "churn@r7/train:v", "1", "--reason", "because I say so")

        with sqlite3.connect(here / ".crosscom" / "crosscom.db") as database:
            row = database.execute("SELECT address, reason FROM audit ORDER BY id DESC").fetchone()
        database.close()
        assert ("churn@r7/train:v", "because I say so") == row

    def test_json_answer(self, crosscom, churn):
        """With --json the entry is printed."""
        entry = crosscom("push", "churn/train:v", "[1]", "--json").json

        assert ("churn@r7/train:v", True, [1]) == (
            entry["address"],
            entry["by_hand"],
            entry["preview"],
        )

    def test_a_new_run(self, crosscom, here):
        """With --create-run a missing run is made, to hold values only."""
        crosscom("push", "ext@e/t", "1", "--create-run")
        crosscom("push", "ext@e/t:k", "2", "--create-run")

        assert ["e", "external"] == crosscom("ls", "ext").lines[1][:2]
        assert "2\n" == crosscom("get", "ext/t:k").out


class TestRefusals:
    @pytest.mark.parametrize(
        ("value", "where"),
        [
            ("{", "at character 2"),
            ("", "at character 1"),
            ("hello", "at character 1"),
            ("{'a': 1}", "at character 2"),
            ("NaN", "a number in it is none, or has too many digits"),
            ("[1, Infinity]", "a number in it is none, or has too many digits"),
            ("1" * 5000, "a number in it is none, or has too many digits"),
            ("[" * 100_000, "it is nested too deep"),
        ],
    )
    def test_no_json(self, crosscom, churn, value, where):
        """What is no JSON is refused with the place, and is not repeated."""
        assert crosscom("push", "churn@r7/train:v", value).refusal == (
            f"VALUE is no JSON ({where}); give a text as '\"text\"', or with --text"
        )
        assert None is churn.get(XComAddress(TaskInstanceKey("churn", "r7", "train"), "v"))

    @pytest.mark.parametrize("value", ['{"secret":1,"secret":2}', '[{"a":{"b":1,"\\u0062":1}}]'])
    def test_a_name_that_is_there_twice(self, crosscom, churn, value):
        """A JSON object with one name twice is refused, for one of its values would be lost."""
        assert crosscom("push", "churn@r7/train:v", value).refusal == (
            "VALUE has an object with the same name twice; give each name once"
        )
        assert None is churn.get(XComAddress(TaskInstanceKey("churn", "r7", "train"), "v"))

    def test_too_many_values(self, crosscom, churn):
        """A value that was not quoted is refused, and is not repeated."""
        refusal = crosscom("push", "churn@r7/train", '"my', 'secret"').refusal

        assert "too many arguments; see crosscom push --help" == refusal

    def test_no_value(self, crosscom, churn):
        """A missing value is named."""
        assert crosscom("push", "churn@r7/train").refusal == (
            'command "push" parameter VALUE requires an argument; see crosscom push --help'
        )

    def test_a_missing_run(self, crosscom, churn):
        """A missing run is not made."""
        assert crosscom("push", "churn@r8/train", "1").refusal == (
            "DAG 'churn' has no run 'r8'; its latest: r7, r6"
        )

    def test_an_unknown_task(self, crosscom, churn):
        """A task that the run's DAG does not have is refused, also with --create-run."""
        for more in ([], ["--create-run"]):
            assert crosscom("push", "churn@r7/trian", "1", *more).refusal == (
                "run churn@r7 has no task 'trian'; its tasks: load, train; did you mean 'train'?"
            )

    def test_a_new_run_needs_its_id(self, crosscom, churn):
        """--create-run makes no run without an id."""
        assert crosscom("push", "churn/train", "1", "--create-run").refusal == (
            "--create-run needs the run's id, as churn@RUN_ID/train"
        )

    def test_an_address_without_task(self, crosscom, churn):
        """A value needs a task to rest at."""
        assert crosscom("push", "churn@r7", "1").refusal == (
            "address churn@r7 names no task; the form is dag_id[@run_id]/task_id[[map_index]][:key]"
        )

    def test_a_lone_surrogate(self, crosscom, churn):
        """A text that came in as bytes that are no UTF-8 is kept, or refused; it breaks nothing."""
        answer = crosscom("push", "churn@r7/train:v", "\udcff", "--text")

        assert answer.code in (0, 2)


class TestWithinATry:
    def test_the_own_push(self, crosscom, churn, monkeypatch):
        """In what a try started, a push to its task is under the fence of that try."""
        ti = TaskInstanceKey("churn", "r7", "train")
        attempt = churn.begin_try(ti, None, lease=churn.run(ti.run).lease)
        monkeypatch.setenv("CROSSCOM_ATTEMPT", str(attempt.id))

        for value in ("1", "2"):
            assert 0 == crosscom("push", "churn@r7/train:k", value).code

        entry = crosscom("ls", "churn/train:k", "--json").json[0]
        assert (2, 3, False) == (entry["preview"], entry["try_number"], entry["by_hand"])

    def test_a_stale_try(self, crosscom, churn, monkeypatch):
        """In what a try left behind, a push to its task changes nothing."""
        ti = TaskInstanceKey("churn", "r7", "train")
        attempt = churn.begin_try(ti, None, lease=churn.run(ti.run).lease)
        churn.clear([ti], reason="a test")
        monkeypatch.setenv("CROSSCOM_ATTEMPT", str(attempt.id))

        answer = crosscom("push", "churn@r7/train:k", "1")

        assert (1, "") == (answer.code, answer.out)
        assert 2 == crosscom("get", "churn@r7/train:k").code

    @pytest.mark.parametrize("named", ["", "x", "999999"])
    def test_no_try(self, crosscom, churn, monkeypatch, named):
        """A variable that names no try changes nothing: the push is by hand."""
        monkeypatch.setenv("CROSSCOM_ATTEMPT", named)

        assert crosscom("push", "churn@r7/train:k", "1", "--json").json["by_hand"]
