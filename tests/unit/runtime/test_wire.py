"""Messages between processes: they arrive whole, in order, and with what they hand over."""

import os
import socket
from pathlib import Path

import pytest

from crosscom.model import (
    AttemptState,
    Bundle,
    ProcessIdentity,
    RunKey,
    RunRecord,
    RunState,
    TaskInstanceKey,
    TaskState,
    TryEnd,
)
from crosscom.runtime.wire import (
    Begin,
    Channel,
    Close,
    Ended,
    Exited,
    Join,
    Load,
    Loaded,
    LoadFailed,
    Message,
    Spawn,
    Spawned,
    Stopped,
    with_notes,
)
from crosscom.settings import Settings

SETTINGS = Settings(Path("/home/of"), "sqlite:///home/of/crosscom.db", allowed_classes=("a:B",))
BUNDLE = Bundle("d" * 64, "/dags", "one.py", (("one.py", "e" * 64),))
PROCESS = ProcessIdentity("host", "boot", 7, 8)
RUN = RunRecord(
    key=RunKey("d", "r"),
    state=RunState.RUNNING,
    logical_date_us=None,
    run_type="manual",
    conf='{"a": "\ud83d\ude00 é"}'.encode("utf-16", "surrogatepass").decode("utf-16"),
    params="{}",
    description_digest="d",
    bundle_digest="b",
    scheduler=PROCESS,
    lease=1,
    revision=2,
    created_at_us=3,
    started_at_us=4,
    ended_at_us=None,
)
MESSAGES = [
    Load("/dags/one.py", "/dags", SETTINGS, "d", '{"a": 1}'),
    Spawn(3, reuse=True),
    Close(),
    Loaded("{}", BUNDLE, {"e": b"\x00\xff"}, "{}", ("a note",)),
    LoadFailed("DagCycle", "it waits", "d", ("a", "b", "a")),
    Spawned(PROCESS),
    Exited(7, 9),
    Join(BUNDLE, SETTINGS, "{}", reuse=False),
    Begin(5, TaskInstanceKey("d", "r", "t"), 1, 3, RUN, "{}"),
    Ended(5, TryEnd(AttemptState.FAILED, TaskState.UP_FOR_RETRY, 77, uses_retry=False, error="x")),
    Stopped(5, "why"),
]


@pytest.fixture
def channels():
    """Two ends of one socket."""
    ours, theirs = socket.socketpair()
    ends = Channel(ours), Channel(theirs)
    yield ends
    for end in ends:
        end.close()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(channels, message):
    """Every kind of message comes out equal, with the types of its fields."""
    ours, theirs = channels

    assert ours.send(message)

    assert theirs.receive() == message


def test_messages_arrive_in_order_however_they_are_cut(channels):
    """Several messages in one read, and one message in several, come out whole and in order."""
    ours, theirs = channels
    large = Stopped(6, "x" * 100_000)
    for message in (*MESSAGES, large, Close()):
        ours.send(message)

    received: list[Message] = []
    while len(received) < len(MESSAGES) + 2:
        messages, is_there = theirs.drain()
        received += messages
        assert is_there

    assert received == [*MESSAGES, large, Close()]


def test_a_descriptor_is_handed_over(channels):
    """A socket that is sent along works at the other end, and is not inherited from there."""
    ours, theirs = channels
    near, far = socket.socketpair()
    with near, far:
        ours.send(Spawned(PROCESS), far.fileno())

        assert theirs.drain() == ([Spawned(PROCESS)], True)
        with theirs.take_socket() as taken:
            near.sendall(b"through")
            assert taken.recv(100) == b"through"
            assert not os.get_inheritable(taken.fileno())


def test_a_descriptor_that_nobody_took_is_closed(channels):
    """Closing a channel closes what was handed over and never taken."""
    ours, theirs = channels
    near, far = socket.socketpair()
    with near:
        with far:
            ours.send(Spawned(PROCESS), far.fileno())
        theirs.drain()

        theirs.close()

        assert near.recv(1) == b""


def test_draining_does_not_wait(channels):
    """Without a message, draining gives none at once, and says that the other side is there."""
    _, theirs = channels

    assert theirs.drain() == ([], True)


def test_the_end_of_the_other_side_is_noticed(channels):
    """When the other side is gone, sending says so, and receiving gives nothing."""
    ours, theirs = channels
    ours.close()

    assert theirs.receive() is None
    assert theirs.drain() == ([], False)
    assert not theirs.send(Close())


def test_notes_are_added_to_what_was_loaded():
    """An answer with notes differs from the one without in nothing else."""
    loaded = Loaded("{}", BUNDLE, {}, "{}")

    assert with_notes(loaded, ("mind this",)) == Loaded("{}", BUNDLE, {}, "{}", ("mind this",))
