"""Where a live node can be reached: IPv4, IPv6, and names with several addresses."""

from __future__ import annotations

import socket

import pytest

from gridgain_proto.exceptions import ReconnectError
from gridgain_sync import Client
from tests.ignite.config import NodeOptions
from tests.ignite.fixtures import ClusterFactory
from tests.ignite.node import Node


def addresses_of(name: str) -> set[str]:
    return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_ipv4(ignite_node: Node, name: str) -> None:
    """A name that has an IPv6 address too is tried there first, and then here."""
    if ignite_node.host != "127.0.0.1":
        pytest.skip("the node is elsewhere")
    with Client(timeout=10).connect(name, ignite_node.port) as client:
        assert f":{ignite_node.port}" in str(client)
        assert "quickstart" not in client.get_cache_names()


def test_ipv6(start_cluster: ClusterFactory) -> None:
    (node,) = start_cluster(1, NodeOptions(client_host="::1"))
    for args in ((node.address,), ("::1", node.port), ([("::1", node.port)],)):
        with Client(timeout=10, discovery=False).connect(*args) as client:
            assert str(client) == f"[::1]:{node.port}"
            assert isinstance(client.get_cache_names(), list)
    if "::1" in addresses_of("localhost"):
        with Client(timeout=10).connect("localhost", node.port) as client:
            assert "::1" in str(client)
    # Nobody listens at the IPv4 address of the same port.
    with pytest.raises(ReconnectError, match="127.0.0.1"):
        Client().connect("127.0.0.1", node.port)
