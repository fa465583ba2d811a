"""The table of figures and its place in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks.goals import AtMostTimes, Goal, Shown, Under
from benchmarks.table import BEGIN, END, markdown, write
from benchmarks.timing import Compared, Timing

ROOT = Path(__file__).parents[3]
FAST = Compared(ours=Timing((1e-5, 3e-5)), limit=Timing((1e-5, 1e-5)))


def rows(text):
    """Give the cells of each row below the head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_a_row_shows_figures_limit_ratio_and_verdict():
    """A row has what and limit, minimum and median of both, their ratios, the goal, the verdict."""
    goal = Goal("push", "a push", "a bare push", AtMostTimes(2))

    (row,) = rows(markdown([goal], {"push": FAST}, []))

    assert row == [
        "a push",
        "a bare push: 10 us / 10 us",
        "10 us / 20 us",
        "1.00 / 2.00",
        "at most 2x",
        "yes",
    ]


def test_a_missed_goal_stands_out():
    """A goal that is not reached is told in bold, and what has no goal gets a dash."""
    goals = [Goal("a", "a", "b", Under(1e-6)), Goal("b", "a", "b", Shown())]

    verdicts = [row[-1] for row in rows(markdown(goals, {"a": FAST, "b": FAST}, []))]

    assert verdicts == ["**no**", "-"]


def test_a_small_ratio_is_turned_round():
    """Where crosscom is much faster the ratio is shown as a fraction."""
    goal = Goal("push", "a push", "another's push", Shown())
    far = Compared(ours=Timing((0.001,)), limit=Timing((0.5,)))

    (row,) = rows(markdown([goal], {"push": far}, []))

    assert row[3] == "1/500 / 1/500"


def test_what_was_not_measured_has_no_row():
    """Goals without figures are left out; the facts of the machine come first."""
    goals = [Goal("a", "first", "b", Shown()), Goal("b", "second", "b", Shown())]

    text = markdown(goals, {"b": FAST}, ["one fact"])

    assert text.startswith("- one fact\n")
    assert [row[0] for row in rows(text)] == ["second"]


def test_the_table_replaces_the_one_before(tmp_path):
    """Writing changes what is between the markers and nothing else."""
    page = tmp_path / "figures.md"
    page.write_text(f"above\n\n{BEGIN}\nold\n{END}\n\nbelow\n")

    write(page, "new")
    write(page, "newer")

    assert page.read_text() == f"above\n\n{BEGIN}\n\nnewer\n\n{END}\n\nbelow\n"


@pytest.mark.parametrize(
    "text", ["nothing", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}", f"{BEGIN}{END}{END}"]
)
def test_a_page_without_its_markers_is_left_alone(tmp_path, text):
    """A page that has not both markers, once each and in order, is refused and not changed."""
    page = tmp_path / "figures.md"
    page.write_text(text)

    with pytest.raises(ValueError, match=re.escape(f"{page} needs the lines")):
        write(page, "new")
    assert page.read_text() == text


def test_the_reference_page_has_a_place_for_the_table():
    """docs/reference/figures.md has both markers."""
    text = (ROOT / "docs" / "reference" / "figures.md").read_text()

    assert text.index(BEGIN) < text.index(END)
