"""The same DAG files on a whole Airflow and on crosscom, in turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.chain import in_isolation
from benchmarks.peers.airflow_services import Airflow
from benchmarks.peers.environments import environment_with
from benchmarks.peers.pausing import alone
from benchmarks.plan import Extra, Group, Plan
from benchmarks.product import Home
from benchmarks.push_pull import CALLS, in_a_task
from benchmarks.timing import Act, Compared, take_turns

REQUIREMENTS = ("apache-airflow==3.3.2", "fastapi==0.136.3")
"""Pinned by hand: without Airflow's list of constraints pip takes whatever is newest."""

_AIRFLOW_CALLS = 50
_MOST_ROUNDS = 5
"""A round of Airflow takes about half a minute."""


def measure(plan: Plan) -> Mapping[str, Compared]:
    """Start Airflow, run both DAG files on both sides in turns, stop Airflow."""
    python = environment_with(plan.environments / "airflow", REQUIREMENTS)
    home = Home.make(plan.scratch / "beside_airflow")
    folder = plan.scratch / "airflow"
    result = folder / "push_pull.json"
    folder.mkdir()
    tasks_see = {"BENCH_CALLS": str(_AIRFLOW_CALLS), "BENCH_RESULT": str(result)}
    with Airflow(python, folder, **tasks_see) as airflow:
        acts = [
            alone(in_a_task(home, CALLS), airflow.pids),
            alone(in_isolation(home, "process"), airflow.pids),
            _push_pull(airflow, result),
            _chain(airflow),
        ]
        figures = take_turns(min(plan.rounds, _MOST_ROUNDS), acts)
    return {
        "push-airflow": Compared(figures["push_new"], figures["airflow push_new"]),
        "pull-airflow": Compared(figures["pull"], figures["airflow pull"]),
        "chain-airflow": Compared(figures["process"], figures["airflow first to last"]),
        "command-airflow": Compared(figures["process command"], figures["airflow run"]),
    }


def _push_pull(airflow: Airflow, result: Path) -> Act:
    def act() -> Mapping[str, float]:
        airflow.run("bench_push_pull")
        figures = json.loads(result.read_text())
        return {f"airflow {name}": seconds for name, seconds in figures.items()}

    return act


def _chain(airflow: Airflow) -> Act:
    def act() -> Mapping[str, float]:
        run = airflow.run("bench_chain")
        tasks = run["task_instances"]
        starts = [_moment(task["start_date"]) for task in tasks]
        ends = [_moment(task["end_date"]) for task in tasks]
        return {
            "airflow first to last": max(ends) - min(starts),
            "airflow run": _moment(run["end_date"]) - _moment(run["queued_at"]),
        }

    return act


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


GROUP = Group(
    ("push-airflow", "pull-airflow", "chain-airflow", "command-airflow"),
    measure,
    Extra.AIRFLOW,
)
