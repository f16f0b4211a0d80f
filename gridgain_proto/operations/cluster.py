"""Operations on the cluster's nodes, and on where caches lie on them."""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple
from uuid import UUID

from .. import scalars
from ..affinity import PartitionMap, Placement, TopologyVersion, partition_map
from ..exceptions import ClusterError, DecodeError
from ..features import Feature
from .layout import int64, read_bool
from .operation import Operation, Reader, Repeat, Writer

_TOPOLOGY = Struct("<qi")
_PAIR = Struct("<ii")


class CacheGroup(NamedTuple):
    """Caches that the server gives one map for."""

    caches: dict[int, dict[int, int]]
    "The key configuration of each: the affinity field by the type of the key."
    map: dict[UUID, tuple[int, ...]] | None
    "Each node's primary partitions; None if clients cannot know them."


class Partitions(NamedTuple):
    """The answer to a question for partition maps."""

    version: TopologyVersion
    groups: list[CacheGroup]

    def placement(self, cache_id: int) -> Placement | None:
        """What it says of the one cache that was asked for; None if nothing.

        GridGain puts caches that were not asked for into the group of one that was, whatever their
        own maps are, so nothing else in the answer may be believed.
        """
        for group in self.groups:
            if cache_id in group.caches:
                owners: PartitionMap | None = None
                if group.map is not None:
                    owners = partition_map(group.map, group.caches[cache_id])
                return Placement(self.version, owners)
        return None


class NodeEndpoints(NamedTuple):
    """Where one node says it can be reached."""

    node_id: UUID
    port: int
    hosts: list[str]


class Endpoints(NamedTuple):
    """The nodes of the cluster."""

    topology_version: int
    nodes: list[NodeEndpoints]


def _one_cache(writer: Writer, cache_id: int) -> None:
    writer += _PAIR.pack(1, cache_id)


def _read_partitions(reader: Reader) -> Partitions:
    data = reader.data
    major, minor = _TOPOLOGY.unpack_from(data, reader.pos)
    reader.pos += _TOPOLOGY.size
    groups_left, reader.pos = scalars.read_count(data, reader.pos, 5, "groups")
    groups = [_read_group(reader) for _ in range(groups_left)]
    return Partitions((major, minor), groups)


def _read_group(reader: Reader) -> CacheGroup:
    data = reader.data
    applicable = read_bool(reader)
    count, pos = scalars.read_count(data, reader.pos, 4, "caches")
    caches: dict[int, dict[int, int]] = {}
    for _ in range(count):
        cache_id, pos = scalars.read_int32(data, pos)
        fields: dict[int, int] = {}
        if applicable:
            pairs, pos = scalars.read_count(data, pos, _PAIR.size, "key types")
            for _ in range(pairs):
                key_type, affinity_field = _PAIR.unpack_from(data, pos)
                fields[key_type] = affinity_field
                pos += _PAIR.size
        caches[cache_id] = fields
    if not applicable:
        reader.pos = pos
        return CacheGroup(caches, None)
    nodes: dict[UUID, tuple[int, ...]] = {}
    node_count, pos = scalars.read_count(data, pos, 5, "nodes")
    for _ in range(node_count):
        node_id, pos = scalars.read_uuid(data, pos)
        if node_id is None:
            raise DecodeError("null where the id of a node should be")
        length, pos = scalars.read_count(data, pos, 4, "partitions")
        nodes[node_id] = Struct(f"<{length}i").unpack_from(data, pos)
        pos += 4 * length
    reader.pos = pos
    return CacheGroup(caches, nodes)


def _read_endpoints(reader: Reader) -> Endpoints:
    data = reader.data
    version, pos = scalars.read_int64(data, reader.pos)
    count, pos = scalars.read_count(data, pos, 24, "nodes")
    nodes = []
    for _ in range(count):
        node_id, pos = scalars.read_raw_uuid(data, pos)
        port, pos = scalars.read_int32(data, pos)
        host_count, pos = scalars.read_count(data, pos, 1, "addresses")
        hosts = []
        for _ in range(host_count):
            host, pos = scalars.read_string(data, pos)
            if host:
                hosts.append(host)
        nodes.append(NodeEndpoints(node_id, port, hosts))
    removed, pos = scalars.read_count(data, pos, 16, "removed nodes")
    reader.pos = pos + 16 * removed
    return Endpoints(version, nodes)


#: For one cache only; see `Partitions.placement`.
CACHE_PARTITIONS: Final = Operation(
    name="CACHE_PARTITIONS",
    code=1101,
    request=(_one_cache,),
    response=_read_partitions,
    repeat=Repeat.SAFE,
    error=ClusterError,
)
#: From and to which topology; -1 and -1 for all nodes that there are now.
NODE_ENDPOINTS: Final = Operation(
    name="CLUSTER_GROUP_GET_NODE_ENDPOINTS",
    code=5102,
    request=(int64, int64),
    response=_read_endpoints,
    repeat=Repeat.SAFE,
    error=ClusterError,
    feature=Feature.NODE_ENDPOINTS,
)
