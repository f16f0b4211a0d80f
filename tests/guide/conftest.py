"""Clients for the guide's tests, and names that no other test uses.

Whatever the guide says is tested on live nodes and on the node in memory. What the latter refuses
on purpose is marked with ``refused_in_memory``, and has to fail there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from gridgain_proto.exceptions import ServerError
from gridgain_sync import Client
from tests.ignite import Node
from tests.ignite.cluster import Cluster
from tests.in_memory import IN_MEMORY, LIVE, runs_in_memory

_numbers = itertools.count(1)


def host_and_port(node: Node) -> tuple[str, int]:
    host, _, port = node.address.rpartition(":")
    return host, int(port)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expects what the node in memory refuses to fail there."""
    for item in items:
        mark = item.get_closest_marker("refused_in_memory")
        if mark is not None and runs_in_memory(item):
            reason = f"refused in memory: {mark.args[0]}"
            item.add_marker(pytest.mark.xfail(reason=reason, raises=ServerError))


@pytest.fixture(params=[IN_MEMORY, LIVE])
def server(request: pytest.FixtureRequest) -> str:
    """Where the test is run."""
    kind: str = request.param
    return kind


@pytest.fixture
def ignite_node(server: str, request: pytest.FixtureRequest) -> Node:
    return _nodes(server, request)[0]


@pytest.fixture
def ignite_cluster(server: str, request: pytest.FixtureRequest) -> Cluster[Node]:
    return _nodes(server, request)


@pytest.fixture
def tls_node(server: str, request: pytest.FixtureRequest) -> Node:
    return _nodes(server, request)[0]


@pytest.fixture
def mutual_tls_node(server: str, request: pytest.FixtureRequest) -> Node:
    return _nodes(server, request)[0]


@pytest.fixture
def auth_node(server: str, request: pytest.FixtureRequest) -> Node:
    return _nodes(server, request)[0]


def _nodes(server: str, request: pytest.FixtureRequest) -> Cluster[Node]:
    """What is asked for, where the test is run."""
    fixture = request.fixturename
    assert fixture is not None
    if server == IN_MEMORY:
        cluster: Cluster[Node] = request.getfixturevalue("in_memory")(fixture)
        return cluster
    found: Cluster[Node] | Node = request.getfixturevalue(fixture)  # which this one overrides
    return found if isinstance(found, Cluster) else Cluster([found])


@pytest.fixture
def client(ignite_node: Node) -> Iterator[Client]:
    """A client of the plain node."""
    with Client(timeout=30).connect(*host_and_port(ignite_node)) as connected:
        yield connected


@pytest.fixture
def name() -> str:
    """A name for a cache or a table."""
    return f"GUIDE_{next(_numbers)}"
