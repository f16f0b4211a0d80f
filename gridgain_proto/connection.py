"""One TCP connection's life, as bytes in and events out.

`Connection` does no I/O and knows no clock: the caller hands it bytes and the time, and
sends what it gives. After any call that may have changed something, send what
`Connection.data_to_send` gives, drain `Connection.next_event`, and set the timer anew
from `Connection.next_timer`. It is not thread-safe; the caller serialises.

```text
HANDSHAKING ──> READY ──> CLOSING ──> CLOSED
     └────────────┴─────────────────────┘   refused, broken, or lost
```
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError
from uuid import UUID

from . import scalars
from .events import (
    ConnectionTerminated,
    Event,
    HandshakeCompleted,
    NotificationReceived,
    ResponseReceived,
    TopologyChanged,
)
from .exceptions import (
    ConnectionFailed,
    DecodeError,
    GridGainError,
    HandshakeError,
    LocalProtocolError,
    ParameterError,
    RemoteProtocolError,
)
from .features import FLAGS_SINCE, Feature, Features
from .framing import DEFAULT_MAX_FRAME, FrameReader
from .handshake import HandshakeConfig, Negotiation
from .tls import TLSConfig, TLSLayer

__all__ = ["Connection", "ConnectionConfig", "State"]

_REQUEST_HEADER = Struct("<ihq")
_RESPONSE_HEADER = Struct("<qh")
_TOPOLOGY = Struct("<qi")

#: The part of a request's header that its length counts: the operation's code and the id.
_HEADER_SIZE = 10
_MAX_PAYLOAD = 2**31 - 1 - _HEADER_SIZE

_FLAG_ERROR = 0x01
_FLAG_TOPOLOGY = 0x02
_FLAG_NOTIFICATION = 0x04
_KNOWN_FLAGS = _FLAG_ERROR | _FLAG_TOPOLOGY | _FLAG_NOTIFICATION

_OP_HEARTBEAT = 1
_OP_IDLE_TIMEOUT = 2

#: An answer to a handshake is short; more than this is not one.
_MAX_HANDSHAKE_FRAME = 64 * 1024


class State(enum.Enum):
    """Where in its life a connection is."""

    HANDSHAKING = "handshaking"
    "No request can be sent yet."
    READY = "ready"
    "Requests can be sent."
    CLOSING = "closing"
    "Closed from this side; answers to what was sent before are still taken."
    CLOSED = "closed"
    "Over."


# By their own names where every request passes: an enumeration's members are slow to look up.
_READY = State.READY
_CLOSING = State.CLOSING
_CLOSED = State.CLOSED


@dataclass(frozen=True, kw_only=True)
class ConnectionConfig:
    """What a connection is told at its beginning. All times are seconds.

    Args:
        node: how the node is called in messages, for instance ``"127.0.0.1:10800"``.
        handshake: who we are and what we offer.
        tls: how to encrypt, or None for plain text.
        max_frame: the longest frame accepted from the node, in bytes.
        handshake_timeout: how long TLS and handshake may take together.
        heartbeat_interval: how long either side may be silent before a heartbeat is sent; a third
            of the server's idle timeout if that is shorter. None for never.
        heartbeat_timeout: how long nothing at all may come after a heartbeat before the node is
            taken for dead. A busy node answers heartbeats late, by seconds.
        close_timeout: how long a closed connection waits for the answers still due.
        max_abandoned: how many abandoned requests may be unanswered before the connection closes
            itself, for their ids have to be remembered.

    Raises:
        ParameterError: a time or a number is not positive.
    """

    node: str
    handshake: HandshakeConfig = field(default_factory=HandshakeConfig)
    tls: TLSConfig | None = None
    max_frame: int = DEFAULT_MAX_FRAME
    handshake_timeout: float = 10.0
    heartbeat_interval: float | None = 30.0
    heartbeat_timeout: float = 60.0
    close_timeout: float = 10.0
    max_abandoned: int = 10_000

    def __post_init__(self) -> None:
        for name in (
            "max_frame",
            "handshake_timeout",
            "heartbeat_timeout",
            "close_timeout",
            "max_abandoned",
        ):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} must be positive, not {getattr(self, name)}")
        if self.heartbeat_interval is not None and self.heartbeat_interval <= 0:
            raise ParameterError(
                f"heartbeat_interval must be positive or None, not {self.heartbeat_interval}"
            )


class Connection:
    """The client's side of one connection.

    Args:
        config: what to say and what to allow.
        now: the time in seconds, by any clock that does not go back. All further times are by the
            same clock.

    Raises:
        EncodeError: user name, password or an attribute has a lone surrogate.
        ParameterError: there can be no TLS as it is configured.

    Whatever the peer sends, the only exception that comes out of a method is
    `LocalProtocolError`, for misuse by the caller. Any other is a bug; please report it.
    """

    def __init__(self, config: ConnectionConfig, *, now: float) -> None:
        self.config = config
        #: Where in its life the connection is.
        self.state = State.HANDSHAKING
        #: What was agreed; None until the handshake is completed.
        self.features: Features | None = None
        #: The node's id; None until then, and for protocols before 1.4.
        self.node_id: UUID | None = None
        #: The newest topology version that the node has reported.
        self.topology: tuple[int, int] | None = None

        self._over = False
        self._events: deque[Event] = deque()
        self._frames = FrameReader(min(config.max_frame, _MAX_HANDSHAKE_FRAME))
        self._opening = b""  # the first bytes that came, to say what answers if it is no node
        self._has_flags = True
        self._started = now
        self._closing_since: float | None = None
        self._last_sent = now
        self._last_received = now

        self._last_id = 0
        self._pending: set[int] = set()
        self._tombstones: set[int] = set()
        self._unsent: dict[int, bytes] = {}  # frames that no byte has been handed out of, in order

        # Requests of our own have negative ids, the caller's have positive ones.
        self._last_own_id = 0
        self._own: set[int] = set()
        self._idle_timeout_id: int | None = None
        self._heartbeat_interval: float | None = None
        self._heartbeat_sent: float | None = None

        self._negotiation: Negotiation | None = Negotiation(config.handshake, config.node)
        # Taken at once, so that what cannot be encoded is the constructor's error.
        self._greeting = self._negotiation.request()
        self._tls = TLSLayer(config.tls, config.node) if config.tls is not None else None

    # -- bytes -----------------------------------------------------------------------------------

    def data_to_send(self) -> bytes:
        """Take the bytes that have to go to the node now; empty if there are none.

        Bytes handed out count as sent. The caller has to send them whole, in this order. The
        sending direction is never shut down by itself: the server drops what is pending then.
        """
        tls = self._tls
        if tls is None:
            if self._greeting:
                data, self._greeting = self._greeting, b""
                return data
            if not self._unsent:
                return b""
            data = b"".join(self._unsent.values())
            self._unsent.clear()
            return data
        if tls.established:
            data, self._greeting = self._greeting, b""
            if self._unsent:
                data += b"".join(self._unsent.values())
                self._unsent.clear()
            try:
                tls.send(data)
            except GridGainError as exc:
                self._terminate(self._explain(exc))
        return tls.data_to_send()

    def receive_data(self, data: bytes, *, now: float) -> None:
        """Take bytes that came from the node. Never raises for what they are."""
        if self.state is _CLOSED:
            return
        self._last_received = now
        try:
            if self._tls is not None:
                data = self._tls.receive(data)
                if not data:
                    if self._tls.ended:
                        self._receive_tls_end(self._tls, now)
                    return
            if self._negotiation is not None:
                self._opening = (self._opening + data[:8])[:8]
            frames = self._frames
            frames.feed(data)
            while (frame := frames.next_frame()) is not None:
                if self._negotiation is not None:
                    self._receive_handshake(frame, now)
                else:
                    self._receive_frame(frame)
                if self._over:
                    return
        except DecodeError as exc:
            self._terminate(RemoteProtocolError(f"{self.config.node} sent a broken message: {exc}"))
        except GridGainError as exc:
            self._terminate(self._explain(exc))
        else:
            if self.state is State.CLOSING and not self._pending:
                self._terminate(None)
            elif self._tls is not None and self._tls.ended:
                self._receive_tls_end(self._tls, now)

    def receive_eof(self, exc: BaseException | None = None, *, now: float) -> None:
        """Take notice that no more bytes will come, or that sending or receiving failed.

        Args:
            exc: what the network said, if it was an error; it becomes the cause's cause.
            now: the time.
        """
        if self.state is State.CLOSED:
            return
        if self.state is State.CLOSING and not self._pending:
            self._terminate(None)
            return
        node = self.config.node
        how = f": {exc}" if exc is not None else ""
        cause: Exception
        if self.state is not State.HANDSHAKING:
            cause = ConnectionFailed(f"{node} closed the connection{how}")
        elif self._tls is not None and not self._tls.established:
            cause = HandshakeError(
                f"{node} closed the connection during the TLS handshake{how}. "
                "Is TLS enabled on that port?"
            )
        elif self._tls is not None:
            cause = HandshakeError(
                f"{node} closed the connection before it answered the handshake{how}. "
                "A client certificate that is missing or not trusted ends so."
            )
        else:
            cause = HandshakeError(
                f"{node} closed the connection before it answered the handshake{how}. "
                "Is it a client port of GridGain or Ignite, and one without TLS?"
            )
        cause.__cause__ = exc
        self._terminate(cause)

    def next_event(self) -> Event | None:
        """Take the next event, or None if there is none."""
        return self._events.popleft() if self._events else None

    # -- time ------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `handle_timer` is due, or None if nothing depends on time."""
        state = self.state
        if state is State.READY:
            interval = self._heartbeat_interval
            if interval is None:
                return None
            if self._heartbeat_sent is None:
                return min(self._last_sent, self._last_received) + interval
            # The node counts what it receives, however late it answers.
            return min(self._dead_at(self._heartbeat_sent), self._last_sent + interval)
        if state is State.HANDSHAKING:
            return self._started + self.config.handshake_timeout
        if state is State.CLOSING:
            if self._closing_since is None:
                return max(self._last_sent, self._last_received)
            return self._closing_since + self.config.close_timeout
        return None

    def handle_timer(self, *, now: float) -> None:
        """Do what is due by now. Too early or too late a call does no harm."""
        due = self.next_timer()
        if due is None or now < due:
            return
        node = self.config.node
        if self.state is State.HANDSHAKING:
            seconds = self.config.handshake_timeout
            if self._tls is not None and not self._tls.established:
                text = f"{node} did not finish the TLS handshake within {seconds:g} s"
            else:
                text = (
                    f"{node} did not answer the handshake within {seconds:g} s. Is it a client "
                    "port of GridGain or Ignite? A node is silent also while it is starting"
                )
            self._terminate(HandshakeError(text))
        elif self.state is State.CLOSING:
            if self._closing_since is None:
                self._closing_since = now
            else:
                self._terminate(None)
        elif self._heartbeat_sent is not None and now >= self._dead_at(self._heartbeat_sent):
            quiet = now - max(self._heartbeat_sent, self._last_received)
            self._terminate(
                ConnectionFailed(
                    f"{node} gave no sign of life for {quiet:.1f} s, heartbeats included"
                )
            )
        else:
            if self._heartbeat_sent is None:
                self._heartbeat_sent = now
            self._send_own(_OP_HEARTBEAT, now)

    # -- requests --------------------------------------------------------------------------------

    def send_request(self, op_code: int, payload: bytes | bytearray, *, now: float) -> int:
        """Queue a request.

        Args:
            op_code: the operation's code.
            payload: what follows the header, whole and valid: the server answers a request that it
                cannot parse by closing the connection, and all that is in flight is lost.
            now: the time.

        Returns:
            the id by which the answer can be known.

        Raises:
            LocalProtocolError: the connection is not ready, the request is too long, or the code
                is no 16-bit integer.
        """
        if self.state is not _READY:
            raise LocalProtocolError(f"a request on a connection that is {self.state.value}")
        if len(payload) > _MAX_PAYLOAD:
            raise LocalProtocolError(
                f"a request of {len(payload)} bytes; the protocol allows {_MAX_PAYLOAD}"
            )
        request_id = self._last_id + 1
        try:
            header = _REQUEST_HEADER.pack(len(payload) + _HEADER_SIZE, op_code, request_id)
        except StructError:
            raise LocalProtocolError(f"{op_code!r} is no operation's code") from None
        frame = header + payload
        self._last_id = request_id
        self._last_sent = now
        # In this order: interrupted in between, an id is left over, and not an answer.
        self._pending.add(request_id)
        self._unsent[request_id] = frame
        return request_id

    def abandon(self, request_id: int, *, keep: bool = False) -> bool:
        """Give up on a request: its caller has gone.

        If not a byte of it was handed out it is not sent at all; else its late answer is dropped.

        Args:
            request_id: the id that `send_request` gave.
            keep: give the late answer all the same, for what it opens has to be closed.

        Returns:
            whether the answer will still be given.
        """
        if request_id not in self._pending:
            return False
        if keep and request_id not in self._unsent:
            return True
        self._pending.remove(request_id)
        if self._unsent.pop(request_id, None) is None:
            self._tombstones.add(request_id)
            if len(self._tombstones) > self.config.max_abandoned and self.state is State.READY:
                self._begin_closing(None)  # the time is not known here: the timer is due at once
        if self.state is State.CLOSING and not self._pending:
            self._terminate(None)
        return False

    def close(self, *, now: float) -> None:
        """Take no more requests, wait for the answers still due, then end."""
        if self.state in (State.CLOSING, State.CLOSED):
            return
        if self.state is State.HANDSHAKING or not self._pending:
            self._terminate(None)
        else:
            self._begin_closing(now)

    @property
    def in_flight(self) -> int:
        """How many requests wait for their answers, abandoned ones not counted."""
        return len(self._pending)

    @property
    def abandoned(self) -> int:
        """How many abandoned requests the node has not answered yet."""
        return len(self._tombstones)

    # -- inside ----------------------------------------------------------------------------------

    def _receive_handshake(self, frame: bytes, now: float) -> None:
        negotiation = self._negotiation
        if negotiation is None:  # it is set while the state is HANDSHAKING
            return
        if self._greeting:
            raise RemoteProtocolError("an answer to a handshake that was not sent yet")
        agreed = negotiation.answer(frame)
        if agreed is None:
            self._greeting = negotiation.request()
            self._last_sent = now
            return
        self._negotiation = None
        self.features, self.node_id = agreed
        self._has_flags = self.features.version >= FLAGS_SINCE
        self._frames.max_frame = self.config.max_frame
        self.state = State.READY
        self._events.append(HandshakeCompleted(self.features, self.node_id))
        if self.config.heartbeat_interval is not None and Feature.HEARTBEAT in self.features:
            self._heartbeat_interval = self.config.heartbeat_interval
            self._idle_timeout_id = self._send_own(_OP_IDLE_TIMEOUT, now)

    def _receive_frame(self, frame: bytes) -> None:
        try:
            request_id, flags = _RESPONSE_HEADER.unpack_from(frame, 4)
        except StructError:
            raise DecodeError(f"a response of {len(frame) - 4} bytes") from None
        if (
            not flags
            and self._has_flags
            and request_id in self._pending
            and request_id not in self._unsent
        ):  # by far the most frequent
            self._pending.remove(request_id)
            self._events.append(ResponseReceived(request_id, 0, None, frame, 14))
            return
        if not self._has_flags:
            # Before protocol 1.4 a status stands where the flags are now. Notifications cannot be
            # told apart there; nothing that this side sends asks for any.
            status, pos = scalars.read_int32(frame, 12)
            message = None
            if status:
                message, pos = scalars.read_string(frame, pos)
            self._respond(request_id, status, message, frame, pos)
            return
        if flags & ~_KNOWN_FLAGS:
            raise DecodeError(f"a header with unknown flags {flags & 0xFFFF:#06x}")
        pos = 14
        if flags & _FLAG_TOPOLOGY:
            pos = self._receive_topology(frame, pos)
        op_code = 0
        if flags & _FLAG_NOTIFICATION:
            op_code, pos = scalars.read_int16(frame, pos)
        status, message = 0, None
        if flags & _FLAG_ERROR:
            status, pos = scalars.read_int32(frame, pos)
            message, pos = scalars.read_string(frame, pos)
            if status == 0:
                raise DecodeError("a header with the error flag and status 0")
        if flags & _FLAG_NOTIFICATION:
            self._events.append(
                NotificationReceived(request_id, op_code, status, message, frame, pos)
            )
        else:
            self._respond(request_id, status, message, frame, pos)

    def _receive_topology(self, frame: bytes, pos: int) -> int:
        try:
            version: tuple[int, int] = _TOPOLOGY.unpack_from(frame, pos)
        except StructError:
            raise DecodeError("a response that ends inside the topology version") from None
        # Answers are encoded concurrently, so they need not come in the order of versions.
        if self.topology is None or version > self.topology:
            self.topology = version
            self._events.append(TopologyChanged(version))
        return pos + _TOPOLOGY.size

    def _respond(
        self, request_id: int, status: int, message: str | None, frame: bytes, pos: int
    ) -> None:
        if request_id in self._unsent:
            raise DecodeError(f"an answer to request {request_id}, which was not sent yet")
        if request_id in self._pending:
            self._pending.remove(request_id)
            self._events.append(ResponseReceived(request_id, status, message, frame, pos))
        elif request_id in self._tombstones:
            self._tombstones.remove(request_id)
        elif request_id in self._own:
            self._own.remove(request_id)
            self._receive_own(request_id, status, frame, pos)
        else:
            # Nobody's answer: whoever is next would get somebody else's.
            raise DecodeError(f"an answer to request {request_id}, which is not waiting for one")

    def _send_own(self, op_code: int, now: float) -> int:
        self._last_own_id = request_id = self._last_own_id - 1
        self._last_sent = now
        self._unsent[request_id] = _REQUEST_HEADER.pack(_HEADER_SIZE, op_code, request_id)
        self._own.add(request_id)
        return request_id

    def _receive_own(self, request_id: int, status: int, frame: bytes, pos: int) -> None:
        if request_id != self._idle_timeout_id:
            self._heartbeat_sent = None
            return
        self._idle_timeout_id = None
        if status == 0 and self._heartbeat_interval is not None:
            milliseconds, _ = scalars.read_int64(frame, pos)
            if milliseconds > 0:
                third = max(milliseconds / 3000, 0.5)
                self._heartbeat_interval = min(self._heartbeat_interval, third)

    def _receive_tls_end(self, tls: TLSLayer, now: float) -> None:
        if tls.failure is not None:
            self._terminate(self._explain(tls.failure))
        else:
            self.receive_eof(now=now)

    def _dead_at(self, heartbeat_sent: float) -> float:
        return max(heartbeat_sent, self._last_received) + self.config.heartbeat_timeout

    def _begin_closing(self, now: float | None) -> None:
        self.state = State.CLOSING
        self._closing_since = now

    def _explain(self, exc: GridGainError) -> Exception:
        """Say which node it was and, before the handshake is over, what it seems to be."""
        node = self.config.node
        if self._negotiation is None:
            if isinstance(exc, RemoteProtocolError):
                return RemoteProtocolError(f"{node} broke the protocol: {exc}")
            return exc
        if isinstance(exc, ConnectionFailed) and not isinstance(exc, HandshakeError):
            # With TLS 1.3 a refused client certificate is known only after TLS's own handshake.
            refused = HandshakeError(
                f"{exc}. A client certificate that is missing or not trusted ends so."
            )
            refused.__cause__ = exc.__cause__
            return refused
        if not isinstance(exc, RemoteProtocolError):
            return exc
        what = "something else"
        if self._opening.startswith(b"HTTP"):
            what = "HTTP"
        elif self._opening.startswith(b"\x15\x03"):  # an alert
            what = "TLS"
        return HandshakeError(
            f"{node} is not a client port of GridGain or Ignite, it speaks {what}: {exc}"
        )

    def _terminate(self, cause: Exception | None) -> None:
        unsent = frozenset(self._unsent) & self._pending
        unanswered = frozenset(self._pending) - unsent
        self._pending.clear()
        self._unsent.clear()
        self._tombstones.clear()
        self._greeting = b""
        if self._tls is not None and self._tls.established:
            self._tls.close()
        self.state = State.CLOSED
        self._over = True
        self._events.append(ConnectionTerminated(cause, unsent, unanswered))
