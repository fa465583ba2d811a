from __future__ import annotations

import pytest


class TestVar:
    def test_set_and_get(self, crosscom, here):
        """A Variable is kept, and replaced."""
        assert (0, "set region\n", "") == crosscom("var", "set", "region", "eu")
        assert (0, "eu\n", "") == crosscom("var", "get", "region")
        crosscom("var", "set", "region", "us", "--description", "where we sell")
        assert {"key": "region", "value": "us"} == crosscom("var", "get", "region", "--json").json

    @pytest.mark.parametrize("value", ["-5", "--json", "", "a b\nc", '{"a": 1}'])
    def test_any_text(self, crosscom, here, value):
        """A Variable's text is kept as it is, also when it begins like an option."""
        assert {"key": "k"} == crosscom("var", "set", "--json", "--", "k", value).json
        assert f"{value}\n" == crosscom("var", "get", "k").out

    def test_the_environment_comes_first(self, crosscom, here, monkeypatch):
        """A variable of the environment hides the store's."""
        monkeypatch.setenv("CROSSCOM_VAR_REGION", "mars")

        assert "mars\n" == crosscom("var", "get", "region").out

    def test_ls(self, crosscom, here):
        """Keys are listed, sorted, by prefix."""
        assert (0, "", "") == crosscom("var", "ls")
        for key in ("b", "a.x", "a.y"):
            crosscom("var", "set", key, "1")

        assert "a.x\na.y\nb\n" == crosscom("var", "ls").out
        assert ["a.x", "a.y"] == crosscom("var", "ls", "a.", "--json").json

    def test_rm(self, crosscom, here):
        """A Variable is forgotten with --yes only."""
        crosscom("var", "set", "k", "v")

        assert crosscom("var", "rm", "k").refusal == (
            "forget the Variable 'k'? Nobody can be asked here; say it with --yes"
        )
        assert (0, "forgot k\n", "") == crosscom("var", "rm", "k", "--yes")
        assert crosscom("var", "get", "k").code == 2

    def test_an_unknown_one(self, crosscom, here):
        """An unknown Variable names the nearest, or how to set it; nothing is made."""
        assert crosscom("var", "get", "region").refusal == (
            "there is no Variable 'region'; set it with: crosscom var set region VALUE"
        )
        assert [] == list(here.iterdir())
        crosscom("var", "set", "region", "eu")
        for command in (["get", "regoin"], ["rm", "regoin", "--yes"]):
            assert crosscom("var", *command).refusal == (
                "there is no Variable 'regoin'; did you mean 'region'?"
            )

    def test_a_bad_key(self, crosscom, here):
        """A key that breaks the rule of keys is refused."""
        assert crosscom("var", "set", "", "v").refusal.startswith("key of 0 characters is refused")
