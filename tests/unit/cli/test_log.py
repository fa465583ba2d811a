from __future__ import annotations


class TestLog:
    def test_the_last_try(self, crosscom, churn):
        """Without --try it is the log of the last try."""
        assert (0, "second try\n", "") == crosscom("log", "churn/train")

    def test_an_earlier_try(self, crosscom, churn):
        """The log of each try is kept."""
        assert (0, "first try\n", "") == crosscom("log", "churn@r7/train", "--try", "1")

    def test_json(self, crosscom, churn, here):
        """With --json the text comes with its place."""
        assert crosscom("log", "churn/train", "--json").json == {
            "address": "churn@r7/train",
            "try_number": 2,
            "path": f"{here}/.crosscom/logs/churn/r7/train.2.log",
            "text": "second try\n",
        }

    def test_no_such_try(self, crosscom, churn):
        """A try that was never started is refused with those that were."""
        for number in ("0", "3", "-1"):
            assert crosscom("log", "churn/train", "--try", number).refusal == (
                f"churn@r7/train has no try {number}; it has tries 1 to 2"
            )
        assert crosscom("log", "churn/load", "--try", "2").refusal == (
            "churn@r7/load has no try 2; it has only try 1"
        )

    def test_never_started(self, crosscom, here):
        """A task that was never started has no log."""
        crosscom("push", "ext@e/t", "1", "--create-run")

        assert crosscom("log", "ext/t").refusal == (
            "ext@e/t has no log: it was never started (its state is none)"
        )

    def test_a_log_that_is_gone(self, crosscom, churn, here):
        """A log that somebody deleted is an error that names its place."""
        assert crosscom("log", "churn@r6/train").refusal == (
            "try 1 of churn@r6/train left no log: "
            f"there is no file {here}/.crosscom/logs/churn/r6/train.1.log"
        )

    def test_no_number(self, crosscom, churn):
        """A try must be a number."""
        assert crosscom("log", "churn/train", "--try", "x").code == 2
