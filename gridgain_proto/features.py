"""What a connection speaks: the product at the other end, the protocol's version, its features.

All of it belongs to one connection and is never shared: clusters are upgraded node by node.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Product(enum.Enum):
    """Which server answers."""

    GRIDGAIN = "GridGain"
    IGNITE = "Apache Ignite"
    UNKNOWN = "GridGain or Apache Ignite"


class ProtocolVersion(NamedTuple):
    """A version of the thin protocol."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


V1_0_0 = ProtocolVersion(1, 0, 0)
V1_1_0 = ProtocolVersion(1, 1, 0)
V1_2_0 = ProtocolVersion(1, 2, 0)
V1_3_0 = ProtocolVersion(1, 3, 0)
V1_4_0 = ProtocolVersion(1, 4, 0)
V1_5_0 = ProtocolVersion(1, 5, 0)
V1_6_0 = ProtocolVersion(1, 6, 0)
V1_7_0 = ProtocolVersion(1, 7, 0)
V1_7_1 = ProtocolVersion(1, 7, 1)

#: User name and password are part of the handshake.
CREDENTIALS_SINCE = V1_1_0
#: Responses carry flags and the topology version; the handshake's answer names the node.
FLAGS_SINCE = V1_4_0
#: Features are negotiated one by one.
FEATURES_SINCE = V1_7_0

#: The versions this side speaks, newest first.
SUPPORTED_VERSIONS = (V1_7_1, V1_7_0, V1_6_0, V1_5_0, V1_4_0, V1_3_0, V1_2_0)


class Feature(enum.Enum):
    """A negotiated feature, by meaning: the two products number them differently from 10 up."""

    USER_ATTRIBUTES = "user attributes"
    EXECUTE_TASK_BY_NAME = "execute task by name"
    CLUSTER_STATES = "cluster states"
    NODE_ENDPOINTS = "node endpoints"
    CLUSTER_GROUPS = "cluster groups"
    SERVICE_INVOKE = "service invoke"
    DEFAULT_QUERY_TIMEOUT = "default query timeout"
    QUERY_PARTITIONS_BATCH_SIZE = "query partitions and batch size"
    BINARY_CONFIGURATION = "binary configuration"
    SERVICE_DESCRIPTORS = "service descriptors"
    HEARTBEAT = "heartbeat"
    DATA_REPLICATION = "data replication operations"
    ALL_AFFINITY_MAPPINGS = "all affinity mappings"
    INDEX_QUERY = "index query"
    INDEX_QUERY_LIMIT = "index query limit"
    QUERY_LABEL = "query label"
    SERVICE_TOPOLOGY = "service topology"
    CACHE_AFFINITY_CONFIGURATION = "cache affinity configuration"
    CACHE_INVOKE = "cache invoke"
    TRANSACTION_AWARE_QUERIES = "transaction-aware queries"
    FORCE_DEACTIVATION = "force deactivation flag"
    CACHE_PLUGIN_CONFIGURATIONS = "cache plugin configurations"
    VECTOR_SIMILARITY = "vector index similarity"
    SERVICE_CALL_CONTEXT = "service call context"


_COMMON_BITS = {
    Feature.USER_ATTRIBUTES: 0,
    Feature.EXECUTE_TASK_BY_NAME: 1,
    Feature.CLUSTER_STATES: 2,
    Feature.NODE_ENDPOINTS: 3,
    Feature.CLUSTER_GROUPS: 4,
    Feature.SERVICE_INVOKE: 5,
    Feature.DEFAULT_QUERY_TIMEOUT: 6,
    Feature.QUERY_PARTITIONS_BATCH_SIZE: 7,
    Feature.BINARY_CONFIGURATION: 8,
    Feature.SERVICE_DESCRIPTORS: 9,
    Feature.HEARTBEAT: 11,
    Feature.INDEX_QUERY: 14,
    Feature.INDEX_QUERY_LIMIT: 15,
}

#: The bit of each feature, by product. For an unknown product only the bits on which both agree
#: and which change nothing in the handshake itself.
FEATURE_BITS: dict[Product, dict[Feature, int]] = {
    Product.GRIDGAIN: {
        **_COMMON_BITS,
        Feature.QUERY_LABEL: 16,
        Feature.CACHE_AFFINITY_CONFIGURATION: 17,
        Feature.CACHE_INVOKE: 19,
        Feature.CACHE_PLUGIN_CONFIGURATIONS: 32,
        Feature.VECTOR_SIMILARITY: 33,
        Feature.SERVICE_CALL_CONTEXT: 34,
    },
    Product.IGNITE: {
        **_COMMON_BITS,
        Feature.SERVICE_CALL_CONTEXT: 10,
        Feature.DATA_REPLICATION: 12,
        Feature.ALL_AFFINITY_MAPPINGS: 13,
        Feature.SERVICE_TOPOLOGY: 16,
        Feature.CACHE_INVOKE: 17,
        Feature.TRANSACTION_AWARE_QUERIES: 18,
        Feature.FORCE_DEACTIVATION: 19,
    },
    Product.UNKNOWN: {
        feature: bit for feature, bit in _COMMON_BITS.items() if feature != Feature.USER_ATTRIBUTES
    },
}

#: What this side offers: an active feature changes what requests must look like, so only what is
#: implemented may stand here.
IMPLEMENTED_FEATURES = frozenset(
    {
        Feature.USER_ATTRIBUTES,
        Feature.CLUSTER_STATES,
        Feature.NODE_ENDPOINTS,
        Feature.DEFAULT_QUERY_TIMEOUT,
        Feature.QUERY_PARTITIONS_BATCH_SIZE,
        Feature.BINARY_CONFIGURATION,
        Feature.HEARTBEAT,
        Feature.QUERY_LABEL,
        Feature.CACHE_AFFINITY_CONFIGURATION,
        Feature.FORCE_DEACTIVATION,
        Feature.VECTOR_SIMILARITY,
    }
)


#: Where every known bit lies; what a node names beyond is not looked at.
MAX_FEATURE_BYTES = 8


def feature_bytes(bits: Iterable[int]) -> bytes:
    """The wire form of a set of bits, trailing zero bytes trimmed."""
    number = 0
    for bit in bits:
        number |= 1 << bit
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def feature_bits(data: bytes) -> frozenset[int]:
    """The set of bits of a wire form."""
    return frozenset(bit for bit in range(len(data) * 8) if data[bit // 8] >> (bit % 8) & 1)


@dataclass(frozen=True, slots=True)
class Features:
    """What was agreed on one connection.

    Attributes:
        product: which server answers.
        version: the protocol's version.
        active: the features that both sides know; each changes or allows what is sent.
    """

    product: Product
    version: ProtocolVersion
    active: frozenset[Feature] = frozenset()

    def __contains__(self, feature: Feature) -> bool:
        return feature in self.active

    def __str__(self) -> str:
        return f"{self.product.value}, protocol {self.version}"
