"""The scheduler's processes: children that wait for a try or run one, and their template."""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from crosscom.errors import CrosscomError
from crosscom.model import ProcessIdentity
from crosscom.runtime.processes import end_sessions, ending, is_alive, signal_sessions
from crosscom.runtime.template_process import TemplateProcess
from crosscom.runtime.wire import Begin, Channel, Ended, Exited, Spawn, Spawned, Stopped

_MOST_RESTARTS = 3
_MOST_IDLE_DEATHS = 5
_TELLING_SECONDS = 1.0
"""How long a template may take to tell how a child ended."""


class Worker(Protocol):
    """What takes a try."""

    @property
    def process(self) -> ProcessIdentity | None:
        """The process in which the try runs, where it may be killed."""

    def begin(self, begin: Begin) -> None:
        """Run a try; how it ends is told by an event."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A worker told how its try ended."""

    worker: Worker
    message: Ended | Stopped


@dataclass(frozen=True, slots=True)
class Gone:
    """A worker's process is gone, and its group with it."""

    worker: Worker
    status: int | None
    """As `os.waitpid` gives it; None where its template died before and nobody can know."""


Event = Answered | Gone


class Workers(Protocol):
    """Where a scheduler's tries run."""

    def want(self, count: int) -> None:
        """Have that many workers ready soon."""

    def take(self) -> Worker | None:
        """Give a worker that is ready, or None while there is none."""

    def give_back(self, worker: Worker) -> None:
        """Take a worker back whose try has ended."""

    def wait(self, timeout_seconds: float) -> list[Event]:
        """Wait until something happened; also ends early without an event."""

    def signal(self, workers: Iterable[Worker], signum: int) -> None:
        """Send a signal to all that belongs to these workers."""

    def close(self) -> None:
        """End all workers; none of them runs a try."""

    def kill(self) -> None:
        """End all workers at once, whatever they do."""


class Child:
    """A child of the template.

    Attributes:
        process: Its process.
        channel: The socket between us; it is the child's alone.
        is_cut_off: Whether the socket is closed at its side; how it ended comes later.
        is_orphan: Whether its template is dead, so that nobody will tell how it ended.
    """

    __slots__ = ("channel", "is_cut_off", "is_orphan", "process")

    def __init__(self, process: ProcessIdentity, channel: Channel) -> None:
        """Hold a child that waits for a try."""
        self.process = process
        self.channel = channel
        self.is_cut_off = False
        self.is_orphan = False

    def begin(self, begin: Begin) -> None:
        """Send it a try. Should it be gone, the event of its end tells."""
        self.channel.send(begin)


class ProcessWorkers:
    """Children of a template: each takes one try, or (reuse) one after the other."""

    def __init__(
        self,
        template: TemplateProcess,
        *,
        restart: Callable[[], TemplateProcess],
        reuse: bool,
        selector: selectors.BaseSelector,
    ) -> None:
        """Work with the children of *template*.

        Args:
            template: It has loaded the DAG file.
            restart: Gives another such template, for when this one was killed.
            reuse: Whether a child takes one try after the other.
            selector: Waits; whoever passes it may have it wait for more.
        """
        self._template = template
        self._restart = restart
        self._reuse = reuse
        self._selector = selector
        self._ready: deque[Child] = deque()
        self._children: dict[int, Child] = {}
        self._cut_off_since: dict[Child, float] = {}
        self._awaited = 0
        self._restarts = 0
        self._idle_deaths = 0
        self._selector.register(template.channel, selectors.EVENT_READ, template)

    def want(self, count: int) -> None:
        """Have that many workers ready soon."""
        missing = count - len(self._ready) - self._awaited
        if missing > 0:
            self._awaited += missing
            # Should it be gone, its socket tells.
            self._template.channel.send(Spawn(missing, self._reuse))

    def take(self) -> Child | None:
        """Give a worker that is ready, or None while there is none."""
        while self._ready:
            # Of those that are reused, the one that worked last is warm.
            child = self._ready.pop() if self._reuse else self._ready.popleft()
            if not child.is_cut_off:
                self._idle_deaths = 0
                return child
        return None

    def give_back(self, worker: Worker) -> None:
        """Take a worker back: one that is reused is ready again."""
        if self._reuse and isinstance(worker, Child):
            self._ready.append(worker)

    def wait(self, timeout_seconds: float) -> list[Event]:
        """Wait until something happened; also ends early without an event."""
        events: list[Event] = []
        for key, _ in self._selector.select(timeout_seconds):
            if isinstance(key.data, Child):
                # The template may have told of its end in this very round, and it was heard then.
                if not key.data.is_cut_off:
                    self._hear_child(key.data, events)
            elif key.data is self._template:
                self._hear_template(events)
        self._find_dead(events)
        return events

    def signal(self, workers: Iterable[Worker], signum: int) -> None:
        """Send a signal to all that belongs to these workers."""
        found = [worker.process for worker in workers]
        signal_sessions([process for process in found if process is not None], signum)

    def close(self) -> None:
        """End all workers; none of them runs a try."""
        self._let_go()
        self._template.close()

    def kill(self) -> None:
        """End all workers at once, whatever they do."""
        end_sessions([child.process for child in self._children.values()])
        self._let_go()
        self._template.kill()

    def _let_go(self) -> None:
        for child in self._children.values():
            if not child.is_cut_off:
                self._cut_off(child)
        self._children.clear()
        self._cut_off_since.clear()

    def _hear_child(self, child: Child, events: list[Event]) -> None:
        messages, is_there = child.channel.drain()
        for message in messages:
            if isinstance(message, Stopped) and message.attempt == 0:
                msg = f"cannot start tries: {message.error}"
                raise CrosscomError(msg)
            if isinstance(message, (Ended, Stopped)):
                events.append(Answered(child, message))
        if not is_there:
            self._cut_off(child)
            if child.is_orphan:
                self._lose(child, None, events)

    def _hear_template(self, events: list[Event]) -> None:
        messages, is_there = self._template.channel.drain()
        for message in messages:
            if isinstance(message, Spawned):
                self._welcome(message.process)
            elif isinstance(message, Exited) and message.pid in self._children:
                self._bury(self._children[message.pid], message.status, events)
        if not is_there:
            self._replace_template(events)

    def _welcome(self, process: ProcessIdentity) -> None:
        child = Child(process, Channel(self._template.channel.take_socket()))
        self._children[process.pid] = child
        self._ready.append(child)
        self._awaited -= 1
        self._selector.register(child.channel, selectors.EVENT_READ, child)

    def _bury(self, child: Child, status: int, events: list[Event]) -> None:
        if not child.is_cut_off:
            # What it told before it ended may still be on its way.
            self._hear_child(child, events)
        if not child.is_cut_off:
            # Something it left behind in another session still holds the socket.
            self._cut_off(child)
        self._lose(child, status, events)

    def _cut_off(self, child: Child) -> None:
        self._selector.unregister(child.channel)
        child.channel.close()
        self._cut_off_since[child] = time.monotonic()
        child.is_cut_off = True

    def _lose(self, child: Child, status: int | None, events: list[Event]) -> None:
        del self._children[child.process.pid]
        self._cut_off_since.pop(child, None)
        if child in self._ready:
            self._ready.remove(child)
            self._count_idle_death(status)
        else:
            events.append(Gone(child, status))

    def _count_idle_death(self, status: int | None) -> None:
        """Give up where children end before they take a try: the next one would, too."""
        self._idle_deaths += 1
        if self._idle_deaths >= _MOST_IDLE_DEATHS:
            how = "" if status is None else f", the last one by {ending(status)}"
            msg = (
                f"cannot start tries: {self._idle_deaths} processes ended before they took one{how}"
            )
            raise CrosscomError(msg)

    def _find_dead(self, events: list[Event]) -> None:
        """Notice whose end is not told, because the template was stopped."""
        patience = time.monotonic() - _TELLING_SECONDS
        late = [child for child, since in self._cut_off_since.items() if since < patience]
        for child in late:
            if not is_alive(child.process):
                self._lose(child, None, events)

    def _replace_template(self, events: list[Event]) -> None:
        """Go on without the dead template: its children that live keep their sockets."""
        self._selector.unregister(self._template.channel)
        self._template.kill()
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            msg = f"cannot start tries: the process they start from died {self._restarts} times"
            raise CrosscomError(msg)
        self._awaited = 0
        for child in list(self._children.values()):
            child.is_orphan = True
            if child.is_cut_off:
                self._lose(child, None, events)
        self._template = self._restart()
        self._selector.register(self._template.channel, selectors.EVENT_READ, self._template)
