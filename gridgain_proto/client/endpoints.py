"""Where nodes are: the arguments of ``connect`` understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..exceptions import ParameterError
from .runtime import Endpoint

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 10800

#: One node: ``(host, port)``, or ``"host"``, ``"host:port"``, ``"[v6]:port"``, ``"host:from..to"``.
Node: TypeAlias = str | tuple[str, int]


def parse_endpoints(host: Node | Iterable[Node] | None, port: int | None) -> tuple[Endpoint, ...]:
    """The endpoints that ``connect(host, port)`` names, in order, without repetitions.

    Args:
        host: a host's name or address, one node, or several; None for this machine.
        port: the port of a single host; None for 10800.

    Raises:
        ParameterError: something is no node; the message says what.
    """
    if host is None:
        return (Endpoint(DEFAULT_HOST, _port(port if port is not None else DEFAULT_PORT)),)
    if isinstance(host, str):
        if port is not None:
            return (Endpoint(_host(host.removeprefix("[").removesuffix("]")), _port(port)),)
        return tuple(_parse(host))
    if port is not None:
        raise ParameterError("port: it can be given only together with one host")
    if isinstance(host, tuple) and len(host) == 2 and isinstance(host[1], int):
        return (_pair(host),)
    found: dict[Endpoint, None] = {}
    if not isinstance(host, Iterable):
        raise ParameterError(f"{host!r} is not a node; a node is (host, port) or 'host:port'")
    for node in host:
        if isinstance(node, str):
            found.update(dict.fromkeys(_parse(node)))
        else:
            found[_pair(node)] = None
    if not found:
        raise ParameterError("no node is given to connect to")
    return tuple(found)


def _pair(node: object) -> Endpoint:
    if not (isinstance(node, tuple | list) and len(node) == 2):
        raise ParameterError(f"{node!r} is not a node; a node is (host, port) or 'host:port'")
    return Endpoint(_host(node[0]), _port(node[1]))


def _parse(node: str) -> list[Endpoint]:
    if node.startswith("["):
        host, bracket, rest = node[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ParameterError(f"{node!r} is not a node: '[address]:port' is expected")
        ports = rest[1:]
    elif node.count(":") > 1:  # a bare IPv6 address
        host, ports = node, ""
    else:
        host, _, ports = node.partition(":")
    _host(host)
    if not ports:
        if node.endswith(":"):
            raise ParameterError(f"{node!r} has no port after the colon")
        return [Endpoint(host, DEFAULT_PORT)]
    first, dots, last = ports.partition("..")
    try:
        low, high = int(first), int(last if dots else first)
    except ValueError:
        raise ParameterError(f"{node!r}: {ports!r} is not a port or a range 'from..to'") from None
    if _port(low) > _port(high):
        raise ParameterError(f"{node!r}: the range of ports is empty")
    return [Endpoint(host, number) for number in range(low, high + 1)]


def _host(host: object) -> str:
    if not isinstance(host, str) or not host:
        raise ParameterError(f"host: {host!r} is not a host's name or address")
    return host


def _port(port: object) -> int:
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
        raise ParameterError(f"port: {port!r} is not a number from 1 to 65535")
    return port
