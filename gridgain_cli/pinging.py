"""One node, asked who it is and how fast it answers: the protocol's core over a plain socket."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from gridgain_proto import Connection
from gridgain_proto.client.options import ClientOptions
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.events import ConnectionTerminated, HandshakeCompleted, ResponseReceived
from gridgain_proto.exceptions import ConnectionFailed

_HEARTBEAT = 1
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Ping:
    """What a node has told.

    Attributes:
        product: which server it is.
        version: the protocol's version.
        node_id: its id.
        features: the features that both sides know.
        latencies: how long each answer took, in seconds.
    """

    product: str
    version: str
    node_id: str
    features: list[str]
    latencies: list[float]


def ping_node(options: ClientOptions, endpoint: Endpoint, count: int) -> Ping:
    """Ask a node.

    Args:
        options: how to connect.
        endpoint: where the node is.
        count: how many times.

    Raises:
        GridGainError: it refuses, or does not answer as a node.
        OSError: it cannot be reached.
    """
    limit = options.timeout or options.handshake_timeout
    address = (endpoint.host, endpoint.port)
    with socket.create_connection(address, timeout=limit) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = options.connection_config(endpoint, Address(sock.family, address))
        core = Connection(config, now=time.monotonic())
        _Exchange(core, sock).until(HandshakeCompleted)
        features = core.features
        if features is None:
            raise ConnectionFailed(f"{endpoint} did not finish the handshake")
        latencies = []
        for _ in range(count):
            start = time.perf_counter()
            core.send_request(_HEARTBEAT, b"", now=time.monotonic())
            _Exchange(core, sock).until(ResponseReceived)
            latencies.append(time.perf_counter() - start)
        return Ping(
            features.product.value,
            str(features.version),
            str(core.node_id or ""),
            sorted(feature.value for feature in features.active),
            latencies,
        )


class _Exchange:
    """Sends and receives until something has come."""

    def __init__(self, core: Connection, sock: socket.socket) -> None:
        self._core = core
        self._sock = sock

    def until(self, wanted: type[HandshakeCompleted] | type[ResponseReceived]) -> None:
        """Wait for an event.

        Raises:
            GridGainError: the connection has ended.
            OSError: nothing came in time.
        """
        core, sock = self._core, self._sock
        while True:
            if data := core.data_to_send():
                sock.sendall(data)
            while (event := core.next_event()) is not None:
                if isinstance(event, wanted):
                    return
                if isinstance(event, ConnectionTerminated):
                    raise event.cause or ConnectionFailed("the connection has ended")
            received = sock.recv(_CHUNK)
            if received:
                core.receive_data(received, now=time.monotonic())
            else:
                core.receive_eof(now=time.monotonic())
