"""The logs of tries: one file each, below the home folder."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from crosscom.model import UNMAPPED, TaskInstanceKey

FOLDER = "logs"

_MOST_CHARACTERS = 200
"""With try, map index and ending a name must stay below the 255 bytes of a file system."""

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def log_path(home: Path, ti: TaskInstanceKey, try_number: int) -> Path:
    """Give where the log of a try is kept: `logs/<dag>/<run>/<task>[~<map_index>].<try>.log`.

    No task id has a `~`, so that no task takes the place of another one's map index. One folder
    for all tasks of a run: making another one for each takes as long as storing its value.
    """
    index = "" if ti.map_index == UNMAPPED else f"~{ti.map_index}"
    task = ti.task_id if len(ti.task_id) <= _MOST_CHARACTERS else _short(ti.task_id)
    # In one step: a child's first output waits for this.
    return Path(f"{home}/{FOLDER}/{ti.dag_id}/{ti.run_id}/{task}{index}.{try_number}.log")


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


def _short(task_id: str) -> str:
    digest = blake2b(task_id.encode(), digest_size=8).hexdigest()
    return f"{task_id[:_MOST_CHARACTERS]}~{digest}"
