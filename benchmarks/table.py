"""The figures as a Markdown table, and their place in the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.goals import Goal
from benchmarks.timing import Compared, Timing
from benchmarks.units import seconds_text

BEGIN = "<!-- figures: begin (written by `python -m benchmarks --write`) -->"
END = "<!-- figures: end -->"

_HEAD = (
    "| what | limit: min / median | crosscom: min / median | ratio of both | goal | reached |",
    "|---|---|---|---|---|---|",
)
_VERDICTS = {True: "yes", False: "**no**", None: "-"}


def markdown(goals: Sequence[Goal], figures: Mapping[str, Compared], facts: Sequence[str]) -> str:
    """Give the facts of the machine as a list and below it one row for each measured goal."""
    rows = [_row(goal, figures[goal.name]) for goal in goals if goal.name in figures]
    return "\n".join([*(f"- {fact}" for fact in facts), "", *_HEAD, *rows])


def write(page: Path, text: str) -> None:
    """Put *text* between the markers of *page*, replacing what is there.

    Raises:
        ValueError: The page has not both markers, once each and in their order.
    """
    before, begin, rest = page.read_text().partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end or BEGIN in old + after or END in after:
        msg = f"{page} needs the lines {BEGIN!r} and {END!r}, once each and in this order"
        raise ValueError(msg)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _row(goal: Goal, compared: Compared) -> str:
    reached = goal.rule.reached(compared.ours.median, compared.limit.median)
    cells = (
        goal.what,
        f"{goal.limit}: {_times(compared.limit)}",
        _times(compared.ours),
        f"{_ratio(compared.best_ratio)} / {_ratio(compared.ratio)}",
        goal.rule.text,
        _VERDICTS[reached],
    )
    return f"| {' | '.join(cells)} |"


def _times(timing: Timing) -> str:
    return f"{seconds_text(timing.minimum)} / {seconds_text(timing.median)}"


def _ratio(ratio: float) -> str:
    """Give a ratio as a factor, or turned round where crosscom is much faster."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"
