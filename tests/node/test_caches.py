"""Caches: lifetimes, scans, subscriptions, states, types, limits."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from gridgain_proto.codec import Codec, FieldDescription, TypeDescription
from gridgain_proto.datatypes import ExpiryPolicy
from gridgain_proto.exceptions import BinaryTypeError, CacheError, CacheNotFound
from gridgain_proto.features import Product
from gridgain_proto.operations import binary_types as types
from gridgain_proto.operations import cache as ops
from gridgain_proto.operations.configuration import CACHE_CREATE_WITH_NAME, CACHE_DESTROY
from gridgain_proto.operations.query import (
    QUERY_SCAN,
    QUERY_SCAN_PAGE,
    RESOURCE_CLOSE,
    NextPage,
    ScanOptions,
)

from .memory import MemoryClient, Peer, header, one_node


def peer_with(name: str = "c", **config: Any) -> Peer:
    peer = Peer(one_node(**config))
    peer.ask(CACHE_CREATE_WITH_NAME, name)
    return peer


# -- lifetimes -----------------------------------------------------------------------------------


def test_entries_expire() -> None:
    cluster = one_node()
    cache = MemoryClient(cluster).create_cache("c")
    short = cache.with_expire_policy(create=1000, update=2000, access=ExpiryPolicy.UNCHANGED)
    short.put(1, "a")
    cluster.handle_timer(now=0.5)
    assert cache.get(1) == "a"
    cluster.handle_timer(now=1.0)
    assert cache.get(1) is None
    short.put(1, "b")
    short.put(1, "c")
    cluster.handle_timer(now=2.5)
    assert cache.get(1) == "c"
    assert cluster.next_timer() == pytest.approx(3.0)
    cluster.handle_timer(now=3.0)
    assert cache.get_size() == 0


def test_reading_prolongs_a_life() -> None:
    cluster = one_node()
    cache = MemoryClient(cluster).create_cache("c")
    touched = cache.with_expire_policy(create=1000, access=1000)
    touched.put(1, "a")
    for now in (0.8, 1.6, 2.4):
        cluster.handle_timer(now=now)
        assert touched.get(1) == "a"
    cluster.handle_timer(now=3.5)
    assert touched.get(1) is None


def test_lifetimes_of_nothing() -> None:
    cache = MemoryClient(one_node()).create_cache("c")
    cache.with_expire_policy(create=0).put(1, "gone")
    assert cache.get(1) is None
    cache.put(1, "there")
    assert cache.with_expire_policy(access=0).get(1) == "there"
    assert cache.get(1) is None
    cache.put(1, "there")
    cache.with_expire_policy(update=0).put(1, "gone")
    assert cache.get(1) is None


def test_times_of_entries_that_live_on_are_forgotten() -> None:
    cluster = one_node()
    cache = MemoryClient(cluster).create_cache("c").with_expire_policy(create=10**6, access=10**6)
    cache.put(1, 1)
    for _ in range(500):
        cache.get(1)
    (stored,) = cluster.caches.values()
    assert len(stored._expiring) < 100


# -- scans ---------------------------------------------------------------------------------------


def test_a_cursor_page_by_page() -> None:
    peer = peer_with()
    peer.ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(5)})
    first = peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=2))
    assert len(first.page.rows) == 2
    assert first.page.more
    second = peer.ask(QUERY_SCAN_PAGE, NextPage(first.cursor_id))
    assert len(second.rows) == 2
    third = peer.ask(QUERY_SCAN_PAGE, NextPage(first.cursor_id))
    assert (len(third.rows), third.more) == (1, False)
    with pytest.raises(CacheError) as caught:
        peer.ask(QUERY_SCAN_PAGE, NextPage(first.cursor_id))
    assert caught.value.status == 1011


def test_the_last_page_may_be_full() -> None:
    peer = peer_with()
    peer.ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(4)})
    first = peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=4))
    assert not first.page.more
    with pytest.raises(CacheError):
        peer.ask(RESOURCE_CLOSE, first.cursor_id)


def test_a_scan_of_a_destroyed_cache() -> None:
    peer = peer_with()
    peer.ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(9)})
    first = peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=2))
    peer.ask(CACHE_DESTROY, header("c").cache_id)
    with pytest.raises(CacheError):
        peer.ask(QUERY_SCAN_PAGE, NextPage(first.cursor_id))


def test_there_may_only_be_so_many_cursors() -> None:
    peer = peer_with(max_cursors=2)
    peer.ask(ops.CACHE_PUT_ALL, header("c"), {number: number for number in range(9)})
    cursors = [
        peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=2)).cursor_id for _ in range(2)
    ]
    with pytest.raises(CacheError) as caught:
        peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=2))
    assert caught.value.status == 1010
    peer.ask(RESOURCE_CLOSE, cursors[0])
    peer.ask(QUERY_SCAN, header("c"), ScanOptions(page_size=2))


def test_partitions_of_a_scan_make_the_whole() -> None:
    peer = peer_with()
    keys = {*range(50), "a", "b", 1.5, True}
    peer.ask(ops.CACHE_PUT_ALL, header("c"), dict.fromkeys(keys, 0))
    codec = Codec()
    for key in keys:
        number = codec.hash_code(key) & 0xFFFFFFFF
        partition = (number ^ number >> 16) & 1023
        options = ScanOptions(partition=partition)
        page = peer.ask(QUERY_SCAN, header("c"), options).page
        assert key in [found for found, _ in page.rows]
    with pytest.raises(CacheError):
        peer.ask(QUERY_SCAN, header("c"), ScanOptions(partition=1024))


# -- subscriptions -------------------------------------------------------------------------------


def subscribe(peer: Peer, *, expired: bool = False) -> int:
    payload = struct.pack("<ibiqb", header("c").cache_id, 1, 1, 0, expired) + b"\x65"
    number = peer.send(2006, payload)
    reply = peer.answers.pop(number)
    assert reply.status == 0, reply.message
    return int(struct.unpack_from("<q", reply.data, reply.offset)[0])


def events(peer: Peer) -> list[tuple[int, Any, Any, Any, int]]:
    peer.pump()
    found = []
    for event in peer.notifications:
        assert event.op_code == 2007
        data, pos = event.data, event.offset + 4
        key, pos = peer.codec.read(data, pos)
        old, pos = peer.codec.read(data, pos)
        new, pos = peer.codec.read(data, pos)
        found.append((event.resource_id, key, old, new, data[pos]))
    peer.notifications.clear()
    return found


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE], ids=str)
def test_changes_are_told(product: Product) -> None:
    peer = peer_with(product=product)
    other = Peer(peer.cluster)
    number = subscribe(peer)
    other.ask(ops.CACHE_PUT, header("c"), (1, None), ("a", None))
    other.ask(ops.CACHE_PUT, header("c"), (1, None), ("b", None))
    other.ask(ops.CACHE_REMOVE_KEY, header("c"), (1, None))
    gone = "b" if product is Product.GRIDGAIN else None
    assert events(peer) == [
        (number, 1, None, "a", 0),
        (number, 1, "a", "b", 1),
        (number, 1, "b", gone, 2),
    ]
    other.ask(ops.CACHE_PUT, header("c"), (1, None), ("c", None))
    events(peer)
    other.ask(ops.CACHE_CLEAR, header("c"))
    other.ask(ops.CACHE_REMOVE_KEY, header("c"), (1, None))
    assert events(peer) == []
    peer.ask(RESOURCE_CLOSE, number)
    other.ask(ops.CACHE_PUT, header("c"), (2, None), ("d", None))
    assert events(peer) == []


def test_expiry_is_told_to_who_asks() -> None:
    peer = peer_with()
    asked, other = subscribe(peer, expired=True), subscribe(peer)
    peer.ask(ops.CACHE_PUT, header("c", (1000, -2, -2)), (1, None), ("a", None))
    assert {number for number, *_ in events(peer)} == {asked, other}
    peer.cluster.handle_timer(now=2.0)
    assert [(number, kind) for number, *_, kind in events(peer)] == [(asked, 3)]


# -- the rest ------------------------------------------------------------------------------------


def test_an_inactive_cluster_refuses() -> None:
    peer = peer_with()
    peer.cluster.change_state(0)
    with pytest.raises(CacheError) as caught:
        peer.ask(ops.CACHE_GET, header("c"), (1, None))
    assert caught.value.status == 1
    with pytest.raises(CacheNotFound):
        peer.ask(ops.CACHE_GET, header("unknown"), (1, None))
    peer.cluster.change_state(2)
    assert peer.ask(ops.CACHE_GET, header("c"), (1, None)) is None
    with pytest.raises(CacheError, match="read-only"):
        peer.ask(ops.CACHE_PUT, header("c"), (1, None), (1, None))


def test_null_is_refused_and_harms_nothing() -> None:
    peer = peer_with()
    for operation, args in (
        (ops.CACHE_PUT, ((1, None), (None, None))),
        (ops.CACHE_PUT, ((None, None), (1, None))),
        (ops.CACHE_GET_ALL, ([None],)),
    ):
        with pytest.raises(CacheError):
            peer.ask(operation, header("c"), *args)
    assert peer.ended is None


def test_arrays_are_never_equal_on_gridgain() -> None:
    for product, equal in ((Product.GRIDGAIN, False), (Product.IGNITE, True)):
        peer = peer_with(product=product)
        peer.ask(ops.CACHE_PUT, header("c"), (1, None), (b"x", None))
        found = peer.ask(ops.CACHE_REMOVE_IF_EQUALS, header("c"), (1, None), (b"x", None))
        assert found is equal


def description(**changes: Any) -> TypeDescription:
    base: dict[str, Any] = {
        "type_id": 77,
        "name": "T",
        "fields": (FieldDescription("a", 3, 97),),
        "schemas": {1: (97,)},
    }
    return TypeDescription(**{**base, **changes})


def test_types_are_merged() -> None:
    peer = peer_with()
    peer.ask(types.BINARY_TYPE_PUT, description())
    more = description(fields=(FieldDescription("b", 9, 98),), schemas={2: (97, 98)})
    peer.ask(types.BINARY_TYPE_PUT, more)
    found = peer.ask(types.BINARY_TYPE_GET, 77)
    assert {one.name for one in found.fields} == {"a", "b"}
    assert found.schemas == {1: (97,), 2: (97, 98)}
    assert peer.ask(types.BINARY_TYPE_GET, 78) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "t"},
        {"affinity_key_field": "a"},
        {"is_enum": True, "fields": (), "schemas": {}},
        {"fields": (FieldDescription("a", 4, 97),)},
    ],
    ids=str,
)
def test_types_that_contradict(changes: dict[str, Any]) -> None:
    peer = peer_with()
    peer.ask(types.BINARY_TYPE_PUT, description())
    with pytest.raises(BinaryTypeError):
        peer.ask(types.BINARY_TYPE_PUT, description(**changes))
    assert peer.ask(types.BINARY_TYPE_GET, 77) == description()


def test_names_of_types() -> None:
    peer = peer_with()
    with pytest.raises(BinaryTypeError):
        peer.ask(types.BINARY_TYPE_NAME_GET, 0, 77)
    assert peer.ask(types.BINARY_TYPE_NAME_PUT, 0, 77, "T") is True
    assert peer.ask(types.BINARY_TYPE_NAME_PUT, 0, 77, "T") is True
    assert peer.ask(types.BINARY_TYPE_NAME_GET, 0, 77) == "T"
    with pytest.raises(BinaryTypeError):
        peer.ask(types.BINARY_TYPE_NAME_PUT, 0, 77, "U")
