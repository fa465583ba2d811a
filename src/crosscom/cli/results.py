"""How a run ended: each task's state and what it pushed, what failed, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from crosscom.cli.bodies import result_body
from crosscom.cli.exit_codes import FAILED, INTERRUPTED, SUCCESS
from crosscom.cli.output import emit, emit_json, emit_table, say
from crosscom.cli.places import reading
from crosscom.cli.rows import TASK_HEADER, reason_text, task_row
from crosscom.handles.listing import list_tasks
from crosscom.model import AttemptRecord, RunRecord, RunState, TaskInstanceRecord, TaskState
from crosscom.settings import Settings

_EXIT_CODES = {RunState.SUCCESS: SUCCESS, RunState.INTERRUPTED: INTERRUPTED}


def tell_result(run: RunRecord, settings: Settings, *, json: bool) -> int:
    """Print how *run* ended and give the command's exit code."""
    with reading(settings) as store:
        tasks = list_tasks(store, run)
        attempts = store.attempts(run.key)
    advice = _advice(run, [task.record for task in tasks], attempts)
    if json:
        emit_json(result_body(run, tasks))
        for line in advice:
            say(line)
    else:
        emit("")
        emit_table(TASK_HEADER, [task_row(task) for task in tasks])
        for line in ("", *advice) if advice else ():
            emit(line)
    return _EXIT_CODES.get(run.state, FAILED)


def _advice(
    run: RunRecord, records: Sequence[TaskInstanceRecord], attempts: Sequence[AttemptRecord]
) -> list[str]:
    """Say what failed, why, and with which command to go on."""
    errors = {each.task_instance: each.error for each in attempts}
    lines = []
    for record in records:
        if record.state is not TaskState.FAILED:
            continue
        why = reason_text(errors.get(record.key) or "it told no reason", record.key)
        lines.append(f"{record.key} failed: {why}")
        lines.append(f"  its log:  crosscom log {record.key}")
    if run.state is not RunState.SUCCESS:
        lines.append(f"  go on:    crosscom resume {run.key}")
    return lines
