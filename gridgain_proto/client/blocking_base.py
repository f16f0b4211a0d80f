"""What blocking clients have that cannot be written from the flows: connecting."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Generic, Self, TypeVar

from .client import AsyncClient
from .endpoints import Node, parse_endpoints
from .runtime import run_blocking

ClientT = TypeVar("ClientT", bound="BlockingBase")


class BlockingBase:
    """The part of a blocking client that is written by hand."""

    _flows: AsyncClient

    def connect(
        self,
        host: Node | Iterable[Node] | None = None,
        port: int | None = None,
        *,
        timeout: float | None = None,
    ) -> Connected[Self]:
        """Connect to a cluster, at once.

        Args:
            host: a host's name or address, or several nodes as ``(host, port)`` or
                ``"host:port"``; this machine by default.
            port: the port of a single host; 10800 by default.
            timeout: how long it may take, in seconds; the client's by default.

        Returns:
            a context manager that gives the client and closes it at the end of the block; it can
            as well be ignored.

        Raises:
            ParameterError: an address is wrong.
            AuthenticationError: user name or password refused.
            ReconnectError: no node could be reached; it says why for each.
            RequestTimeout: the time was up before a node answered.
        """
        run_blocking(self._flows._connect(parse_endpoints(host, port), timeout))
        return Connected(self)


class Connected(Generic[ClientT]):
    """A connected client: entering it gives the client, leaving it closes the client."""

    def __init__(self, client: ClientT) -> None:
        self._client = client

    def __enter__(self) -> ClientT:
        return self._client

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        run_blocking(self._client._flows.close())
