"""The client's core and the node's core joined without sockets: every byte goes through here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack
from uuid import UUID

from gridgain_proto import Connection, ConnectionConfig, HandshakeConfig
from gridgain_proto.client.blocking import BlockingClient
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.codec import Codec
from gridgain_proto.events import (
    ConnectionTerminated,
    NotificationReceived,
    ResponseReceived,
)
from gridgain_proto.exceptions import ConnectionFailed
from gridgain_proto.features import Features, ProtocolVersion
from gridgain_proto.node import Cluster, Member, NodeConnection
from gridgain_proto.operations.layout import CacheHeader
from gridgain_proto.operations.operation import Operation

#: Cuts bytes into the chunks in which they arrive.
Cut: TypeAlias = Callable[[bytes], Iterable[bytes]]


def whole(data: bytes) -> list[bytes]:
    """All at once."""
    return [data]


def bytewise(data: bytes) -> list[bytes]:
    """Byte by byte."""
    return [data[place : place + 1] for place in range(len(data))]


class Peer:
    """A client's connection to a node in memory.

    Args:
        cluster: where the node belongs.
        member: the node; the first by default.
        cut: how bytes arrive.
        version: the protocol's version to begin with.
        username: who it is.
        password: how it proves it.
    """

    def __init__(
        self,
        cluster: Cluster,
        member: Member | None = None,
        *,
        cut: Cut = whole,
        version: ProtocolVersion | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        self.cluster = cluster
        handshake = HandshakeConfig(username=username, password=password)
        if version is not None:
            handshake = HandshakeConfig(first_version=version)
        config = ConnectionConfig(node="memory", handshake=handshake, heartbeat_interval=None)
        self.core = Connection(config, now=cluster.now)
        self.node: NodeConnection = cluster.connect(member or cluster.members[0], now=cluster.now)
        self.codec = Codec()
        self.answers: dict[int, ResponseReceived] = {}
        self.notifications: list[NotificationReceived] = []
        self.ended: ConnectionTerminated | None = None
        self._cut = cut
        self.pump()

    @property
    def features(self) -> Features:
        """What was agreed."""
        features = self.core.features
        assert features is not None, self.ended
        return features

    def pump(self) -> None:
        """Carry bytes both ways until there are none."""
        while True:
            sent = self.core.data_to_send()
            for chunk in self._cut(sent) if sent else ():
                self.node.receive_data(chunk, now=self.cluster.now)
            received = self.node.data_to_send()
            for chunk in self._cut(received) if received else ():
                self.core.receive_data(chunk, now=self.cluster.now)
            if not sent and not received:
                break
        if self.node.closed and self.ended is None:
            self.core.receive_eof(now=self.cluster.now)
        while (event := self.core.next_event()) is not None:
            if isinstance(event, ResponseReceived):
                self.answers[event.request_id] = event
            elif isinstance(event, NotificationReceived):
                self.notifications.append(event)
            elif isinstance(event, ConnectionTerminated):
                self.ended = event

    def send(self, code: int, payload: bytes | bytearray = b"") -> int:
        """Send a request; its id."""
        number = self.core.send_request(code, bytes(payload), now=self.cluster.now)
        self.pump()
        return number

    def post(self, operation: Operation[Any], *args: Any, tx: int | None = None) -> int:
        """Send a request without waiting for the answer; its id."""
        request = operation(*args)
        return self.send(operation.code, request.encode(self.codec, self.features, tx))

    def answer(self, number: int, operation: Operation[Any], *args: Any) -> Any:
        """What the answer to a request says.

        Raises:
            ServerError: it is an error.
            KeyError: there is none yet.
        """
        self.pump()
        reply = self.answers.pop(number)
        return operation(*args).decode(reply, self.codec, self.features)

    def ask(self, operation: Operation[Any], *args: Any, tx: int | None = None) -> Any:
        """Send a request; what the answer says."""
        number = self.post(operation, *args, tx=tx)
        if self.ended is not None:
            raise ConnectionFailed(str(self.ended.cause))
        return self.answer(number, operation, *args)

    def close(self) -> None:
        """End the connection, as if the client had gone."""
        self.node.receive_eof(now=self.cluster.now)


def header(name: str, expiry: tuple[int, int, int] | None = None) -> CacheHeader:
    """The header of a cache."""
    from gridgain_proto.codec.hashing import cache_id

    return CacheHeader(cache_id(name), expiry)


def one_node(**config: Any) -> Cluster:
    """A cluster of one node."""
    return nodes(1, **config)


def nodes(count: int, **config: Any) -> Cluster:
    """A cluster of several nodes."""
    from gridgain_proto.node import NodeConfig

    cluster = Cluster(NodeConfig(**config))
    for port in range(count):
        cluster.join("127.0.0.1", 10800 + port, now=0.0)
    return cluster


# -- the whole client over it --------------------------------------------------------------------


class MemoryLink:
    """A link whose other end is a node in memory."""

    def __init__(self, peer: Peer, node: str) -> None:
        self.peer = peer
        self.node = node
        self.on_topology: Callable[[tuple[int, int]], None] | None = None
        self.failure: Exception | None = None
        self.in_flight = 0
        self._closed = False

    @property
    def node_id(self) -> UUID | None:
        """The node's id."""
        return self.peer.core.node_id

    @property
    def features(self) -> Features:
        """What was agreed."""
        return self.peer.features

    @property
    def topology(self) -> tuple[int, int] | None:
        """The newest topology version."""
        return self.peer.core.topology

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self._closed or self.peer.ended is not None

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: Callable[[ResponseReceived], None] | None = None,
    ) -> ResponseReceived:
        """Send a request, and give its answer."""
        if self.closed:
            raise ConnectionFailed(f"the connection to {self.node} is closed")
        number = self.peer.send(op_code, payload)
        if number not in self.peer.answers:
            assert self.peer.ended is not None, "the node waits for something"
            raise ConnectionFailed(str(self.peer.ended.cause))
        return self.peer.answers.pop(number)

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        """Send a request, and forget it."""
        if not self.closed:
            self.peer.answers.pop(self.peer.send(op_code, payload), None)

    async def aclose(self) -> None:
        """End it."""
        self._closed = True
        self.peer.close()


class _Lock:
    async def acquire(self, deadline: float | None) -> bool:
        return True

    def release(self) -> None:
        pass


@dataclass
class _Background:
    done: bool = True

    async def wait(self) -> None:
        """It is over."""

    def cancel(self) -> None:
        """There is nothing to cancel."""


@dataclass
class MemoryRuntime:
    """A runtime that dials nodes in memory."""

    cluster: Cluster
    cut: Cut = whole
    links: list[MemoryLink] = field(default_factory=list)

    def now(self) -> float:
        """The cluster's time."""
        return self.cluster.now

    def lock(self) -> _Lock:
        """A lock that nobody else wants."""
        return _Lock()

    def mutex(self) -> contextlib.AbstractContextManager[object]:
        """Nobody else is there."""
        return contextlib.nullcontext()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> _Background:
        """Nothing runs beside."""
        return _Background()

    @contextlib.asynccontextmanager
    async def scope(self) -> Any:
        """There is nothing to end."""
        yield

    def caller(self) -> str:
        """Always the same."""
        return "the test"

    async def checkpoint(self) -> None:
        """Nobody else is there."""

    async def sleep_until(self, when: float) -> None:
        """Time passes as it is told to."""
        self.cluster.handle_timer(now=when)

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """The endpoint itself."""
        return [Address(0, (endpoint.host, endpoint.port))]

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> MemoryLink:
        """A connection to the node that listens there."""
        for member in self.cluster.members:
            if member.port == address.sockaddr[1]:
                link = MemoryLink(Peer(self.cluster, member, cut=self.cut), config.node)
                self.links.append(link)
                return link
        raise ConnectionFailed(f"nobody listens at {config.node}")


class _Flows(AsyncClient):
    def __init__(self, runtime: MemoryRuntime, **options: Unpack[ClientKeywords]) -> None:
        self._memory = runtime
        super().__init__(**options)

    def _make_runtime(self) -> MemoryRuntime:
        return self._memory


class MemoryClient(BlockingClient):
    """The client's whole API over a cluster in memory."""

    def __init__(
        self, cluster: Cluster, *, cut: Cut = whole, **options: Unpack[ClientKeywords]
    ) -> None:
        self.runtime = MemoryRuntime(cluster, cut)
        options.setdefault("partition_aware", False)
        options.setdefault("discovery", False)
        super().__init__(_Flows(self.runtime, **options))
        self.connect("127.0.0.1", cluster.members[0].port)
