"""Just enough of the thin protocol to ask a node how it is.

On purpose not the client under test: a launcher that leans on it would fail together with it.
"""

from __future__ import annotations

import socket
import ssl
import struct
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_VERSION = (1, 6, 0)  # old enough for any server of these years; no feature bits to agree on
_CHANGE_STATE = 5001
_GET_ENDPOINTS = 5102
_ERROR_FLAG = 1
_TOPOLOGY_FLAG = 2
_MOST_BYTES = 1 << 20


class ProbeError(Exception):
    """The node is not there, or not ready, or says no."""


@dataclass(frozen=True)
class ClusterView:
    """What one node knows of its cluster.

    Attributes:
        node_id: The node that was asked.
        topology: The topology version, one more with each node that comes or goes.
        nodes: The ids of all server nodes with their client ports.
        settled: The node has finished what the last change of topology asks of it.
    """

    node_id: uuid.UUID
    topology: int
    nodes: dict[uuid.UUID, int]
    settled: bool


class Probe:
    """One connection to a node's client port, with the handshake done.

    Args:
        host: The node's address.
        port: Its client port.
        context: How to speak TLS, where the port does.
        user: User name and password, where the node asks for them.
        timeout: Seconds for each exchange.

    Raises:
        ProbeError: There is no ready node.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        context: ssl.SSLContext | None = None,
        user: tuple[str, str] | None = None,
        timeout: float = 5,
    ) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout)
        except OSError as error:
            raise ProbeError(f"cannot connect: {error}") from error
        try:
            if context is not None:
                self._socket = context.wrap_socket(self._socket, server_hostname=host)
            self.node_id = self._handshake(user)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise ProbeError(f"no handshake: {error}") from error
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def view(self) -> ClusterView:
        """Asks the node for the server nodes of its cluster."""
        body, affinity = self._call(_GET_ENDPOINTS, struct.pack("<qq", -1, -1))
        topology, count = struct.unpack_from("<qi", body)
        at = 12
        nodes: dict[uuid.UUID, int] = {}
        for _ in range(count):
            high, low, port, addresses = struct.unpack_from("<QQii", body, at)
            at += 24
            nodes[uuid.UUID(int=high << 64 | low)] = port
            for _ in range(addresses):
                (length,) = struct.unpack_from("<xi", body, at)
                at += 5 + length
        return ClusterView(self.node_id, topology, nodes, affinity is None or affinity >= topology)

    def activate(self) -> None:
        """Activates the cluster."""
        self._call(_CHANGE_STATE, b"\x01")

    def _handshake(self, user: tuple[str, str] | None) -> uuid.UUID:
        request = struct.pack("<b3hb", 1, *_VERSION, 2)
        request += b"".join(_string(text) for text in user or ())
        self._send(request)
        answer = self._receive()
        if answer[0] == 1:
            high, low = struct.unpack_from("<QQ", answer, 2)
            return uuid.UUID(int=high << 64 | low)
        raise ProbeError(f"handshake refused: {_text(answer, 7)}")

    def _call(self, operation: int, payload: bytes) -> tuple[bytes, int | None]:
        try:
            self._send(struct.pack("<hq", operation, 1) + payload)
            answer = self._receive()
        except OSError as error:
            raise ProbeError(f"operation {operation}: {error}") from error
        (flags,) = struct.unpack_from("<h", answer, 8)
        at = 10
        affinity = None
        if flags & _TOPOLOGY_FLAG:
            (affinity,) = struct.unpack_from("<q", answer, at)
            at += 12
        if flags & _ERROR_FLAG:
            raise ProbeError(f"operation {operation} failed: {_text(answer, at + 4)}")
        return answer[at:], affinity

    def _send(self, body: bytes) -> None:
        self._socket.sendall(struct.pack("<i", len(body)) + body)

    def _receive(self) -> bytes:
        (length,) = struct.unpack("<i", self._exactly(4))
        if not 0 < length <= _MOST_BYTES:
            raise ProbeError(f"not a node: it announced a frame of {length} bytes")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ProbeError("the node closed the connection")
            data += part
        return bytes(data)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<bi", 9, len(data)) + data


def _text(body: bytes, at: int) -> str:
    if body[at] != 9:
        return "no message"
    (length,) = struct.unpack_from("<i", body, at + 1)
    return body[at + 5 : at + 5 + length].decode("utf-8", "replace")
