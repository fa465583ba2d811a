"""`crosscom resume`: go on with a run."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from crosscom.cli.options import AsJson, Latest
from crosscom.cli.places import lasting_settings
from crosscom.cli.progress import watching
from crosscom.cli.results import tell_result
from crosscom.cli.runs import run_named
from crosscom.runtime.runs import resume_run


def resume(
    run: Annotated[str, Parameter(name="RUN")],
    /,
    *,
    latest: Latest = False,
    json: AsJson = False,
) -> int:
    """Go on with a run that failed, was interrupted or cleared, or whose scheduler died.

    A task whose success is committed never runs again; failed tasks start again.

    Args:
        run: The run, as `dag_id@run_id`; the DAG's latest where only the DAG is written.
    """
    settings = lasting_settings()
    key = run_named(run, settings).key
    with watching(json=json) as watcher:
        record = resume_run(key, settings, watcher, latest=latest)
    return tell_result(record, settings, json=json)
