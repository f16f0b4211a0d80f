"""A plain socket: fixed bytes out, the right number of bytes in, and nothing is looked at.

What is left when a client does nothing: the node, the network and the system's calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from time import perf_counter, process_time
from typing import Any

from benchmarks.compare import data
from benchmarks.compare.protocol import Outcome, Turn
from benchmarks.compare.worker import wire
from benchmarks.compare.worker.operations import expect
from benchmarks.compare.worker.timing import Measurement


def run(turn: Turn) -> Outcome:
    """One turn: one exchange after the other, or as many on their way as there are callers."""
    with closing(wire.Wire(turn)) as connection:
        if turn.callers > 1:
            return _pipelined(turn, connection)
        call = _call(turn, connection)
        call()
        measurement = Measurement(turn)
        measurement.repeat(call)
        return measurement.outcome()


def _call(turn: Turn, connection: wire.Wire) -> Callable[[], object]:
    entries = wire.string(data.text(data.KEY))
    cache = data.entries_cache(max(turn.rows, data.KEYS))
    if turn.operation == "transaction":
        return lambda: _transaction(connection)
    if turn.operation == "scan":
        return _paged(connection, wire.scan(cache), 2001, turn)
    if turn.operation == "scan_objects":
        return _paged(connection, wire.scan(data.OBJECTS), 2001, turn)
    if turn.operation == "sql":
        return _paged(connection, wire.sql(data.statement(turn.rows)), 2005, turn)
    if turn.operation == "get":
        return _fixed(connection, wire.get(cache))
    if turn.operation == "get_all":
        return _fixed(connection, wire.get_all(cache, range(turn.rows)))
    if turn.operation == "put":
        return _fixed(connection, wire.put(data.WRITES, data.KEY, entries))
    if turn.operation == "put_all":
        return _fixed(connection, wire.put_all(data.WRITES, data.entries(turn.rows)))
    if turn.operation == "get_object":
        return _fixed(connection, wire.get(data.OBJECTS))
    if turn.operation == "put_object":
        stored = connection.body(connection.exchange(wire.get(data.OBJECTS)))
        return _fixed(connection, wire.put(data.WRITTEN_OBJECTS, data.KEY, stored))
    raise NotImplementedError(f"a bare socket has no {turn.operation}")


def _fixed(connection: wire.Wire, request: bytes) -> Callable[[], object]:
    """The same request again and again, whose answers are all of one size."""
    size = connection.exchange(request)
    connection.body(size)  # no error

    def exchange() -> None:
        if connection.exchange(request) != size:
            raise ConnectionError("an answer of another size")

    return exchange


def _paged(connection: wire.Wire, first: bytes, more: int, turn: Turn) -> Callable[[], object]:
    """All pages of a scan or a query."""
    pages = -(-turn.rows // data.PAGE)
    connection.body(connection.exchange(first))  # no error; its cursor stays open

    def read() -> None:
        size = connection.exchange(first)
        read = 1
        if connection.has_more(size):
            request = wire.next_page(more, connection.cursor())
            while connection.has_more(size):
                size = connection.exchange(request)
                read += 1
        # The node does not always know that there is nothing left.
        if read - pages not in (0, 1):
            raise ConnectionError(f"{read} pages instead of {pages}")

    return read


def _transaction(connection: wire.Wire) -> None:
    connection.exchange(wire.begin())
    number = connection.transaction()
    for key in (1, 2):
        request = wire.put(data.TRANSACTIONAL, key, wire.string(data.text(key)), number)
        connection.exchange(request)
    connection.body(connection.exchange(wire.commit(number)))


class _Count:
    """The answers of a pipeline, by their bytes.

    Args:
        turn: how long to count, and how many requests are on their way.
        size: the size of one answer.
    """

    def __init__(self, turn: Turn, size: int) -> None:
        self._size = size
        self._received = 0
        self._answered = 0
        self._sent = turn.callers
        self._begin = perf_counter() + turn.warm_up
        self._end = self._begin + turn.seconds
        self._only_warm = turn.check
        self._at_begin: tuple[int, float, float] | None = None
        self._outcome: Outcome | None = None

    def take(self, received: int) -> int:
        """Bytes came.

        Returns:
            how many further requests may go.
        """
        self._received += received
        new = self._received // self._size - self._answered
        self._answered += new
        if self._outcome is None:
            self._outcome = self._measured()
        if self._outcome is not None:
            return 0
        self._sent += new
        return new

    def _measured(self) -> Outcome | None:
        now = perf_counter()
        if self._at_begin is None:
            if now >= self._begin:
                self._at_begin = (self._answered, now, process_time())
                if self._only_warm:
                    return Outcome(calls=0, rate=0.0, cpu=0.0)
            return None
        answered, began, cpu = self._at_begin
        calls = self._answered - answered
        if now < self._end or not calls:
            return None
        return Outcome(calls=calls, rate=calls / (now - began), cpu=(process_time() - cpu) / calls)

    def outcome(self) -> Outcome | None:
        """What it comes to, when the time is over and all answers have come.

        A socket that is closed before that is a broken connection to the node.
        """
        return self._outcome if self._answered == self._sent else None


def _request(turn: Turn, connection: wire.Wire) -> tuple[bytes, int]:
    expect(turn.operation, "get")
    request = wire.get(data.entries_cache(data.KEYS))
    return request, connection.exchange(request)


def _pipelined(turn: Turn, connection: wire.Wire) -> Outcome:
    request, size = _request(turn, connection)
    count = _Count(turn, size)
    connection.socket.sendall(request * turn.callers)
    while (outcome := count.outcome()) is None:
        received = connection.socket.recv(1 << 20)
        if not received:
            raise ConnectionError("the node closed the connection")
        connection.socket.sendall(request * count.take(len(received)))
    return outcome


def run_asyncio(turn: Turn) -> Outcome:
    """One turn of `get` by a protocol of asyncio's: what is left of a client for asyncio."""

    async def main() -> Outcome:
        with closing(wire.Wire(turn)) as connection:
            request, size = _request(turn, connection)
            count = _Count(turn, size)
            loop = asyncio.get_running_loop()
            over = loop.create_future()

            class Pipeline(asyncio.Protocol):
                def connection_made(self, transport: Any) -> None:
                    self.transport = transport
                    transport.write(request * turn.callers)

                def data_received(self, received: bytes) -> None:
                    self.transport.write(request * count.take(len(received)))
                    if count.outcome() is not None:
                        self.transport.close()

                def connection_lost(self, exc: Exception | None) -> None:
                    over.set_result(None)

            await loop.create_connection(Pipeline, sock=connection.socket)
            await over
            outcome = count.outcome()
            if outcome is None:
                raise ConnectionError("the node closed the connection")
            return outcome

    return asyncio.run(main())
