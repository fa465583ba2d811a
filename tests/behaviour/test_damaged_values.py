"""Bytes that were changed in the store are told as such, and never taken for a value."""

import sqlite3

import pytest

import crosscom as xc
from crosscom.errors import XComCorrupted


@pytest.fixture
def damaged(tmp_path):
    """Give a store in which one character of a pushed text was changed from outside."""
    path = tmp_path / "values.db"
    with xc.open(path) as store:
        store.push("shop@r1/extract:rows", ["apples"])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE xcom SET data = CAST('[\"apricot\"]' AS BLOB)")
    connection.commit()
    connection.close()
    with xc.open(path) as store:
        yield store


def test_a_changed_byte_is_noticed(damaged):
    """A value whose bytes still read as JSON is refused all the same: its digest differs."""
    with pytest.raises(XComCorrupted) as info:
        damaged.pull("shop@r1/extract:rows")

    assert str(info.value) == (
        "cannot pull shop@r1/extract:rows: its 11 bytes are not those that were pushed (their "
        "digest differs); the store was damaged or written by something else"
    )
    assert "apricot" not in str(info.value)


def test_default_does_not_mask_damage(damaged):
    """A default is for what is absent; a damaged value is not absent."""
    with pytest.raises(XComCorrupted):
        damaged.pull("shop@r1/extract:rows", default=[])


def test_lists_still_show_what_is_known(damaged):
    """A list opens no value, so damage does not hide the others."""
    assert "rows" in repr(damaged.ls("shop@r1/extract"))
