"""How a run goes on: which task instances may start, which settle without a try, when it ends.

Pure: it reads no clock and no store. It is told what happened and answers what to do next. Over
a whole run it looks at each edge once, however often it is asked.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from crosscom.model import (
    DagDescription,
    RunState,
    TaskInstanceKey,
    TaskInstanceRecord,
    TaskState,
)
from crosscom.runtime.trigger_rules import Decision, Tally, decide_tally

_SETTLED = {
    Decision.SKIPPED: TaskState.SKIPPED,
    Decision.UPSTREAM_FAILED: TaskState.UPSTREAM_FAILED,
}
_BAD = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do now."""

    ready: tuple[TaskInstanceKey, ...] = ()
    """Those that may start now, in the order in which they should."""
    settle: dict[TaskInstanceKey, TaskState] = field(default_factory=dict)
    """Those that get `skipped` or `upstream_failed` without a try."""
    next_wake_us: int | None = None
    """When the next delayed retry is due; None where none waits."""
    finished: RunState | None = None
    """The state of the run once *settle* is done; None while it goes on."""


def next_steps(
    description: DagDescription, records: Iterable[TaskInstanceRecord], now_us: int
) -> Steps:
    """Give everything there is to do for a run whose task instances stand as *records* say."""
    return Progress(description, records).take(now_us)


class Progress:
    """One run on its way: tell it what happened with `note`, ask what to do with `take`.

    Each step is handed out once. When task instances were changed from outside (`clear`,
    `resume`), make a new one from their records.
    """

    __slots__ = (
        "_delayed",
        "_downstream",
        "_index",
        "_keys",
        "_open",
        "_ready",
        "_rules",
        "_settle",
        "_states",
        "_tallies",
        "_undecided",
    )

    def __init__(self, description: DagDescription, records: Iterable[TaskInstanceRecord]) -> None:
        """Look at every task and every edge once.

        Args:
            description: The run's description of its DAG.
            records: Every task instance of the run as it stands.
        """
        by_task = {record.key.task_id: record for record in records}
        tasks = description.tasks
        self._keys = [by_task[task.task_id].key for task in tasks]
        self._states = [TaskState.NONE] * len(tasks)
        self._rules = [task.trigger_rule for task in tasks]
        self._index = {task.task_id: number for number, task in enumerate(tasks)}
        self._tallies = [Tally(len(task.upstream)) for task in tasks]
        self._downstream: list[list[int]] = [[] for _ in tasks]
        for number, task in enumerate(tasks):
            for upstream in task.upstream:
                self._downstream[self._index[upstream]].append(number)
        self._open = len(tasks)
        self._undecided: dict[int, int | None] = {}
        self._ready: list[int] = []
        self._delayed: list[tuple[int, int]] = []
        self._settle: dict[TaskInstanceKey, TaskState] = {}
        self._start([by_task[task.task_id] for task in tasks])

    def note(self, key: TaskInstanceKey, state: TaskState, retry_at_us: int | None = None) -> None:
        """Take in that a task instance stands at *state* now.

        Args:
            key: Which one.
            state: What it became. One that ended stays as it is.
            retry_at_us: When it may start again, if it became `up_for_retry`.
        """
        number = self._index[key.task_id]
        if self._states[number].is_finished:
            return
        self._states[number] = state
        if state.is_finished:
            self._end(number)
        elif state is not TaskState.RUNNING:
            self._await(number, retry_at_us)

    def take(self, now_us: int) -> Steps:
        """Give what there is to do at *now_us*; what is given here is not given again."""
        while self._delayed and self._delayed[0][0] <= now_us:
            self._ready.append(heapq.heappop(self._delayed)[1])
        steps = Steps(
            ready=tuple(self._keys[number] for number in sorted(self._ready)),
            settle=self._settle,
            next_wake_us=self._delayed[0][0] if self._delayed else None,
            finished=self._finished(),
        )
        self._ready, self._settle = [], {}
        return steps

    def _start(self, records: list[TaskInstanceRecord]) -> None:
        # First all that is known, then what follows from it.
        for number, record in enumerate(records):
            self._states[number] = record.state
            if record.state.is_finished:
                self._open -= 1
                for after in self._downstream[number]:
                    self._tallies[after].count(record.state)
        for number, record in enumerate(records):
            state = self._states[number]
            if not state.is_finished and state is not TaskState.RUNNING:
                self._await(number, record.retry_at_us)

    def _await(self, number: int, retry_at_us: int | None) -> None:
        self._undecided[number] = retry_at_us
        if self._decide(number):
            self._end(number)

    def _end(self, number: int) -> None:
        # A loop, because a chain may be longer than Python lets functions call each other.
        ended = [number]
        while ended:
            before = ended.pop()
            self._open -= 1
            for after in self._downstream[before]:
                self._tallies[after].count(self._states[before])
                if after in self._undecided and self._decide(after):
                    ended.append(after)

    def _decide(self, number: int) -> bool:
        """Apply the trigger rule; tell whether it ended the task instance."""
        decision = decide_tally(self._rules[number], self._tallies[number])
        if decision is Decision.WAIT:
            return False
        retry_at_us = self._undecided.pop(number)
        if decision is Decision.RUN:
            if retry_at_us is None:
                self._ready.append(number)
            else:
                heapq.heappush(self._delayed, (retry_at_us, number))
            return False
        self._states[number] = self._settle[self._keys[number]] = _SETTLED[decision]
        return True

    def _finished(self) -> RunState | None:
        if self._open:
            return None
        leaves = (
            state for state, after in zip(self._states, self._downstream, strict=True) if not after
        )
        return RunState.FAILED if any(state in _BAD for state in leaves) else RunState.SUCCESS
