"""Addresses have one text form, the same everywhere."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.errors import InvalidAddress, InvalidName
from crosscom.model import AddressPattern, RunKey, parse_address

IDS = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=250).filter(
    lambda text: text not in {".", ".."}
)
RUN_IDS = st.text(string.ascii_letters + string.digits + "_.~:+-", min_size=1).filter(
    lambda text: text not in {".", ".."}
)
KEYS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=512)


@st.composite
def patterns(draw):
    """Make every address a person may write."""
    run_id = draw(st.none() | RUN_IDS)
    back = 0 if run_id is not None else draw(st.integers(0, 10**8))
    if draw(st.booleans()):
        return AddressPattern(draw(IDS), run_id, back)
    return AddressPattern(
        draw(IDS),
        run_id,
        back,
        draw(IDS),
        draw(st.none() | st.integers(-1, 2**31 - 1)),
        draw(st.none() | KEYS),
    )


@given(patterns())
def test_parsing_undoes_printing(pattern):
    """What an address prints parses back to the same address."""
    assert parse_address(str(pattern)) == pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("churn", AddressPattern("churn")),
        ("churn@r7", AddressPattern("churn", "r7")),
        ("churn@^1", AddressPattern("churn", None, 1)),
        ("churn/train", AddressPattern("churn", None, 0, "train")),
        ("churn@r7/train[2]:model", AddressPattern("churn", "r7", 0, "train", 2, "model")),
        ("churn/train:a/b:c", AddressPattern("churn", None, 0, "train", None, "a/b:c")),
    ],
)
def test_parts_may_be_left_out(text, expected):
    """From the right, parts of an address may be missing; a key may hold / and :."""
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not an empty one"),
        (None, "not a NoneType"),
        ("a/t[", "task_id or task_id[map_index]"),
        ("a/t[x]", "task_id or task_id[map_index]"),
        ("a/t[1]x", "task_id or task_id[map_index]"),
        ("a@^x", "counts runs back"),
        ("a@^", "counts runs back"),
        ("a@^-1", "counts runs back"),
    ],
)
def test_a_text_without_the_form_is_refused(text, reason):
    """A malformed address says where it breaks off and shows the form."""
    with pytest.raises(InvalidAddress) as info:
        parse_address(text)

    assert reason in str(info.value)
    assert "dag_id[@run_id]/task_id[[map_index]][:key]" in str(info.value)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("/t", "dag_id"),
        ("a/", "task_id"),
        ("a@/t", "run_id"),
        ("a/t:", "key"),
        ("a/t[-2]", "map_index"),
    ],
)
def test_a_part_that_breaks_its_rule_is_named(text, field):
    """A part that breaks the rule of its field is refused by that field's name."""
    with pytest.raises(InvalidName, match=f"^{field} (of|out of) "):
        parse_address(text)


def test_a_pattern_becomes_an_address_in_a_run():
    """Within a run, the key defaults to return_value and the index to unmapped."""
    run = RunKey("churn", "r7")

    assert str(parse_address("churn/train").at(run)) == "churn@r7/train:return_value"


def test_a_pattern_without_a_task_is_no_address():
    """A DAG or run as a whole is no XCom."""
    with pytest.raises(InvalidAddress, match="names no task"):
        parse_address("churn@r7").at(RunKey("churn", "r7"))
