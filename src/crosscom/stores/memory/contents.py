"""What a memory store holds, and the lock around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from itertools import count
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

from crosscom.errors import RunNotFound
from crosscom.model import (
    AttemptRecord,
    Bundle,
    DagDescription,
    Fence,
    Payload,
    RunKey,
    RunRecord,
    TaskInstanceKey,
    TaskInstanceRecord,
    XComAddress,
    XComEntry,
)
from crosscom.stores.audit import AuditLine
from crosscom.stores.rules import LATEST_RUNS_NAMED, actor, now_us, run_not_found, storable

_P = ParamSpec("_P")
_R = TypeVar("_R")
_S = TypeVar("_S", bound="OverContents")


@dataclass(frozen=True, slots=True)
class Resting:
    """One entry with its bytes."""

    entry: XComEntry
    payload: Payload


@dataclass(slots=True)
class Contents:
    """Everything one store holds."""

    runs: dict[RunKey, RunRecord] = field(default_factory=dict)
    """In the order they were made."""
    descriptions: dict[str, DagDescription] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)
    task_instances: dict[TaskInstanceKey, TaskInstanceRecord] = field(default_factory=dict)
    retries: dict[TaskInstanceKey, int] = field(default_factory=dict)
    """How many retries `clear` grants anew."""
    attempts: dict[int, AttemptRecord] = field(default_factory=dict)
    live: dict[TaskInstanceKey, dict[str, Resting]] = field(default_factory=dict)
    past: dict[XComAddress, list[Resting]] = field(default_factory=dict)
    pushes: dict[XComAddress, set[Fence]] = field(default_factory=dict)
    """Which pushes were done there, so that one that is repeated is known at once."""
    payloads: dict[int, Payload] = field(default_factory=dict)
    """By entry id."""
    runs_of_entries: dict[int, RunKey] = field(default_factory=dict)
    receipts: set[tuple[int, int]] = field(default_factory=set)
    """Entry and attempt."""
    variables: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Text and description."""
    audit: list[AuditLine] = field(default_factory=list)
    entry_ids: count[int] = field(default_factory=lambda: count(1))
    lock: RLock = field(default_factory=RLock)


class OverContents:
    """What reads and changes the contents: the base of each port's part of the store."""

    __slots__ = ("_held",)

    def __init__(self, contents: Contents) -> None:
        """Work on *contents*."""
        self._held = contents

    def _run_not_found(self, key: RunKey) -> RunNotFound:
        latest = [run.run_id for run in reversed(self._held.runs) if run.dag_id == key.dag_id]
        return run_not_found(key, latest[:LATEST_RUNS_NAMED])

    def _write_audit(self, action: str, address: str, reason: str) -> None:
        self._held.audit.append(AuditLine(now_us(), actor(), action, address, storable(reason)))


def alone(
    method: Callable[Concatenate[_S, _P], _R],
) -> Callable[Concatenate[_S, _P], _R]:
    """Let only one thread at a time into the store's methods: each is one step for the others."""

    @wraps(method)
    def locked(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with self._held.lock:
            return method(self, *args, **kwargs)

    return locked
