"""Requests and their answers on a connection that is ready: ids, flags, order, giving up."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    HandshakeConfig,
    NotificationReceived,
    ProtocolVersion,
    ResponseReceived,
    State,
    TopologyChanged,
)
from gridgain_proto.exceptions import LocalProtocolError, RemoteProtocolError

from .fake_node import Failure, FakeNode, Request
from .support import NODE, cause, connect, events, frame, only, pump, response, split, terminated


def connect_old() -> tuple[Connection, FakeNode]:
    """A connection of a protocol whose responses have no flags."""
    config = ConnectionConfig(
        node=NODE, handshake=HandshakeConfig(first_version=ProtocolVersion(1, 3, 0))
    )
    return connect(config=config)


def sent(connection: Connection, count: int = 1) -> list[int]:
    """Send requests and hand out their bytes."""
    ids = [connection.send_request(5, b"", now=0.0) for _ in range(count)]
    assert len(split(connection.data_to_send())) == count
    return ids


# -- sending -------------------------------------------------------------------------------------


def test_a_request_on_the_wire() -> None:
    connection, _ = connect()
    assert connection.send_request(1000, b"abc", now=0.0) == 1
    assert connection.data_to_send() == b"\x0d\0\0\0\xe8\x03\x01\0\0\0\0\0\0\0abc"
    assert connection.data_to_send() == b""


def test_requests_go_out_together_in_their_order() -> None:
    connection, node = connect()
    ids = [connection.send_request(op, bytes([op]), now=0.0) for op in range(10, 20)]
    assert ids == list(range(1, 11))
    assert connection.in_flight == 10
    node.receive(connection.data_to_send())
    assert list(node.requests.values()) == [
        Request(op, op - 9, bytes([op])) for op in range(10, 20)
    ]


@pytest.mark.parametrize("op_code", [-(2**15), -1, 2**15 - 1])
def test_any_operation_of_16_bits(op_code: int) -> None:
    connection, _ = connect()
    connection.send_request(op_code, b"", now=0.0)
    assert connection.data_to_send()[4:6] == pack("<h", op_code)


@pytest.mark.parametrize("op_code", [2**15, -(2**15) - 1, 2**40])
def test_operations_that_do_not_exist(op_code: int) -> None:
    connection, _ = connect()
    with pytest.raises(LocalProtocolError, match=str(op_code)):
        connection.send_request(op_code, b"", now=0.0)
    assert (connection.in_flight, connection.data_to_send()) == (0, b"")
    assert connection.send_request(5, b"", now=0.0) == 1


def test_a_request_that_is_too_long() -> None:
    class Long(bytes):
        def __len__(self) -> int:
            return 2**31 - 10

    connection, _ = connect()
    with pytest.raises(LocalProtocolError, match="2147483638 bytes"):
        connection.send_request(5, Long(), now=0.0)
    assert (connection.in_flight, connection.data_to_send()) == (0, b"")


def test_what_is_queued_does_not_change_with_the_caller_s_buffer() -> None:
    connection, node = connect()
    buffer = bytearray(b"abc")
    connection.send_request(5, buffer, now=0.0)
    buffer[0] = 0
    node.receive(connection.data_to_send())
    assert node.requests[1].payload == b"abc"


def test_requests_before_the_handshake_is_over() -> None:
    connection = Connection(ConnectionConfig(node=NODE), now=0.0)
    with pytest.raises(LocalProtocolError, match="handshaking"):
        connection.send_request(5, b"", now=0.0)


# -- answers -------------------------------------------------------------------------------------


@given(st.permutations(range(8)))
def test_answers_in_any_order(order: list[int]) -> None:
    connection, node = connect()
    ids = [connection.send_request(5, bytes([n]), now=0.0) for n in range(8)]
    node.receive(connection.data_to_send())
    for n in order:
        node.respond(ids[n], bytes([n]))
    connection.receive_data(node.data_to_send(), now=0.0)
    topology, *answers = events(connection)
    assert topology == TopologyChanged((1, 0))
    found = []
    for answer in answers:
        assert isinstance(answer, ResponseReceived)
        found.append((answer.request_id, answer.data[answer.offset :]))
    assert found == [(ids[n], bytes([n])) for n in order]
    assert connection.in_flight == 0


def test_a_whole_chunk_is_the_event_s_data() -> None:
    connection, _ = connect()
    sent(connection)
    chunk = response(1, bytes(100_000))
    connection.receive_data(chunk, now=0.0)
    assert only(connection, ResponseReceived).data is chunk


def test_errors() -> None:
    connection, node = connect()
    failures: list[bytes | Failure] = [Failure("é", 1000), Failure(None, -5), Failure("", 1)]
    for request_id, failure in zip(sent(connection, 3), failures, strict=True):
        node.send_response(request_id, failure)
    connection.receive_data(node.data_to_send(), now=0.0)
    topology, *answers = events(connection)
    assert isinstance(topology, TopologyChanged)
    found = []
    for answer in answers:
        assert isinstance(answer, ResponseReceived)
        found.append((answer.status, answer.message))
    assert found == [(1000, "é"), (-5, None), (1, "")]


def test_malformed_text_of_an_error_is_shown_as_far_as_it_goes() -> None:
    connection, _ = connect()
    sent(connection)
    body = pack("<qhi", 1, 1, 7) + b"\x09\2\0\0\0a\xff"
    connection.receive_data(frame(body), now=0.0)
    assert only(connection, ResponseReceived).message == "a\ufffd"


def test_topology() -> None:
    connection, _ = connect()
    ids = sent(connection, 6)
    reported: list[tuple[int, int] | None] = [(-1, 0), (2, 0), None, (2, 1), (2, 0), (2, 1)]
    for request_id, version in zip(ids, reported, strict=True):
        connection.receive_data(response(request_id, b"x", topology=version), now=0.0)
    kinds = [
        event.version if isinstance(event, TopologyChanged) else None
        for event in events(connection)
    ]
    # Each comes before its answer; older ones and repetitions are nothing new.
    assert kinds == [(-1, 0), None, (2, 0), None, None, (2, 1), None, None, None]
    assert connection.topology == (2, 1)


def test_topology_and_error_in_one_header() -> None:
    connection, _ = connect()
    sent(connection)
    data = response(1, topology=(3, 4), status=2, message="no")
    connection.receive_data(data, now=0.0)
    assert list(events(connection)) == [
        TopologyChanged((3, 4)),
        ResponseReceived(1, 2, "no", data, len(data)),
    ]


def test_an_abandoned_request_s_answer_still_carries_the_topology() -> None:
    connection, _ = connect()
    connection.abandon(sent(connection)[0])
    connection.receive_data(response(1, topology=(9, 0)), now=0.0)
    assert list(events(connection)) == [TopologyChanged((9, 0))]


def test_a_notification_before_the_answer_that_it_belongs_to() -> None:
    connection, node = connect()
    sent(connection)
    node.notify(1, 2007, b"event")  # a resource's number, not the request's
    node.send_response(1, pack("<q", 1))
    connection.receive_data(node.data_to_send(), now=0.0)
    notification, topology, answer = events(connection)
    assert isinstance(notification, NotificationReceived)
    assert (notification.resource_id, notification.op_code) == (1, 2007)
    assert notification.data[notification.offset :] == b"event"
    assert isinstance(topology, TopologyChanged)
    assert isinstance(answer, ResponseReceived)


def test_notifications_of_failures() -> None:
    connection, node = connect()
    node.notify(-4, 6001, Failure("cancelled", 1))
    connection.receive_data(node.data_to_send(), now=0.0)
    event = only(connection, NotificationReceived)
    assert (event.resource_id, event.op_code, event.status) == (-4, 6001, 1)
    assert (event.message, event.offset) == ("cancelled", len(event.data))


def test_a_notification_may_carry_the_topology() -> None:
    connection, _ = connect()
    data = response(7, b"x", op_code=2007, topology=(5, 0))
    connection.receive_data(data, now=0.0)
    assert list(events(connection)) == [
        TopologyChanged((5, 0)),
        NotificationReceived(7, 2007, 0, None, data, 28),
    ]


# -- old protocols -------------------------------------------------------------------------------


def test_responses_before_1_4() -> None:
    connection, node = connect_old()
    sent(connection, 3)
    answers: list[bytes | Failure] = [b"\2payload", Failure("no", 9), Failure(None, 1)]
    for request_id, answer in enumerate(answers, 1):
        node.send_response(request_id, answer)
    connection.receive_data(node.data_to_send(), now=0.0)
    found = []
    for event in events(connection):
        assert isinstance(event, ResponseReceived)
        found.append((event.status, event.message, event.data[event.offset :]))
    assert found == [(0, None, b"\2payload"), (9, "no", b""), (1, None, b"")]
    assert connection.topology is None


def test_no_heartbeats_before_features() -> None:
    connection, _ = connect_old()
    assert connection.next_timer() is None


@pytest.mark.parametrize("body", [bytes(11), pack("<qi", 1, 5), pack("<qi", 1, 5) + b"\x09"])
def test_broken_responses_before_1_4(body: bytes) -> None:
    connection, _ = connect_old()
    sent(connection)
    connection.receive_data(frame(body), now=0.0)
    assert isinstance(cause(connection), RemoteProtocolError)


# -- answers to nothing --------------------------------------------------------------------------


@pytest.mark.parametrize("request_id", [0, 2, 3, -1, 2**63 - 1, -(2**63)])
def test_answers_to_nothing(request_id: int) -> None:
    connection, _ = connect()
    (mine,) = sent(connection)
    connection.receive_data(response(request_id), now=0.0)
    end = terminated(connection)
    assert isinstance(end.cause, RemoteProtocolError)
    assert f"request {request_id}," in str(end.cause)
    assert end.unanswered == {mine}


def test_an_answer_that_comes_twice() -> None:
    connection, _ = connect()
    sent(connection)
    connection.receive_data(response(1) + response(1), now=0.0)
    assert isinstance(connection.next_event(), ResponseReceived)
    assert isinstance(cause(connection), RemoteProtocolError)
    assert connection.state is State.CLOSED


def test_an_answer_to_a_request_that_was_not_sent_yet() -> None:
    connection, _ = connect()
    request_id = connection.send_request(5, b"", now=0.0)
    connection.receive_data(response(request_id), now=0.0)
    end = terminated(connection)
    assert isinstance(end.cause, RemoteProtocolError)
    assert (end.unsent, end.unanswered) == (frozenset({request_id}), frozenset())
    assert connection.data_to_send() == b""


@pytest.mark.parametrize(
    "body",
    [
        b"\1",
        bytes(9),
        pack("<qh", 1, 8),
        pack("<qh", 1, -(2**15)),
        pack("<qh", 1, 2),
        pack("<qhqh", 1, 2, 1, 0),
        pack("<qh", 1, 4),
        pack("<qh", 1, 1),
        pack("<qhi", 1, 1, 0) + b"\x65",
        pack("<qhi", 1, 1, 5),
        pack("<qhi", 1, 1, 5) + b"\x0c\0\0\0\0",
        pack("<qhi", 1, 1, 5) + b"\x09\xff\xff\xff\xff",
        pack("<qhi", 1, 1, 5) + b"\x09\5\0\0\0abcd",
        pack("<qhi", 1, 1, 5) + b"\x09\xff\xff\xff\x7f",
    ],
    ids=lambda body: body.hex(),
)
def test_broken_headers(body: bytes) -> None:
    connection, _ = connect()
    (request_id,) = sent(connection)
    connection.receive_data(frame(body), now=0.0)
    end = terminated(connection)
    assert isinstance(end.cause, RemoteProtocolError)
    assert NODE in str(end.cause)
    assert end.unanswered == {request_id}


@pytest.mark.parametrize("length", [0, -1, 257])
def test_broken_lengths(length: int) -> None:
    connection, _ = connect(
        config=ConnectionConfig(node=NODE, max_frame=256, heartbeat_interval=None)
    )
    sent(connection)
    connection.receive_data(response(1) + pack("<i", length), now=0.0)
    answer, end = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert connection.state is State.CLOSED
    assert f"{NODE} broke the protocol: a frame " in str(getattr(end, "cause", None))


def test_a_frame_may_be_longer_than_a_handshake_s() -> None:
    connection, _ = connect()
    sent(connection)
    data = response(1, bytes(2_000_000))
    connection.receive_data(data[:1_000_000], now=0.0)
    connection.receive_data(data[1_000_000:], now=0.0)
    assert only(connection, ResponseReceived).data == data


# -- giving up -----------------------------------------------------------------------------------


def test_abandoned_before_a_byte_was_handed_out() -> None:
    connection, node = connect()
    kept, given_up = (connection.send_request(5, b"", now=0.0) for _ in range(2))
    connection.abandon(given_up)
    assert (connection.in_flight, connection.abandoned) == (1, 0)
    node.receive(connection.data_to_send())
    assert list(node.requests) == [kept]


def test_abandoned_after_bytes_were_handed_out() -> None:
    connection, node = connect()
    given_up, kept = (connection.send_request(5, b"", now=0.0) for _ in range(2))
    node.receive(connection.data_to_send())
    connection.abandon(given_up)
    connection.abandon(given_up)
    assert (connection.in_flight, connection.abandoned) == (1, 1)
    node.respond(given_up, Failure("late"))
    node.respond(kept)
    connection.receive_data(node.data_to_send(), now=0.0)
    topology, answer = events(connection)
    assert isinstance(topology, TopologyChanged)
    assert isinstance(answer, ResponseReceived)
    assert answer.request_id == kept
    assert (connection.in_flight, connection.abandoned) == (0, 0)


def test_abandoning_nothing() -> None:
    connection, _ = connect()
    (request_id,) = sent(connection)
    connection.receive_data(response(request_id), now=0.0)
    for other in (0, -1, request_id, 99):
        connection.abandon(other)
    assert connection.abandoned == 0
    assert isinstance(connection.next_event(), ResponseReceived)
    assert connection.state is State.READY


def test_an_abandoned_request_s_answer_comes_once() -> None:
    connection, _ = connect()
    connection.abandon(sent(connection)[0])
    connection.receive_data(response(1) + response(1), now=0.0)
    assert isinstance(terminated(connection).cause, RemoteProtocolError)


def test_too_many_abandoned_requests_end_the_connection_gracefully() -> None:
    config = ConnectionConfig(node=NODE, heartbeat_interval=None, max_abandoned=3)
    connection, node = connect(config=config)
    ids = [connection.send_request(5, b"", now=100.0) for _ in range(5)]
    node.receive(connection.data_to_send())
    for request_id in ids[:3]:
        connection.abandon(request_id)
    states = [connection.state]
    connection.abandon(ids[3])
    assert [*states, connection.state] == [State.READY, State.CLOSING]
    with pytest.raises(LocalProtocolError, match="closing"):
        connection.send_request(5, b"", now=100.0)
    # The time is learned first, long after the last byte; only then the patience begins.
    due = connection.next_timer()
    assert due is not None
    assert due <= 150.0
    connection.handle_timer(now=150.0)
    assert connection.next_timer() == 160.0
    node.respond(ids[4], b"x")
    pump(connection, node)
    connection.receive_data(node.data_to_send(), now=155.0)
    _, answer, end = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert answer.request_id == ids[4]
    assert getattr(end, "cause", "") is None
    assert connection.state is State.CLOSED


def test_too_many_abandoned_requests_and_none_other() -> None:
    config = ConnectionConfig(node=NODE, heartbeat_interval=None, max_abandoned=1)
    connection, _ = connect(config=config)
    for request_id in sent(connection, 2):
        connection.abandon(request_id)
    assert terminated(connection).cause is None


def test_answers_make_room_for_more_abandoned_ones() -> None:
    config = ConnectionConfig(node=NODE, heartbeat_interval=None, max_abandoned=1)
    connection, _ = connect(config=config)
    for _ in range(5):
        (request_id,) = sent(connection)
        connection.abandon(request_id)
        connection.receive_data(response(request_id), now=0.0)
    assert (connection.state, connection.abandoned) == (State.READY, 0)
