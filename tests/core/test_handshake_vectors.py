"""Captured handshakes of both products: the same bytes out, their meaning in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    Feature,
    HandshakeCompleted,
    HandshakeConfig,
    NotificationReceived,
    Product,
    ResponseReceived,
    State,
    TopologyChanged,
)
from gridgain_proto.exceptions import HandshakeError
from gridgain_proto.features import FEATURE_BITS, FLAGS_SINCE, feature_bits
from gridgain_proto.framing import FrameReader
from gridgain_proto.handshake import (
    Accepted,
    Refused,
    decode_handshake_response,
    encode_handshake,
)

from .captured import (
    CASES,
    GRIDGAIN_ID,
    HEARTBEAT_TOO_EARLY,
    IGNITE_ID,
    SAFE,
    TWO_HANDSHAKES,
    TWO_STEPS,
    VECTORS,
    Case,
    version,
)
from .support import (
    NODE,
    bytewise,
    cause,
    cut,
    events,
    only,
    response,
    terminated,
    whole,
)

OFFERS = [name for name, case in CASES.items() if case.offer is not None]
DRIVEN = [name for name, case in CASES.items() if case.config is not None and case.answer]
ANSWERED = [name for name, case in CASES.items() if case.answer is not None]
SILENT = [name for name, case in CASES.items() if case.answer is None]

cuts = st.lists(st.integers(1, 120), max_size=8)


def start(config: HandshakeConfig) -> Connection:
    return Connection(
        ConnectionConfig(node=NODE, handshake=config, heartbeat_interval=None), now=0.0
    )


def offered(name: str) -> Connection:
    """A connection that has sent the captured request."""
    config = CASES[name].config
    assert config is not None
    connection = start(config)
    sent = connection.data_to_send()
    if CASES[name].after:
        connection.receive_data(CASES[name].after, now=0.5)
        sent = connection.data_to_send()
    assert sent == VECTORS[name].request
    assert connection.data_to_send() == b""
    assert connection.state is State.HANDSHAKING
    return connection


def test_every_capture_of_a_handshake_is_used() -> None:
    handshakes = {name for name in VECTORS if "handshake" in name}
    assert handshakes == {*CASES, TWO_STEPS, HEARTBEAT_TOO_EARLY, TWO_HANDSHAKES}


@pytest.mark.parametrize("name", OFFERS)
def test_the_request_is_encoded(name: str) -> None:
    offer = CASES[name].offer
    assert offer is not None
    encoded = encode_handshake(
        offer.version,
        features=offer.features,
        with_attributes=offer.with_attributes,
        attributes=offer.attributes,
        username=offer.username,
        password=offer.password,
    )
    assert encoded == VECTORS[name].request


@pytest.mark.parametrize("name", ANSWERED)
def test_the_response_is_decoded(name: str) -> None:
    (frame,) = VECTORS[name].responses
    assert decode_handshake_response(frame, CASES[name].offered) == CASES[name].answer


@pytest.mark.parametrize("name", ANSWERED)
@settings(max_examples=25)
@given(places=cuts)
def test_the_response_is_decoded_from_any_split(name: str, places: list[int]) -> None:
    reader = FrameReader()
    data = VECTORS[name].response
    for chunk in cut(data, places):
        assert reader.next_frame() is None
        reader.feed(chunk)
    frame = reader.next_frame()
    assert frame == data
    assert decode_handshake_response(frame, CASES[name].offered) == CASES[name].answer


def check(name: str, chunks: Sequence[bytes], *, notified: bool = False) -> None:
    """What a connection of the captured configuration makes of the answer."""
    case = CASES[name]
    connection = offered(name)
    for chunk in chunks:
        assert connection.next_event() is None
        connection.receive_data(chunk, now=1.0)
    if case.error is not None:
        check_refusal(case, connection)
        return
    assert isinstance(case.answer, Accepted)
    completed, *others = events(connection)
    assert isinstance(completed, HandshakeCompleted)
    features = completed.features
    assert features.product is case.product
    assert features.version == case.offered
    bits = FEATURE_BITS[case.product]
    assert {bits[feature] for feature in features.active} == feature_bits(case.answer.features)
    assert completed.node_id == case.answer.node_id
    assert (connection.features, connection.node_id) == (features, completed.node_id)
    assert connection.state is State.READY
    assert connection.data_to_send() == b""
    if notified:
        (notification,) = others
        assert isinstance(notification, NotificationReceived)
        assert notification.resource_id == 7
    else:
        assert not others


def check_refusal(case: Case, connection: Connection) -> None:
    assert isinstance(case.answer, Refused)
    assert case.answer.message is not None
    end = terminated(connection)
    assert type(end.cause) is case.error
    assert NODE in str(end.cause)
    assert case.answer.message in str(end.cause)
    assert (end.unsent, end.unanswered) == (frozenset(), frozenset())
    assert connection.data_to_send() == b""


@pytest.mark.parametrize("name", DRIVEN)
def test_a_connection_understands_the_answer(name: str) -> None:
    check(name, [VECTORS[name].response])


@pytest.mark.parametrize("name", DRIVEN)
def test_byte_by_byte(name: str) -> None:
    check(name, bytewise(VECTORS[name].response))


@pytest.mark.parametrize("name", DRIVEN)
@settings(max_examples=25)
@given(places=cuts)
def test_at_any_split(name: str, places: list[int]) -> None:
    check(name, cut(VECTORS[name].response, places))


@pytest.mark.parametrize("name", DRIVEN)
def test_with_bytes_of_the_next_frame_behind(name: str) -> None:
    following = response(7, b"\x65", op_code=2007)
    for count in range(1, len(following)):
        check(name, [VECTORS[name].response + following[:count]])
    if CASES[name].offered >= FLAGS_SINCE:
        check(name, [VECTORS[name].response + following], notified=True)


@pytest.mark.parametrize("name", SILENT)
def test_silence_ends_in_a_timeout(name: str) -> None:
    """Some requests get no answer; what they are does not matter to the one who waits."""
    assert VECTORS[name].response == b""
    connection = start(HandshakeConfig())
    connection.data_to_send()
    assert connection.next_timer() == 10.0
    connection.handle_timer(now=9.99)
    assert connection.next_event() is None
    connection.handle_timer(now=10.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "did not answer the handshake within 10 s" in str(exc)


@pytest.mark.parametrize("name", SILENT)
def test_silence_may_end_in_a_closed_connection(name: str) -> None:
    connection = start(HandshakeConfig())
    connection.data_to_send()
    reset = ConnectionResetError("reset by peer")
    connection.receive_eof(reset, now=9.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert exc.__cause__ is reset
    assert "reset by peer" in str(exc)


@pytest.mark.parametrize("split", [whole, bytewise])
def test_ignite_is_told_by_its_refusal(split: Callable[[bytes], list[bytes]]) -> None:
    vector = VECTORS[TWO_STEPS]
    connection = start(HandshakeConfig(features=SAFE))
    for request, answer in zip(vector.requests, vector.responses, strict=True):
        assert connection.next_event() is None
        assert connection.data_to_send() == request
        for chunk in split(answer):
            assert connection.data_to_send() == b""
            connection.receive_data(chunk, now=1.0)
    completed = only(connection, HandshakeCompleted)
    assert completed.features.product is Product.IGNITE
    assert completed.features.version == (1, 7, 0)
    assert completed.features.active == SAFE
    assert completed.node_id == IGNITE_ID
    assert str(completed.features) == "Apache Ignite, protocol 1.7.0"


def test_a_request_before_the_handshake_is_refused_as_one() -> None:
    first, second = VECTORS[HEARTBEAT_TOO_EARLY].responses
    assert decode_handshake_response(first, version("1.9.0")) == Refused(
        version("1.7.0"), "Unsupported version: 1.9.0", 1
    )
    assert decode_handshake_response(second, version("256.0.0")) == Refused(
        version("2.13.0"), "Unsupported version: 256.0.0", 1
    )


def test_a_second_handshake_is_an_ordinary_request() -> None:
    vector = VECTORS[TWO_HANDSHAKES]
    connection = start(HandshakeConfig(features=SAFE))
    assert connection.data_to_send() == vector.requests[0]
    connection.receive_data(vector.responses[0], now=1.0)
    completed = only(connection, HandshakeCompleted)
    assert completed.node_id == GRIDGAIN_ID
    assert Feature.HEARTBEAT in completed.features

    # The captured request's id is made of the handshake's bytes; ours counts.
    request = vector.requests[1]
    request_id = connection.send_request(257, request[14:], now=1.0)
    sent = connection.data_to_send()
    assert (sent[:6], sent[14:]) == (request[:6], request[14:])
    answer = vector.responses[1]
    connection.receive_data(answer[:4] + sent[6:14] + answer[12:], now=1.0)
    topology, failure = events(connection)
    assert topology == TopologyChanged((1, 22))
    assert isinstance(failure, ResponseReceived)
    assert failure.request_id == request_id
    assert (failure.status, failure.message) == (2, "Invalid request op code: 257")
    assert failure.offset == len(failure.data)
