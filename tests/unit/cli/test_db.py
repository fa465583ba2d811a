from __future__ import annotations

import sqlite3

import pytest


class TestUpgrade:
    def test_a_missing_store_is_made(self, crosscom, here):
        """The store and its home are made; a second time nothing is left to do."""
        assert crosscom("db", "upgrade").out.startswith("applied 0001")
        assert (0, "the store is up to date\n", "") == crosscom("db", "upgrade")
        assert "*\n" == (here / ".crosscom" / ".gitignore").read_text()

    def test_json(self, crosscom, here):
        """With --json it tells what was applied, and where."""
        body = crosscom("db", "upgrade", "--json").json

        assert f"sqlite://{here}/.crosscom/crosscom.db" == body["store"]
        assert body["applied"]
        assert [] == crosscom("db", "upgrade", "--json").json["applied"]


@pytest.fixture
def newer(churn, here):
    """Make the store look like that of a later crosscom."""
    database = sqlite3.connect(here / ".crosscom" / "crosscom.db")
    database.execute("INSERT INTO migration VALUES (999, '0999_later', '', 0)")
    database.execute("PRAGMA user_version = 999")
    database.commit()
    database.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["ls"],
        ["show", "churn"],
        ["get", "churn/load"],
        ["history", "churn/load"],
        ["log", "churn/load"],
        ["push", "churn/load", "1"],
        ["rm", "churn/load", "--yes"],
        ["var", "get", "k"],
        ["var", "set", "k", "v"],
        ["var", "ls"],
        ["var", "rm", "k", "--yes"],
        ["clear", "churn"],
        ["resume", "churn"],
        ["db", "upgrade"],
    ],
    ids=" ".join,
)
def test_a_store_of_a_newer_version(crosscom, newer, arguments):
    """A store of a later crosscom is left alone by every command."""
    answer = crosscom(*arguments)

    assert (1, "") == (answer.code, answer.out)
    assert answer.err.startswith("crosscom: error: ")
    assert "999" in answer.err
    assert answer.err.count("\n") == 1
