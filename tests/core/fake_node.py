"""The server's side of the protocol in memory, for tests: bytes in, bytes out, answers as told.

It reads and writes the wire by its own code, so that a mistake in the client's is not repeated
here. It stands for either product, for old versions, and for nodes that are starting or guarded by
passwords::

    node = FakeNode(handler=lambda request: request.payload)      # an echo
    node.receive(connection.data_to_send())
    connection.receive_data(node.data_to_send(), now=now)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError
from typing import TypeAlias
from uuid import UUID

from gridgain_proto import Product, ProtocolVersion

NODE_ID = UUID("00112233-4455-6677-8899-aabbccddeeff")

#: The versions that each product's newest server knows, newest first.
GRIDGAIN_VERSIONS = tuple(
    ProtocolVersion(*v)
    for v in ((1, 7, 1), (1, 7, 0), *((1, minor, 0) for minor in range(6, -1, -1)))
)
IGNITE_VERSIONS = GRIDGAIN_VERSIONS[1:]

#: The features of the captured servers.
GRIDGAIN_FEATURES = frozenset({*range(10), 11, *range(14, 18), 19, 32, 33, 34})
IGNITE_FEATURES = frozenset({*range(18), 19})

OP_HEARTBEAT = 1
OP_IDLE_TIMEOUT = 2
OP_BINARY_CONFIGURATION = 3004
_OWN = frozenset({OP_HEARTBEAT, OP_IDLE_TIMEOUT, OP_BINARY_CONFIGURATION})

_INT = Struct("<i")
_VERSION = Struct("<hhh")
_REQUEST = Struct("<hq")
_RESPONSE = Struct("<qh")
_OLD_RESPONSE = Struct("<qi")
_TOPOLOGY = Struct("<qi")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came."""

    op_code: int
    request_id: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """What a handler gives to answer with an error."""

    message: str | None = "failed"
    status: int = 1


#: Gives the payload of the answer, a failure, or None to answer later by `FakeNode.respond`.
Handler: TypeAlias = Callable[[Request], bytes | Failure | None]


@dataclass(frozen=True, slots=True)
class Greeting:
    """A client's handshake."""

    version: ProtocolVersion
    client_code: int = 2
    features: frozenset[int] | None = None
    "None before 1.7.0, and if the client sent null."
    attributes: Mapping[str, str] | None = None
    username: str | None = None
    password: str | None = None


class _Malformed(Exception):
    """A handshake's body that cannot be read."""


@dataclass(kw_only=True, eq=False)
class FakeNode:
    """One connection as a server sees it.

    Args:
        product: which server it is; it decides how a 1.7.0 handshake is read.
        versions: the protocol's versions it knows, the newest first; by default its product's.
        features: the feature bits it knows; by default its product's.
        users: passwords by user name if it wants any.
        starting: whether it is still joining. Ignite refuses then, GridGain is silent.
        idle_timeout: what it says when asked, in milliseconds.
        topology: what it reports; set a newer one to have the next answer carry it.
        handler: called for each request. Without one, requests wait in `requests`.
        answers_own: whether heartbeats and the questions that every client asks at first, for the
            idle timeout and the binary configuration, are answered without the handler.
    """

    product: Product = Product.GRIDGAIN
    versions: tuple[ProtocolVersion, ...] = ()
    features: frozenset[int] | None = None
    node_id: UUID = NODE_ID
    users: Mapping[str, str] | None = None
    starting: bool = False
    idle_timeout: int = 0
    topology: tuple[int, int] = (1, 0)
    handler: Handler | None = None
    answers_own: bool = True

    greetings: list[Greeting] = field(default_factory=list, init=False)
    "Every handshake that could be read, in order."
    requests: dict[int, Request] = field(default_factory=dict, init=False)
    "Requests that are not answered yet, in order."
    own_requests: list[Request] = field(default_factory=list, init=False)
    "What the node has answered by itself, if `answers_own`."
    version: ProtocolVersion | None = field(default=None, init=False)
    "What was agreed; None before."
    closed: bool = field(default=False, init=False)
    "Whether this side has closed the connection."

    def __post_init__(self) -> None:
        is_gridgain = self.product is Product.GRIDGAIN
        if not self.versions:
            self.versions = GRIDGAIN_VERSIONS if is_gridgain else IGNITE_VERSIONS
        if self.features is None:
            self.features = GRIDGAIN_FEATURES if is_gridgain else IGNITE_FEATURES
        self._received = bytearray()
        self._to_send: deque[bytes] = deque()
        self._first = True
        self._reported: tuple[int, int] | None = None

    # -- bytes -----------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes that came from the client."""
        if self.closed:
            return
        self._received += data
        while len(self._received) >= 4 and not self.closed:
            (length,) = _INT.unpack_from(self._received)
            if length <= 0:
                self.close()
                return
            if len(self._received) < 4 + length:
                return
            body = bytes(self._received[4 : 4 + length])
            del self._received[: 4 + length]
            if self.version is None:
                self._receive_greeting(body)
            else:
                self._receive_request(body)

    def data_to_send(self) -> bytes:
        """Take the bytes that go to the client."""
        data = b"".join(self._to_send)
        self._to_send.clear()
        return data

    def take_frame(self) -> bytes:
        """Take the next frame only; empty if there is none."""
        return self._to_send.popleft() if self._to_send else b""

    def close(self) -> None:
        """Close the connection, without a word as servers do. What was to be sent still is."""
        self.closed = True

    # -- answers ---------------------------------------------------------------------------------

    def respond(self, request_id: int, answer: bytes | Failure = b"") -> None:
        """Answer a request that waits."""
        del self.requests[request_id]
        self.send_response(request_id, answer)

    def send_response(self, request_id: int, answer: bytes | Failure = b"") -> None:
        """Send an answer, be it to nothing."""
        if self.version is not None and self.version < (1, 4, 0):
            if isinstance(answer, Failure):
                head = _OLD_RESPONSE.pack(request_id, answer.status)
                self._send(head + string(answer.message))
            else:
                self._send(_OLD_RESPONSE.pack(request_id, 0) + answer)
            return
        flags, parts = 0, [b""]
        if self._reported is None or self.topology > self._reported:
            self._reported = self.topology
            flags |= 2
            parts.append(_TOPOLOGY.pack(*self.topology))
        if isinstance(answer, Failure):
            flags |= 1
            parts.append(_INT.pack(answer.status) + string(answer.message))
        else:
            parts.append(answer)
        parts[0] = _RESPONSE.pack(request_id, flags)
        self._send(b"".join(parts))

    def notify(self, resource_id: int, op_code: int, content: bytes | Failure = b"") -> None:
        """Send something that was not asked for."""
        op = op_code.to_bytes(2, "little", signed=True)
        if isinstance(content, Failure):
            error = _INT.pack(content.status) + string(content.message)
            self._send(_RESPONSE.pack(resource_id, 5) + op + error)
        else:
            self._send(_RESPONSE.pack(resource_id, 4) + op + content)

    # -- inside ----------------------------------------------------------------------------------

    def _send(self, body: bytes) -> None:
        self._to_send.append(_INT.pack(len(body)) + body)

    def _receive_request(self, body: bytes) -> None:
        if len(body) < _REQUEST.size:
            self.close()
            return
        op_code, request_id = _REQUEST.unpack_from(body)
        request = Request(op_code, request_id, body[_REQUEST.size :])
        if self.answers_own and op_code in _OWN:
            self.own_requests.append(request)
            answers = {
                OP_HEARTBEAT: b"",
                OP_IDLE_TIMEOUT: self.idle_timeout.to_bytes(8, "little", signed=True),
                OP_BINARY_CONFIGURATION: b"\x01\x00",  # compact footers, names as they are
            }
            self.send_response(request_id, answers[op_code])
            return
        answer = self.handler(request) if self.handler is not None else None
        if answer is None:
            self.requests[request_id] = request
        else:
            self.send_response(request_id, answer)

    def _receive_greeting(self, body: bytes) -> None:
        first, self._first = self._first, False
        if body[0] != 1 or (first and body[:3] not in (b"\x01\x01\x00", b"\x01\x02\x00")):
            self.close()
            return
        version = ProtocolVersion(*_VERSION.unpack_from(body, 1))
        client_code = body[7]
        newest = self.versions[0]
        if client_code != 2:
            self._refuse(
                version, ProtocolVersion(0, 0, 0), f"Unknown client type: {client_code}", 1
            )
        elif version not in self.versions:
            self._refuse(version, newest, f"Unsupported version: {version}", 1)
        else:
            try:
                greeting = read_greeting(body, self.product)
            except _Malformed:
                return  # silence, as from a real server
            self.greetings.append(greeting)
            self._answer_greeting(greeting)

    def _answer_greeting(self, greeting: Greeting) -> None:
        version = greeting.version
        if self.starting:
            if self.product is not Product.GRIDGAIN:
                self._refuse(version, self.versions[0], "Node in recovery mode.", 11)
            return
        if self.users is not None and (
            greeting.username is None
            or greeting.password is None
            or self.users.get(greeting.username) != greeting.password
        ):
            text = "The user name or password is incorrect"
            words = f"{text} [userName={greeting.username or 'null'}]"
            self._refuse(version, ProtocolVersion(0, 0, 0), words, 2000)
            return
        self.version = version
        body = b"\x01"
        if version >= (1, 7, 0):
            known = self.features or frozenset()
            body += byte_array(bitmap(known & (greeting.features or frozenset())))
        if version >= (1, 4, 0):
            body += typed_uuid(self.node_id)
        self._send(body)

    def _refuse(
        self, offered: ProtocolVersion, named: ProtocolVersion, words: str, status: int
    ) -> None:
        body = b"\x00" + _VERSION.pack(*named) + string(words)
        if offered >= (1, 1, 0):
            body += _INT.pack(status)
        self._send(body)


# -- the wire, read and written once more --------------------------------------------------------


def string(text: str | None) -> bytes:
    """A typed string, or null."""
    if text is None:
        return b"\x65"
    data = text.encode()
    return b"\x09" + _INT.pack(len(data)) + data


def byte_array(data: bytes) -> bytes:
    """A typed array of bytes."""
    return b"\x0c" + _INT.pack(len(data)) + data


def typed_uuid(value: UUID) -> bytes:
    """A typed UUID: both halves reversed."""
    return b"\x0a" + value.bytes[7::-1] + value.bytes[:7:-1]


def bitmap(bits: Iterable[int]) -> bytes:
    """Feature bits, without trailing zeros."""
    wanted = set(bits)
    return bytes(
        sum(1 << bit for bit in range(8) if at + bit in wanted)
        for at in range(0, max(wanted, default=-1) + 1, 8)
    )


def read_greeting(body: bytes, product: Product) -> Greeting:
    """Read a handshake's body as the product does."""
    reader = _Reader(body)
    reader.take(1)
    version = ProtocolVersion(*_VERSION.unpack(reader.take(6)))
    client_code = reader.take(1)[0]
    features: frozenset[int] | None = None
    attributes: dict[str, str] | None = None
    username = password = None
    if version >= (1, 7, 0):
        data = reader.bytes_or_none(0x0C)
        if data is not None:
            features = frozenset(n for n in range(len(data) * 8) if data[n // 8] >> n % 8 & 1)
    is_ignite = product is not Product.GRIDGAIN
    if version >= (1, 7, 1) or (version == (1, 7, 0) and is_ignite and 0 in (features or ())):
        attributes = reader.map_or_none()
    if version >= (1, 1, 0) and reader.left:
        username = reader.string_or_none()
        password = reader.string_or_none()
    return Greeting(version, client_code, features, attributes, username, password)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pos = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._pos

    def take(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise _Malformed
        self._pos += size
        return self._data[self._pos - size : self._pos]

    def integer(self) -> int:
        try:
            value: int = _INT.unpack(self.take(4))[0]
        except StructError:
            raise _Malformed from None
        return value

    def bytes_or_none(self, code: int) -> bytes | None:
        found = self.take(1)[0]
        if found == 0x65:
            return None
        if found != code:
            raise _Malformed
        return self.take(self.integer())

    def string_or_none(self) -> str | None:
        data = self.bytes_or_none(0x09)
        return None if data is None else data.decode()

    def map_or_none(self) -> dict[str, str] | None:
        found = self.take(1)[0]
        if found == 0x65:
            return None
        count = self.integer() if found == 0x19 else -1
        if count < 0 or self.take(1)[0] > 2:
            raise _Malformed
        entries: dict[str, str] = {}
        for _ in range(count):
            key, value = self.string_or_none(), self.string_or_none()
            if key is None or value is None:
                raise _Malformed
            entries[key] = value
        return entries
