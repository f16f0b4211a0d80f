"""How a connection ends: by us, by the node, by the network; and what is said about requests."""

from __future__ import annotations

import pytest

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    ConnectionTerminated,
    HandshakeCompleted,
    ResponseReceived,
    State,
    TLSConfig,
)
from gridgain_proto.exceptions import (
    ConnectionFailed,
    HandshakeError,
    LocalProtocolError,
    ParameterError,
)

from .fake_node import FakeNode
from .support import NODE, connect, events, ids, response, terminated

NOTHING: frozenset[int] = frozenset()


def three(connection: Connection) -> tuple[int, int, int]:
    """Requests that are answered, unanswered and unsent."""
    answered, unanswered = (connection.send_request(5, b"", now=0.0) for _ in range(2))
    connection.data_to_send()
    connection.receive_data(response(answered), now=0.0)
    assert isinstance(connection.next_event(), ResponseReceived)
    return answered, unanswered, connection.send_request(5, b"", now=0.0)


def check_over(connection: Connection) -> None:
    """Whatever is done to a closed connection does no harm."""
    assert connection.state is State.CLOSED
    assert (connection.in_flight, connection.abandoned) == (0, 0)
    connection.data_to_send()
    for _ in range(2):
        connection.receive_data(response(2), now=99.0)
        connection.receive_eof(OSError("late"), now=99.0)
        connection.close(now=99.0)
        connection.abandon(2)
        connection.handle_timer(now=1e9)
        assert connection.next_timer() is None
        assert connection.next_event() is None
        assert connection.data_to_send() == b""
        with pytest.raises(LocalProtocolError, match="closed"):
            connection.send_request(5, b"", now=99.0)


# -- close ---------------------------------------------------------------------------------------


def test_close_during_the_handshake() -> None:
    connection = Connection(ConnectionConfig(node=NODE), now=0.0)
    connection.close(now=0.0)
    assert list(events(connection)) == [ConnectionTerminated(None, NOTHING, NOTHING)]
    assert connection.data_to_send() == b""
    check_over(connection)


def test_close_with_nothing_to_wait_for() -> None:
    connection, _ = connect()
    connection.close(now=0.0)
    assert list(events(connection)) == [ConnectionTerminated(None, NOTHING, NOTHING)]
    check_over(connection)


def test_close_waits_for_the_answers_and_sends_what_is_queued() -> None:
    connection, node = connect()
    first = connection.send_request(5, b"a", now=0.0)
    node.receive(connection.data_to_send())
    second = connection.send_request(5, b"b", now=0.0)
    connection.close(now=0.0)
    assert connection.state is State.CLOSING
    with pytest.raises(LocalProtocolError, match="closing"):
        connection.send_request(5, b"", now=0.0)
    node.receive(connection.data_to_send())
    node.respond(second)
    connection.receive_data(node.data_to_send(), now=1.0)
    assert connection.state is State.CLOSING
    node.respond(first)
    connection.receive_data(node.data_to_send(), now=2.0)
    *_, one, two, end = events(connection)
    assert isinstance(one, ResponseReceived)
    assert isinstance(two, ResponseReceived)
    assert end == ConnectionTerminated(None, NOTHING, NOTHING)
    check_over(connection)


def test_close_waits_no_longer_than_told() -> None:
    connection, _ = connect(
        config=ConnectionConfig(node=NODE, heartbeat_interval=None, close_timeout=3.0)
    )
    _, unanswered, unsent = three(connection)
    connection.close(now=20.0)
    connection.close(now=21.0)
    assert connection.next_timer() == 23.0
    connection.handle_timer(now=22.9)
    assert connection.next_event() is None
    connection.handle_timer(now=23.0)
    assert list(events(connection)) == [ConnectionTerminated(None, ids(unsent), ids(unanswered))]
    check_over(connection)


def test_close_does_not_wait_for_abandoned_requests_or_heartbeats() -> None:
    node = FakeNode(answers_own=False)
    connection, _ = connect(node, ConnectionConfig(node=NODE))
    request_id = connection.send_request(5, b"", now=0.0)
    connection.data_to_send()
    connection.abandon(request_id)
    connection.close(now=0.0)
    assert list(events(connection)) == [ConnectionTerminated(None, NOTHING, NOTHING)]


def test_abandoning_the_last_request_ends_a_closing_connection() -> None:
    connection, _ = connect()
    _, unanswered, unsent = three(connection)
    connection.close(now=0.0)
    connection.abandon(unanswered)
    assert connection.state is State.CLOSING
    connection.abandon(unsent)
    assert list(events(connection)) == [ConnectionTerminated(None, NOTHING, NOTHING)]
    check_over(connection)


def test_no_heartbeats_while_closing() -> None:
    connection, _ = connect(config=ConnectionConfig(node=NODE, close_timeout=1000.0))
    connection.send_request(5, b"", now=0.0)
    connection.data_to_send()
    connection.close(now=1.0)
    assert connection.next_timer() == 1001.0
    connection.handle_timer(now=999.0)
    assert connection.data_to_send() == b""


# -- the end of the stream -----------------------------------------------------------------------


def test_eof_during_the_handshake() -> None:
    connection = Connection(ConnectionConfig(node=NODE), now=0.0)
    connection.data_to_send()
    connection.receive_eof(now=1.0)
    end = terminated(connection)
    assert type(end.cause) is HandshakeError
    assert f"{NODE} closed the connection before it answered the handshake" in str(end.cause)
    assert "without TLS?" in str(end.cause)
    check_over(connection)


def test_eof_when_ready() -> None:
    connection, _ = connect()
    _, unanswered, unsent = three(connection)
    gone = connection.send_request(5, b"", now=0.0)
    connection.abandon(gone)
    connection.abandon(unanswered)
    again = connection.send_request(5, b"", now=0.0)
    connection.receive_eof(now=1.0)
    end = terminated(connection)
    assert type(end.cause) is ConnectionFailed
    assert str(end.cause) == f"{NODE} closed the connection"
    assert (end.unsent, end.unanswered) == (ids(unsent, again), NOTHING)
    assert connection.data_to_send() == b""
    check_over(connection)


def test_the_split_of_requests() -> None:
    connection, _ = connect()
    _, unanswered, unsent = three(connection)
    connection.receive_eof(now=1.0)
    end = terminated(connection)
    assert (end.unsent, end.unanswered) == (ids(unsent), ids(unanswered))


def test_what_the_network_said_is_the_cause_s_cause() -> None:
    connection, _ = connect()
    reset = ConnectionResetError(104, "Connection reset by peer")
    connection.receive_eof(reset, now=1.0)
    end = terminated(connection)
    assert isinstance(end.cause, OSError)
    assert end.cause.__cause__ is reset
    assert "reset by peer" in str(end.cause)


def test_eof_while_closing() -> None:
    connection, _ = connect()
    _, unanswered, unsent = three(connection)
    connection.close(now=0.0)
    connection.receive_eof(now=1.0)
    end = terminated(connection)
    assert type(end.cause) is ConnectionFailed
    assert (end.unsent, end.unanswered) == (ids(unsent), ids(unanswered))
    check_over(connection)


def test_eof_in_the_middle_of_a_frame() -> None:
    connection, _ = connect()
    _, unanswered, _ = three(connection)
    connection.receive_data(response(unanswered, b"abc")[:-1], now=0.0)
    connection.receive_eof(now=0.0)
    assert terminated(connection).unanswered == {unanswered}


def test_events_that_came_before_the_end_are_kept_and_the_end_is_last() -> None:
    node = FakeNode()
    connection = Connection(ConnectionConfig(node=NODE, heartbeat_interval=None), now=0.0)
    node.receive(connection.data_to_send())
    connection.receive_data(node.data_to_send(), now=0.0)
    request_id = connection.send_request(5, b"", now=0.0)
    connection.data_to_send()
    connection.receive_data(response(request_id) + response(77), now=0.0)
    connection.receive_eof(now=0.0)
    kinds = [type(event) for event in events(connection)]
    assert kinds == [HandshakeCompleted, ResponseReceived, ConnectionTerminated]


# -- configuration -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize(
    "name",
    [
        "max_frame",
        "handshake_timeout",
        "heartbeat_interval",
        "heartbeat_timeout",
        "close_timeout",
        "max_abandoned",
    ],
)
def test_what_must_be_positive(name: str, value: int) -> None:
    options: dict[str, int] = {name: value}
    with pytest.raises(ParameterError, match=name):
        ConnectionConfig(node=NODE, **options)  # type: ignore[arg-type]


def test_defaults() -> None:
    config = ConnectionConfig(node=NODE)
    assert config.max_frame == 256 * 1024 * 1024
    assert config.tls is None
    assert TLSConfig.__dataclass_fields__["server_hostname"].default is None
