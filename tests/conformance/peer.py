"""A server on a port of this machine that does what a test tells it: one fake node a connection.

It runs in threads of its own, so it serves whatever runtime is tested in the same process; where
gevent has patched threads and sockets, it runs in greenlets.
"""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from gridgain_proto.operations.cluster import CACHE_PARTITIONS, NODE_ENDPOINTS
from tests.core.fake_node import Failure, FakeNode, Handler, Request

GET = 1000
PUT = 1001

#: What a client asks in the background, whenever it likes: about nodes and partitions.
_OF_THE_CLIENT_ITSELF = frozenset({NODE_ENDPOINTS.code, CACHE_PARTITIONS.code})

_CHUNK = 256 * 1024
_LONG = struct.Struct("<bq")


class PeerConnection:
    """One connection as the server sees it. Its methods may be called from any thread.

    Args:
        sock: the accepted socket.
        node: what speaks.
        reading: set while it reads.
        shuffle: whether what came together is answered in any order.
    """

    def __init__(
        self, sock: socket.socket, node: FakeNode, reading: threading.Event, shuffle: bool
    ) -> None:
        self.node = node
        #: Requests that came, answered or not, in order.
        self.received: list[Request] = []
        self._socket = sock
        self._lock = threading.RLock()
        self._reading = reading
        #: Whether the client has closed the connection, or this side has.
        self.over = False
        self._handler = node.handler
        self._shuffle = shuffle
        node.handler = self._handle

    @property
    def waiting(self) -> list[Request]:
        """Requests that are not answered yet."""
        return list(self.node.requests.values())

    def respond(self, request: Request, answer: bytes | Failure = b"") -> None:
        """Answer a request that waits."""
        with self._lock:
            self.node.respond(request.request_id, answer)
            self._flush()

    def close(self) -> None:
        """Close the connection without a word."""
        self.node.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Have the connection break down."""
        self.node.close()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)  # whoever receives wakes up, and closes it

    def serve(self) -> None:
        """Its life."""
        try:
            with self._socket, contextlib.suppress(OSError, ssl.SSLError):
                if isinstance(self._socket, ssl.SSLSocket):
                    self._socket.do_handshake()
                while not self.node.closed:
                    self._reading.wait()
                    data = self._socket.recv(_CHUNK)
                    if not data:
                        break
                    with self._lock:
                        self.node.receive(data)
                        if self._shuffle:
                            self._answer_in_any_order()
                        self._flush()
        finally:
            self.over = True

    def _handle(self, request: Request) -> bytes | Failure | None:
        if request.op_code in _OF_THE_CLIENT_ITSELF:
            return Failure("it is a cluster of one", 2)
        self.received.append(request)
        if self._handler is None or self._shuffle:
            return None
        return self._handler(request)

    def _answer_in_any_order(self) -> None:
        requests = self.waiting
        random.shuffle(requests)
        for request in requests:
            answer = self._handler(request) if self._handler is not None else None
            if answer is not None:
                self.node.respond(request.request_id, answer)

    def _flush(self) -> None:
        data = self.node.data_to_send()
        if data:
            with contextlib.suppress(OSError):
                self._socket.sendall(data)


class Peer:
    """A server; to be used in a ``with`` block.

    Args:
        handler: answers requests; without one they wait for `PeerConnection.respond`.
        tls: how to encrypt, or None for plain text.
        shuffle: whether what came together is answered in any order.
        node: arguments of every `FakeNode`.
    """

    def __init__(
        self,
        handler: Handler | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        shuffle: bool = False,
        **node: Any,
    ) -> None:
        #: Arguments of the nodes of connections to come.
        self.node = {"handler": handler, **node}
        #: Every connection there was, in order.
        self.connections: list[PeerConnection] = []
        self._tls = tls
        self._shuffle = shuffle
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._reading = threading.Event()
        self._reading.set()
        self._threads = [threading.Thread(target=self._accept, name="peer")]
        self._closing = False

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    @property
    def last(self) -> PeerConnection:
        """The newest connection."""
        return self.connections[-1]

    @property
    def waiting(self) -> list[Request]:
        """Requests of the newest connection that are not answered yet."""
        return self.last.waiting if self.connections else []

    @property
    def received(self) -> list[Request]:
        """All requests that came, by whatever connection."""
        return [request for connection in self.connections for request in connection.received]

    @property
    def open(self) -> int:
        """How many connections are open."""
        return sum(not connection.over for connection in self.connections)

    def stop_reading(self) -> None:
        """Let what comes pile up; what is being received still is."""
        self._reading.clear()

    def go_on_reading(self) -> None:
        """Read again."""
        self._reading.set()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        self._reading.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # accept() returns
        self._threads[0].join()
        self._listener.close()
        for connection in self.connections:
            connection.close()
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while not self._closing:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            connection = PeerConnection(sock, FakeNode(**self.node), self._reading, self._shuffle)
            self.connections.append(connection)
            thread = threading.Thread(target=connection.serve, name="peer's connection")
            self._threads.append(thread)
            thread.start()


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{sock.getsockname()[1]}"


class Memory:
    """A handler that knows gets and puts, for keys that are integers; nothing else succeeds."""

    def __init__(self) -> None:
        self.values: dict[tuple[bytes, bytes], bytes] = {}

    def __call__(self, request: Request) -> bytes | Failure | None:
        """Answer one request."""
        cache, key, value = split(request.payload)
        if request.op_code == GET:
            return self.values.get((cache, key), b"\x65")
        if request.op_code == PUT:
            self.values[cache, key] = value
            return b""
        return Failure("not known here")


def split(payload: bytes) -> tuple[bytes, bytes, bytes]:
    """A request's payload as cache, key (an integer's bytes) and value."""
    return payload[:4], payload[5 : 5 + _LONG.size], payload[5 + _LONG.size :]
