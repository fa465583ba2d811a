"""`crosscom demo`: show it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from crosscom.cli.exit_codes import SUCCESS
from crosscom.cli.options import AsJson
from crosscom.cli.output import emit, emit_table, emit_title
from crosscom.cli.passing import PASSED_HEADER, passed_rows
from crosscom.cli.places import lasting_settings, reading
from crosscom.cli.progress import watching
from crosscom.cli.results import tell_result
from crosscom.cli.rows import HISTORY_HEADER, history_row
from crosscom.demo import DAG_FILE, DAG_ID
from crosscom.handles.listing import list_tasks
from crosscom.model import RunRecord, TaskInstanceKey, XComAddress
from crosscom.runtime.runs import RunRequest, start_run
from crosscom.settings import Settings

_NEXT = (
    (f"get {DAG_ID}/report", "the summary, from the store"),
    (f"show {DAG_ID}/check_files:intact", "everything about one value"),
    (f"log {DAG_ID}/publish --try 1", "why the first try failed"),
)


def demo(*, json: AsJson = False) -> int:
    """Run a DAG that audits this Python, and show what its tasks passed to each other."""
    request = RunRequest(
        file=DAG_FILE, dag_id=DAG_ID, run_id=None, logical_date=None, conf="{}", isolation=None
    )
    settings = lasting_settings()
    # Nothing that is heavy, and no thread, before this: it forks the template.
    with watching(json=json) as watcher:
        run = start_run(request, settings, watcher)
    if json:
        return tell_result(run, settings, json=True)
    code = tell_result(run, settings, json=False)
    if code == SUCCESS:
        _show_what_passed(run, settings)
    return code


def _show_what_passed(run: RunRecord, settings: Settings) -> None:
    draft = XComAddress(TaskInstanceKey(run.key.dag_id, run.key.run_id, "publish"), "draft")
    with reading(settings) as store:
        tasks = list_tasks(store, run)
        receipts = store.receipts(run.key)
        drafts = store.history(draft)
    emit_title("what each task passed to whom")
    emit_table(PASSED_HEADER, passed_rows(run.key, tasks, receipts))
    emit_title("publish failed once: its first draft was cleared before the second try began")
    emit_table(HISTORY_HEADER, [history_row(entry) for entry in drafts])
    emit_title("try next")
    command = _command()
    lines = [(f"  {command} {rest}", why) for rest, why in _NEXT]
    width = max(len(line) for line, _ in lines)
    for line, why in lines:
        emit(f"{line.ljust(width)}  # {why}")


def _command() -> str:
    """Give how this command can be called again from here."""
    if shutil.which("crosscom") is not None:
        return "crosscom"
    called = Path(sys.argv[0]).absolute()
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)
