"""Several nodes in one process: partitions, topology, what is lost with a node."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from gridgain_proto import scalars
from gridgain_proto.datatypes.cache_config import CacheMode
from gridgain_proto.datatypes.prop_codes import PROP_BACKUPS_NUMBER, PROP_CACHE_MODE, PROP_NAME
from gridgain_proto.features import Product
from gridgain_proto.node import Cluster
from gridgain_proto.operations import cache as ops
from gridgain_proto.operations.configuration import CACHE_CREATE_WITH_CONFIGURATION
from gridgain_proto.operations.query import QUERY_SCAN, ScanOptions

from .memory import MemoryClient, Peer, header, nodes, one_node


def create(peer: Peer, name: str, **settings: Any) -> None:
    codes = {"backups": PROP_BACKUPS_NUMBER, "mode": PROP_CACHE_MODE}
    properties = {PROP_NAME: name} | {codes[key]: value for key, value in settings.items()}
    peer.ask(CACHE_CREATE_WITH_CONFIGURATION, properties)


def ask_raw(peer: Peer, code: int, payload: bytes) -> tuple[int, bytes]:
    """The status and the payload of an answer."""
    reply = peer.answers.pop(peer.send(code, payload))
    return reply.status, reply.data[reply.offset :]


def partition_map(peer: Peer, *names: str) -> dict[str, dict[Any, list[int]] | None]:
    """Which node has which partitions, by cache; None where that is no matter for clients."""
    ids = {header(name).cache_id: name for name in names}
    payload = struct.pack(f"<i{len(ids)}i", len(ids), *ids)
    _, data = ask_raw(peer, 1101, payload)
    groups, pos = scalars.read_int32(data, 12)
    found: dict[str, dict[Any, list[int]] | None] = {}
    for _ in range(groups):
        applicable, count = data[pos], scalars.read_int32(data, pos + 1)[0]
        pos += 5
        caches = []
        for _ in range(count):
            number, pos = scalars.read_int32(data, pos)
            caches.append(ids[number])
            if applicable:
                fields, pos = scalars.read_int32(data, pos)
                pos += 8 * fields
        table: dict[Any, list[int]] | None = None
        if applicable:
            table = {}
            members, pos = scalars.read_int32(data, pos)
            for _ in range(members):
                node_id, pos = scalars.read_uuid(data, pos)
                count, pos = scalars.read_int32(data, pos)
                table[node_id] = list(struct.unpack_from(f"<{count}i", data, pos))
                pos += 4 * count
        found.update((name, table) for name in caches)
    assert pos == len(data)
    return found


def test_every_partition_has_one_primary() -> None:
    cluster = nodes(3)
    peer = Peer(cluster)
    create(peer, "c", backups=1)
    table = partition_map(peer, "c")["c"]
    assert table is not None
    assert set(table) == {member.node_id for member in cluster.members}
    assert sorted(number for numbers in table.values() for number in numbers) == list(range(1024))
    assert all(200 < len(numbers) < 500 for numbers in table.values())


def test_replicated_and_unknown_caches() -> None:
    peer = Peer(nodes(2))
    create(peer, "r", mode=CacheMode.REPLICATED)
    create(peer, "c")
    found = partition_map(peer, "r", "c", "unknown")
    assert found["r"] is None
    assert found["c"] is not None
    assert "unknown" not in found


def test_local_scans_are_parts_of_the_whole() -> None:
    cluster = nodes(3)
    peers = [Peer(cluster, member) for member in cluster.members]
    create(peers[0], "c", backups=1)
    peers[0].ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(300)})
    parts = [
        {key for key, _ in peer.ask(QUERY_SCAN, header("c"), ScanOptions(local=True)).page.rows}
        for peer in peers
    ]
    assert set().union(*parts) == set(range(300))
    assert sum(map(len, parts)) == 300


def test_sizes_by_kinds_of_copies() -> None:
    cluster = nodes(2)
    peer = Peer(cluster)
    create(peer, "c", backups=1)
    peer.ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(100)})
    sizes = {(): 100, (0,): 200, (1,): 0, (2,): 100, (3,): 100, (2, 3): 200, (4,): 0, (5,): 100}
    for modes, wanted in sizes.items():
        assert peer.ask(ops.CACHE_GET_SIZE, header("c"), list(modes)) == wanted, modes


def test_what_only_a_dead_node_held_is_lost() -> None:
    cluster = nodes(3)
    peer = Peer(cluster)
    create(peer, "none", backups=0)
    create(peer, "one", backups=1)
    for name in ("none", "one"):
        peer.ask(ops.CACHE_PUT_ALL, header(name), {number: number for number in range(300)})
    doomed = cluster.members[1]
    table = partition_map(peer, "none")["none"]
    assert table is not None
    cluster.leave(doomed, now=1.0)
    assert peer.ask(ops.CACHE_GET_SIZE, header("one"), []) == 300
    left = peer.ask(ops.CACHE_GET_SIZE, header("none"), [])
    assert 300 * 0.4 < left < 300 * 0.9


def test_the_last_node_takes_everything_with_it() -> None:
    for persistent, left in ((False, 0), (True, 1)):
        cluster = one_node(persistent=persistent)
        peer = Peer(cluster)
        create(peer, "c")
        peer.ask(ops.CACHE_PUT, header("c"), (1, None), (1, None))
        cluster.leave(cluster.members[0], now=1.0)
        cluster.join("127.0.0.1", 10800, now=2.0)
        assert Peer(cluster).ask(ops.CACHE_GET_SIZE, header("c"), []) == left


def test_connections_of_a_dead_node_end() -> None:
    cluster = nodes(2)
    dead, alive = Peer(cluster, cluster.members[0]), Peer(cluster, cluster.members[1])
    cluster.leave(cluster.members[0], now=1.0)
    dead.pump()
    assert dead.ended is not None
    alive.pump()
    assert alive.ended is None


def test_the_topology_is_told_once_to_each_connection() -> None:
    cluster = nodes(2)
    peer = Peer(cluster)
    peer.send(1)
    assert peer.core.topology == (2, 0)
    create(peer, "c")
    assert peer.core.topology == (2, 1)
    cluster.join("127.0.0.1", 10802, now=1.0)
    assert peer.core.topology == (2, 1)
    peer.send(1)
    assert peer.core.topology == (3, 0)


def endpoints(cluster: Cluster, start: int, end: int = -1) -> tuple[int, int, int, int]:
    """The status, the version, and how many were added and removed."""
    peer = Peer(cluster)
    status, data = ask_raw(peer, 5102, struct.pack("<qq", start, end))
    if status:
        return status, 0, 0, 0
    version, pos = scalars.read_int64(data, 0)
    added, pos = scalars.read_int32(data, pos)
    for _ in range(added):
        pos += 20
        names, pos = scalars.read_int32(data, pos)
        for _ in range(names):
            _, pos = scalars.read_string(data, pos)
    removed, pos = scalars.read_int32(data, pos)
    assert pos + 16 * removed == len(data)
    return status, version, added, removed


def test_where_the_nodes_are() -> None:
    cluster = nodes(3)
    assert endpoints(cluster, -1) == (0, 3, 3, 0)
    assert endpoints(cluster, 1) == (0, 3, 2, 0)
    cluster.leave(cluster.members[2], now=1.0)
    assert endpoints(cluster, 3) == (0, 4, 0, 1)
    assert endpoints(cluster, 2) == (0, 4, 0, 0)
    assert endpoints(cluster, -1) == (0, 4, 2, 0)
    assert endpoints(cluster, 9)[0] == 1
    assert endpoints(cluster, 0)[0] == 1


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE], ids=str)
def test_states(product: Product) -> None:
    cluster = one_node(product=product)
    peer = Peer(cluster)
    create(peer, "c")
    peer.ask(ops.CACHE_PUT, header("c"), (1, None), (1, None))
    assert ask_raw(peer, 5000, b"") == (0, b"\x01")
    assert ask_raw(peer, 5001, b"\x02\x01") == (0, b"")
    assert cluster.state == 2
    assert ask_raw(peer, 5001, b"\x07\x01")[0] == 1
    ask_raw(peer, 5001, b"\x00\x01")
    assert ask_raw(peer, 1101, struct.pack("<i", 0))[0] == (0 if product is Product.GRIDGAIN else 1)
    ask_raw(peer, 5001, b"\x01\x01")
    assert peer.ask(ops.CACHE_GET_SIZE, header("c"), []) == 0  # it was in memory only


def test_the_client_finds_another_node() -> None:
    cluster = nodes(2)
    client = MemoryClient(cluster)
    cache = client.create_cache({PROP_NAME: "c", PROP_BACKUPS_NUMBER: 1})
    cache.put(1, "kept")
    client.close()
    client.connect([("127.0.0.1", 10800), ("127.0.0.1", 10801)])
    cache = client.get_cache("c")
    assert cache.get(1) == "kept"
    for member in list(cluster.members)[:1]:
        cluster.leave(member, now=1.0)
    assert cache.get(1) == "kept"
