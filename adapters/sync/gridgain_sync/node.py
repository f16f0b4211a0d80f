"""A node in memory, served on a port of this machine: for tests, and for a first look.

```python
from gridgain_sync import Client
from gridgain_sync.node import EmbeddedCluster, EmbeddedNode

with EmbeddedNode() as node, Client().connect(*node.address) as client:
    client.create_cache("my cache")

with EmbeddedCluster(3) as cluster, Client().connect(cluster.addresses) as client:
    cluster[0].kill()
    cluster[0].restart()
```

One thread serves all nodes of a cluster. Importing `gridgain_sync` does not import this.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from gridgain_proto.exceptions import ParameterError
from gridgain_proto.features import Product, ProtocolVersion
from gridgain_proto.node import Cluster, Interceptor, Member, NodeConfig, NodeConnection

__all__ = ["EmbeddedCluster", "EmbeddedNode", "ServedNode"]

T = TypeVar("T")

_CHUNK: Final = 256 * 1024

#: While so many bytes wait for a client that does not read, nothing more is read from it.
_MAX_UNSENT: Final = 4 * 1024 * 1024


class ServedNode:
    """One node of an `EmbeddedCluster`.

    Attributes:
        address: where it listens, as host and port; the same after a restart.
    """

    def __init__(self, server: _Server, host: str, port: int) -> None:
        self._server = server
        self._listener: socket.socket | None = None
        self._member: Member | None = None
        self.address = (host, port)

    @property
    def host(self) -> str:
        """The host it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.address[1]

    @property
    def running(self) -> bool:
        """Whether it is part of the cluster now."""
        return self._member is not None

    @property
    def node_id(self) -> uuid.UUID | None:
        """Its id; another one after each restart, and None while it is down."""
        return None if self._member is None else self._member.node_id

    def kill(self) -> None:
        """End it at once, its connections with it, and what only it held."""
        self._server.run(lambda: self._server.stop_node(self))

    def restart(self) -> None:
        """Start it again on the same port, as a new and empty node."""
        self._server.run(lambda: self._server.start_node(self))

    def disconnect(self) -> None:
        """Close the connections of all clients; the node goes on."""
        self._server.run(lambda: self._server.disconnect(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.host}:{self.port}>"


class EmbeddedCluster:
    """Several nodes in memory that share their data, served by one thread.

    Args:
        nodes: how many.
        host: where to listen.
        ports: the ports, one for each node; any free ones by default.
        product: which server they stand for.
        versions: the protocol's versions that they know, newest first.
        users: passwords by user name; None for no authentication.
        ssl_context: a server's context; None for plain text.
        persistent: whether what a node holds survives when it goes.
        interceptor: decides what is to go wrong with each request.
        config: all of that about the nodes themselves, and more, instead of the arguments above.

    Raises:
        ParameterError: an argument is wrong.
    """

    def __init__(
        self,
        nodes: int = 1,
        *,
        host: str = "127.0.0.1",
        ports: tuple[int, ...] | None = None,
        product: Product = Product.GRIDGAIN,
        versions: tuple[ProtocolVersion, ...] = (),
        users: Mapping[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        persistent: bool = False,
        interceptor: Interceptor | None = None,
        config: NodeConfig | None = None,
    ) -> None:
        if nodes < 1:
            raise ParameterError(f"nodes: at least one is needed, not {nodes}")
        if ports is not None and len(ports) != nodes:
            raise ParameterError(f"ports: {len(ports)} for {nodes} nodes")
        if config is None:
            config = NodeConfig(
                product=product, versions=versions, users=users, persistent=persistent
            )
        self.cluster = Cluster(config, new_id=uuid.uuid4)
        self.cluster.interceptor = interceptor
        self._server = _Server(self.cluster, ssl_context)
        self._nodes = [ServedNode(self._server, host, port) for port in (ports or (0,) * nodes)]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the nodes listen."""
        return [node.address for node in self._nodes]

    def __getitem__(self, index: int) -> ServedNode:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[ServedNode]:
        return iter(self._nodes)

    def start(self) -> None:
        """Start all nodes.

        Raises:
            OSError: a port is taken.
        """
        self._server.start(self._nodes)

    def close(self) -> None:
        """Stop all nodes."""
        self._server.close()

    def run(self, function: Callable[[Cluster], T]) -> T:
        """Do something with the cluster's state, in the thread that owns it.

        Args:
            function: gets the cluster.
        """
        return self._server.run(lambda: function(self.cluster))

    def intercept(self, interceptor: Interceptor | None) -> None:
        """Decide from now on what goes wrong with each request; None for nothing."""

        def set_it(cluster: Cluster) -> None:
            cluster.interceptor = interceptor

        self.run(set_it)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class EmbeddedNode(EmbeddedCluster):
    """One node in memory, served by a thread.

    Args:
        host: where to listen.
        port: the port; any free one by default.
        product: which server it stands for.
        versions: the protocol's versions that it knows, newest first.
        users: passwords by user name; None for no authentication.
        ssl_context: a server's context; None for plain text.
        persistent: whether what it holds survives a restart.
        interceptor: decides what is to go wrong with each request.
        config: all of that about the node itself, and more, instead of the arguments above.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        product: Product = Product.GRIDGAIN,
        versions: tuple[ProtocolVersion, ...] = (),
        users: Mapping[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        persistent: bool = False,
        interceptor: Interceptor | None = None,
        config: NodeConfig | None = None,
    ) -> None:
        super().__init__(
            host=host,
            ports=(port,),
            product=product,
            versions=versions,
            users=users,
            ssl_context=ssl_context,
            persistent=persistent,
            interceptor=interceptor,
            config=config,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, as host and port."""
        return self[0].address

    @property
    def host(self) -> str:
        """The host it listens on."""
        return self[0].host

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self[0].port

    def kill(self) -> None:
        """End it at once; what it held is lost unless it is persistent."""
        self[0].kill()

    def restart(self) -> None:
        """Start it again on the same port."""
        self[0].restart()

    def disconnect(self) -> None:
        """Close the connections of all clients; the node goes on."""
        self[0].disconnect()


# -- the thread ------------------------------------------------------------------------------------


class _Server:
    """The thread that owns a cluster, its sockets and its clock."""

    def __init__(self, cluster: Cluster, context: ssl.SSLContext | None) -> None:
        self._cluster = cluster
        self._context = context
        self._nodes: list[ServedNode] = []
        self._peers: dict[NodeConnection, _Peer] = {}
        self._tasks: deque[_Task[Any]] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = False
        # A task is queued, and the thread woken, only while it will look.
        self._lock = threading.Lock()
        self._is_serving = False

    # -- called by other threads -----------------------------------------------------------------

    def start(self, nodes: list[ServedNode]) -> None:
        if self._thread is not None:
            raise ParameterError("the nodes have been started already")
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, self._drain_wakes)
        self._nodes = nodes
        try:
            for node in nodes:
                self.start_node(node)
        except BaseException:
            self._close_all()
            raise
        self._thread = threading.Thread(target=self._serve, name="embedded node", daemon=True)
        self._is_serving = True
        self._thread.start()

    def run(self, function: Callable[[], T]) -> T:
        if self._thread is threading.current_thread():
            return function()
        with self._lock:
            task = _Task(function) if self._is_serving else None
            if task is not None:
                self._tasks.append(task)
                self._wake()
        return function() if task is None else task.result()

    def close(self) -> None:
        with self._lock:
            if self._is_serving:
                self._stopping = True
                self._wake()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it has been woken already
            self._wake_writer.send(b"\0")

    # -- in the thread ---------------------------------------------------------------------------

    def start_node(self, node: ServedNode) -> None:
        if node._listener is not None:
            return
        listener = socket.create_server(node.address, backlog=128)
        listener.setblocking(False)
        host, port = listener.getsockname()[:2]
        node.address = (host, port)
        node._listener = listener
        node._member = self._cluster.join(host, port, now=time.monotonic())
        self._selector.register(listener, selectors.EVENT_READ, lambda _: self._accept(node))

    def stop_node(self, node: ServedNode) -> None:
        listener, node._listener = node._listener, None
        member, node._member = node._member, None
        if listener is not None:
            self._selector.unregister(listener)
            listener.close()
        if member is not None:
            self._cluster.leave(member, now=time.monotonic())
            self._send_ready()

    def disconnect(self, node: ServedNode) -> None:
        for connection in list(self._peers):
            if connection.member is node._member:
                connection.receive_eof(now=time.monotonic())
        self._send_ready()

    def _serve(self) -> None:
        cluster = self._cluster
        try:
            while not self._stopping:
                due = cluster.next_timer()
                timeout = None if due is None else max(due - time.monotonic(), 0.0)
                for key, events in self._selector.select(timeout):
                    key.data(events)
                if due is not None and time.monotonic() >= due:
                    cluster.handle_timer(now=time.monotonic())
                while self._tasks:
                    self._tasks.popleft().run()
                self._send_ready()
        finally:
            with self._lock:
                self._is_serving = False
                self._close_all()
            while self._tasks:  # queued before, and somebody waits for each
                self._tasks.popleft().run()

    def _drain_wakes(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_reader.recv(4096):
                pass

    def _accept(self, node: ServedNode) -> None:
        listener, member = node._listener, node._member
        if listener is None or member is None:
            return
        try:
            sock, _ = listener.accept()
        except OSError:
            return  # it has gone again
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._cluster.connect(member, now=time.monotonic())
        peer = _Peer(sock, connection, self._selector, self._context)
        self._peers[connection] = peer

    def _send_ready(self) -> None:
        # What is sent may close connections, and so wake others.
        while ready := self._cluster.take_ready():
            for connection in ready:
                peer = self._peers.get(connection)
                if peer is not None and not peer.flush():
                    del self._peers[connection]

    def _close_all(self) -> None:
        for peer in self._peers.values():
            peer.close()
        self._peers.clear()
        for node in self._nodes:
            if node._listener is not None:
                node._listener.close()
                node._listener = None
            node._member = None
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()


class _Task(Generic[T]):
    """Something to be done by the server's thread, for another one."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._done = threading.Event()
        self._results: list[T] = []
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._results.append(self._function())
        except BaseException as exc:  # handed on to the thread that asked
            self._failure = exc
        finally:
            self._done.set()

    def result(self) -> T:
        """Wait for the result."""
        self._done.wait()
        if self._failure is not None:
            raise self._failure
        return self._results[0]


class _Peer:
    """A client's socket, and TLS if it is asked for."""

    def __init__(
        self,
        sock: socket.socket,
        connection: NodeConnection,
        selector: selectors.BaseSelector,
        context: ssl.SSLContext | None,
    ) -> None:
        self._sock = sock
        self._connection = connection
        self._selector = selector
        self._tls = None if context is None else _ServerTLS(context)
        self._unsent = b""
        self._events = selectors.EVENT_READ
        selector.register(sock, self._events, self._handle)

    def _handle(self, events: int) -> None:
        connection = self._connection
        if events & selectors.EVENT_READ:
            try:
                data = self._sock.recv(_CHUNK)
            except BlockingIOError:
                data = None
            except OSError:
                data = b""
            now = time.monotonic()
            if data == b"":
                connection.receive_eof(now=now)
            elif data:
                self._receive(data, now)
        connection.cluster.has_output(connection)

    def _receive(self, data: bytes, now: float) -> None:
        if self._tls is not None:
            plain = self._tls.receive(data)
            if plain is None:
                self._connection.receive_eof(now=now)
                return
            data = plain
        if data:
            self._connection.receive_data(data, now=now)

    def flush(self) -> bool:
        """Send what there is; False if the connection is over."""
        data = self._connection.data_to_send()
        if self._tls is not None:
            data = self._tls.send(data)
        if data:
            self._unsent += data
        if self._unsent:
            try:
                sent = self._sock.send(self._unsent)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._connection.receive_eof(now=time.monotonic())
                self.close()
                return False
            self._unsent = self._unsent[sent:]
        if self._connection.closed and not self._unsent:
            self.close()
            return False
        wanted = 0
        if self._unsent:
            wanted |= selectors.EVENT_WRITE
        if len(self._unsent) < _MAX_UNSENT and not self._connection.closed:
            wanted |= selectors.EVENT_READ
        if wanted != self._events:
            self._events = wanted
            self._selector.modify(self._sock, wanted, self._handle)
        return True

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._sock)
        self._sock.close()


class _ServerTLS:
    """The server's side of TLS, over memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._established = False
        self._backlog = b""

    def receive(self, data: bytes) -> bytes | None:
        """What the bytes say in the clear; None if TLS is over."""
        self._incoming.write(data)
        plain = []
        try:
            if not self._established:
                self._object.do_handshake()
                self._established = True
            while chunk := self._object.read(_CHUNK):
                plain.append(chunk)
            return None
        except ssl.SSLWantReadError:
            return b"".join(plain)
        except ssl.SSLError:
            return None

    def send(self, data: bytes) -> bytes:
        """The bytes for the network."""
        self._backlog += data
        if self._established and self._backlog:
            try:
                written = self._object.write(self._backlog)
                self._backlog = self._backlog[written:]
            except ssl.SSLWantReadError:
                pass  # the client asked for new keys
        return self._outgoing.read()
