"""The client for asyncio."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, Self, TypeVar, Unpack

from gridgain_proto.client.client import AsyncClient, Connecting
from gridgain_proto.client.endpoints import Node, parse_endpoints
from gridgain_proto.client.options import ClientKeywords

from .runtime import AsyncioRuntime

ClientT = TypeVar("ClientT", bound=AsyncClient)


class AwaitableConnecting(Connecting[ClientT]):
    """A connection to be, for ``async with`` or for ``await``."""

    def __await__(self) -> Generator[Any, Any, ClientT]:
        return self.__aenter__().__await__()


class Client(AsyncClient):
    """A client of one cluster, for any number of tasks of one event loop at once.

    They share one connection. Cancelling a call gives up that call and harms no other.

    Args:
        options: see `gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def connect(
        self,
        host: Node | Iterable[Node] | None = None,
        port: int | None = None,
        *,
        timeout: float | None = None,
    ) -> AwaitableConnecting[Self]:
        """Connect to a cluster: ``async with client.connect(host, port) as client``.

        Where no block fits: ``await client.connect(host, port)``, and in the end
        ``await client.close()``.

        Args:
            host: a host's name or address, or several nodes as ``(host, port)`` or
                ``"host:port"``; this machine by default.
            port: the port of a single host; 10800 by default.
            timeout: how long it may take, in seconds; the client's by default.

        Returns:
            what to enter; leaving it closes the client.

        Raises:
            ParameterError: an address is wrong.
            AuthenticationError: user name or password refused.
            ReconnectError: no node could be reached; it says why for each.
            RequestTimeout: the time was up before a node answered.
        """
        return AwaitableConnecting(self, parse_endpoints(host, port), timeout)

    def _make_runtime(self) -> AsyncioRuntime:
        return AsyncioRuntime()


def open_client(
    host: Node | Iterable[Node] | None = None,
    port: int | None = None,
    **options: Unpack[ClientKeywords],
) -> AwaitableConnecting[Client]:
    """A new client, connected: ``async with open_client(host, port) as client``.

    Args:
        host: as for `Client.connect`.
        port: as for `Client.connect`.
        options: as for `Client`; ``timeout`` is for connecting, too.

    Raises:
        ParameterError: an option or an address is wrong.
    """
    return Client(**options).connect(host, port)
