"""What threads do to each other on a shared link, at moments that are hard to meet by chance."""

from __future__ import annotations

import threading
import time

from gridgain_proto.client.runtime import run_blocking
from gridgain_proto.client.shared_link import SharedLink
from gridgain_proto.connection import ConnectionConfig
from gridgain_sync.runtime import ThreadPrimitives
from tests.core.fake_node import FakeNode, Request


class Wire:
    """A transport to a fake node, whose writers can be held back after they have sent.

    Attributes:
        hold: clear to have the next writers wait where they have sent, and not gone on.
        sent: set when somebody has sent.
    """

    def __init__(self, node: FakeNode) -> None:
        self._node = node
        self._changed = threading.Condition()
        self.hold = threading.Event()
        self.hold.set()
        self.sent = threading.Event()

    def send(self, data: bytes | memoryview, counts: list[int]) -> None:
        """Send all."""
        with self._changed:
            self._node.receive(bytes(data))
            counts.append(len(data))
            self._changed.notify_all()
        self.sent.set()
        self.hold.wait(10)

    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Wait until something has come; append it."""
        with self._changed:
            came = self._changed.wait_for(lambda: bool(self._node._to_send), timeout)
            if came:
                chunks.append(self._node.data_to_send())
        return came

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """It can always be sent."""
        return or_readable and bool(self._node._to_send)

    def shutdown(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def test_a_writer_leaves_the_readers_request_behind() -> None:
    wire = Wire(FakeNode(handler=lambda request: request.payload))
    link = SharedLink(wire, ConnectionConfig(node="node"), ThreadPrimitives())
    run_blocking(link.handshake(deadline=None))
    run_blocking(link.exchange(0, b"first", deadline=None))
    answers: dict[bytes, bytes] = {}

    def call(payload: bytes) -> None:
        reply = run_blocking(link.exchange(0, payload, deadline=time.monotonic() + 5))
        answers[payload] = reply.data[reply.offset :]

    wire.sent.clear()
    wire.hold.clear()
    writer = threading.Thread(target=call, args=(b"writer",))
    writer.start()
    assert wire.sent.wait(5)  # its request has left, and it has not gone on
    reader = threading.Thread(target=call, args=(b"reader",))
    reader.start()
    deadline = time.monotonic() + 5
    while link._exchanges.connection.in_flight > 1 and time.monotonic() < deadline:
        time.sleep(0.001)  # the reader takes the writer's answer …
    wire.hold.set()  # … which leaves at once
    writer.join()
    reader.join()
    assert answers == {b"writer": b"writer", b"reader": b"reader"}


def test_a_writer_leaves_before_the_reader_waits() -> None:
    wire = Wire(FakeNode(handler=lambda request: request.payload))
    link = SharedLink(wire, ConnectionConfig(node="node"), ThreadPrimitives())
    run_blocking(link.handshake(deadline=None))
    run_blocking(link.exchange(0, b"first", deadline=None))
    answers: dict[bytes, bytes] = {}

    def call(payload: bytes) -> None:
        reply = run_blocking(link.exchange(0, payload, deadline=time.monotonic() + 5))
        answers[payload] = reply.data[reply.offset :]

    wire.sent.clear()
    wire.hold.clear()
    writer = threading.Thread(target=call, args=(b"writer",))
    writer.start()
    assert wire.sent.wait(5)
    read = link._read

    def read_when_the_writer_has_gone(timeout: float | None, writing: bool) -> bool:
        if threading.current_thread() is reader and not wire.hold.is_set():
            read(0.1, writing)  # takes the writer's answer; both know of it when …
            with link._mutex:
                link._take_chunks(time.monotonic())
            wire.hold.set()  # … the writer goes on, and leaves the reader's request in the tail
            writer.join()
        return read(timeout, writing)

    link._read = read_when_the_writer_has_gone  # type: ignore[method-assign]
    reader = threading.Thread(target=call, args=(b"reader",))
    reader.start()
    reader.join()
    assert answers == {b"writer": b"writer", b"reader": b"reader"}


def test_answers_out_of_order() -> None:
    held: list[Request] = []
    node = FakeNode(handler=lambda request: held.append(request))
    wire = Wire(node)
    link = SharedLink(wire, ConnectionConfig(node="node"), ThreadPrimitives())
    run_blocking(link.handshake(deadline=None))
    answers: dict[int, bytes] = {}

    def call(number: int) -> None:
        deadline = time.monotonic() + 5
        reply = run_blocking(link.exchange(0, bytes([number]), deadline=deadline))
        answers[number] = reply.data[reply.offset :]

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    while len(held) < 20:
        time.sleep(0.001)
    with wire._changed:
        for request in reversed(held):
            node.respond(request.request_id, request.payload)
        wire._changed.notify_all()
    for thread in threads:
        thread.join()
    assert answers == {number: bytes([number]) for number in range(20)}
