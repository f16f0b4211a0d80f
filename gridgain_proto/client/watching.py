"""Telling listeners and the log what a client does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..exceptions import AuthenticationError
from ..monitoring import (
    AuthenticationFailedEvent,
    ConnectionClosedEvent,
    ConnectionEventListener,
    ConnectionLostEvent,
    HandshakeFailedEvent,
    HandshakeStartEvent,
    HandshakeSuccessEvent,
    Listeners,
    QueryEventListener,
    QueryFailEvent,
    QueryStartEvent,
    QuerySuccessEvent,
    logger,
)
from ..operations.operation import Operation

if TYPE_CHECKING:
    from .runtime import Address, Link


class ConnectionWatch:
    """What happens to the connections of one client.

    Args:
        listeners: whom to tell, besides the log.
    """

    def __init__(self, listeners: Listeners) -> None:
        self._tell = listeners.tell_connections

    def connecting(self, address: Address) -> None:
        """A connection is about to be made."""
        host, port = address.sockaddr[:2]
        self._tell(
            ConnectionEventListener.on_handshake_start, HandshakeStartEvent(host=host, port=port)
        )

    def connected(self, address: Address, link: Link) -> None:
        """A connection was made."""
        host, port = address.sockaddr[:2]
        logger.info("connected to %s (%s, node %s)", link.node, link.features, link.node_id)
        self._tell(
            ConnectionEventListener.on_handshake_success,
            HandshakeSuccessEvent(
                host=host, port=port, node_uuid=link.node_id, features=str(link.features)
            ),
        )

    def failed(self, address: Address, exc: BaseException) -> None:
        """A connection could not be made."""
        host, port = address.sockaddr[:2]
        logger.info("could not connect to %s:%s: %s", host, port, exc)
        if isinstance(exc, AuthenticationError):
            self._tell(
                ConnectionEventListener.on_authentication_fail,
                AuthenticationFailedEvent(host=host, port=port, error_msg=str(exc)),
            )
        else:
            self._tell(
                ConnectionEventListener.on_handshake_fail,
                HandshakeFailedEvent(host=host, port=port, error_msg=str(exc)),
            )

    def closed(self, link: Link) -> None:
        """The client is closing a connection."""
        logger.info("closing the connection to %s", link.node)
        self._tell(
            ConnectionEventListener.on_connection_closed,
            ConnectionClosedEvent(node=link.node, node_uuid=link.node_id),
        )

    def lost(self, link: Link) -> None:
        """A connection was found lost."""
        reason = str(link.failure or "the connection is closed")
        logger.warning("lost the connection to %s: %s", link.node, reason)
        self._tell(
            ConnectionEventListener.on_connection_lost,
            ConnectionLostEvent(node=link.node, node_uuid=link.node_id, error_msg=reason),
        )


class RequestWatch:
    """One request, from its beginning to its end.

    Args:
        listeners: whom to tell.
        now: the runtime's clock.
        link: the connection that it goes by.
        operation: what is asked for.
    """

    _numbers = itertools.count(1)

    def __init__(
        self,
        listeners: Listeners,
        now: Callable[[], float],
        link: Link,
        operation: Operation[object],
    ) -> None:
        self._now = now
        self._tell = listeners.tell_queries
        self._start = QueryStartEvent(
            node=link.node,
            node_uuid=link.node_id,
            query_id=next(self._numbers),
            op_code=operation.code,
            op_name=operation.name,
        )
        self._tell(QueryEventListener.on_query_start, self._start)
        self._began = self._now()

    def succeeded(self) -> None:
        """It was answered."""
        self._tell(
            QueryEventListener.on_query_success,
            QuerySuccessEvent(**vars(self._start), duration=self._duration()),
        )

    def failed(self, exc: BaseException) -> None:
        """It failed."""
        self._tell(
            QueryEventListener.on_query_fail,
            QueryFailEvent(
                **vars(self._start),
                duration=self._duration(),
                err_msg=f"{type(exc).__name__}: {exc}",
            ),
        )

    def _duration(self) -> float:
        return (self._now() - self._began) * 1000
