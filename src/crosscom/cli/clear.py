"""`crosscom clear`: start tasks again."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from crosscom.cli.options import AsJson, Latest, Reason
from crosscom.cli.output import emit, emit_json
from crosscom.cli.places import lasting_settings
from crosscom.cli.runs import run_named
from crosscom.errors import RunActive
from crosscom.model import RunRecord
from crosscom.runtime.finding_runs import has_live_scheduler
from crosscom.runtime.runs import clear_tasks


def clear(
    run: Annotated[str, Parameter(name="RUN")],
    /,
    *tasks: Annotated[str, Parameter(name="TASK")],
    downstream: bool = False,
    latest: Latest = False,
    reason: Reason = "cleared with crosscom clear",
    json: AsJson = False,
) -> None:
    """Make tasks start again: what they pushed becomes history at once.

    A scheduler that is at work on the run starts them again; without one, `resume` does.

    Args:
        run: The run, as `dag_id@run_id`; the DAG's latest where only the DAG is written.
        tasks: Their ids; all tasks of the run where none is written.
        downstream: Clear also what waits for them, directly or not.
    """
    settings = lasting_settings()
    record = run_named(run, settings)
    if latest:
        _refuse_live_scheduler(record)
    cleared = clear_tasks(record.key, tasks, settings, downstream=downstream, reason=reason)
    if json:
        emit_json({"run": str(record.key), "cleared": [str(ti) for ti in cleared]})
        return
    for ti in cleared:
        emit(f"cleared {ti}")
    emit(f"go on with: crosscom resume {record.key}{' --latest' if latest else ''}")


def _refuse_live_scheduler(record: RunRecord) -> None:
    """Refuse `--latest` where the tasks would start again at once, with the code of the run."""
    if has_live_scheduler(record) and record.scheduler is not None:
        msg = (
            f"cannot clear {record.key} with --latest while process {record.scheduler.pid} works "
            "on it with the code it was started with; stop that first, or leave out --latest"
        )
        raise RunActive(msg, dag_id=record.key.dag_id, run_id=record.key.run_id)
