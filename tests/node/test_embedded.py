"""Nodes served on ports: TLS, users, killing and restarting, and what they cost."""

from __future__ import annotations

import gc
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

from gridgain_proto.exceptions import (
    AuthenticationError,
    GridGainError,
    InsecureConnectionWarning,
    ParameterError,
    ReconnectError,
)
from gridgain_proto.features import Product
from gridgain_proto.node import NodeConfig
from gridgain_sync import Client
from gridgain_sync.node import EmbeddedCluster, EmbeddedNode


def test_a_node_and_a_client() -> None:
    with EmbeddedNode() as node, Client(timeout=10).connect(*node.address) as client:
        cache = client.get_or_create_cache("c")
        cache.put("key", [1, 2, 3])
        assert cache.get("key") == [1, 2, 3]
        assert node.run(lambda cluster: [len(one) for one in cluster.caches.values()]) == [1]


def test_starting_takes_no_time() -> None:
    """Fifty milliseconds is the promise; the best of several, for the machine may be busy."""
    gc.collect()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with EmbeddedNode() as node, Client(timeout=10).connect(*node.address) as client:
            client.get_cache_names()
            times.append(time.perf_counter() - start)
    assert min(times) < 0.05


def test_importing_the_client_does_not_import_the_node() -> None:
    code = """
import sys
import gridgain_sync, gridgain_trio, gridgain_asyncio
print([name for name in sys.modules if "node" in name and name.startswith("gridgain")
       and name != "gridgain_proto.client.nodes"])
print("sqlite3" in sys.modules)
import gridgain_sync.node
print("sqlite3" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split("\n")[:3] == ["[]", "False", "False"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_tls(authority: trustme.CA, tmp_path: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    with EmbeddedNode(ssl_context=server) as node:
        with Client(timeout=10, ssl_ca_certfile=str(trusted)).connect(*node.address) as client:
            cache = client.create_cache("c")
            cache.put_all(dict.fromkeys(range(500), "x" * 1000))
            assert cache.get_size() == 500
            assert len(list(cache.scan())) == 500
        with pytest.raises(ReconnectError):
            Client(timeout=5, use_ssl=True).connect(*node.address)
        with pytest.raises(ReconnectError):
            Client(timeout=5, handshake_timeout=1).connect(*node.address)


def test_users() -> None:
    with EmbeddedNode(users={"ann": "secret"}) as node:
        with pytest.warns(InsecureConnectionWarning):
            client = Client(timeout=10, username="ann", password="secret", use_ssl=False)
        with client.connect(*node.address):
            assert client.get_cache_names() == []
        with pytest.warns(InsecureConnectionWarning):
            client = Client(timeout=10, username="ann", password="mistaken", use_ssl=False)
        with pytest.raises(AuthenticationError) as caught:
            client.connect(*node.address)
        assert "mistaken" not in str(caught.value)


def test_a_restart_on_the_same_port() -> None:
    with EmbeddedNode(persistent=True) as node:
        before = node.address
        first = node[0].node_id
        with Client(timeout=10).connect(*node.address) as client:
            cache = client.create_cache("c")
            cache.put(1, "kept")
            node.kill()
            assert not node[0].running
            with pytest.raises(GridGainError):
                cache.put(1, "nobody is there")
            node.restart()
            assert node.address == before
            assert node[0].node_id != first
            assert cache.get(1) == "kept"


def test_what_is_only_in_memory_goes_with_the_node() -> None:
    with EmbeddedNode() as node, Client(timeout=10).connect(*node.address) as client:
        client.create_cache("c").put(1, 1)
        node.kill()
        node.restart()
        assert client.get_cache("c").get_size() == 0


def test_failover() -> None:
    with (
        EmbeddedCluster(3, product=Product.IGNITE) as cluster,
        Client(timeout=10).connect(cluster.addresses) as client,
    ):
        assert len({node.address for node in cluster}) == 3
        cache = client.create_cache({0: "c", 3: 1})
        cache.put_all({number: number for number in range(100)})
        for node in cluster:
            node.kill()
            assert sum(other.running for other in cluster) == 2
            assert cache.get_all(range(100)) == {number: number for number in range(100)}
            node.restart()
        cluster[0].disconnect()
        assert cache.get(1) == 1


def test_many_clients_at_once() -> None:
    with EmbeddedNode() as node:
        clients = [Client(timeout=20) for _ in range(30)]
        for client in clients:
            client.connect(*node.address)
        for number, client in enumerate(clients):
            client.get_or_create_cache("c").put(number, number)
        assert clients[0].get_cache("c").get_size() == 30
        for client in clients:
            client.close()


def test_a_large_answer_to_a_slow_reader() -> None:
    with EmbeddedNode() as node, Client(timeout=30).connect(*node.address) as client:
        cache = client.create_cache("c")
        value = b"x" * (8 * 1024 * 1024)
        cache.put(1, value)
        assert cache.get(1) == value
        with socket.create_connection(node.address) as other:
            other.settimeout(10)
            other.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert other.recv(100) == b""
        assert cache.get(1) == value


def test_a_locked_key_does_not_stop_the_others() -> None:
    with (
        EmbeddedNode() as node,
        Client(timeout=10).connect(*node.address) as one,
        Client(timeout=0.3).connect(*node.address) as other,
    ):
        cache = one.create_cache({0: "tx", 2: 0})
        with one.tx_start():
            cache.put(1, "held")
            with pytest.raises(TimeoutError):
                other.get_cache("tx").put(1, "waits")
            other.get_cache("tx").put(2, "free")


def test_arguments() -> None:
    with pytest.raises(ParameterError):
        EmbeddedCluster(0)
    with pytest.raises(ParameterError):
        EmbeddedCluster(2, ports=(1,))
    with pytest.raises(ParameterError):
        NodeConfig(product=Product.UNKNOWN)
    with EmbeddedNode() as node:
        with pytest.raises(OSError, match=r"in use|already"):
            EmbeddedNode(port=node.port).start()
        with pytest.raises(ParameterError):
            node.start()


def test_an_error_in_the_nodes_thread_is_the_callers() -> None:
    with EmbeddedNode() as node:
        with pytest.raises(ZeroDivisionError):
            node.run(lambda _: 1 // 0)
        assert node.run(lambda cluster: cluster.topology) == (1, 0)
