"""The command line of the benchmark: measure, print the table, write it into a page."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import chain, machine, many_rows, push_pull, start, table, task_cost
from benchmarks.goals import GOALS
from benchmarks.peers import airflow_side, engines
from benchmarks.peers.environments import default_folder
from benchmarks.plan import Extra, Group, Plan
from benchmarks.timing import Compared

GROUPS: tuple[Group, ...] = (
    push_pull.GROUP,
    chain.GROUP,
    task_cost.GROUP,
    start.GROUP,
    many_rows.GROUP,
    many_rows.LARGE_GROUP,
    engines.GROUP,
    airflow_side.GROUP,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; exit code 0 says that it was measured, not that it is fast."""
    options = _parser().parse_args(arguments)
    groups = _chosen(options)
    load_before = machine.load()
    for warning in filter(None, [machine.busy(load_before)]):
        print(f"warning: {warning}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="crosscom-bench-", dir=options.scratch) as scratch:
        plan = Plan(options.rounds, Path(scratch), options.environments)
        facts = machine.describe(plan.scratch)
        figures = _measure(groups, plan, set(options.only))
    facts.append(
        f"{options.rounds} rounds; load average before {load_before:.2f}, "
        f"after {machine.load():.2f} (the run's own work included)"
    )
    text = table.markdown(GOALS, figures, facts)
    print(text)
    if options.write is not None:
        table.write(options.write, text)
    return 0


def _measure(groups: Sequence[Group], plan: Plan, only: set[str]) -> dict[str, Compared]:
    figures: dict[str, Compared] = {}
    for group in groups:
        print(f"measuring {', '.join(group.names)} ...", file=sys.stderr, flush=True)
        found: Mapping[str, Compared] = group.measure(plan)
        figures.update((name, one) for name, one in found.items() if not only or name in only)
    return figures


def _chosen(options: argparse.Namespace) -> list[Group]:
    """Give the groups to measure: those with a row of `--only`, else those of every run."""
    if options.only:
        return [group for group in GROUPS if set(group.names) & set(options.only)]
    extras = {extra for extra in Extra if getattr(options, extra.name.lower(), True)}
    return [group for group in GROUPS if group.extra in extras]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    names = [goal.name for goal in GOALS]
    add = parser.add_argument
    add("--rounds", type=int, default=7, help="how often each thing is measured (default 7)")
    add("--only", nargs="+", default=[], choices=names, metavar="ROW", help=", ".join(names))
    add("--large", action="store_true", help="also a store with 10 million XComs (minutes, 4 GB)")
    add("--with-engines", dest="engines", action="store_true", help="also Dask and Ray")
    add("--with-airflow", dest="airflow", action="store_true", help="also Airflow 3.3")
    add("--write", type=Path, metavar="PAGE", help="put the table between the page's markers")
    add("--scratch", type=Path, help="a folder on the disk to measure (default: the temporary one)")
    add(
        "--environments",
        type=Path,
        default=default_folder(),
        help="where the peers' environments are kept (default: in the user's cache)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
