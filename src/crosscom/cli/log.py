"""`crosscom log`: what a try wrote."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from crosscom.cli.exit_codes import SUCCESS, USAGE
from crosscom.cli.options import AsJson
from crosscom.cli.output import complain, emit_json
from crosscom.cli.places import lasting_settings, reading
from crosscom.handles.finding import find_run, find_task_instance
from crosscom.model import TaskInstanceRecord, parse_address
from crosscom.runtime.logs import log_path, read_log


def log(
    address: str,
    /,
    *,
    try_number: Annotated[int | None, Parameter(name="--try")] = None,
    json: AsJson = False,
) -> int:
    """Print the log of a try.

    Args:
        address: The task, as `dag_id@run_id/task_id`.
        try_number: Which try; the last one where it is left out.
    """
    pattern = parse_address(address)
    settings = lasting_settings()
    with reading(settings) as store:
        record = find_task_instance(store, find_run(store, pattern), pattern)
    number = record.try_number if try_number is None else try_number
    if not 1 <= number <= record.try_number:
        complain(_no_such_try(record, number))
        return USAGE
    text = read_log(settings.home, record.key, number)
    path = log_path(settings.home, record.key, number)
    if text is None:
        complain(f"try {number} of {record.key} left no log: there is no file {path}")
        return USAGE
    if json:
        emit_json(
            {"address": str(record.key), "try_number": number, "path": str(path), "text": text}
        )
    else:
        sys.stdout.write(text)
    return SUCCESS


def _no_such_try(record: TaskInstanceRecord, number: int) -> str:
    tries = record.try_number
    if tries == 0:
        return f"{record.key} has no log: it was never started (its state is {record.state.value})"
    there = "only try 1" if tries == 1 else f"tries 1 to {tries}"
    return f"{record.key} has no try {number}; it has {there}"
