"""TLS inside the core, against a server made of memory."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    ConnectionTerminated,
    HandshakeCompleted,
    HandshakeConfig,
    Product,
    ResponseReceived,
    State,
    TLSConfig,
)
from gridgain_proto.exceptions import (
    AuthenticationError,
    ConnectionFailed,
    HandshakeError,
    ParameterError,
    RemoteProtocolError,
)
from gridgain_proto.tls import TLSLayer

from .fake_node import FakeNode
from .support import NODE, bytewise, cause, events, ids, only, terminated, whole
from .tls_node import TLSNode

NAME = "node.example"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

CA = trustme.CA()
SERVER_CERT = CA.issue_cert(NAME)
CLIENT_CERT = CA.issue_cert("client@example.org")

Split = Callable[[bytes], list[bytes]]


def server_context(
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, *, wants_certificate: bool = False
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    SERVER_CERT.configure_cert(context)
    if wants_certificate:
        CA.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(*, trusting: bool = True) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trusting:
        CA.configure_trust(context)
    return context


CLIENT_CONTEXT = client_context()
SERVER_CONTEXTS = {version: server_context(version) for version in VERSIONS}


def start(
    context: ssl.SSLContext = CLIENT_CONTEXT, name: str | None = NAME, **handshake: str
) -> Connection:
    config = ConnectionConfig(
        node=NODE,
        tls=TLSConfig(context, name),
        handshake=HandshakeConfig(**handshake),  # type: ignore[arg-type]
        heartbeat_interval=None,
    )
    return Connection(config, now=0.0)


def pump(connection: Connection, peer: TLSNode, split: Split = whole) -> None:
    """Carry bytes both ways until there are none."""
    while True:
        sent, answer = connection.data_to_send(), b""
        for chunk in split(sent):
            peer.receive(chunk)
        answer = peer.data_to_send()
        for chunk in split(answer):
            connection.receive_data(chunk, now=0.0)
        if not sent and not answer:
            return


def ready(
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, node: FakeNode | None = None
) -> tuple[Connection, TLSNode]:
    connection, peer = start(), TLSNode(SERVER_CONTEXTS[version], node)
    pump(connection, peer)
    assert isinstance(only(connection, HandshakeCompleted), HandshakeCompleted)
    return connection, peer


# -- when all is well ----------------------------------------------------------------------------


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE])
@pytest.mark.parametrize("split", [whole, bytewise])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_connection(version: ssl.TLSVersion, split: Split, product: Product) -> None:
    node = FakeNode(product=product, users={"u": "p"}, handler=lambda request: request.payload)
    peer = TLSNode(SERVER_CONTEXTS[version], node)
    connection = start(username="u", password="p")
    pump(connection, peer, split)
    assert only(connection, HandshakeCompleted).features.product is product
    request_id = connection.send_request(5, b"hello", now=0.0)
    pump(connection, peer, split)
    *_, answer = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert answer.request_id == request_id
    assert answer.data[answer.offset :] == b"hello"
    connection.close(now=0.0)
    assert terminated(connection).cause is None
    pump(connection, peer, split)
    assert peer.ended
    assert peer.failure is None


def test_nothing_leaves_in_the_clear() -> None:
    connection, peer = start(username="u", password="secret"), TLSNode(server_context())
    sent = b""
    for _ in range(5):
        chunk = connection.data_to_send()
        sent += chunk
        peer.receive(chunk)
        connection.receive_data(peer.data_to_send(), now=0.0)
    connection.send_request(5, b"also secret", now=0.0)
    sent += connection.data_to_send()
    assert b"secret" not in sent
    assert b"secret" in next(iter(peer.node.greetings)).password.encode()  # type: ignore[union-attr]


@pytest.mark.parametrize("version", VERSIONS)
def test_large_payloads_both_ways(version: ssl.TLSVersion) -> None:
    node = FakeNode(handler=lambda request: request.payload[::-1])
    connection, peer = ready(version, node)
    payload = bytes(range(256)) * (2 * 1024 * 1024 // 256)
    connection.send_request(5, payload, now=0.0)
    pump(connection, peer, lambda data: [data[i : i + 30_000] for i in range(0, len(data), 30_000)])
    *_, answer = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert answer.data[answer.offset :] == payload[::-1]


@settings(max_examples=20)
@given(st.integers(1, 200), st.sampled_from(VERSIONS))
def test_at_any_split(size: int, version: ssl.TLSVersion) -> None:
    peer = TLSNode(SERVER_CONTEXTS[version], FakeNode(handler=lambda request: request.payload))
    connection = start()

    def split(data: bytes) -> list[bytes]:
        return [data[i : i + size] for i in range(0, len(data), size)]

    pump(connection, peer, split)
    assert connection.state is State.READY
    connection.send_request(5, b"x", now=0.0)
    pump(connection, peer, split)
    assert connection.in_flight == 0


def test_many_answers_in_one_record_and_one_answer_in_many() -> None:
    connection, peer = ready()
    sizes = [0, 1, 40_000, 3, 16_384]
    for size in sizes:
        connection.send_request(5, bytes(size), now=0.0)
    peer.receive(connection.data_to_send())
    for request in list(peer.node.requests.values()):
        peer.node.respond(request.request_id, request.payload)
    connection.receive_data(peer.data_to_send(), now=0.0)
    _, *answers = events(connection)
    found = [len(a.data) - a.offset for a in answers if isinstance(a, ResponseReceived)]
    assert found == sizes


def test_the_caller_s_clock_runs_from_the_first_byte_of_tls() -> None:
    connection, peer = start(), TLSNode(server_context())
    assert connection.next_timer() == 10.0
    peer.receive(connection.data_to_send())
    connection.handle_timer(now=10.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "did not finish the TLS handshake within 10 s" in str(exc)


def test_a_node_that_is_silent_inside() -> None:
    connection = start()
    pump(connection, TLSNode(server_context(), FakeNode(starting=True)))
    connection.handle_timer(now=10.0)
    assert "did not answer the handshake within 10 s" in str(cause(connection))


def test_close_before_tls_is_established() -> None:
    connection = start()
    connection.close(now=0.0)
    assert list(events(connection)) == [ConnectionTerminated(None, frozenset(), frozenset())]


def test_queued_bytes_wait_for_tls() -> None:
    """The greeting is there from the beginning, and goes out when it can, once."""
    connection, peer = start(), TLSNode(SERVER_CONTEXTS[ssl.TLSVersion.TLSv1_2])
    rounds = 0
    while connection.state is State.HANDSHAKING:
        assert not connection.next_event()
        peer.receive(connection.data_to_send())
        connection.data_to_send()
        connection.receive_data(peer.data_to_send(), now=0.0)
        rounds += 1
    assert rounds >= 3
    assert len(peer.node.greetings) == 1


# -- refusals ------------------------------------------------------------------------------------


def test_wrong_name() -> None:
    connection, peer = start(name="other.example"), TLSNode(server_context())
    pump(connection, peer)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "certificate is not trusted" in str(exc)
    assert "other.example" in str(exc)
    assert isinstance(exc.__cause__, ssl.SSLCertVerificationError)
    assert peer.failure is not None  # it has been told why
    assert peer.node.greetings == []


def test_untrusted_authority() -> None:
    connection = start(client_context(trusting=False))
    pump(connection, TLSNode(server_context()))
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "certificate is not trusted: unable to get local issuer certificate" in str(exc)


def test_no_common_version() -> None:
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = start(context)
    pump(connection, TLSNode(server_context(ssl.TLSVersion.TLSv1_3)))
    assert isinstance(cause(connection), HandshakeError)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_certificate(version: ssl.TLSVersion) -> None:
    context = client_context()
    CLIENT_CERT.configure_cert(context)
    connection = start(context)
    pump(connection, TLSNode(server_context(version, wants_certificate=True)))
    assert only(connection, HandshakeCompleted)


@pytest.mark.parametrize("says_why", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_certificate_that_is_missing(version: ssl.TLSVersion, says_why: bool) -> None:
    """With TLS 1.3 the client has succeeded already; GridGain then sends an alert, Ignite none."""
    connection = start()
    peer = TLSNode(server_context(version, wants_certificate=True))
    while peer.failure is None:
        peer.receive(connection.data_to_send())
        if peer.failure is None:
            connection.receive_data(peer.data_to_send(), now=0.0)
    assert connection.next_event() is None
    if says_why:
        connection.receive_data(peer.data_to_send(), now=0.0)
    connection.receive_eof(now=0.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    if version == ssl.TLSVersion.TLSv1_3:
        assert "client certificate" in str(exc)
    assert ("alert" in str(exc)) is says_why


def test_wrong_password() -> None:
    connection = start(username="u", password="q")
    pump(connection, TLSNode(server_context(), FakeNode(users={"u": "p"})))
    assert isinstance(cause(connection), AuthenticationError)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x2a\0\0\0\0\1\0\7\0\0\0\x09", bytes(100)],
)
def test_a_plain_server(answer: bytes) -> None:
    connection = start()
    connection.data_to_send()
    connection.receive_data(answer, now=0.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "Is TLS enabled on that port?" in str(exc)


def test_a_plain_server_that_just_closes() -> None:
    connection = start()
    connection.data_to_send()
    connection.receive_eof(now=0.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "during the TLS handshake" in str(exc)


def test_a_tls_server_and_a_plain_client() -> None:
    """The node's answer, if any, is no frame; mostly it just closes."""
    connection = Connection(ConnectionConfig(node=NODE), now=0.0)
    peer = TLSNode(server_context())
    peer.receive(connection.data_to_send())
    assert peer.failure is not None
    connection.receive_data(peer.data_to_send(), now=0.0)
    connection.receive_eof(now=0.0)
    assert isinstance(cause(connection), HandshakeError)


@pytest.mark.parametrize("name", [None, ""])
def test_a_name_has_to_be_given_if_it_is_checked(name: str | None) -> None:
    with pytest.raises(ParameterError, match="there is no server_hostname"):
        TLSConfig(CLIENT_CONTEXT, name)


def test_no_name_is_needed_if_none_is_checked() -> None:
    context = client_context()
    context.check_hostname = False
    connection = start(context, None)
    pump(connection, TLSNode(server_context()))
    assert only(connection, HandshakeCompleted)


@pytest.mark.parametrize(
    ("context", "name"),
    [(server_context(), NAME), (CLIENT_CONTEXT, ".example"), (CLIENT_CONTEXT, "a\0b")],
    ids=["a server's context", "no host", "a NUL"],
)
def test_what_cannot_be_configured(context: ssl.SSLContext, name: str) -> None:
    with pytest.raises(ParameterError, match="TLS cannot be used as it is configured"):
        start(context, name)


# -- ends ----------------------------------------------------------------------------------------


def test_eof_when_ready() -> None:
    """Servers never say goodbye: a ragged end is an ordinary one."""
    connection, peer = ready()
    unanswered = connection.send_request(5, b"", now=0.0)
    peer.receive(connection.data_to_send())
    unsent = connection.send_request(5, b"", now=0.0)
    connection.receive_eof(now=0.0)
    end = terminated(connection)
    assert type(end.cause) is ConnectionFailed
    assert str(end.cause) == f"{NODE} closed the connection"
    assert (end.unsent, end.unanswered) == (ids(unsent), ids(unanswered))


def test_eof_inside_a_record() -> None:
    connection, peer = ready()
    connection.send_request(5, b"", now=0.0)
    peer.receive(connection.data_to_send())
    peer.node.respond(1, bytes(100))
    connection.receive_data(peer.data_to_send()[:-1], now=0.0)
    assert connection.next_event() is None
    connection.receive_eof(now=0.0)
    assert terminated(connection).unanswered == {1}


@pytest.mark.parametrize("split", [whole, bytewise])
@pytest.mark.parametrize("version", VERSIONS)
def test_goodbye(version: ssl.TLSVersion, split: Split) -> None:
    connection, peer = ready(version)
    answered, unanswered = (connection.send_request(5, b"", now=0.0) for _ in range(2))
    peer.receive(connection.data_to_send())
    peer.node.respond(answered)
    for chunk in split(peer.say_goodbye()):
        connection.receive_data(chunk, now=0.0)
    *_, answer, end = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert isinstance(end, ConnectionTerminated)
    assert type(end.cause) is ConnectionFailed
    assert end.unanswered == {unanswered}
    connection.receive_eof(now=0.0)
    assert connection.next_event() is None


def test_goodbye_before_the_node_s_answer() -> None:
    connection, peer = start(), TLSNode(server_context(), FakeNode(starting=True))
    pump(connection, peer)
    connection.receive_data(peer.say_goodbye(), now=0.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "client certificate" in str(exc)


def test_goodbye_with_the_last_answer_while_closing() -> None:
    connection, peer = ready()
    request_id = connection.send_request(5, b"", now=0.0)
    peer.receive(connection.data_to_send())
    connection.close(now=0.0)
    peer.node.respond(request_id)
    connection.receive_data(peer.say_goodbye(), now=0.0)
    assert terminated(connection).cause is None


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_before_the_failure_counts(together: bool) -> None:
    connection, peer = ready()
    answered, unanswered = (connection.send_request(5, b"", now=0.0) for _ in range(2))
    peer.receive(connection.data_to_send())
    peer.node.respond(answered, b"x")
    data = peer.data_to_send()
    garbage = b"\x17\x03\x03\x00\x20" + bytes(32)
    for chunk in [data + garbage] if together else [data, garbage]:
        connection.receive_data(chunk, now=0.0)
    *_, answer, end = events(connection)
    assert isinstance(answer, ResponseReceived)
    assert isinstance(end, ConnectionTerminated)
    assert isinstance(end.cause, RemoteProtocolError)
    assert "invalid TLS" in str(end.cause)
    assert end.unanswered == {unanswered}
    connection.data_to_send()
    assert connection.data_to_send() == b""


def test_a_broken_message_inside_sound_tls() -> None:
    connection, peer = ready()
    peer.node.send_response(77)
    connection.receive_data(peer.data_to_send(), now=0.0)
    assert isinstance(cause(connection), RemoteProtocolError)
    peer.receive(connection.data_to_send())
    assert peer.ended


# -- new keys while bytes are waiting ------------------------------------------------------------


class Stalling:
    """Stands for OpenSSL's object while the peer negotiates anew: nothing can be written."""

    def __init__(self) -> None:
        self.stalled: ssl.SSLError | None = ssl.SSLWantReadError()
        self.written: list[bytes] = []
        self.unwrap: Callable[[], None] | None = None

    def write(self, data: bytes) -> int:
        if self.stalled is not None:
            raise self.stalled
        self.written.append(data[:5])
        return len(self.written[-1])


def stalling() -> tuple[TLSLayer, Stalling]:
    layer, stub = TLSLayer(TLSConfig(CLIENT_CONTEXT, NAME), NODE), Stalling()
    object.__setattr__(layer, "_object", stub)
    return layer, stub


def test_what_cannot_be_written_yet_is_kept() -> None:
    layer, stub = stalling()
    layer.send(b"abc")
    layer.send(b"def")
    assert stub.written == []
    stub.stalled = None
    layer.send(b"")
    layer.send(b"g")
    assert stub.written == [b"abcde", b"fg"]


def test_a_failure_to_write() -> None:
    layer, stub = stalling()
    stub.stalled = ssl.SSLError(1, "broken")
    with pytest.raises(ConnectionFailed, match="TLS connection is broken: broken"):
        layer.send(b"abc")


def test_a_failure_to_write_ends_the_connection() -> None:
    connection, _ = ready()
    stub = Stalling()
    stub.stalled = ssl.SSLError(1, "broken")
    stub.unwrap = lambda: None
    object.__setattr__(connection._tls, "_object", stub)
    request_id = connection.send_request(5, b"", now=0.0)
    connection.data_to_send()
    end = terminated(connection)
    assert type(end.cause) is ConnectionFailed
    assert end.unanswered == {request_id}


# -- any bytes -----------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=50)), st.integers(0, 4))
def test_any_bytes(chunks: list[bytes], rounds: int) -> None:
    """At any point of TLS and of the handshake in it."""
    connection, peer = start(), TLSNode(SERVER_CONTEXTS[ssl.TLSVersion.TLSv1_3])
    for _ in range(rounds):
        peer.receive(connection.data_to_send())
        connection.receive_data(peer.data_to_send(), now=0.0)
    for chunk in chunks:
        connection.receive_data(chunk, now=0.0)
        connection.data_to_send()
    connection.receive_eof(now=0.0)
    terminated(connection)


@settings(max_examples=50)
@given(spoiled=st.integers(0, 2), place=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_flipped_bit(spoiled: int, place: float, bit: int) -> None:
    connection, peer = start(), TLSNode(SERVER_CONTEXTS[ssl.TLSVersion.TLSv1_3])
    for number in range(4):
        peer.receive(connection.data_to_send())
        answer = bytearray(peer.data_to_send())
        if number == spoiled and answer:
            answer[int(place * (len(answer) - 1))] ^= 1 << bit
        connection.receive_data(bytes(answer), now=0.0)
    connection.receive_eof(now=0.0)
    assert isinstance(terminated(connection).cause, ConnectionFailed | RemoteProtocolError)
