"""Three nodes: keys go to their owners, and nodes that die, freeze and come back."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from gridgain_proto.client.nodes import Nodes
from gridgain_proto.client.runtime import Link, run_blocking
from gridgain_proto.datatypes import ByteObject, CharObject, IntObject, ShortObject
from gridgain_proto.datatypes.cache_config import (
    CacheAtomicityMode,
    CacheMode,
    WriteSynchronizationMode,
)
from gridgain_proto.datatypes.prop_codes import (
    PROP_BACKUPS_NUMBER,
    PROP_CACHE_ATOMICITY_MODE,
    PROP_CACHE_KEY_CONFIGURATION,
    PROP_CACHE_MODE,
    PROP_NAME,
    PROP_WRITE_SYNCHRONIZATION_MODE,
)
from gridgain_proto.exceptions import CacheError, OutcomeUnknown, RequestTimeout
from gridgain_proto.operations import cache as operations
from gridgain_proto.operations.layout import header, read_value, value
from gridgain_proto.operations.operation import Operation, Repeat
from gridgain_sync import Cache, Client, GenericObjectMeta
from tests.ignite.cluster import Cluster, IgniteCluster
from tests.ignite.node import Node

#: Looks for a key on the node that it is sent to and nowhere else.
LOCAL_PEEK: Operation[Any] = Operation(
    name="CACHE_LOCAL_PEEK",
    code=1021,
    request=(header, value),
    response=read_value,
    repeat=Repeat.SAFE,
    error=CacheError,
    key=1,
)


def nodes_of(client: Client) -> Nodes:
    return client._flows._session.nodes


def settled(client: Client, cache: Cache[Any, Any], links: int) -> None:
    """Use the cache until the client has that many connections and the map of the cache."""

    def is_settled() -> bool:
        cache.get(0)
        nodes = nodes_of(client)
        placement = nodes._placements.get(cache.cache_id)
        return (
            len(nodes.links) == links
            and placement is not None
            and placement.version == nodes._topology
        )

    until(is_settled, 15)


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.02)


KEYS: list[tuple[Any, Any]] = [
    *((number * 7919 - 500_000, None) for number in range(2000)),
    *((f"key {number} é😀", None) for number in range(2000)),
    *((number, IntObject) for number in range(-500, 500)),
    *((number, ShortObject) for number in range(-400, 400)),
    *((number, ByteObject) for number in range(-128, 128)),
    *((chr(0x4E00 + number), CharObject) for number in range(800)),
    *(
        (UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128), None)
        for number in range(1000)
    ),
    *((Decimal(number) / 100, None) for number in range(-300, 300)),
    *((number / 7, None) for number in range(-500, 500)),
    *((bytes([number % 256, number // 256]), None) for number in range(600)),
    *(((number, "b", None), None) for number in range(400)),
    (True, None),
    (False, None),
]


@pytest.mark.timeout(180)
def test_keys_go_to_the_node_that_owns_them(ignite_cluster: Cluster[Node]) -> None:
    """One address is enough; shown by asking each node for what it holds itself."""
    with Client(timeout=20).connect(ignite_cluster[0].address) as client:
        cache = client.create_cache("owners")
        try:
            settled(client, cache, 3)
            nodes = nodes_of(client)
            header_ = cache._flows._header
            assert len(KEYS) > 10_000
            per_node: Counter[str] = Counter()
            for key, hint in KEYS:
                cache.put(key, 1, key_hint=hint)
                request = LOCAL_PEEK(header_, (key, hint))
                owner = nodes.owner(request)
                assert owner is not None, key
                per_node[owner.node] += 1
                found = run_blocking(client._flows._session.perform_on(owner, request, None))
                assert found == 1, (key, hint)
            assert len(per_node) == 3
            assert min(per_node.values()) > len(KEYS) / 6
        finally:
            cache.destroy()


@pytest.mark.parametrize("atomicity", list(CacheAtomicityMode)[:2], ids=lambda one: one.name)
def test_batches_are_whole_however_they_are_split(
    ignite_cluster: Cluster[Node], atomicity: CacheAtomicityMode
) -> None:
    with Client(timeout=20).connect(ignite_cluster[0].address) as client:
        cache = client.create_cache(
            {PROP_NAME: f"batches {atomicity.name}", PROP_CACHE_ATOMICITY_MODE: atomicity}
        )
        try:
            settled(client, cache, 3)
            nodes = nodes_of(client)
            if atomicity is CacheAtomicityMode.ATOMIC:  # it is asked for behind the map
                until(lambda: nodes.can_split(cache.cache_id, changes=True), 10)
            pairs: dict[Any, Any] = {number: f"value {number}" for number in range(3000)}
            pairs |= {f"key {number}": number for number in range(3000)}
            if atomicity is CacheAtomicityMode.TRANSACTIONAL:
                assert not nodes.can_split(cache.cache_id, changes=True)
            cache.put_all(pairs)
            assert cache.get_size() == 6000
            assert cache.get_all([*pairs, "none", -1]) == pairs
            assert cache.contains_keys(pairs)
            assert not cache.contains_keys([*pairs, "none"])
            cache.remove_keys(list(pairs)[:5000])
            assert cache.get_size() == 1000
            cache.clear_keys(pairs)
            assert cache.get_size() == 0
        finally:
            cache.destroy()


def test_an_affinity_key_field_places_a_complex_key(ignite_cluster: Cluster[Node]) -> None:
    class PersonKey(
        metaclass=GenericObjectMeta,
        type_name="PlacedPersonKey",
        schema=OrderedDict([("personId", IntObject), ("companyId", IntObject)]),
    ):
        pass

    with Client(timeout=20).connect(ignite_cluster[0].address) as client:
        cache = client.create_cache(
            {
                PROP_NAME: "placed",
                PROP_CACHE_KEY_CONFIGURATION: [
                    {"type_name": "PlacedPersonKey", "affinity_key_field_name": "companyId"}
                ],
            }
        )
        try:
            settled(client, cache, 3)
            nodes = nodes_of(client)
            owners: dict[int, Link] = {}
            for number in range(300):
                key = cast(Any, PersonKey)(personId=number, companyId=number % 10)
                cache.put(key, number)
                request = LOCAL_PEEK(cache._flows._header, (key, None))
                owner = nodes.owner(request)
                assert owner is not None
                found = run_blocking(client._flows._session.perform_on(owner, request, None))
                assert found == number
                owners.setdefault(number % 10, owner)
                assert owners[number % 10] is owner
        finally:
            cache.destroy()


def test_caches_that_no_client_can_route_work_all_the_same(
    ignite_cluster: Cluster[Node],
) -> None:
    with Client(timeout=20).connect(ignite_cluster[0].address) as client:
        cache = client.create_cache(
            {PROP_NAME: "everywhere", PROP_CACHE_MODE: CacheMode.REPLICATED}
        )
        try:
            settled(client, cache, 3)
            assert nodes_of(client)._placements[cache.cache_id].map is None
            cache.put_all({number: number for number in range(100)})
            assert cache.get_all(range(100)) == {number: number for number in range(100)}
        finally:
            cache.destroy()


def test_a_partition_is_scanned_where_it_is(ignite_cluster: Cluster[Node]) -> None:
    with Client(timeout=20).connect(ignite_cluster[0].address) as client:
        cache = client.create_cache("partitions")
        try:
            settled(client, cache, 3)
            cache.put_all({number: number for number in range(3000)})
            nodes = nodes_of(client)
            for partition in range(0, 1024, 100):
                owner = nodes.owner_of_partition(cache.cache_id, partition)
                cursor = cache.scan(partitions=partition)
                assert cursor._flows._link is owner
                here = dict(cursor)
                assert here == dict(cache.scan(partitions=partition, local=False))
        finally:
            cache.destroy()


def test_without_partition_awareness_there_is_one_connection(
    ignite_cluster: Cluster[Node],
) -> None:
    addresses = [node.address for node in ignite_cluster]
    with Client(timeout=20, partition_aware=False).connect(addresses) as client:
        cache = client.get_or_create_cache("plain")
        for number in range(50):
            cache.put(number, number)
        time.sleep(0.3)
        cache.get(1)
        assert len(nodes_of(client).links) == 1


class Load:
    """Threads that put and get, each its own keys, and remember how it went."""

    def __init__(self, cache: Cache[Any, Any], threads: int = 6) -> None:
        self.cache = cache
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0
        self._stop = False
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop = True
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)

    def _run(self, number: int) -> None:
        acknowledged: dict[int, int] = {}
        in_doubt: dict[int, set[int]] = {}
        count = 0
        while not self._stop:
            count += 1
            key = number * 1000 + count % 50
            began = time.monotonic()
            try:
                if count % 2:
                    outcome = "put"
                    self.cache.put(key, count)
                    acknowledged[key] = count
                    in_doubt.pop(key, None)
                else:
                    outcome = "get"
                    key = number * 1000 + (count // 2) % 50
                    found = self.cache.get(key)
                    if found != acknowledged.get(key) and found not in in_doubt.get(key, ()):
                        self.wrong.append(f"{key}: {found}, not {acknowledged.get(key)}")
            except OutcomeUnknown:
                outcome = "unknown"
                in_doubt.setdefault(key, set()).add(count)
            except Exception as exc:
                outcome = repr(exc)
            took = time.monotonic() - began
            with self._lock:
                self.outcomes[outcome] += 1
                self.slowest = max(self.slowest, took)


@pytest.mark.timeout(180)
def test_nodes_that_are_killed_and_come_back(failover_cluster: IgniteCluster) -> None:
    cluster = failover_cluster
    addresses = [node.address for node in cluster]
    with Client(timeout=15).connect(addresses) as client:
        cache = client.create_cache(
            {
                PROP_NAME: "mortal",
                PROP_BACKUPS_NUMBER: 1,
                PROP_WRITE_SYNCHRONIZATION_MODE: WriteSynchronizationMode.FULL_SYNC,
            }
        )
        settled(client, cache, 3)
        nodes = nodes_of(client)
        with Load(cache) as load:
            for _ in range(2):
                main = nodes.main
                assert main is not None
                victim = next(node for node in cluster if node.address in main.node)
                time.sleep(0.5)
                victim.kill()
                until(lambda: len(nodes.links) == 2, 5)
                time.sleep(2)
                cluster.restart(victim)
                # It is used again, by itself.
                until(lambda: len(nodes.links) == 3, 45)
        outcomes = load.outcomes
        print(outcomes, f"slowest {load.slowest:.2f} s")
        assert not load.wrong
        assert outcomes["put"] > 100
        assert set(outcomes) <= {"put", "get", "unknown"}
        assert load.slowest < 10
        cache.destroy()


@pytest.mark.timeout(120)
def test_a_frozen_node_costs_its_callers_their_own_timeout(
    failover_cluster: IgniteCluster,
) -> None:
    cluster = failover_cluster
    with Client(timeout=20).connect([node.address for node in cluster]) as client:
        cache = client.create_cache("frozen")
        nodes = nodes_of(client)
        version = None
        while version != nodes._topology:  # primary copies move some seconds after a join
            settled(client, cache, 3)
            version = nodes._topology
            time.sleep(4)
            settled(client, cache, 3)
        header_ = cache._flows._header
        frozen = cluster[1]

        def owner(key: int) -> Link:
            link = nodes.owner(operations.CACHE_GET(header_, (key, None)))
            assert link is not None
            return link

        there = next(key for key in range(10_000) if frozen.address in owner(key).node)
        elsewhere = [key for key in range(2000) if frozen.address not in owner(key).node][:50]
        for key in (there, *elsewhere):
            cache.put(key, key)
        frozen.freeze()
        try:
            began = time.monotonic()
            with pytest.raises(RequestTimeout, match="CACHE_GET"):
                cache.get(there, timeout=0.7)
            assert 0.6 < time.monotonic() - began < 1.2
            # What lives elsewhere is not concerned.
            began = time.monotonic()
            assert [cache.get(key, timeout=5) for key in elsewhere] == elsewhere
            assert time.monotonic() - began < 2
        finally:
            frozen.thaw()
        until(lambda: cache.get(there, timeout=5) == there, 10)
        cache.destroy()


def test_the_loop_of_the_guide(failover_cluster: IgniteCluster) -> None:
    """It catches what the failing call raises, and goes on with the next node at once."""
    cluster = failover_cluster
    client = Client(timeout=40.0)
    client.connect([(node.host, node.port) for node in cluster])
    try:
        cache = client.get_or_create_cache({PROP_NAME: "my cache", PROP_BACKUPS_NUMBER: 2})
        cache.put("test_key", 0)
        main = nodes_of(client).main
        assert main is not None
        next(node for node in cluster if node.address in main.node).kill()
        caught = 0
        deadline = time.monotonic() + 15
        while (test_value := cache.get("test_key")) is not None and test_value < 300:
            assert time.monotonic() < deadline
            try:
                cache.put("test_key", test_value + 1)
            except OSError:
                caught += 1
                assert cache.get("test_key") >= test_value
        assert caught <= 1
    finally:
        client.close()
