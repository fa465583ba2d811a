"""How long one waits before anything happens, beside a Python that does nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.plan import Group, Plan
from benchmarks.product import COMMAND, Home, seconds_of
from benchmarks.timing import Act, Compared, take_turns

_IMPORT = "from crosscom import DAG, task"


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Start Pythons; the store that is listed holds one run of the chain."""
    home = Home.make(plan.scratch / "start")
    home.run("chain.py")
    acts = [
        python_alone(),
        _command("import", home, (sys.executable, "-c", _IMPORT)),
        _command("ls", home, (*COMMAND, "ls", "--json")),
    ]
    # A start is short: more rounds cost little and calm the figures.
    figures = take_turns(3 * plan.rounds, acts)
    return {name: Compared(figures[name], figures["python"]) for name in GROUP.names}


def python_alone() -> Act:
    """Make the act that starts a Python which does nothing."""
    home = Home(Path.cwd())
    return _command("python", home, (sys.executable, "-c", "pass"))


def _command(name: str, home: Home, command: tuple[str, ...]) -> Act:
    environment = home.environment()

    def act() -> Mapping[str, float]:
        return {name: seconds_of(command, environment, home.folder)}

    return act


GROUP = Group(("import", "ls"), measure)
