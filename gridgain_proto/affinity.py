"""Which node owns a key: partitions and their owners. Pure, no I/O.

key → affinity key (the key, or one field of it) → Java's hash code → partition → node. A wrong
answer costs one hop on the server's side and never correctness, so an old map does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

#: Newer versions are greater: (major, minor). A node that has none yet says (-1, 0).
TopologyVersion = tuple[int, int]

MAX_PARTITIONS = 65_000


def partition_of(hash_code: int, partitions: int) -> int:
    """The partition of a key, as the servers' rendezvous function has it.

    Args:
        hash_code: the signed 32-bit hash code of the affinity key.
        partitions: how many partitions the cache has, 1 at least.
    """
    if partitions & (partitions - 1) == 0:
        unsigned = hash_code & 0xFFFFFFFF
        return (unsigned ^ (unsigned >> 16)) & (partitions - 1)
    # Java takes the absolute value of a remainder that has the sign of the hash code.
    return abs(hash_code) % partitions


@dataclass(frozen=True, slots=True)
class PartitionMap:
    """The owners of one cache's partitions.

    Attributes:
        owners: the id of the node with the primary copy, by partition.
        affinity_fields: the id of the field that places a key, by the id of the key's type.
    """

    owners: tuple[UUID, ...]
    affinity_fields: Mapping[int, int] = field(default_factory=dict)

    def owner_of(self, hash_code: int) -> UUID:
        """The node that owns keys with that hash code."""
        return self.owners[partition_of(hash_code, len(self.owners))]


@dataclass(frozen=True, slots=True)
class Placement:
    """What is known of where one cache's keys are.

    Attributes:
        version: the topology that it is about.
        map: the owners, or None if no client can know them: the cache is replicated, or placed by
            code of the cluster's own.
    """

    version: TopologyVersion
    map: PartitionMap | None


def partition_map(
    nodes: Mapping[UUID, tuple[int, ...]], affinity_fields: Mapping[int, int]
) -> PartitionMap | None:
    """The map of a cache from each node's list of partitions.

    Returns:
        the map, or None unless every partition from 0 up has exactly one owner: the number of
        partitions is not said, so a gap could hide the last one and make all of it wrong.
    """
    count = sum(map(len, nodes.values()))
    if not 0 < count <= MAX_PARTITIONS:
        return None
    owners: list[UUID | None] = [None] * count
    for node, partitions in nodes.items():
        for partition in partitions:
            if not 0 <= partition < count or owners[partition] is not None:
                return None
            owners[partition] = node
    return PartitionMap(tuple(owner for owner in owners if owner is not None), affinity_fields)
