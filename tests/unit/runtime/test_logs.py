"""Where logs of tries are."""

import os

from crosscom.model import TaskInstanceKey
from crosscom.runtime.logs import log_path, open_log, read_log

TASK = TaskInstanceKey("churn", "r7", "train")


def test_each_try_has_a_file_of_its_own(tmp_path):
    """The path names DAG, run, task and try; a map index stands behind the task."""
    mapped = TaskInstanceKey("churn", "r7", "train", 2)
    dotted = TaskInstanceKey("churn", "r7", "train.2")

    assert log_path(tmp_path, mapped, 1) != log_path(tmp_path, dotted, 1)
    assert log_path(tmp_path, TASK, 1) == tmp_path / "logs/churn/r7/train.1.log"
    assert log_path(tmp_path, mapped, 3) == tmp_path / "logs/churn/r7/train~2.3.log"


def test_a_log_is_appended_to_and_read(tmp_path):
    """What is written is read, also what was written before, and bytes that are no text."""
    for part in (b"one\n", b"two \xff\n"):
        descriptor = open_log(log_path(tmp_path, TASK, 1))
        os.write(descriptor, part)
        os.close(descriptor)

    assert read_log(tmp_path, TASK, 1) == "one\ntwo \N{REPLACEMENT CHARACTER}\n"


def test_a_try_that_wrote_nothing_has_no_log(tmp_path):
    """Without a file there is None."""
    assert read_log(tmp_path, TASK, 1) is None


def test_the_longest_task_ids_have_logs_of_their_own(tmp_path):
    """A name that no file system would take is cut, and stays apart from others."""
    long = ["t" * 249 + end for end in "ab"]
    paths = [log_path(tmp_path, TaskInstanceKey("d", "r", one, 2**31 - 1), 1) for one in long]

    for path in paths:
        os.close(open_log(path))

    assert paths[0] != paths[1]
