"""Captured requests, responses, errors, flags and notifications of both products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    ConnectionTerminated,
    Event,
    HandshakeConfig,
    NotificationReceived,
    ProtocolVersion,
    ResponseReceived,
    TopologyChanged,
)
from gridgain_proto.exceptions import ConnectionFailed
from gridgain_proto.features import V1_3_0, V1_7_1

from .fake_node import FakeNode
from .support import NODE, bytewise, connect, cut, events, handshake_vectors, response

VECTORS = {name: vector for name, vector in handshake_vectors().items() if "handshake" not in name}

INACTIVE = "Can not perform the operation because the cluster is inactive. Note, that the cluster"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a captured response says; messages by how they begin."""

    status: int = 0
    message: str | None = None
    payload: str = ""
    topology: tuple[int, int] | None = None
    version: ProtocolVersion = V1_7_1


ENDPOINTS_IGNITE = "044a128975c2bf6479f6b98c7c6e1c94312a"
ENDPOINTS_GRIDGAIN = "784565f7bbcea21b68679fb01369d8b7952a"

IGNITE: dict[str, Meaning | None] = {
    "op 5000 on a never activated cluster, first response of the connection": Meaning(
        payload="00", topology=(-1, 0)
    ),
    "op 1050 on an inactive cluster": Meaning(status=1, message=INACTIVE),
    "heartbeat, first response of the connection": Meaning(topology=(1, 2)),
    "heartbeat, later response": Meaning(),
    "GET_IDLE_TIMEOUT, no timeout configured": Meaning(payload="00" * 8),
    "unknown op 9999": Meaning(status=2, message="Invalid request op code: 9999"),
    "OP_CACHE_GET, unknown cache id 12345": Meaning(
        status=1000, message="Cache does not exist [cacheId= 12345]"
    ),
    "close of unknown resource 99": Meaning(
        status=1011, message="Failed to find resource with id: 99"
    ),
    "page of unknown scan cursor 55": Meaning(
        status=1011, message="50000: Failed to find resource with id: 55"
    ),
    "endpoints 5102 (-1, -1)": Meaning(
        payload="010000000000000001000000" + ENDPOINTS_IGNITE + "000001000000"
        "09"
        "090000003132372e302e302e31"
        "00000000"
    ),
    "OP_CACHE_GET with truncated payload": None,
    "unknown op as first request": Meaning(
        status=2, message="Invalid request op code: 9999", topology=(1, 2)
    ),
    "protocol 1.3.0: heartbeat": Meaning(version=V1_3_0),
    "protocol 1.3.0: unknown cache id": Meaning(
        version=V1_3_0, status=1000, message="Cache does not exist [cacheId= 12345]"
    ),
    "cache created: the response carries the new affinity version": Meaning(topology=(5, 5)),
}

GRIDGAIN: dict[str, Meaning | None] = {
    "op 5000 on a never activated cluster, first response of the connection": Meaning(
        payload="00", topology=(-1, 0)
    ),
    "op 1050 on an inactive cluster": Meaning(status=1, message=INACTIVE),
    "heartbeat, first response of the connection": Meaning(topology=(1, 2)),
    "endpoints 5102 (-1, -1)": Meaning(
        payload="010000000000000001000000" + ENDPOINTS_GRIDGAIN + "000001000000"
        "09"
        "090000003132372e302e302e31"
        "00000000"
    ),
    "unknown op as first request": Meaning(
        status=2, message="Invalid request op code: 9999", topology=(1, 2)
    ),
}

MEANINGS = {
    **{f"ignite: {name}": meaning for name, meaning in IGNITE.items()},
    **{f"gridgain: {name}": meaning for name, meaning in GRIDGAIN.items()},
}
ANSWERED = [name for name, meaning in MEANINGS.items() if meaning is not None]

EVENTS = [name for name in VECTORS if "notification (server-initiated" in name]
TASK = "gridgain: compute task started, then its 6001 notification"

cuts = st.lists(st.integers(1, 120), max_size=8)


def test_every_capture_is_used() -> None:
    assert set(VECTORS) == {*MEANINGS, *EVENTS, TASK}


def sent(name: str) -> tuple[Connection, int]:
    """A connection that has sent the captured request, and nothing else."""
    meaning = MEANINGS.get(name) or Meaning()
    config = ConnectionConfig(
        node=NODE,
        heartbeat_interval=None,
        handshake=HandshakeConfig(first_version=meaning.version),
    )
    connection, _ = connect(FakeNode(), config)
    request = VECTORS[name].request
    request_id = int.from_bytes(request[6:14], "little")
    for _ in range(1, request_id):  # to get to that id; not a byte of these is sent
        connection.abandon(connection.send_request(1, b"", now=0.0))
    op_code = int.from_bytes(request[4:6], "little")
    assert connection.send_request(op_code, request[14:], now=0.0) == request_id
    assert connection.data_to_send() == request
    return connection, request_id


def check(name: str, chunks: Sequence[bytes], *, behind: Sequence[Event] = ()) -> None:
    meaning = MEANINGS[name]
    assert meaning is not None
    connection, request_id = sent(name)
    for chunk in chunks:
        assert connection.next_event() is None
        connection.receive_data(chunk, now=1.0)
    found = list(events(connection))
    if meaning.topology is not None:
        assert found.pop(0) == TopologyChanged(meaning.topology)
    assert connection.topology == meaning.topology
    answer = found.pop(0)
    assert isinstance(answer, ResponseReceived)
    assert (answer.request_id, answer.status) == (request_id, meaning.status)
    if meaning.message is None:
        assert answer.message is None
    else:
        assert answer.message is not None
        assert answer.message.startswith(meaning.message)
    assert answer.data == VECTORS[name].response
    assert answer.data[answer.offset :].hex() == meaning.payload
    assert found == list(behind)
    assert connection.in_flight == 0


@pytest.mark.parametrize("name", ANSWERED)
def test_request_and_response(name: str) -> None:
    check(name, [VECTORS[name].response])


@pytest.mark.parametrize("name", ANSWERED)
def test_byte_by_byte(name: str) -> None:
    check(name, bytewise(VECTORS[name].response))


@pytest.mark.parametrize("name", ANSWERED)
@settings(max_examples=25)
@given(places=cuts)
def test_at_any_split(name: str, places: list[int]) -> None:
    check(name, cut(VECTORS[name].response, places))


@pytest.mark.parametrize("name", ANSWERED)
def test_with_the_next_frame_behind(name: str) -> None:
    following = response(7, b"\x65", op_code=2007)
    for count in range(1, len(following)):
        check(name, [VECTORS[name].response + following[:count]])
    meaning = MEANINGS[name]
    assert meaning is not None
    if meaning.version != V1_3_0:
        event = NotificationReceived(7, 2007, 0, None, following, 16)
        check(name, [VECTORS[name].response + following], behind=[event])


def test_a_request_that_the_server_cannot_read() -> None:
    """The node closes the connection without a word."""
    name = "ignite: OP_CACHE_GET with truncated payload"
    connection, request_id = sent(name)
    assert VECTORS[name].response == b""
    connection.receive_eof(now=1.0)
    (end,) = events(connection)
    assert isinstance(end, ConnectionTerminated)
    assert isinstance(end.cause, ConnectionFailed)
    assert (end.unsent, end.unanswered) == (frozenset(), frozenset({request_id}))


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=25)
@given(places=cuts)
def test_notifications(name: str, places: list[int]) -> None:
    connection, _ = connect()
    frame = VECTORS[name].response
    for chunk in cut(frame, places):
        connection.receive_data(chunk, now=1.0)
    assert list(events(connection)) == [NotificationReceived(1, 2007, 0, None, frame, 16)]


@settings(max_examples=25)
@given(places=cuts)
def test_an_answer_and_the_notification_that_follows_it(places: list[int]) -> None:
    connection, request_id = sent(TASK)
    for chunk in cut(VECTORS[TASK].response, places):
        connection.receive_data(chunk, now=1.0)
    answer, notification = VECTORS[TASK].responses
    assert list(events(connection)) == [
        ResponseReceived(request_id, 0, None, answer, 14),
        NotificationReceived(1, 6001, 0, None, notification, 16),
    ]
    assert answer[14:] == b"\x01" + bytes(7)
    assert notification[16:] == b"\x65"
