"""Taking turns: every act once in each round, so that all meet the same noise."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Act = Callable[[], Mapping[str, float]]
"""Does a thing once and gives the seconds it took, by the names of the figures it yields."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds of one figure, one number for each round."""

    seconds: tuple[float, ...]

    @property
    def minimum(self) -> float:
        """The best round: what the code needs when nothing disturbs it."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle round: what one meets."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of ours and the limit that was measured beside it."""

    ours: Timing
    limit: Timing

    @property
    def ratio(self) -> float:
        """How many times the limit the median is."""
        return self.ours.median / self.limit.median

    @property
    def best_ratio(self) -> float:
        """How many times the limit the minimum is."""
        return self.ours.minimum / self.limit.minimum


def take_turns(rounds: int, acts: Sequence[Act], *, seed: int = 0) -> dict[str, Timing]:
    """Do every act once in each round, in an order that changes, and give the figures by name.

    One round before the first is thrown away: it warms caches and compiles.
    """
    order = random.Random(seed)
    seconds: dict[str, list[float]] = {}
    for number in range(-1, rounds):
        for act in order.sample(list(acts), len(acts)):
            for name, taken in act().items():
                if number >= 0:
                    seconds.setdefault(name, []).append(taken)
    return {name: Timing(tuple(taken)) for name, taken in seconds.items()}


def timed(name: str, do: Callable[[], object], calls: int = 1) -> Act:
    """Make an act of one call: the seconds of one *do()*, taken over *calls* of them."""

    def act() -> dict[str, float]:
        start = time.perf_counter()
        for _ in range(calls):
            do()
        return {name: (time.perf_counter() - start) / calls}

    return act
