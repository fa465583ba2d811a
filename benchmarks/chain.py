"""Twenty tasks in a chain, each isolation, beside what the operating system needs for as many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from benchmarks.limits.processes import LeanTemplate, Pool, in_this_process
from benchmarks.limits.transactions import BareTries
from benchmarks.plan import Group, Plan
from benchmarks.product import Home
from benchmarks.start import python_alone
from benchmarks.timing import Act, Compared, take_turns

LENGTH = 20
"""How many tasks the DAG file has."""


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Run the chain in every isolation; the command's whole time is that of the default one."""
    home = Home.make(plan.scratch / "chain")
    with (
        BareTries(plan.scratch / "chain" / "bare.db") as tries,
        LeanTemplate() as template,
        Pool() as pool,
    ):
        figures = take_turns(
            plan.rounds,
            [
                *(in_isolation(home, isolation) for isolation in ("process", "reuse", "none")),
                _bare("fork", tries, template.successor),
                _bare("pool", tries, pool.successor),
                _bare("bare", tries, in_this_process),
                python_alone(),
            ],
        )
    return {
        "chain-process": Compared(figures["process"], figures["fork"]),
        "chain-reuse": Compared(figures["reuse"], figures["pool"]),
        "chain-none": Compared(figures["none"], figures["bare"]),
        "chain-command": Compared(figures["process command"], figures["python"]),
    }


def in_isolation(home: Home, isolation: str) -> Act:
    """Make the act that runs the chain; it gives first to last task and the whole command."""

    def act() -> Mapping[str, float]:
        command = home.run("chain.py", CROSSCOM__CORE__ISOLATION=isolation)
        return {isolation: home.first_to_last(), f"{isolation} command": command}

    return act


def _bare(name: str, tries: BareTries, successor: Callable[[int], int]) -> Act:
    def act() -> Mapping[str, float]:
        start = time.perf_counter()
        value = 0
        for place in range(LENGTH):
            tries.begin(place)
            value = successor(value)
            tries.end(place, value)
        return {name: time.perf_counter() - start}

    return act


GROUP = Group(("chain-process", "chain-reuse", "chain-none", "chain-command"), measure)
