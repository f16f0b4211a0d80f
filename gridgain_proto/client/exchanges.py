"""The requests in flight on one connection, and who waits for each.

What the links of all runtimes have in common: the connection, the table of waiters, and what each
waiter is told when an answer comes or the connection goes. It does no I/O and wakes nobody itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from ..connection import Connection, ConnectionConfig, State
from ..events import (
    ConnectionTerminated,
    HandshakeCompleted,
    ResponseReceived,
    TopologyChanged,
)
from ..exceptions import (
    ClientClosed,
    ConnectionFailed,
    LocalProtocolError,
    OutcomeUnknown,
    RemoteProtocolError,
)
from ..features import Features

#: The handshake's place among the ids of requests, which are positive.
HANDSHAKE = 0

#: Takes the answer to a request whose caller has gone. It must be short, and not raise.
WhenLate: TypeAlias = Callable[[ResponseReceived], None]

_READY = State.READY


class Waiter:
    """One caller, and what came for it: a reply or an error.

    Attributes:
        reply: the answer.
        error: why there is none.
        when_late: takes an answer that comes when the caller has gone, if it opens something.
    """

    # Defaults of the class: there is a waiter for every request, and most of it stays as it is.
    when_late: WhenLate | None = None
    reply: ResponseReceived | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether something has come."""
        return self.reply is not None or self.error is not None


W = TypeVar("W", bound=Waiter)


class Exchanges(Generic[W]):
    """One connection and its callers. Not thread-safe.

    Args:
        config: the connection's configuration.
        rouse: called for each waiter that something has come for.
        now: the time.
    """

    def __init__(self, config: ConnectionConfig, rouse: Callable[[W], None], *, now: float) -> None:
        self.node = config.node
        self.connection = Connection(config, now=now)
        #: Why no request can be sent any more.
        self.failure: Exception | None = None
        #: Called when the node has told of a newer topology.
        self.on_topology: Callable[[tuple[int, int]], None] | None = None
        self._rouse = rouse
        self._waiters: dict[int, W] = {}
        self._late: dict[int, WhenLate] = {}  # requests whose callers have gone

    @property
    def features(self) -> Features:
        """What both sides speak."""
        features = self.connection.features
        if features is None:
            raise LocalProtocolError(f"the handshake with {self.node} is not completed")
        return features

    @property
    def closed(self) -> bool:
        """Whether no more requests are taken."""
        return self.failure is not None or self.connection.state is not _READY

    @property
    def in_flight(self) -> int:
        """How many callers wait for an answer."""
        return len(self._waiters)

    def begin(self, op_code: int, payload: bytes | bytearray, waiter: W, *, now: float) -> int:
        """Queue a request.

        Returns:
            its id.

        Raises:
            ConnectionFailed, ClientClosed: the connection is gone; nothing was queued.
        """
        connection = self.connection
        if self.failure is not None or connection.state is not _READY:
            raise self.unusable()
        request_id = connection.send_request(op_code, payload, now=now)
        self._waiters[request_id] = waiter
        return request_id

    def post(self, op_code: int, payload: bytes | bytearray, *, now: float) -> None:
        """Queue a request whose answer nobody waits for.

        Raises:
            ConnectionFailed, ClientClosed: the connection is gone; nothing was queued.
        """
        if self.closed:
            raise self.unusable()
        self.connection.send_request(op_code, payload, now=now)

    def begin_handshake(self, waiter: W) -> None:
        """Let somebody wait for the handshake."""
        self._waiters[HANDSHAKE] = waiter

    def abandon(self, request_id: int) -> None:
        """The caller has gone; nothing happens if its answer had come."""
        waiter = self._waiters.pop(request_id, None)
        if waiter is None or request_id == HANDSHAKE:
            return
        when_late = waiter.when_late
        if self.connection.abandon(request_id, keep=when_late is not None) and when_late:
            self._late[request_id] = when_late
        self.deliver()

    def receive(self, data: bytes, *, now: float) -> None:
        """Take bytes, ``b""`` for the end of the stream, and give the answers to their waiters."""
        if data:
            self.connection.receive_data(data, now=now)
        else:
            self.connection.receive_eof(now=now)
        self.deliver()

    def lose(self, exc: BaseException | None, *, now: float) -> None:
        """Sending or receiving failed."""
        self.connection.receive_eof(exc, now=now)
        self.deliver()

    def fail(self, cause: Exception, *, now: float) -> None:
        """End it from this side."""
        if self.failure is None:
            self.failure = cause
        self.lose(None, now=now)

    def handle_timer(self, *, now: float) -> None:
        """Do what is due by now."""
        self.connection.handle_timer(now=now)
        self.deliver()

    def deliver(self) -> None:
        """Give what has come to those who wait for it."""
        next_event = self.connection.next_event
        while (event := next_event()) is not None:
            if isinstance(event, ResponseReceived):
                waiter = self._waiters.pop(event.request_id, None)
                if waiter is not None:
                    waiter.reply = event
                    self._rouse(waiter)
                elif (when_late := self._late.pop(event.request_id, None)) is not None:
                    when_late(event)
            elif isinstance(event, HandshakeCompleted):
                waiter = self._waiters.pop(HANDSHAKE, None)
                if waiter is not None:
                    # Nobody looks into it; that it is there is enough.
                    waiter.reply = ResponseReceived(HANDSHAKE, 0, None, b"", 0)
                    self._rouse(waiter)
            elif isinstance(event, TopologyChanged):
                if self.on_topology is not None:
                    self.on_topology(event.version)
            elif isinstance(event, ConnectionTerminated):
                self._bury(event)

    def unusable(self) -> Exception:
        """Why no request can be sent, as an exception of the caller's own."""
        if self.failure is not None:
            return _copy_of(self.failure, sent=False)
        return ConnectionFailed(f"the connection to {self.node} is closed")

    def _bury(self, event: ConnectionTerminated) -> None:
        """The connection is over: tell everybody, each with an exception of its own."""
        if self.failure is None:
            self.failure = event.cause or ConnectionFailed(
                f"the connection to {self.node} was closed"
            )
        for request_id, waiter in self._waiters.items():
            waiter.error = _copy_of(self.failure, sent=request_id in event.unanswered)
            self._rouse(waiter)
        self._waiters.clear()
        self._late.clear()


class LinkBase(Generic[W]):
    """What every link says about its connection.

    Args:
        exchanges: the connection and its callers.
    """

    def __init__(self, exchanges: Exchanges[W]) -> None:
        self.node = exchanges.node
        self._exchanges = exchanges

    @property
    def failure(self) -> Exception | None:
        """Why it takes no more requests; None while it does."""
        return self._exchanges.failure

    @property
    def in_flight(self) -> int:
        """How many callers wait for an answer."""
        return self._exchanges.in_flight

    @property
    def node_id(self) -> UUID | None:
        """The node's id, or None before protocol 1.4."""
        return self._exchanges.connection.node_id

    @property
    def features(self) -> Features:
        """What both sides speak."""
        return self._exchanges.connection.features or self._exchanges.features

    @property
    def topology(self) -> tuple[int, int] | None:
        """The newest topology version that the node has reported here."""
        return self._exchanges.connection.topology

    @property
    def closed(self) -> bool:
        """Whether it takes no more requests."""
        return self._exchanges.closed

    @property
    def on_topology(self) -> Callable[[tuple[int, int]], None] | None:
        """Called when the node has told of a newer topology, by whoever reads."""
        return self._exchanges.on_topology

    @on_topology.setter
    def on_topology(self, callback: Callable[[tuple[int, int]], None] | None) -> None:
        self._exchanges.on_topology = callback


def _copy_of(cause: Exception, *, sent: bool) -> Exception:
    """An exception for one caller; the cause is shared by all."""
    error: Exception
    if isinstance(cause, ClientClosed):
        may = "; the request had been sent and may be carried out" if sent else ""
        error = ClientClosed(f"{cause}{may}")
    elif sent:
        error = OutcomeUnknown(f"{cause}. The request had been sent and may have been carried out")
    elif isinstance(cause, ConnectionFailed):
        error = type(cause)(str(cause))
    elif isinstance(cause, RemoteProtocolError):
        error = ConnectionFailed(str(cause))
    else:
        error = type(cause)(*cause.args)
    error.__cause__ = cause
    return error
