"""Which version, product and features a connection ends with, and who it says it is."""

from __future__ import annotations

import contextlib
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgain_proto import (
    Connection,
    ConnectionConfig,
    Feature,
    HandshakeCompleted,
    HandshakeConfig,
    Product,
    ProtocolVersion,
    State,
)
from gridgain_proto.exceptions import (
    AuthenticationError,
    DecodeError,
    EncodeError,
    HandshakeError,
    ParameterError,
)
from gridgain_proto.features import (
    FEATURE_BITS,
    IMPLEMENTED_FEATURES,
    MAX_FEATURE_BYTES,
    SUPPORTED_VERSIONS,
    feature_bits,
    feature_bytes,
)
from gridgain_proto.handshake import decode_handshake_response

from .fake_node import NODE_ID, FakeNode, bitmap, byte_array, string, typed_uuid
from .support import NODE, cause, frame, only, pump

OLDER = [ProtocolVersion(1, minor, 0) for minor in range(6, 1, -1)]


def start(config: HandshakeConfig | None = None) -> Connection:
    return Connection(ConnectionConfig(node=NODE, handshake=config or HandshakeConfig()), now=0.0)


def offered(product: Product) -> frozenset[Feature]:
    return IMPLEMENTED_FEATURES & FEATURE_BITS[product].keys()


def negotiate(
    node: FakeNode, config: HandshakeConfig | None = None
) -> HandshakeCompleted | Exception:
    connection = start(config)
    pump(connection, node)
    if connection.state is State.CLOSED:
        return cause(connection)
    assert connection.state is State.READY
    completed = connection.next_event()
    assert isinstance(completed, HandshakeCompleted)
    return completed


def refusal(version: ProtocolVersion, words: str | None = "no", status: int | None = 1) -> bytes:
    tail = b"" if status is None else pack("<i", status)
    return frame(b"\0" + pack("<hhh", *version) + string(words) + tail)


def acceptance(features: bytes = b"") -> bytes:
    return frame(b"\1" + byte_array(features) + typed_uuid(NODE_ID))


def refused(
    *refusals: bytes, config: HandshakeConfig | None = None
) -> tuple[Connection, Exception]:
    connection = start(config)
    for data in refusals:
        assert connection.data_to_send() != b""
        connection.receive_data(data, now=1.0)
    return connection, cause(connection)


# -- products and versions -----------------------------------------------------------------------


def test_gridgain_at_once() -> None:
    node = FakeNode(product=Product.GRIDGAIN)
    completed = negotiate(node)
    assert isinstance(completed, HandshakeCompleted)
    assert completed.features.product is Product.GRIDGAIN
    assert completed.features.version == (1, 7, 1)
    assert completed.features.active == offered(Product.GRIDGAIN)
    assert completed.node_id == NODE_ID
    assert len(node.greetings) == 1


def test_ignite_with_the_second_handshake() -> None:
    node = FakeNode(product=Product.IGNITE)
    completed = negotiate(node)
    assert isinstance(completed, HandshakeCompleted)
    assert completed.features.product is Product.IGNITE
    assert completed.features.version == (1, 7, 0)
    assert completed.features.active == offered(Product.IGNITE)
    assert [greeting.version for greeting in node.greetings] == [(1, 7, 0)]


@pytest.mark.parametrize("version", OLDER, ids=str)
def test_down_to_older_versions(version: ProtocolVersion) -> None:
    node = FakeNode(product=Product.UNKNOWN, versions=(version, ProtocolVersion(1, 0, 0)))
    completed = negotiate(node)
    assert isinstance(completed, HandshakeCompleted)
    assert completed.features.product is Product.UNKNOWN
    assert completed.features.version == version
    assert completed.features.active == frozenset()
    assert completed.node_id == (NODE_ID if version >= (1, 4, 0) else None)


def test_step_by_step_through_every_version() -> None:
    """No server does this; each version is offered once, and the product is forgotten below 1.7."""
    connection = start()
    for version in SUPPORTED_VERSIONS[1:]:
        assert connection.data_to_send() != b""
        connection.receive_data(refusal(version), now=1.0)
    assert connection.data_to_send() == frame(b"\1\1\0\2\0\0\0\2")
    connection.receive_data(frame(b"\1"), now=1.0)
    completed = only(connection, HandshakeCompleted)
    assert (completed.features.product, completed.node_id) == (Product.UNKNOWN, None)


@pytest.mark.parametrize("first", SUPPORTED_VERSIONS, ids=str)
def test_the_first_version_can_be_told(first: ProtocolVersion) -> None:
    node = FakeNode(product=Product.GRIDGAIN)
    completed = negotiate(node, HandshakeConfig(first_version=first))
    assert isinstance(completed, HandshakeCompleted)
    assert completed.features.version == first
    assert completed.features.product is (
        Product.GRIDGAIN if first == (1, 7, 1) else Product.UNKNOWN
    )


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE])
def test_1_7_0_first_works_with_either_product(product: Product) -> None:
    config = HandshakeConfig(
        first_version=ProtocolVersion(1, 7, 0),
        username="u",
        password="p",
        user_attributes={"a": "b"},
        features=frozenset(Feature),
    )
    node = FakeNode(product=product, users={"u": "p"})
    completed = negotiate(node, config)
    assert isinstance(completed, HandshakeCompleted)
    assert completed.features.product is Product.UNKNOWN
    assert Feature.USER_ATTRIBUTES not in completed.features
    assert completed.features.active == frozenset(FEATURE_BITS[Product.UNKNOWN])


@pytest.mark.parametrize("named", [(1, 1, 0), (1, 0, 0), (2, 17, 0), (1, 8, 0), (-1, 0, 0)])
def test_versions_that_are_not_spoken(named: tuple[int, int, int]) -> None:
    version = ProtocolVersion(*named)
    connection, exc = refused(refusal(version, "too old"))
    assert isinstance(exc, HandshakeError)
    assert f"speaks protocol {version}, which is not supported: too old" in str(exc)
    assert connection.data_to_send() == b""


def test_an_old_node_ends_in_a_clear_error() -> None:
    versions = (ProtocolVersion(1, 1, 0), ProtocolVersion(1, 0, 0))
    exc = negotiate(FakeNode(product=Product.UNKNOWN, versions=versions))
    assert isinstance(exc, HandshakeError)
    assert "speaks protocol 1.1.0" in str(exc)


@pytest.mark.parametrize("again", SUPPORTED_VERSIONS[:2], ids=str)
def test_no_version_is_offered_twice(again: ProtocolVersion) -> None:
    _, exc = refused(refusal(SUPPORTED_VERSIONS[1]), refusal(again, "go away"))
    assert isinstance(exc, HandshakeError)
    assert "refused the connection: go away" in str(exc)


def test_no_way_up() -> None:
    low = HandshakeConfig(first_version=ProtocolVersion(1, 4, 0))
    _, exc = refused(refusal(ProtocolVersion(1, 6, 0)), config=low)
    assert isinstance(exc, HandshakeError)


@given(st.lists(st.tuples(st.just(1), st.integers(0, 8), st.integers(0, 1)), min_size=12))
def test_refusals_come_to_an_end(named: list[tuple[int, int, int]]) -> None:
    connection = start()
    rounds = 0
    for version in named:
        if not connection.data_to_send():
            break
        rounds += 1
        connection.receive_data(refusal(ProtocolVersion(*version)), now=1.0)
    assert connection.state is State.CLOSED
    assert rounds <= len(SUPPORTED_VERSIONS)


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal(ProtocolVersion(0, 0, 0), "Go"), HandshakeError, "refused the connection: Go"),
        (refusal(ProtocolVersion(1, 7, 1), "Go"), HandshakeError, "refused the connection: Go"),
        (refusal(ProtocolVersion(0, 0, 0), None), HandshakeError, "no reason given"),
        (refusal(ProtocolVersion(0, 0, 0), ""), HandshakeError, "no reason given"),
        (refusal(ProtocolVersion(0, 0, 0), "a", None), HandshakeError, "connection: a"),
        (refusal(ProtocolVersion(1, 7, 0), "x", 11), HandshakeError, "is still starting: x"),
        (refusal(ProtocolVersion(0, 0, 0), "x", 2000), AuthenticationError, "password: x"),
        (refusal(ProtocolVersion(1, 7, 0), "x", 2000), AuthenticationError, "password: x"),
        (refusal(ProtocolVersion(0, 0, 0), "x", 1012), AuthenticationError, "password: x"),
    ],
)
def test_refusals(answer: bytes, kind: type[Exception], words: str) -> None:
    _, exc = refused(answer)
    assert type(exc) is kind
    assert words in str(exc)


def test_only_the_first_line_of_a_stack_trace_is_shown() -> None:
    _, exc = refused(refusal(ProtocolVersion(0, 0, 0), "Sorry\r\n at java.lang.Thread.run"))
    assert str(exc).endswith("Sorry")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it speaks HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "it speaks something else"),
        (frame(b"\2"), "2 where 1 for success or 0 for failure"),
        (frame(b"\1"), "not an answer to a handshake"),
        (frame(b"\0\1\0"), "not an answer to a handshake"),
        (pack("<i", 1024 * 1024 + 1), "more than the limit"),
        (bytes(4), "length of 0"),
    ],
)
def test_what_answers_is_no_node(data: bytes, words: str) -> None:
    _, exc = refused(data)
    assert isinstance(exc, HandshakeError)
    assert "is not a client port of GridGain or Ignite" in str(exc)
    assert words in str(exc)


def test_a_tls_alert() -> None:
    connection = start()
    connection.data_to_send()
    connection.receive_data(b"\x15\x03\x03\x00\x02\x02\x28", now=0.0)
    exc = cause(connection)
    assert isinstance(exc, HandshakeError)
    assert "it speaks TLS" in str(exc)


def test_an_answer_that_comes_before_the_question() -> None:
    connection = start()
    connection.receive_data(acceptance(), now=0.0)
    assert isinstance(cause(connection), HandshakeError)
    assert connection.data_to_send() == b""


def test_an_answer_to_the_second_handshake_that_comes_too_early() -> None:
    _, exc = refused(refusal(ProtocolVersion(1, 7, 0)) + acceptance())
    assert isinstance(exc, HandshakeError)


# -- features ------------------------------------------------------------------------------------


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE], ids=["gridgain", "ignite"])
@given(offer=st.frozensets(st.sampled_from(Feature)), known=st.frozensets(st.integers(0, 63)))
def test_active_is_what_both_sides_know(
    product: Product, offer: frozenset[Feature], known: frozenset[int]
) -> None:
    node = FakeNode(product=product, features=known)
    completed = negotiate(node, HandshakeConfig(features=offer))
    assert isinstance(completed, HandshakeCompleted)
    bits = FEATURE_BITS[product]
    assert completed.features.active == {feature for feature in offer if bits.get(feature) in known}
    assert node.greetings[-1].features == frozenset(bits[f] for f in offer if f in bits)
    for feature in Feature:
        assert (feature in completed.features) is (feature in completed.features.active)


def test_what_was_not_offered_is_not_active() -> None:
    """A node's answer is never more than the offer; if it were, requests would not change."""
    connection = start(HandshakeConfig(features=frozenset({Feature.HEARTBEAT})))
    connection.data_to_send()
    connection.receive_data(acceptance(b"\xff" * 8), now=0.0)
    assert only(connection, HandshakeCompleted).features.active == {Feature.HEARTBEAT}


def test_features_may_be_null_or_longer_than_known() -> None:
    for body in (b"\x65", byte_array(b"\0" * 60_000), byte_array(b"\xff" * 60_000)):
        connection = start()
        connection.data_to_send()
        connection.receive_data(frame(b"\1" + body + b"\x65"), now=0.0)
        completed = only(connection, HandshakeCompleted)
        assert completed.node_id is None
        active = offered(Product.GRIDGAIN) if body[-1] == 0xFF else frozenset()
        assert completed.features.active == active


@given(st.frozensets(st.integers(0, 80)))
def test_bitmap(bits: frozenset[int]) -> None:
    data = feature_bytes(bits)
    assert data == bitmap(sorted(bits))
    assert feature_bits(data) == bits
    assert not data.endswith(b"\0")


def test_bits_are_distinct_and_looked_at() -> None:
    for bits in FEATURE_BITS.values():
        assert len(set(bits.values())) == len(bits)
        assert max(bits.values()) < 8 * MAX_FEATURE_BYTES
    assert sorted(FEATURE_BITS[Product.UNKNOWN].values()) == [*range(1, 10), 11, 14, 15]
    assert frozenset(FEATURE_BITS[Product.IGNITE]) | frozenset(
        FEATURE_BITS[Product.GRIDGAIN]
    ) == frozenset(Feature)


# -- who we are ----------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE])
@given(username=names, password=names)
def test_any_unicode(product: Product, username: str, password: str) -> None:
    node = FakeNode(product=product, users={username: password})
    completed = negotiate(node, HandshakeConfig(username=username, password=password))
    assert isinstance(completed, HandshakeCompleted)


@pytest.mark.parametrize("password", ["", "é", "😀", "пароль", "a\0b"])
def test_lengths_count_bytes(password: str) -> None:
    connection = start(HandshakeConfig(username="é😀", password=password))
    sent = connection.data_to_send()
    name, word = "é😀".encode(), password.encode()
    assert sent.endswith(b"\x65\x09\x06\0\0\0" + name + b"\x09" + pack("<i", len(word)) + word)
    assert sent[:4] == pack("<i", len(sent) - 4)


def test_no_password_is_null() -> None:
    assert start(HandshakeConfig(username="u")).data_to_send().endswith(b"\x09\1\0\0\0u\x65")


def test_wrong_password() -> None:
    exc = negotiate(FakeNode(users={"u": "p"}), HandshakeConfig(username="u", password="é"))
    assert isinstance(exc, AuthenticationError)
    assert "refused the user name or password" in str(exc)


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE])
@pytest.mark.parametrize("attributes", [{}, {"a": "b"}, {"é": "😀", "": ""}])
def test_attributes(product: Product, attributes: dict[str, str]) -> None:
    node = FakeNode(product=product, users={"u": "p"})
    config = HandshakeConfig(username="u", password="p", user_attributes=attributes)
    assert isinstance(negotiate(node, config), HandshakeCompleted)
    assert node.greetings[-1].attributes == (attributes or None)


@pytest.mark.parametrize(
    "config",
    [
        HandshakeConfig(username="a\ud800"),
        HandshakeConfig(username="a", password="\udfff"),
        HandshakeConfig(user_attributes={"a": "\ud83d"}),
        HandshakeConfig(user_attributes={"\ud83d": "a"}),
    ],
)
def test_lone_surrogates(config: HandshakeConfig) -> None:
    with pytest.raises(EncodeError, match="surrogates not allowed"):
        start(config)


def test_what_cannot_be_configured() -> None:
    with pytest.raises(ParameterError, match="without a username"):
        HandshakeConfig(password="p")
    with pytest.raises(ParameterError, match=r"1\.1\.0 is not supported"):
        HandshakeConfig(first_version=ProtocolVersion(1, 1, 0))


def test_the_password_is_not_shown() -> None:
    config = ConnectionConfig(node=NODE, handshake=HandshakeConfig(username="u", password="secret"))
    assert "secret" not in repr(config)


# -- any bytes -----------------------------------------------------------------------------------


@given(st.binary(max_size=60), st.sampled_from(SUPPORTED_VERSIONS))
def test_any_answer(body: bytes, version: ProtocolVersion) -> None:
    with contextlib.suppress(DecodeError):
        decode_handshake_response(frame(body), version)


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_end_a_handshake_or_leave_it_waiting(chunks: list[bytes]) -> None:
    connection = start()
    connection.data_to_send()
    for chunk in chunks:
        connection.receive_data(chunk, now=0.0)
    if connection.state is State.CLOSED:
        assert isinstance(cause(connection), HandshakeError | AuthenticationError)
