"""The requests of the bare socket, laid out by hand, and what little of an answer it looks at."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterable, Mapping

from benchmarks.compare import data
from benchmarks.compare.protocol import Turn

#: Protocol 1.7.0, client type 2, no features.
GREETING = struct.pack("<iBhhhBBi", 13, 1, 1, 7, 0, 2, 12, 0)

_KEEP_BINARY = 1
_IN_TRANSACTION = 2
_HEADER = struct.Struct("<qh")
_HAS_TOPOLOGY = 2
_IS_ERROR = 1

#: No answer here is longer.
_LONGEST = 1 << 18


def frame(code: int, payload: bytes) -> bytes:
    """A whole request."""
    return struct.pack("<ihq", 10 + len(payload), code, 1) + payload


def cache(name: str, transaction: int | None = None) -> bytes:
    """What every request to a cache begins with."""
    cache_id = 0
    for char in name:
        cache_id = (31 * cache_id + ord(char)) & 0xFFFFFFFF
    if transaction is None:
        return struct.pack("<IB", cache_id, _KEEP_BINARY)
    return struct.pack("<IBi", cache_id, _KEEP_BINARY | _IN_TRANSACTION, transaction)


def long(number: int) -> bytes:
    """A Long."""
    return struct.pack("<Bq", 4, number)


def string(text: str) -> bytes:
    """A String."""
    return struct.pack("<Bi", 9, len(text.encode())) + text.encode()


def get(name: str, key: int = data.KEY) -> bytes:
    """One entry is wanted."""
    return frame(1000, cache(name) + long(key))


def put(name: str, key: int, value: bytes, transaction: int | None = None) -> bytes:
    """One entry, whose value is a whole data object."""
    return frame(1001, cache(name, transaction) + long(key) + value)


def get_all(name: str, keys: Iterable[int]) -> bytes:
    """Many entries are wanted."""
    longs = [long(key) for key in keys]
    return frame(1003, cache(name) + struct.pack("<i", len(longs)) + b"".join(longs))


def put_all(name: str, pairs: Mapping[int, str]) -> bytes:
    """Many entries."""
    body = b"".join(long(key) + string(value) for key, value in pairs.items())
    return frame(1004, cache(name) + struct.pack("<i", len(pairs)) + body)


def scan(name: str) -> bytes:
    """The first page of all entries is wanted."""
    return frame(2000, cache(name) + struct.pack("<Biib", 101, data.PAGE, -1, 0))


def sql(statement: str) -> bytes:
    """The first page of a query's rows is wanted."""
    body = struct.pack("<IB", 0, 0) + string("PUBLIC") + struct.pack("<ii", data.PAGE, -1)
    body += string(statement) + struct.pack("<ib6sqb", 0, 0, bytes(6), 0, 0)
    return frame(2004, body)


def next_page(code: int, cursor: bytes) -> bytes:
    """A further page is wanted."""
    return frame(code, cursor)


def begin() -> bytes:
    """A transaction is to begin: pessimistic, repeatable read."""
    return frame(4000, struct.pack("<bbqb", 1, 1, data.TX_TIMEOUT, 101))


def commit(transaction: int) -> bytes:
    """It is to end."""
    return frame(4001, struct.pack("<ib", transaction, 1))


class Wire:
    """A plain socket after the handshake.

    Args:
        turn: where to, and whether with TLS.
    """

    def __init__(self, turn: Turn) -> None:
        self.socket: socket.socket = socket.create_connection(turn.nodes()[0])
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if turn.ca:
            context = ssl.create_default_context(cafile=turn.ca)
            self.socket = context.wrap_socket(self.socket, server_hostname=turn.nodes()[0][0])
        self._buffer = bytearray(_LONGEST)
        self._view = memoryview(self._buffer)
        self.exchange(GREETING)
        self.exchange(get(data.entries_cache(data.KEYS)))  # its answer carries the topology, too

    def exchange(self, request: bytes) -> int:
        """Sends a request and reads its answer.

        Returns:
            the answer's size; it is at the beginning of the buffer.
        """
        self.socket.sendall(request)
        view = self._view
        received = self.socket.recv_into(view)
        while received < 4:
            received += self._more(received)
        size = int.from_bytes(view[:4], "little") + 4
        if size > _LONGEST:
            raise ConnectionError(f"an answer of {size} bytes")
        while received < size:
            received += self._more(received)
        return size

    def _more(self, received: int) -> int:
        count = self.socket.recv_into(self._view[received:])
        if not count:
            raise ConnectionError("the node closed the connection")
        return count

    def body(self, size: int) -> bytes:
        """The answer that was read, without its header.

        Raises:
            ConnectionError: it is an error.
        """
        _, flags = _HEADER.unpack_from(self._buffer, 4)
        start = 14 + (12 if flags & _HAS_TOPOLOGY else 0)
        if flags & _IS_ERROR:
            raise ConnectionError(f"the node answered with an error: {self._buffer[start:size]!r}")
        return bytes(self._view[start:size])

    def cursor(self) -> bytes:
        """The cursor's id in the answer to a query."""
        return bytes(self._view[14:22])

    def transaction(self) -> int:
        """The transaction's id in the answer to its beginning."""
        return int.from_bytes(self._view[14:18], "little", signed=True)

    def has_more(self, size: int) -> bool:
        """Whether there is a page after this one."""
        return self._buffer[size - 1] == 1

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()
