"""Taking turns, minimum, median and ratio."""

from __future__ import annotations

import pytest
from benchmarks.timing import Compared, Timing, take_turns
from benchmarks.units import seconds_text


def test_every_act_has_its_turn_in_each_round():
    """Each round does every act once, and the round that warms up is not counted."""
    done = []

    def act_named(name):
        def act():
            done.append(name)
            return {name: float(len(done))}

        return act

    figures = take_turns(3, [act_named("ours"), act_named("limit")])

    rounds = [set(done[start : start + 2]) for start in range(0, 8, 2)]
    assert rounds == [{"ours", "limit"}] * 4
    assert {name: len(timing.seconds) for name, timing in figures.items()} == {
        "ours": 3,
        "limit": 3,
    }
    assert min(figures["ours"].seconds + figures["limit"].seconds) == 3.0


def test_an_act_may_yield_several_figures():
    """One act that measures two things gives both by name."""
    figures = take_turns(2, [lambda: {"first": 1.0, "last": 2.0}])

    assert figures == {"first": Timing((1.0, 1.0)), "last": Timing((2.0, 2.0))}


def test_ratios_compare_like_with_like():
    """The ratio is that of the medians; the best ratio is that of the minimums."""
    compared = Compared(ours=Timing((3.0, 8.0, 4.0)), limit=Timing((2.0, 1.0, 9.0)))

    assert compared.ratio == 2.0
    assert compared.best_ratio == 3.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.000_000_5, "0.5 us"),
        (0.000_999_4, "999 us"),
        (0.000_999_6, "1 ms"),
        (0.0202, "20.2 ms"),
        (0.9996, "1 s"),
        (25.34, "25.3 s"),
        (1234.5, "1234 s"),
    ],
)
def test_seconds_get_a_fitting_unit(seconds, text):
    """Seconds are shown with three digits, in microseconds, milliseconds or seconds."""
    assert seconds_text(seconds) == text
