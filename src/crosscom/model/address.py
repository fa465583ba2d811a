"""Addresses as text: `dag_id[@run_id]/task_id[[map_index]][:key]`, the same everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crosscom.errors import InvalidAddress
from crosscom.model.identity import (
    RETURN_KEY,
    UNMAPPED,
    RunKey,
    TaskInstanceKey,
    XComAddress,
    check_id,
    check_key,
    check_map_index,
    check_run_id,
)

_FORM = "dag_id[@run_id]/task_id[[map_index]][:key]"
_TASK = re.compile(r"(?P<task>[^\[\]]*)(?:\[(?P<index>-?[0-9]{1,10})\])?")


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """An address as a person writes it: parts may be missing, a run may be named by its place.

    Attributes:
        dag_id: The DAG.
        run_id: The run, or None where *back* names it.
        back: How many runs before the latest; 0 is the latest. Counts only without *run_id*.
        task_id: The task, or None for a DAG or run as a whole.
        map_index: The map index, or None where none was written.
        key: The key, or None where none was written.
    """

    dag_id: str
    run_id: str | None = None
    back: int = 0
    task_id: str | None = None
    map_index: int | None = None
    key: str | None = None

    def at(self, run: RunKey) -> XComAddress:
        """Give the full address in *run*; the key defaults to `return_value`.

        Raises:
            InvalidAddress: No task was written.
        """
        if self.task_id is None:
            msg = f"address {self} names no task; the form is {_FORM}"
            raise InvalidAddress(msg)
        index = UNMAPPED if self.map_index is None else self.map_index
        ti = TaskInstanceKey(run.dag_id, run.run_id, self.task_id, index)
        return XComAddress(ti, RETURN_KEY if self.key is None else self.key)

    def __str__(self) -> str:
        """Give the text form; it parses back to the same pattern."""
        back = f"@^{self.back}" if self.back else ""
        run = back if self.run_id is None else f"@{self.run_id}"
        task = "" if self.task_id is None else f"/{self.task_id}"
        index = "" if self.map_index is None else f"[{self.map_index}]"
        key = "" if self.key is None else f":{self.key}"
        return f"{self.dag_id}{run}{task}{index}{key}"


def parse_address(text: str) -> AddressPattern:
    """Read an address; parts from the right may be left out.

    >>> parse_address("churn@r7/train[2]:model").key
    'model'
    >>> parse_address("churn@^1/train").back
    1

    Raises:
        InvalidAddress: The text has not the form, for instance an index without its bracket.
        InvalidName: A part breaks the rule of its field.
    """
    if type(text) is not str or not text:
        msg = f"an address is a text of the form {_FORM}, not {_kind(text)}"
        raise InvalidAddress(msg)
    head, slash, tail = text.partition("/")
    dag_id, at, run = head.partition("@")
    check_id("dag_id", dag_id)
    run_id, back = _run(run) if at else (None, 0)
    if not slash:
        return AddressPattern(dag_id, run_id, back)
    task, colon, key = tail.partition(":")
    match = _TASK.fullmatch(task)
    if match is None:
        msg = f"the task part of an address is task_id or task_id[map_index]; the form is {_FORM}"
        raise InvalidAddress(msg)
    check_id("task_id", match["task"])
    index = None if match["index"] is None else int(match["index"])
    if index is not None:
        check_map_index(index)
    if colon:
        check_key(key)
    return AddressPattern(dag_id, run_id, back, match["task"], index, key if colon else None)


def _run(text: str) -> tuple[str | None, int]:
    if text.startswith("^"):
        if not text[1:].isascii() or not text[1:].isdigit() or len(text) > 10:
            msg = f"after @^ an address counts runs back, as @^1; the form is {_FORM}"
            raise InvalidAddress(msg)
        return None, int(text[1:])
    check_run_id(text)
    return text, 0


def _kind(value: object) -> str:
    return "an empty one" if value == "" else f"a {type(value).__name__}"
