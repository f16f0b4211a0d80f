"""The node in memory, where a test asks for it instead of a live one."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from gridgain_proto import Product
from gridgain_sync.node import EmbeddedCluster
from tests.ignite.cluster import Cluster
from tests.ignite.node import Node
from tests.ignite.tls import TlsFiles

#: The servers on which a test is run that needs one.
IN_MEMORY, LIVE = "in memory", "live"

#: The fixtures of live nodes that it can stand in for.
STANDS_IN_FOR = {"auth_node", "ignite_cluster", "ignite_node", "mutual_tls_node", "tls_node"}


def runs_in_memory(item: pytest.Item) -> bool:
    """Whether it is the one of two variants of a test that is for the node in memory."""
    call: object = getattr(item, "callspec", None)
    return bool(getattr(call, "params", {}).get("server") == IN_MEMORY)


@pytest.fixture(scope="session")
def in_memory(tls_files: TlsFiles) -> Iterator[Callable[[str], Cluster[Node]]]:
    """What stands in memory for a fixture of live nodes, by that fixture's name."""
    started: dict[str, Cluster[Node]] = {}

    def start(fixture: str) -> Cluster[Node]:
        context = None
        if "tls" in fixture:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls_files.ca)
            context.load_cert_chain(tls_files.server)
            if fixture == "mutual_tls_node":
                context.verify_mode = ssl.CERT_REQUIRED
        cluster = EmbeddedCluster(
            3 if fixture == "ignite_cluster" else 1,
            product=Product.IGNITE,
            users={"ignite": "ignite"} if fixture == "auth_node" else None,
            ssl_context=context,
        )
        running.enter_context(cluster)
        return Cluster([Node(host, port) for host, port in cluster.addresses])

    def find(fixture: str) -> Cluster[Node]:
        if fixture not in started:
            started[fixture] = start(fixture)
        return started[fixture]

    with ExitStack() as running:
        yield find
