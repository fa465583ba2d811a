from __future__ import annotations

import io

import pytest


class Terminal(io.StringIO):
    """Something to read from that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


class TestRm:
    def test_it_forgets_the_history_too(self, crosscom, churn):
        """The value and all its earlier entries are gone."""
        answer = crosscom("rm", "churn@r7/train:model", "--yes", "--reason", "a test")

        assert (0, "forgot churn@r7/train:model (2 entries)\n", "") == answer
        assert 2 == crosscom("get", "churn@r7/train:model").code
        assert 2 == crosscom("history", "churn@r7/train:model").code

    def test_json(self, crosscom, churn):
        """With --json it tells how many entries are gone."""
        body = crosscom("rm", "churn/load", "--yes", "--json").json

        assert {"address": "churn@r7/load:return_value", "entries": 1} == body

    def test_what_was_removed_is_explained(self, crosscom, churn):
        """A task that succeeded, and whose value was removed, is not said to have failed to run."""
        for key in ("return_value", "rows"):
            crosscom("rm", f"churn/load:{key}", "--yes")

        assert crosscom("get", "churn/load").refusal.endswith(
            "; there is nothing of it in this run: it may not have run yet, a retry cleared it, "
            "or it was removed by hand"
        )

    def test_nobody_to_ask(self, crosscom, churn):
        """Without a terminal and without --yes nothing is forgotten."""
        assert crosscom("rm", "churn/train:model").refusal == (
            "forget churn@r7/train:model and its history (2 entries)? "
            "Nobody can be asked here; say it with --yes"
        )
        assert 0 == crosscom("get", "churn/train:model").code

    @pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("Yes\n", 0), ("n\n", 2), ("", 2)])
    def test_somebody_is_asked(self, crosscom, churn, monkeypatch, said, code):
        """On a terminal it is forgotten only when the person agrees."""
        monkeypatch.setattr("sys.stdin", Terminal(said))
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)

        answer = crosscom("rm", "churn/load")

        assert code == answer.code
        assert answer.err.startswith(
            "forget churn@r7/load:return_value and its history (1 entry)? "
        )
        assert (code != 0) == (crosscom("get", "churn/load").code == 0)

    def test_unknown_key(self, crosscom, churn):
        """An unknown key is refused before anybody is asked."""
        assert crosscom("rm", "churn/train:modl").refusal.endswith("did you mean 'model'?")

    def test_a_run(self, crosscom, churn):
        """A run as a whole is not forgotten."""
        assert crosscom("rm", "churn@r7", "--yes").refusal == (
            "address churn@r7 names no task; write it as churn@r7/TASK_ID"
        )
