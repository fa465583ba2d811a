"""Push and pull of a small dict, in a task of a real run, beside bare SQLite."""

from __future__ import annotations

import json
from collections.abc import Mapping

from benchmarks.plan import Group, Plan
from benchmarks.product import Home
from benchmarks.timing import Act, Compared, take_turns

CALLS = 1000
"""How many pushes and pulls one round has."""

_PAIRS = {
    "push-new": ("push_new", "bare_push_new"),
    "push-same": ("push_same", "bare_push_same"),
    "pull": ("pull", "bare_pull"),
}


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Run the DAG file once a round; it takes the turns itself, in the task's own process."""
    figures = take_turns(plan.rounds, [in_a_task(Home.make(plan.scratch / "push_pull"))])
    return {row: Compared(figures[ours], figures[bare]) for row, (ours, bare) in _PAIRS.items()}


def in_a_task(home: Home, calls: int = CALLS) -> Act:
    """Make the act that runs the DAG file; its figures are the seconds of one call."""
    result = home.folder / "push_pull.json"

    def act() -> Mapping[str, float]:
        home.run("push_pull.py", BENCH_CALLS=str(calls), BENCH_RESULT=str(result))
        figures: dict[str, float] = json.loads(result.read_text())
        return figures

    return act


GROUP = Group(tuple(_PAIRS), measure)
