"""Partitions and their owners, against what the servers said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gridgain_proto.affinity import PartitionMap, Placement, partition_map, partition_of
from gridgain_proto.codec import Codec
from gridgain_proto.codec.hashing import cache_id
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import DecodeError
from gridgain_proto.features import V1_7_0, Features, Product
from gridgain_proto.operations.cluster import CACHE_PARTITIONS, CacheGroup, Partitions

VECTORS = Path(__file__).parents[1] / "vectors"
ROWS: list[dict[str, Any]] = json.loads((VECTORS / "affinity.json").read_text("utf-8"))["rows"]
ANSWERS: list[dict[str, Any]] = json.loads((VECTORS / "partitions.json").read_text("utf-8"))

A, B = UUID(int=1), UUID(int=2)
FEATURES = Features(Product.IGNITE, V1_7_0)


def test_every_hash_code_has_its_partition() -> None:
    checked = 0
    for row in ROWS:
        if "affinity=" in row["type"]:
            continue  # the hash code given is the whole key's; the codec's tests have these
        for partitions, expected in row["partition"].items():
            assert partition_of(row["hash"], int(partitions)) == expected, row
            checked += 1
    assert checked > 2000


@pytest.mark.parametrize(
    ("partitions", "expected"), [(1, 0), (10, 8), (1000, 648), (1024, 0), (65_000, 13_648)]
)
def test_the_least_hash_code(partitions: int, expected: int) -> None:
    assert partition_of(-(2**31), partitions) == expected


def read(row: dict[str, Any]) -> Partitions:
    frame = bytes.fromhex(row["response"])
    flags = frame[12]
    offset = 14 + (12 if flags & 2 else 0)
    reply = ResponseReceived(1, 0, None, frame, offset)
    return CACHE_PARTITIONS(0).decode(reply, Codec(), FEATURES)


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: f"{row['server']}-{row['what']}")
def test_every_captured_map_is_read(row: dict[str, Any]) -> None:
    request = bytes.fromhex(row["request"])
    asked = int.from_bytes(request[18:22], "little", signed=True)
    encoded = CACHE_PARTITIONS(asked).encode(Codec(), FEATURES)
    if int.from_bytes(request[14:18], "little") == 1 and len(request) == 22:
        assert bytes(encoded) == request[14:]
    answer = read(row)
    placement = answer.placement(asked)
    if row["what"] in ("", "nosuch"):  # no cache was asked for, or one that is not there
        assert placement is None
        return
    assert placement is not None
    assert placement.version == answer.version
    if placement.map is not None:
        assert len(set(placement.map.owners)) <= 3
        # Each partition is there once, under the node that the answer names for it.
        group = next(group for group in answer.groups if asked in group.caches)
        assert group.map is not None
        for node, partitions in group.map.items():
            for partition in partitions:
                assert placement.map.owners[partition] == node


def test_every_captured_map_is_read_byte_by_byte_or_refused() -> None:
    frame = bytes.fromhex(ANSWERS[0]["response"])
    for end in range(14, len(frame), 97):
        with pytest.raises(DecodeError):
            read({"response": frame[:end].hex()})


def test_a_map_with_a_gap_is_refused() -> None:
    assert partition_map({A: (0, 2), B: (1,)}, {}) == PartitionMap((A, B, A))
    assert partition_map({A: (0, 3), B: (1,)}, {}) is None
    assert partition_map({A: (0, 1), B: (1,)}, {}) is None
    assert partition_map({A: (0, -1)}, {}) is None
    assert partition_map({}, {}) is None


def test_only_the_cache_that_was_asked_for_is_believed() -> None:
    mine, other = cache_id("mine"), cache_id("other")
    answer = Partitions(
        (5, 1),
        [
            CacheGroup({other: {}}, None),
            CacheGroup({mine: {7: 8}}, {A: (0,), B: (1,)}),
        ],
    )
    assert answer.placement(mine) == Placement((5, 1), PartitionMap((A, B), {7: 8}))
    assert answer.placement(other) == Placement((5, 1), None)
    assert answer.placement(12345) is None


def test_a_key_is_found_by_its_hash_code() -> None:
    owners = PartitionMap((A, B))
    assert owners.owner_of(0) == A
    assert owners.owner_of(1) == B
