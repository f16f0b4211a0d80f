"""The pytest plugin: fixtures for code that uses the client.

* ``gridgain_node``: a node in memory, the test's own, an `ObservedNode`;
* ``gridgain_cluster``: three of them that share their data, an `ObservedCluster`;
* ``gridgain_client``: a client of ``gridgain_node`` for threads, connected;
* ``gridgain_gevent_client``: the same for gevent;
* ``gridgain_trio_client``, ``gridgain_asyncio_client``: the same to be entered by the test:
  ``async with gridgain_trio_client as client``;
* ``gridgain_node_options``: overridden, options of the nodes: ``{"product": Product.IGNITE}``;
* ``gridgain_client_options``: overridden, options of the clients: ``{"timeout": 1}``.

Every test gets a node and a client of its own, which takes some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import gridgain_asyncio
    import gridgain_gevent
    import gridgain_sync
    import gridgain_trio
    from gridgain_proto.client.client import Connecting

    from .node import ObservedCluster, ObservedNode

#: How long a call of a test may take unless the options say otherwise, in seconds.
_TIMEOUT = 10.0


@pytest.fixture
def gridgain_node_options() -> Mapping[str, Any]:
    """Options of the nodes; override it to change them."""
    return {}


@pytest.fixture
def gridgain_client_options() -> Mapping[str, Any]:
    """Options of the clients; override it to change them."""
    return {}


@pytest.fixture
def gridgain_node(gridgain_node_options: Mapping[str, Any]) -> Iterator[ObservedNode]:
    """A node in memory, new for each test."""
    from .node import ObservedNode

    with ObservedNode(**gridgain_node_options) as node:
        yield node


@pytest.fixture
def gridgain_cluster(gridgain_node_options: Mapping[str, Any]) -> Iterator[ObservedCluster]:
    """Three nodes in memory that share their data, new for each test."""
    from .node import ObservedCluster

    with ObservedCluster(3, **gridgain_node_options) as cluster:
        yield cluster


@pytest.fixture
def gridgain_client(
    gridgain_node: ObservedNode, gridgain_client_options: Mapping[str, Any]
) -> Iterator[gridgain_sync.Client]:
    """A client for threads, connected to the test's node."""
    from gridgain_sync import Client

    client = Client(**{"timeout": _TIMEOUT, **gridgain_client_options})
    with client.connect(*gridgain_node.address):
        yield client


@pytest.fixture
def gridgain_gevent_client(
    gridgain_node: ObservedNode, gridgain_client_options: Mapping[str, Any]
) -> Iterator[gridgain_gevent.Client]:
    """A client for gevent, connected to the test's node."""
    pytest.importorskip("gevent")
    from gridgain_gevent import Client

    client = Client(**{"timeout": _TIMEOUT, **gridgain_client_options})
    with client.connect(*gridgain_node.address):
        yield client


@pytest.fixture
def gridgain_trio_client(
    gridgain_node: ObservedNode, gridgain_client_options: Mapping[str, Any]
) -> Connecting[gridgain_trio.Client]:
    """A client for trio, to be entered by the test: the loop is the test's."""
    pytest.importorskip("trio")
    from gridgain_trio import Client

    client = Client(**{"timeout": _TIMEOUT, **gridgain_client_options})
    return client.connect(*gridgain_node.address)


@pytest.fixture
def gridgain_asyncio_client(
    gridgain_node: ObservedNode, gridgain_client_options: Mapping[str, Any]
) -> Connecting[gridgain_asyncio.Client]:
    """A client for asyncio, to be entered by the test: the loop is the test's."""
    from gridgain_asyncio import Client

    client = Client(**{"timeout": _TIMEOUT, **gridgain_client_options})
    return client.connect(*gridgain_node.address)
