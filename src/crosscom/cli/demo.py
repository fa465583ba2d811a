"""`crosscom demo`: show it."""

from __future__ import annotations

from crosscom.cli.options import AsJson
from crosscom.cli.run import run_request
from crosscom.demo import DAG_FILE, DAG_ID
from crosscom.runtime.runs import RunRequest


def demo(*, json: AsJson = False) -> int:
    """Run a DAG that audits this Python, and show what its tasks passed to each other."""
    request = RunRequest(
        file=DAG_FILE, dag_id=DAG_ID, run_id=None, logical_date=None, conf="{}", isolation=None
    )
    return run_request(request, json=json)
