"""The run that a RUN argument names."""

from __future__ import annotations

from crosscom.cli.places import reading
from crosscom.errors import InvalidAddress
from crosscom.handles.finding import find_run
from crosscom.model import RunRecord, parse_address
from crosscom.settings import Settings


def run_named(text: str, settings: Settings) -> RunRecord:
    """Give the run that `dag_id[@run_id]` names in the configured store.

    Raises:
        InvalidAddress: The text names more than a run, or is no address.
        DagNotFound, RunNotFound: There is no such run.
    """
    pattern = parse_address(text)
    if pattern.task_id is not None:
        msg = f"a RUN is written as dag_id@run_id; {text!r} names a task"
        raise InvalidAddress(msg)
    with reading(settings) as store:
        return find_run(store, pattern)
