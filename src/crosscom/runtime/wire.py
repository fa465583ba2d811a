"""What scheduler, template and children tell each other, and how it travels over a socket.

A message is a length (4 bytes, big endian) and MessagePack. A message that hands over a
descriptor carries exactly one, beside its bytes.
"""

from __future__ import annotations

import os
import socket
from array import array
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from crosscom.model import Bundle, ProcessIdentity, RunRecord, TaskInstanceKey, TryEnd
from crosscom.settings import Settings

_HEADER_BYTES = 4
_CHUNK_BYTES = 1 << 16
_ROOM = socket.CMSG_SPACE(8 * array("i").itemsize)
# macOS knows no MSG_CMSG_CLOEXEC; there nobody forks, and exec gets its descriptors by name.
_FLAGS = socket.MSG_DONTWAIT | getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Load(msgspec.Struct, frozen=True, tag=True):
    """Scheduler to template: load this file."""

    path: str
    """The DAG file as it is to be loaded."""
    root: str
    """The folder of the run's code: where its imports and its classes come from."""
    settings: Settings
    dag_id: str | None = None
    conf: str | None = None
    """`dag_run.conf` of a new run, to resolve its params; None for a run that has them."""


class Spawn(msgspec.Struct, frozen=True, tag=True):
    """Scheduler to template: start children that wait for a try."""

    count: int
    reuse: bool
    """Whether a child takes one try after the other."""


class Close(msgspec.Struct, frozen=True, tag=True):
    """Scheduler to template: no try runs any more; end the children that wait, and yourself."""


class Join(msgspec.Struct, frozen=True, tag=True):
    """Template to a child that was started by exec: load this code, then wait for a try."""

    bundle: Bundle
    settings: Settings
    description: str
    """The `DagDescription` of the run as JSON."""
    reuse: bool


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """Template to scheduler: the file is loaded."""

    description: str
    """A `DagDescription` as JSON."""
    bundle: Bundle
    sources: dict[str, bytes]
    params: str
    notes: tuple[str, ...] = ()


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """Template to scheduler: the file could not be loaded."""

    kind: str
    """The name of an error of `crosscom.errors`."""
    message: str
    dag_id: str | None = None
    details: tuple[str, ...] = ()
    """A `DagCycle`'s cycle, a `DuplicateTaskId`'s task id, an `InvalidParam`'s name."""


class Spawned(msgspec.Struct, frozen=True, tag=True):
    """Template to scheduler: a child waits at the socket that comes with this message."""

    process: ProcessIdentity


class Exited(msgspec.Struct, frozen=True, tag=True):
    """Template to scheduler: a child is gone, and its process group with it."""

    pid: int
    status: int
    """As `os.waitpid` gives it."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """Scheduler to child: run this try; `begin_try` is committed."""

    attempt: int
    key: TaskInstanceKey
    try_number: int
    max_tries: int
    run: RunRecord
    description: str | None = None
    """The run's stored description as JSON, where the loaded file gives another one."""


class Ended(msgspec.Struct, frozen=True, tag=True):
    """Child to scheduler: the try ended like this, and that is committed."""

    attempt: int
    end: TryEnd


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """Child to scheduler: the try could not be run or its end not be committed."""

    attempt: int
    error: str


Message = (
    Load | Spawn | Close | Loaded | LoadFailed | Spawned | Exited | Join | Begin | Ended | Stopped
)


def with_notes(loaded: Loaded, notes: tuple[str, ...]) -> Loaded:
    """Give *loaded* with things that a person should know."""
    return msgspec.structs.replace(loaded, notes=notes)


def _encode_other(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError


def _decode_other(kind: type, value: Any) -> Any:
    if issubclass(kind, Path):
        return kind(value)
    raise NotImplementedError


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_encode_other)
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(
    Message, dec_hook=_decode_other
)


class Channel:
    """One end of a socket between two of our own processes. Sends block, and are whole."""

    __slots__ = ("_buffer", "_descriptors", "_socket")

    def __init__(self, own: socket.socket) -> None:
        """Speak over *own*, a connected stream socket."""
        self._socket = own
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """Give the descriptor, so that a selector can wait for it."""
        return self._socket.fileno()

    def send(self, message: Message, descriptor: int | None = None) -> bool:
        """Send a message, and hand over a descriptor with it.

        Returns:
            False where the other side is gone.
        """
        body = _ENCODER.encode(message)
        data = len(body).to_bytes(_HEADER_BYTES, "big") + body
        try:
            if descriptor is not None:
                sent = socket.send_fds(self._socket, [data], [descriptor])
                data = data[sent:]
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def receive(self) -> Message | None:
        """Wait for the next message; None where the other side is gone."""
        while (message := self._next()) is None:
            data = self._socket.recv(_CHUNK_BYTES)
            if not data:
                return None
            self._buffer += data
        return message

    def drain(self) -> tuple[list[Message], bool]:
        """Read once what is there, without waiting.

        Returns:
            The whole messages, and whether the other side is still there.
        """
        # Not `socket.recv_fds`: it forgets its flags.
        try:
            data, ancillary, _, _ = self._socket.recvmsg(_CHUNK_BYTES, _ROOM, _FLAGS)
        except BlockingIOError:
            return [], True
        except ConnectionResetError:
            data, ancillary = b"", []
        for _, _, handed_over in ancillary:
            self._descriptors.extend(array("i", handed_over))
        self._buffer += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages, bool(data)

    def take_socket(self) -> socket.socket:
        """Give the socket that came with the oldest message that handed one over."""
        return socket.socket(fileno=self._descriptors.popleft())

    def close(self) -> None:
        """Close this end and what was handed over but never taken."""
        self._socket.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _next(self) -> Message | None:
        if len(self._buffer) < _HEADER_BYTES:
            return None
        end = _HEADER_BYTES + int.from_bytes(self._buffer[:_HEADER_BYTES], "big")
        if len(self._buffer) < end:
            return None
        message = _DECODER.decode(memoryview(self._buffer)[_HEADER_BYTES:end])
        del self._buffer[:end]
        return message
