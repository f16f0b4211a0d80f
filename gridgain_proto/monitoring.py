"""Watching what a client does: its connections and its requests.

```python
from gridgain_proto.monitoring import QueryEventListener, QuerySuccessEvent
from gridgain_sync import Client


class Slow(QueryEventListener):
    def on_query_success(self, event: QuerySuccessEvent) -> None:
        if event.duration > 100:
            print(event)


client = Client(event_listeners=[Slow()])
```

Listeners are called where the thing happens, so they should be quick and not call the client. What
they raise is logged and goes no further: a listener cannot break a request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from .exceptions import ParameterError

__all__ = [
    "AuthenticationFailedEvent",
    "ConnectionClosedEvent",
    "ConnectionEventListener",
    "ConnectionLostEvent",
    "HandshakeFailedEvent",
    "HandshakeStartEvent",
    "HandshakeSuccessEvent",
    "QueryEventListener",
    "QueryFailEvent",
    "QueryStartEvent",
    "QuerySuccessEvent",
]

#: Where everything is logged: connections, and what listeners raise.
logger = logging.getLogger("gridgain_proto")
logger.addHandler(logging.NullHandler())  # quiet unless the application configures logging


@dataclass(frozen=True, kw_only=True)
class HandshakeStartEvent:
    """A connection is about to be made.

    Attributes:
        host: the node's address.
        port: its port.
    """

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class HandshakeSuccessEvent:
    """A connection was made.

    Attributes:
        host: the node's address.
        port: its port.
        node_uuid: the node's id; None from servers before protocol 1.4.
        features: product, protocol version and features, as text.
    """

    host: str
    port: int
    node_uuid: UUID | None
    features: str


@dataclass(frozen=True, kw_only=True)
class HandshakeFailedEvent:
    """A connection could not be made.

    Attributes:
        host: the node's address.
        port: its port.
        error_msg: why.
    """

    host: str
    port: int
    error_msg: str


class AuthenticationFailedEvent(HandshakeFailedEvent):
    """The node refused user name or password."""


@dataclass(frozen=True, kw_only=True)
class ConnectionClosedEvent:
    """The client closed a connection.

    Attributes:
        node: host and port of the node.
        node_uuid: its id.
    """

    node: str
    node_uuid: UUID | None


@dataclass(frozen=True, kw_only=True)
class ConnectionLostEvent(ConnectionClosedEvent):
    """A connection was lost.

    Attributes:
        error_msg: how.
    """

    error_msg: str


@dataclass(frozen=True, kw_only=True)
class QueryStartEvent:
    """A request is about to be sent. Any operation is a query here.

    Attributes:
        node: host and port of the node.
        node_uuid: its id.
        query_id: a number by which the events of one request belong together.
        op_code: the operation's code.
        op_name: its name.
    """

    node: str
    node_uuid: UUID | None
    query_id: int
    op_code: int
    op_name: str


@dataclass(frozen=True, kw_only=True)
class QuerySuccessEvent(QueryStartEvent):
    """A request was answered.

    Attributes:
        duration: how long it took, in milliseconds.
    """

    duration: float


@dataclass(frozen=True, kw_only=True)
class QueryFailEvent(QuerySuccessEvent):
    """A request failed.

    Attributes:
        err_msg: how.
    """

    err_msg: str


class ConnectionEventListener:
    """Override what you want to see of connections."""

    def on_handshake_start(self, event: HandshakeStartEvent) -> None:
        """A connection is about to be made."""

    def on_handshake_success(self, event: HandshakeSuccessEvent) -> None:
        """A connection was made."""

    def on_handshake_fail(self, event: HandshakeFailedEvent) -> None:
        """A connection could not be made."""

    def on_authentication_fail(self, event: AuthenticationFailedEvent) -> None:
        """The node refused user name or password."""

    def on_connection_closed(self, event: ConnectionClosedEvent) -> None:
        """The client closed a connection."""

    def on_connection_lost(self, event: ConnectionLostEvent) -> None:
        """A connection was lost."""


class QueryEventListener:
    """Override what you want to see of requests."""

    def on_query_start(self, event: QueryStartEvent) -> None:
        """A request is about to be sent."""

    def on_query_success(self, event: QuerySuccessEvent) -> None:
        """A request was answered."""

    def on_query_fail(self, event: QueryFailEvent) -> None:
        """A request failed."""


#: A listener may be of both kinds.
Listener: TypeAlias = ConnectionEventListener | QueryEventListener


class Listeners:
    """The listeners of one client.

    Args:
        listeners: what the user gave.

    Raises:
        ParameterError: one is no listener.
    """

    def __init__(self, listeners: Iterable[Listener] | None = None) -> None:
        every = tuple(listeners or ())
        for one in every:
            if not isinstance(one, ConnectionEventListener | QueryEventListener):
                raise ParameterError(
                    f"event_listeners: {one!r} is not a ConnectionEventListener "
                    "or a QueryEventListener"
                )
        self.of_connections = tuple(
            one for one in every if isinstance(one, ConnectionEventListener)
        )
        self.of_queries = tuple(one for one in every if isinstance(one, QueryEventListener))

    def tell_connections(
        self, method: Callable[[ConnectionEventListener, Any], None], event: object
    ) -> None:
        """Call that method of every listener to connections."""
        for listener in self.of_connections:
            _call(listener, method.__name__, event)

    def tell_queries(
        self, method: Callable[[QueryEventListener, Any], None], event: object
    ) -> None:
        """Call that method of every listener to requests."""
        for listener in self.of_queries:
            _call(listener, method.__name__, event)


def _call(listener: Listener, method: str, event: object) -> None:
    try:
        getattr(listener, method)(event)
    except Exception:
        logger.exception("a listener failed: %r.%s(%r)", listener, method, event)
