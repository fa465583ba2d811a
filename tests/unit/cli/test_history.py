from __future__ import annotations


class TestHistory:
    def test_by_try(self, crosscom, churn):
        """What an earlier try pushed is history; the live entry comes last."""
        header, first, second = crosscom("history", "churn/train:model").lines

        assert ["by", "state", "type", "size", "pushed", "ended", "preview"] == header
        assert ["try", "1", "history", "str"] == first[:4]
        assert ["try", "2", "live", "dict"] == second[:4]

    def test_json(self, crosscom, churn):
        """Each entry tells when it was pushed and when it ended."""
        first, second = crosscom("history", "churn/train:model", "--json").json

        assert (False, 1, "old") == (first["live"], first["try_number"], first["preview"])
        assert first["ended_at"] <= second["pushed_at"]
        assert None is second["ended_at"]

    def test_only_history(self, crosscom, churn):
        """What was cleared is still listed."""
        from crosscom.model import TaskInstanceKey

        churn.clear([TaskInstanceKey("churn", "r7", "train")], reason="a test")

        states = [row[2] for row in crosscom("history", "churn@r7/train:model").lines[1:]]

        assert ["history", "history"] == states

    def test_nothing_was_ever_there(self, crosscom, churn):
        """A key that was never pushed is an error that names those that were."""
        assert crosscom("history", "churn/train:modl").refusal.endswith("did you mean 'model'?")
