"""Time: heartbeats, the node's idle timeout, silence. A clock is a number here."""

from __future__ import annotations

from struct import pack

import pytest

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    HandshakeCompleted,
    HandshakeConfig,
    Product,
    ResponseReceived,
    State,
)
from gridgain_proto.exceptions import ConnectionFailed, RemoteProtocolError

from .fake_node import OP_HEARTBEAT, OP_IDLE_TIMEOUT, Failure, FakeNode, Request
from .support import NODE, cause, connect, events, pump, response, split, terminated


def timed(
    node: FakeNode | None = None, *, interval: float | None = 30.0, patience: float = 60.0
) -> tuple[Connection, FakeNode]:
    """A connection since time 0 whose idle timeout is known."""
    config = ConnectionConfig(node=NODE, heartbeat_interval=interval, heartbeat_timeout=patience)
    connection, node = connect(node, config)
    list(events(connection))
    return connection, node


def requests_of(data: bytes) -> list[tuple[int, int]]:
    """Operations and ids of what was handed out."""
    return [
        (int.from_bytes(frame[4:6], "little"), int.from_bytes(frame[6:14], "little", signed=True))
        for frame in split(data)
    ]


# -- the node's idle timeout ---------------------------------------------------------------------


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE])
def test_it_is_asked_for_right_after_the_handshake(product: Product) -> None:
    node = FakeNode(product=product)
    connection = Connection(ConnectionConfig(node=NODE), now=0.0)
    while connection.state is State.HANDSHAKING:
        node.receive(connection.data_to_send())
        connection.receive_data(node.data_to_send(), now=0.0)
    assert isinstance(connection.next_event(), HandshakeCompleted)
    request_id = connection.send_request(5, b"", now=0.0)
    assert requests_of(connection.data_to_send()) == [(OP_IDLE_TIMEOUT, -1), (5, request_id)]
    assert request_id == 1
    assert connection.in_flight == 1


@pytest.mark.parametrize(
    ("interval", "milliseconds", "expected"),
    [
        (30.0, 0, 30.0),
        (30.0, -1, 30.0),
        (30.0, 60_000, 20.0),
        (30.0, 900_000, 30.0),
        (30.0, 1500, 0.5),
        (30.0, 100, 0.5),
        (0.25, 100, 0.25),
        (30.0, 2**63 - 1, 30.0),
        (30.0, -(2**63), 30.0),
    ],
)
def test_a_third_of_it_bounds_the_interval(
    interval: float, milliseconds: int, expected: float
) -> None:
    connection, _ = timed(FakeNode(idle_timeout=milliseconds), interval=interval)
    assert connection.next_timer() == pytest.approx(expected)


def test_the_timer_runs_before_the_node_has_said_it() -> None:
    connection, node = timed(FakeNode(answers_own=False))
    assert list(node.requests.values()) == [Request(OP_IDLE_TIMEOUT, -1, b"")]
    assert connection.next_timer() == 30.0


def test_a_node_that_cannot_say_it() -> None:
    connection, node = timed(FakeNode(answers_own=False))
    node.respond(-1, Failure("unknown"))
    connection.receive_data(node.data_to_send(), now=1.0)
    assert connection.state is State.READY
    assert connection.next_timer() == 30.0
    connection.handle_timer(now=30.0)
    assert requests_of(connection.data_to_send()) == [(OP_HEARTBEAT, -2)]


def test_an_answer_that_is_no_number() -> None:
    connection, node = timed(FakeNode(answers_own=False))
    node.respond(-1, b"1234567")
    connection.receive_data(node.data_to_send(), now=1.0)
    assert isinstance(cause(connection), RemoteProtocolError)


@pytest.mark.parametrize(
    "config",
    [
        ConnectionConfig(node=NODE, heartbeat_interval=None),
        ConnectionConfig(node=NODE, handshake=HandshakeConfig(features=frozenset())),
    ],
)
def test_none_without_heartbeats(config: ConnectionConfig) -> None:
    connection, node = connect(config=config)
    assert node.own_requests == []
    assert connection.next_timer() is None
    connection.handle_timer(now=1e9)
    assert connection.state is State.READY
    assert connection.data_to_send() == b""


def test_none_if_the_node_knows_no_heartbeats() -> None:
    connection, node = connect(FakeNode(features=frozenset()), ConnectionConfig(node=NODE))
    assert node.own_requests == []
    assert connection.next_timer() is None


# -- heartbeats ----------------------------------------------------------------------------------


def test_a_quiet_connection() -> None:
    connection, node = timed()
    node.own_requests.clear()
    for beat in range(1, 6):
        assert connection.next_timer() == 30.0 * beat
        connection.handle_timer(now=30.0 * beat - 0.1)
        assert connection.data_to_send() == b""
        connection.handle_timer(now=30.0 * beat)
        pump(connection, node, now=30.0 * beat)
        assert node.own_requests[-1] == Request(OP_HEARTBEAT, -1 - beat, b"")
    assert len(node.own_requests) == 5
    assert list(events(connection)) == []


def test_a_busy_connection_needs_none() -> None:
    connection, node = timed(FakeNode(handler=lambda request: b""))
    node.own_requests.clear()
    for second in range(1, 200):
        connection.send_request(5, b"", now=float(second))
        pump(connection, node, now=float(second))
        due = connection.next_timer()
        assert due == second + 30.0
        connection.handle_timer(now=second + 0.5)
    assert node.own_requests == []


def test_one_that_only_sends_is_probed() -> None:
    """A node that has vanished takes no part; writing to it does not tell."""
    connection, _ = timed()
    for second in range(1, 40):
        connection.send_request(5, b"", now=float(second))
        connection.data_to_send()
        connection.handle_timer(now=float(second))
        if second == 30:
            break
    assert connection.next_timer() == 60.0
    # Its own heartbeat has gone out with the rest.
    connection.handle_timer(now=60.0)
    assert (OP_HEARTBEAT, -3) in requests_of(connection.data_to_send())
    connection.handle_timer(now=90.0)
    assert len(terminated(connection).unanswered) == 30


def test_one_that_only_receives_tells_the_node_that_it_lives() -> None:
    connection, node = timed()
    node.own_requests.clear()
    for second in range(1, 31):
        node.notify(1, 2007)
        connection.receive_data(node.data_to_send(), now=float(second))
        connection.handle_timer(now=float(second))
    pump(connection, node, now=30.0)
    assert [own.op_code for own in node.own_requests] == [OP_HEARTBEAT]


def test_an_unanswered_heartbeat_is_followed_by_others() -> None:
    """The node counts what it receives; a pool that is busy keeps only the answers back."""
    connection, node = timed(FakeNode(idle_timeout=3000))
    node.answers_own = False
    for beat in range(1, 11):
        assert connection.next_timer() == pytest.approx(float(beat))
        connection.handle_timer(now=float(beat))
        node.receive(connection.data_to_send())
    assert len(node.requests) == 10
    for request_id in sorted(node.requests):
        node.respond(request_id)
    connection.receive_data(node.data_to_send(), now=10.5)
    assert connection.state is State.READY
    assert connection.next_timer() == pytest.approx(11.0)


def test_silence_ends_the_connection() -> None:
    connection, _ = timed(interval=30.0, patience=20.0)
    request_id = connection.send_request(5, b"", now=25.0)
    connection.data_to_send()
    connection.handle_timer(now=30.0)  # nothing was received for 30 s
    assert connection.data_to_send() != b""
    assert connection.next_timer() == 50.0
    connection.handle_timer(now=49.9)
    assert connection.state is State.READY
    connection.handle_timer(now=50.0)
    end = terminated(connection)
    assert type(end.cause) is ConnectionFailed
    assert str(end.cause) == f"{NODE} gave no sign of life for 20.0 s, heartbeats included"
    assert end.unanswered == {request_id}


def test_anything_received_is_a_sign_of_life() -> None:
    connection, node = timed(interval=30.0, patience=20.0)
    connection.handle_timer(now=30.0)
    connection.data_to_send()
    for second in range(31, 200, 15):  # the heartbeat's own answer does not come
        node.notify(1, 2007)
        connection.receive_data(node.data_to_send(), now=float(second))
        connection.handle_timer(now=second + 14.9)
        connection.data_to_send()
    assert connection.state is State.READY


def test_part_of_a_long_answer_is_a_sign_of_life() -> None:
    connection, _ = timed(interval=30.0, patience=20.0)
    request_id = connection.send_request(5, b"", now=0.0)
    connection.handle_timer(now=30.0)
    connection.data_to_send()
    answer = response(request_id, bytes(1000))
    for second, byte in enumerate(answer, 31):
        connection.receive_data(bytes([byte]), now=float(second))
        connection.handle_timer(now=float(second))
        connection.data_to_send()
    assert isinstance(connection.next_event(), ResponseReceived)


def test_a_late_answer_to_a_heartbeat() -> None:
    connection, node = timed()
    connection.handle_timer(now=30.0)
    node.receive(connection.data_to_send())
    late = node.data_to_send()
    connection.handle_timer(now=89.0)
    node.receive(connection.data_to_send())
    connection.receive_data(late, now=89.5)
    assert connection.state is State.READY
    due = connection.next_timer()
    assert due is not None
    assert due > 89.5


def test_a_timer_that_comes_too_late_sends_one_heartbeat() -> None:
    """As after the machine has slept: the node gets its chance to answer."""
    connection, node = timed()
    node.own_requests.clear()
    connection.handle_timer(now=100_000.0)
    pump(connection, node, now=100_000.0)
    assert len(node.own_requests) == 1
    assert connection.state is State.READY
    assert connection.next_timer() == 100_030.0


def test_heartbeats_are_no_requests_of_the_caller() -> None:
    connection, _ = timed()
    connection.handle_timer(now=30.0)
    assert connection.in_flight == 0
    connection.abandon(-2)
    assert requests_of(connection.data_to_send()) == [(OP_HEARTBEAT, -2)]
    connection.receive_eof(now=31.0)
    end = terminated(connection)
    assert (end.unsent, end.unanswered) == (frozenset(), frozenset())


def test_an_answer_to_a_heartbeat_comes_once_and_not_before_it_was_sent() -> None:
    connection, _ = timed()
    connection.receive_data(response(-1, pack("<q", 5)), now=1.0)
    assert isinstance(cause(connection), RemoteProtocolError)
    connection, _ = timed()
    connection.handle_timer(now=30.0)
    connection.receive_data(response(-2), now=30.0)
    assert isinstance(cause(connection), RemoteProtocolError)


# -- the handshake -------------------------------------------------------------------------------


def test_the_handshake_s_time_does_not_begin_again_with_the_second() -> None:
    config = ConnectionConfig(node=NODE, handshake_timeout=5.0)
    connection = Connection(config, now=100.0)
    node = FakeNode(product=Product.IGNITE)
    node.receive(connection.data_to_send())
    connection.receive_data(node.data_to_send(), now=104.0)
    assert connection.data_to_send() != b""
    assert connection.next_timer() == 105.0
    connection.handle_timer(now=105.0)
    assert "did not answer the handshake within 5 s" in str(cause(connection))


def test_the_handshake_s_timer_ends_with_it() -> None:
    connection, _ = connect(now=3.0)
    assert connection.next_timer() is None
    connection.handle_timer(now=1000.0)
    assert connection.state is State.READY
