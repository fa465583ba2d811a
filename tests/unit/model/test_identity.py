"""Identities refuse what breaks a rule before anything is stored."""

import pytest

from crosscom.errors import InvalidName
from crosscom.model import RunKey, TaskInstanceKey, XComAddress

TI = TaskInstanceKey("sales", "r1", "extract")


@pytest.mark.parametrize("text", ["a", "A-Z_0.9", "x" * 250, "...", ".hidden"])
def test_ids_take_the_documented_characters(text):
    """A dag_id and a task_id are 1 to 250 characters of A-Z a-z 0-9 _ . -."""
    assert TaskInstanceKey(text, "r", text).task_id == text


@pytest.mark.parametrize("text", ["manual__2026-01-31T00:00:00+00:00", "r~1", "x" * 250])
def test_run_ids_take_dates(text):
    """A run_id may also hold ~ : and +, so that Airflow's fit."""
    assert RunKey("d", text).run_id == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "a b", "ä", "x" * 251, "a\n", None, 5, b"a"]
)
@pytest.mark.parametrize("field", ["dag_id", "task_id", "run_id"])
def test_a_bad_id_names_its_field_and_rule(field, text):
    """A refused id says which field it is and what the rule is, never the value."""
    fields = {"dag_id": "d", "run_id": "r", "task_id": "t", field: text}

    with pytest.raises(
        InvalidName, match=rf"^{field} of .* is refused; it must be 1 to 250"
    ) as info:
        TaskInstanceKey(**fields)

    assert info.value.field == field
    assert "250 characters" in info.value.rule


@pytest.mark.parametrize("index", [-2, 2**31, "1", 1.0, True, None])
def test_a_bad_map_index_is_refused(index):
    """A map index is an int from -1 to 2**31 - 1; a bool is none."""
    with pytest.raises(InvalidName, match="^map_index (of type|out of range)"):
        TaskInstanceKey("d", "r", "t", index)


@pytest.mark.parametrize("key", ["k", "a/b c", "ключ", "x" * 512, "-", ":", "\U0001f600"])
def test_keys_are_any_text(key):
    """A key may hold slashes, blanks, colons and any script."""
    assert XComAddress(TI, key).key == key


@pytest.mark.parametrize("key", ["", "x" * 513, "a\n", "a\x00", "\ud800", "\x85", None, 5])
def test_a_bad_key_is_refused(key):
    """A key without characters, with control characters or lone surrogates is refused."""
    with pytest.raises(InvalidName, match="^key of .* is refused; it must be 1 to 512"):
        XComAddress(TI, key)


def test_the_value_is_not_in_the_text():
    """The refused text itself is not shown: it may be secret."""
    with pytest.raises(InvalidName) as info:
        RunKey("pass word", "r")

    assert "pass word" not in str(info.value)


def test_the_key_defaults_to_return_value():
    """An address without a key is that of the returned value."""
    assert XComAddress(TI).key == "return_value"


def test_text_forms():
    """Runs, task instances and addresses print as they are written on the command line."""
    mapped = TaskInstanceKey("churn", "r7", "train", 2)

    assert str(mapped.run) == "churn@r7"
    assert str(mapped) == "churn@r7/train[2]"
    assert str(XComAddress(mapped, "model")) == "churn@r7/train[2]:model"
    assert str(XComAddress(TI)) == "sales@r1/extract:return_value"
