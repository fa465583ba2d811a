"""The command line of the benchmark: measure, print the table, write it into a page."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
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
    """Do what the command line says; exit code 0 says that all was measured, not how fast."""
    options = _parser().parse_args(arguments)
    groups = _chosen(options)
    load_before = machine.load()
    for warning in filter(None, [machine.busy(load_before)]):
        print(f"warning: {warning}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="crosscom-bench-", dir=options.scratch) as scratch:
        plan = Plan(options.rounds, Path(scratch), options.environments)
        facts = machine.describe(plan.scratch)
        figures, failed = _measure(groups, plan, set(options.only))
    facts.append(
        f"{options.rounds} rounds; load average before {load_before:.2f}, "
        f"after {machine.load():.2f} (the run's own work included)"
    )
    text = table.markdown(GOALS, figures, facts)
    print(text)
    if failed:
        print(f"could not measure: {', '.join(failed)}", file=sys.stderr)
        return 1
    if options.write is not None:
        table.write(options.write, text)
    return 0


def _measure(
    groups: Sequence[Group], plan: Plan, only: set[str]
) -> tuple[dict[str, Compared], list[str]]:
    """Give the figures, and the names of the rows that could not be measured."""
    figures: dict[str, Compared] = {}
    failed: list[str] = []
    for group in groups:
        print(f"measuring {', '.join(group.names)} ...", file=sys.stderr, flush=True)
        try:
            found = group.measure(plan)
        # What was measured in the minutes before is not lost with a peer that does not start.
        except (OSError, RuntimeError, ValueError, subprocess.SubprocessError):
            traceback.print_exc()
            failed += group.names
        else:
            figures.update((name, one) for name, one in found.items() if not only or name in only)
    return figures, failed


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
