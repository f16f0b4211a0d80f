"""What the tests of the core share: a connection with a node behind it, vectors, frames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from struct import Struct
from typing import TypeVar

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    ConnectionTerminated,
    Event,
    HandshakeCompleted,
    State,
)

from .fake_node import FakeNode, string

NODE = "node.example:10800"

_INT = Struct("<i")
_RESPONSE = Struct("<qh")
_TOPOLOGY = Struct("<qi")

E = TypeVar("E")


@dataclass(frozen=True)
class Vector:
    """One captured exchange."""

    name: str
    server: str
    requests: tuple[bytes, ...]
    responses: tuple[bytes, ...]

    @property
    def request(self) -> bytes:
        """All that was sent."""
        return b"".join(self.requests)

    @property
    def response(self) -> bytes:
        """All that came back."""
        return b"".join(self.responses)


def handshake_vectors() -> dict[str, Vector]:
    """The captured handshakes and headers, by name."""
    path = Path(__file__).parent.parent / "vectors" / "handshake.json"
    vectors = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        name = f"{row['server'].partition('-')[0]}: {row['what']}"
        assert name not in vectors
        vectors[name] = Vector(
            name,
            row["server"],
            split(bytes.fromhex(row["request"])),
            split(bytes.fromhex(row["response"])),
        )
    return vectors


def split(data: bytes) -> tuple[bytes, ...]:
    """Cut bytes into whole frames."""
    frames = []
    while data:
        (length,) = _INT.unpack_from(data)
        frames.append(data[: 4 + length])
        assert len(frames[-1]) == 4 + length
        data = data[4 + length :]
    return tuple(frames)


def frame(body: bytes) -> bytes:
    """A body with its length in front."""
    return _INT.pack(len(body)) + body


def response(
    request_id: int,
    payload: bytes = b"",
    *,
    topology: tuple[int, int] | None = None,
    op_code: int | None = None,
    status: int = 0,
    message: str | None = None,
) -> bytes:
    """A response's or, with an operation's code, a notification's frame."""
    flags, body = 0, b""
    if topology is not None:
        flags |= 2
        body += _TOPOLOGY.pack(*topology)
    if op_code is not None:
        flags |= 4
        body += op_code.to_bytes(2, "little", signed=True)
    if status:
        flags |= 1
        body += _INT.pack(status) + string(message)
    return frame(_RESPONSE.pack(request_id, flags) + body + payload)


def events(connection: Connection) -> Iterator[Event]:
    """Drain what the connection has to tell."""
    while (event := connection.next_event()) is not None:
        yield event


def only(connection: Connection, kind: type[E]) -> E:
    """The one event that the connection has to tell."""
    (event,) = events(connection)
    assert isinstance(event, kind)
    return event


def terminated(connection: Connection) -> ConnectionTerminated:
    """The end of a connection, which is the last event and has come just now."""
    event = list(events(connection))[-1]
    assert isinstance(event, ConnectionTerminated)
    assert connection.state is State.CLOSED
    assert connection.next_timer() is None
    return event


def cause(connection: Connection) -> Exception:
    """Why a connection has ended."""
    exc = terminated(connection).cause
    assert exc is not None
    assert NODE in str(exc)
    return exc


def pump(connection: Connection, node: FakeNode, *, now: float = 0.0) -> None:
    """Carry bytes both ways until there are none."""
    while data := connection.data_to_send():
        node.receive(data)
        if answer := node.data_to_send():
            connection.receive_data(answer, now=now)
        if node.closed:
            connection.receive_eof(now=now)


def connect(
    node: FakeNode | None = None, config: ConnectionConfig | None = None, *, now: float = 0.0
) -> tuple[Connection, FakeNode]:
    """A connection that is ready, heartbeats off unless configured, and the node behind it."""
    node = node or FakeNode()
    connection = Connection(config or ConnectionConfig(node=NODE, heartbeat_interval=None), now=now)
    pump(connection, node, now=now)
    assert isinstance(connection.next_event(), HandshakeCompleted)
    assert connection.state is State.READY
    return connection, node


def bytewise(data: bytes) -> list[bytes]:
    """Every byte in a chunk of its own."""
    return [data[i : i + 1] for i in range(len(data))]


def cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Chunks of bytes, cut at these places as far as there are such."""
    places = sorted({0, len(data), *(place for place in cuts if place < len(data))})
    return [data[a:b] for a, b in pairwise(places)]


def whole(data: bytes) -> list[bytes]:
    """All in one chunk."""
    return [data]


def ids(*numbers: int) -> frozenset[int]:
    """A set of requests."""
    return frozenset(numbers)
