"""Who an XCom belongs to: run, task instance, key. One that breaks a rule cannot be made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crosscom.errors import InvalidName

UNMAPPED = -1
"""The map index of a task instance that is not mapped."""

RETURN_KEY = "return_value"
"""The key under which a task's returned value is pushed, and which a pull takes by default."""

MAX_ID = 250
MAX_KEY = 512
MAX_MAP_INDEX = 2**31 - 1

_ID = re.compile(r"[A-Za-z0-9_.\-]{1,250}", re.ASCII)
_RUN_ID = re.compile(r"[A-Za-z0-9_.~:+\-]{1,250}", re.ASCII)
_BAD_IN_KEY = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_ID_RULE = f"it must be 1 to {MAX_ID} characters of A-Z a-z 0-9 _ . - and not '.' or '..'"
_RUN_RULE = f"it must be 1 to {MAX_ID} characters of A-Z a-z 0-9 _ . ~ : + - and not '.' or '..'"
_KEY_RULE = f"it must be 1 to {MAX_KEY} characters without control characters or lone surrogates"
_MAP_RULE = f"it must be an int from {UNMAPPED} (not mapped) to {MAX_MAP_INDEX}"


@dataclass(frozen=True, slots=True)
class RunKey:
    """One execution of a DAG.

    >>> str(RunKey("churn", "r7"))
    'churn@r7'

    Raises:
        InvalidName: A field breaks its rule.
    """

    dag_id: str
    run_id: str

    def __post_init__(self) -> None:
        """Refuse a field that breaks its rule."""
        check_id("dag_id", self.dag_id)
        check_run_id(self.run_id)

    def __str__(self) -> str:
        """Give the text form, `dag_id@run_id`."""
        return f"{self.dag_id}@{self.run_id}"


@dataclass(frozen=True, slots=True)
class TaskInstanceKey:
    """One task in one run; if it is mapped, one per map index.

    >>> str(TaskInstanceKey("churn", "r7", "train", 2))
    'churn@r7/train[2]'

    Raises:
        InvalidName: A field breaks its rule.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = UNMAPPED

    def __post_init__(self) -> None:
        """Refuse a field that breaks its rule."""
        check_id("dag_id", self.dag_id)
        check_run_id(self.run_id)
        check_id("task_id", self.task_id)
        check_map_index(self.map_index)

    def __str__(self) -> str:
        """Give the text form, `dag_id@run_id/task_id[map_index]`."""
        index = "" if self.map_index == UNMAPPED else f"[{self.map_index}]"
        return f"{self.dag_id}@{self.run_id}/{self.task_id}{index}"

    @property
    def run(self) -> RunKey:
        """The run this task instance belongs to."""
        return RunKey(self.dag_id, self.run_id)


@dataclass(frozen=True, slots=True)
class XComAddress:
    """Where one XCom rests: a task instance and a key.

    >>> str(XComAddress(TaskInstanceKey("churn", "r7", "train", 2), "model"))
    'churn@r7/train[2]:model'

    Raises:
        InvalidName: The key breaks its rule.
    """

    task_instance: TaskInstanceKey
    key: str = RETURN_KEY

    def __post_init__(self) -> None:
        """Refuse a key that breaks its rule."""
        check_key(self.key)

    def __str__(self) -> str:
        """Give the text form; it parses back to the same address."""
        return f"{self.task_instance}:{self.key}"


def check_id(field: str, value: object) -> None:
    """Refuse a `dag_id` or `task_id` that breaks the rule.

    Raises:
        InvalidName: It does.
    """
    if type(value) is str and _ID.fullmatch(value) and value not in (".", ".."):
        return
    raise InvalidName(field, _found(value), _ID_RULE)


def check_run_id(value: object) -> None:
    """Refuse a `run_id` that breaks the rule.

    Raises:
        InvalidName: It does.
    """
    if type(value) is str and _RUN_ID.fullmatch(value) and value not in (".", ".."):
        return
    raise InvalidName("run_id", _found(value), _RUN_RULE)


def check_map_index(value: object) -> None:
    """Refuse a `map_index` that breaks the rule.

    Raises:
        InvalidName: It does.
    """
    if type(value) is not int:
        raise InvalidName("map_index", f"of type {type(value).__name__} is refused", _MAP_RULE)
    if not UNMAPPED <= value <= MAX_MAP_INDEX:
        raise InvalidName("map_index", "out of range is refused", _MAP_RULE)


def check_key(value: object) -> None:
    """Refuse a key that breaks the rule.

    Raises:
        InvalidName: It does.
    """
    if type(value) is not str or not _is_key(value):
        raise InvalidName("key", _found(value), _KEY_RULE)


# Keys repeat: remembering the answer takes the regular expression off the path of a push.
@lru_cache(maxsize=4096)
def _is_key(value: str) -> bool:
    return 0 < len(value) <= MAX_KEY and _BAD_IN_KEY.search(value) is None


def _found(value: object) -> str:
    if type(value) is str:
        return f"of {len(value)} character{'s' * (len(value) != 1)} is refused"
    return f"of type {type(value).__name__} is refused"
