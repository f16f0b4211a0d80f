"""The whole client over the node, without sockets: at once, byte by byte, and split at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto.codec import binary_type
from gridgain_proto.datatypes import ByteObject, IntObject, ShortObject
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode, CacheMode
from gridgain_proto.datatypes.prop_codes import (
    PROP_BACKUPS_NUMBER,
    PROP_CACHE_ATOMICITY_MODE,
    PROP_CACHE_MODE,
    PROP_NAME,
)
from gridgain_proto.exceptions import CacheExists, CacheNotFound
from gridgain_proto.features import V1_2_0, V1_4_0, V1_6_0, Product

from .memory import Cut, MemoryClient, Peer, bytewise, one_node, whole


def at_random(data: bytes) -> Iterator[bytes]:
    """Chunks of random sizes, the same in each run."""
    dice = random.Random(len(data))
    while data:
        size = dice.randint(1, 40)
        yield data[:size]
        data = data[size:]


@pytest.fixture(params=[Product.GRIDGAIN, Product.IGNITE], ids=["gridgain", "ignite"])
def product(request: pytest.FixtureRequest) -> Product:
    """Each of the two servers."""
    chosen: Product = request.param
    return chosen


@pytest.fixture(params=[whole, bytewise, at_random], ids=["whole", "bytewise", "at random"])
def client(request: pytest.FixtureRequest, product: Product) -> MemoryClient:
    """A client whose bytes arrive in different ways."""
    cut: Cut = request.param
    return MemoryClient(one_node(product=product), cut=cut)


def test_keys_and_values(client: MemoryClient) -> None:
    cache = client.create_cache("things")
    assert cache.get("a") is None
    cache.put("a", 1)
    assert cache.get("a") == 1
    assert cache.put_if_absent("a", 2) is False
    assert cache.put_if_absent("b", 2) is True
    assert cache.get_and_put("a", 3) == 1
    assert cache.get_and_put_if_absent("a", 9) == 3
    assert cache.get_and_put_if_absent("c", 9) is None
    assert cache.get_and_replace("a", 4) == 3
    assert cache.get_and_replace("z", 4) is None
    assert cache.get_and_remove("c") == 9
    assert cache.replace("z", 1) is False
    assert cache.replace("a", 5) is True
    assert cache.replace_if_equals("a", 4, 6) is False
    assert cache.replace_if_equals("a", 5, 6) is True
    assert cache.contains_key("a") is True
    assert cache.contains_keys(["a", "z"]) is False
    assert cache.remove_if_equals("a", 5) is False
    assert cache.remove_if_equals("a", 6) is True
    assert cache.remove_key("b") is True
    assert cache.remove_key("b") is False
    cache.put_all({number: str(number) for number in range(20)})
    assert cache.get_all([1, 2, 99]) == {1: "1", 2: "2"}
    assert cache.get_size() == 20
    cache.remove_keys([1, 2])
    cache.clear_key(3)
    cache.clear_keys([4, 5])
    assert sorted(key for key, _ in cache.scan(page_size=3)) == [0, *range(6, 20)]
    cache.remove_all()
    assert cache.get_size() == 0
    cache.put(1, 1)
    cache.clear()
    assert cache.get_size() == 0
    cache.destroy()
    with pytest.raises(CacheNotFound):
        cache.get(1)


def test_the_width_of_a_number_is_part_of_a_key(client: MemoryClient) -> None:
    cache = client.create_cache("widths")
    for value, hint in ((1, ByteObject), (2, ShortObject), (3, IntObject), (4, None)):
        cache.put(7, value, key_hint=hint)
    assert cache.get_size() == 4
    assert [cache.get(7, key_hint=hint) for hint in (ByteObject, ShortObject, IntObject, None)] == [
        1,
        2,
        3,
        4,
    ]


def test_settings(client: MemoryClient) -> None:
    cache = client.create_cache(
        {
            PROP_NAME: "configured",
            PROP_BACKUPS_NUMBER: 2,
            PROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL,
        }
    )
    found = cache.settings
    assert found[PROP_NAME] == "configured"
    assert found[PROP_BACKUPS_NUMBER] == 2
    assert found[PROP_CACHE_MODE] == CacheMode.PARTITIONED
    assert found[PROP_CACHE_ATOMICITY_MODE] == CacheAtomicityMode.TRANSACTIONAL
    with pytest.raises(CacheExists):
        client.create_cache("configured")
    client.get_or_create_cache("configured")
    assert client.get_cache_names() == ["configured"]
    # With another name the answer can be sent again, as it is.
    assert client.create_cache({**found, PROP_NAME: "copy"}).settings == {
        **found,
        PROP_NAME: "copy",
    }


VALUES = [
    None,
    True,
    -5,
    2**63 - 1,
    1.5,
    "text with 😀 and ümläuts",
    UUID(int=7),
    Decimal("-12.340"),
    b"bytes",
    datetime(2024, 2, 29, 12, 30, 15, 123456),
    date(1999, 12, 31),
    time(13, 14, 15),
    [1, "a", [2.5, None]],
    (1, "b"),
    {"a": 1, "b": [2]},
    {1, 2, 3},
]


@pytest.mark.parametrize("value", VALUES[1:], ids=repr)
def test_values_come_back(client: MemoryClient, value: Any) -> None:
    cache = client.create_cache("values")
    cache.put("key", value)
    assert cache.get("key") == value


@binary_type(type_name="test.Point")
@dataclass
class Point:
    """A complex object."""

    x: int = 0
    y: int = 0


def test_complex_objects_are_read_by_a_client_that_does_not_know_them() -> None:
    cluster = one_node()
    MemoryClient(cluster).create_cache("points").put(1, Point(3, 4))
    found: Any = MemoryClient(cluster).get_cache("points").get(1)
    assert (found.x, found.y) == (3, 4)


def test_old_protocols() -> None:
    for version in (V1_2_0, V1_4_0, V1_6_0):
        peer = Peer(one_node(), version=version)
        assert peer.features.version == version


@given(st.lists(st.integers(1, 60), min_size=1, max_size=200))
@settings(max_examples=30, deadline=None)
def test_bytes_may_arrive_in_any_chunks(sizes: list[int]) -> None:
    def cut(data: bytes) -> Iterator[bytes]:
        place = 0
        for size in sizes:
            if place < len(data):
                yield data[place : place + size]
                place += size
        if place < len(data):
            yield data[place:]

    cache = MemoryClient(one_node(), cut=cut).create_cache("chunks")
    cache.put_all({number: [number] for number in range(10)})
    assert cache.get_all(range(10)) == {number: [number] for number in range(10)}
    assert len(list(cache.scan(page_size=4))) == 10


def test_the_cut_functions_lose_nothing() -> None:
    cuts: list[Callable[[bytes], Any]] = [whole, bytewise, at_random]
    for cut in cuts:
        assert b"".join(cut(bytes(range(100)))) == bytes(range(100))
