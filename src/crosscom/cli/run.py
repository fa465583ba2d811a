"""`crosscom run`: a DAG file, to its end."""

from __future__ import annotations

import json as plain_json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from crosscom.cli.options import AsJson
from crosscom.cli.places import lasting_settings
from crosscom.cli.progress import watching
from crosscom.cli.refusals import BadArgument
from crosscom.cli.results import tell_result
from crosscom.cli.strict_json import strict_json
from crosscom.model.identity import check_id, check_run_id
from crosscom.runtime.runs import RunRequest, start_run


def run(
    file: str,
    dag_id: str | None = None,
    /,
    *,
    run_id: str | None = None,
    logical_date: str | None = None,
    conf: str = "{}",
    isolation: Literal["process", "reuse", "none"] | None = None,
    json: AsJson = False,
) -> int:
    """Run a DAG file to its end; print each task's state and what it pushed.

    Args:
        file: The DAG file.
        dag_id: Which of its DAGs; the only one where it is left out.
        run_id: The id of the new run; made from the time where it is left out.
        logical_date: The moment the run is about, as 2026-01-31 or 2026-01-31T06:00:00+01:00;
            UTC where no zone is written.
        conf: `dag_run.conf`, as a JSON object.
        isolation: A fresh process for each try, warm ones that are used again, or none.
    """
    if dag_id is not None:
        check_id("dag_id", dag_id)
    if run_id is not None:
        check_run_id(run_id)
    request = RunRequest(
        file=Path(file),
        dag_id=dag_id,
        run_id=run_id,
        logical_date=_moment(logical_date),
        conf=_object(conf),
        isolation=isolation,
    )
    return run_request(request, json=json)


def run_request(request: RunRequest, *, json: bool) -> int:
    """Run what *request* says, with progress, and give the command's exit code."""
    settings = lasting_settings()
    # Nothing that is heavy, and no thread, before this: it forks the template.
    with watching(json=json) as watcher:
        record = start_run(request, settings, watcher)
    return tell_result(record, settings, json=json)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = (
            "--logical-date is no date of ISO 8601; "
            "write it as 2026-01-31 or 2026-01-31T06:00:00+01:00"
        )
        raise BadArgument(msg) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _object(text: str) -> str:
    try:
        conf = strict_json(text, "--conf")
    except (ValueError, RecursionError):
        conf = None
    if not isinstance(conf, dict):
        msg = "--conf is no JSON object; write it as '{\"name\": 1}'"
        raise BadArgument(msg)
    return plain_json.dumps(conf)
