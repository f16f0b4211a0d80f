"""Making a connection: the steps and the words that are the same in every runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from ..connection import ConnectionConfig
from ..exceptions import ConnectionFailed, RequestTimeout
from .runtime import Address, Endpoint


class Closable(Protocol):
    """A socket, as far as it matters here."""

    def close(self) -> None:
        """Give the descriptor back."""


S = TypeVar("S", bound=Closable)


async def connected_socket(
    new_socket: Callable[[int], S],
    connect: Callable[[S, tuple[Any, ...], float], Awaitable[bool]],
    address: Address,
    config: ConnectionConfig,
    *,
    now: float,
    deadline: float | None,
) -> S:
    """A socket connected to an address.

    Args:
        new_socket: makes a socket of an address family.
        connect: connects it by a time; whether it was in time.
        address: where to.
        config: the connection's configuration.
        now: the time.
        deadline: when the caller's time is up.

    Raises:
        ConnectionFailed: nobody answers there.
        RequestTimeout: the deadline passed.
    """
    node = config.node
    limit = now + config.handshake_timeout
    if deadline is not None:
        limit = min(limit, deadline)
    try:
        sock = new_socket(address.family)
    except OSError as exc:
        raise ConnectionFailed(f"{node}: {exc.strerror or exc}") from exc
    in_time = False
    try:
        in_time = await connect(sock, address.sockaddr, limit)
    except OSError as exc:
        raise ConnectionFailed(f"{node}: {exc.strerror or exc}") from exc
    finally:
        if not in_time:
            sock.close()
    if not in_time:
        if limit == deadline:
            raise RequestTimeout(f"{node}: no connection in time")
        raise ConnectionFailed(f"{node}: no connection within {config.handshake_timeout:g} s")
    return sock


def addresses(found: Iterable[tuple[Any, ...]]) -> list[Address]:
    """What ``getaddrinfo`` found."""
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in found]


def unknown_name(endpoint: Endpoint, exc: OSError | UnicodeError) -> ConnectionFailed:
    """What to raise when ``getaddrinfo`` failed."""
    reason = exc.strerror if isinstance(exc, OSError) else str(exc)
    return ConnectionFailed(f"{endpoint}: the name is not known: {reason}")


def not_resolved_in_time(endpoint: Endpoint) -> RequestTimeout:
    """What to raise when ``getaddrinfo`` took too long."""
    return RequestTimeout(f"{endpoint}: the name was not resolved in time")
