"""What one task costs, its state and its value committed: many tasks, one after the other."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.limits.processes import LeanTemplate, Pool
from benchmarks.limits.transactions import BareTries
from benchmarks.plan import Group, Plan
from benchmarks.product import Home
from benchmarks.start import python_alone
from benchmarks.timing import Act, Compared, take_turns, timed

TASKS = 100
TASKS_BY_EXEC = 10
"""Fewer, because each starts a Python of its own."""

_LOADED = "crosscom.runtime.template"


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Run independent tasks in one slot, in every isolation, beside bare processes."""
    home = Home.make(plan.scratch / "task_cost")
    with (
        BareTries(plan.scratch / "task_cost" / "bare.db") as tries,
        LeanTemplate() as template,
        LeanTemplate(plan.scratch / "task_cost" / "bare.db", _LOADED) as loaded,
        Pool() as pool,
    ):
        figures = take_turns(
            plan.rounds,
            [
                _per_task(home, "process", "fork"),
                _per_task(home, "exec", "exec", TASKS_BY_EXEC),
                _per_task(home, "reuse", "fork"),
                _per_task(home, "none", "fork"),
                timed("fork", lambda: template.successor(1), TASKS),
                timed("loaded", lambda: loaded.successor(1), TASKS),
                timed("pool", lambda: pool.successor(1), TASKS),
                timed("transactions", lambda: tries.both(1), TASKS),
                python_alone(),
            ],
        )
    return {
        "task-process": Compared(figures["process"], figures["fork"]),
        "task-process-loaded": Compared(figures["process"], figures["loaded"]),
        "task-exec": Compared(figures["exec"], figures["python"]),
        "task-reuse": Compared(figures["reuse"], figures["pool"]),
        "task-none": Compared(figures["none"], figures["transactions"]),
    }


def _per_task(home: Home, name: str, start_method: str, tasks: int = TASKS) -> Act:
    isolation = "process" if name == "exec" else name

    def act() -> Mapping[str, float]:
        home.run(
            "independent.py",
            BENCH_TASKS=str(tasks),
            CROSSCOM__CORE__SLOTS="1",
            CROSSCOM__CORE__ISOLATION=isolation,
            CROSSCOM__CORE__START_METHOD=start_method,
        )
        return {name: home.first_to_last() / tasks}

    return act


GROUP = Group(
    ("task-process", "task-process-loaded", "task-exec", "task-reuse", "task-none"), measure
)
