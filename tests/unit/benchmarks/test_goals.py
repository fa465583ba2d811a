"""Goals and the rules they are judged by."""

from __future__ import annotations

import pytest
from benchmarks.__main__ import GROUPS
from benchmarks.goals import GOALS, AtMostMore, AtMostTimes, Shown, TimesFaster, Under


def test_every_goal_has_what_measures_it():
    """Each row is measured by exactly one group, and no group measures an unknown row."""
    measured = [name for group in GROUPS for name in group.names]

    assert sorted(goal.name for goal in GOALS) == sorted(measured)


def test_names_of_goals_are_unique():
    """No two rows have the same name."""
    names = [goal.name for goal in GOALS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("rule", "ours", "limit", "reached"),
    [
        (AtMostTimes(2), 0.5, 0.25, True),
        (AtMostTimes(2), 0.51, 0.25, False),
        (TimesFaster(250), 0.004, 1.0, True),
        (TimesFaster(250), 0.0041, 1.0, False),
        (Under(0.4), 0.39, 0.001, True),
        (Under(0.4), 0.4, 0.5, False),
        (AtMostMore(0.25), 0.5, 0.25, True),
        (AtMostMore(0.25), 0.51, 0.25, False),
        (Shown(), 9.0, 1.0, None),
    ],
)
def test_rules_judge_by_their_bound(rule, ours, limit, reached):
    """A rule holds up to its bound and not beyond; what is only shown is never judged."""
    assert rule.reached(ours, limit) is reached


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (AtMostTimes(1.3), "at most 1.3x"),
        (TimesFaster(250), "250x faster"),
        (Under(80e-6), "under 80 us"),
        (AtMostMore(0.09), "at most +90 ms"),
        (Shown(), "-"),
    ],
)
def test_rules_say_their_bound(rule, text):
    """The table shows a rule with its number and unit."""
    assert rule.text == text
