"""The client for trio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from gridgain_proto.client.client import AsyncClient, Connecting
from gridgain_proto.client.endpoints import Node
from gridgain_proto.client.options import ClientKeywords

from .runtime import TrioRuntime


class Client(AsyncClient):
    """A client of one cluster, for any number of tasks at once.

    They share one connection. Its background tasks live in a nursery that the block of
    ``async with client.connect(...)`` owns: they end with it, and no exception of theirs leaves it.
    Cancelling a call gives up that call and harms no other.

    Args:
        options: see `gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def _make_runtime(self) -> TrioRuntime:
        return TrioRuntime()


def open_client(
    host: Node | Iterable[Node] | None = None,
    port: int | None = None,
    **options: Unpack[ClientKeywords],
) -> Connecting[Client]:
    """A new client, connected: ``async with open_client(host, port) as client``.

    Args:
        host: as for `Client.connect`.
        port: as for `Client.connect`.
        options: as for `Client`; ``timeout`` is for connecting, too.

    Raises:
        ParameterError: an option or an address is wrong.
    """
    return Client(**options).connect(host, port)
