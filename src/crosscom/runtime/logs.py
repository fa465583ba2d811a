"""The logs of tries: one file each, below the home folder."""

from __future__ import annotations

import os
from pathlib import Path

from crosscom.model import UNMAPPED, TaskInstanceKey

FOLDER = "logs"

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def log_path(home: Path, ti: TaskInstanceKey, try_number: int) -> Path:
    """Give where the log of a try is kept: `logs/<dag>/<run>/<task>[~<map_index>].<try>.log`.

    No task id has a `~`, so that no task takes the place of another one's map index. One folder
    for all tasks of a run: making another one for each takes as long as storing its value.
    """
    index = "" if ti.map_index == UNMAPPED else f"~{ti.map_index}"
    # In one step: a child's first output waits for this.
    name = f"{ti.task_id}{index}.{try_number}.log"
    return Path(f"{home}/{FOLDER}/{ti.dag_id}/{ti.run_id}/{name}")


def read_log(home: Path, ti: TaskInstanceKey, try_number: int) -> str | None:
    """Give what a try wrote so far, or None where it wrote nothing or was never started."""
    try:
        return log_path(home, ti, try_number).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def open_log(path: Path) -> int:
    """Open a try's log for appending, and give its descriptor; folders are made.

    Raises:
        OSError: It cannot be made.
    """
    try:
        return os.open(path, _FLAGS, 0o644)
    except FileNotFoundError:
        # Not pathlib's, which takes several times as long: each try waits for it.
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        return os.open(path, _FLAGS, 0o644)
