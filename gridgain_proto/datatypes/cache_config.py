"""How a cache is configured: choices, and a typed form of the dictionaries of settings.

```python
from gridgain_proto.datatypes.cache_config import CacheConfiguration, QueryEntity, QueryField
from gridgain_sync import Client

cities = CacheConfiguration(
    name="cities",
    backups_number=1,
    query_entities=[
        QueryEntity(
            key_type_name="java.lang.Long",
            value_type_name="City",
            query_fields=[QueryField("name", "java.lang.String")],
        )
    ],
)
with Client().connect("127.0.0.1", 10800) as client:
    client.create_cache(cities)
```
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from . import prop_codes
from .expiry_policy import ExpiryPolicy

__all__ = [
    "AffinityFunction",
    "CacheAtomicityMode",
    "CacheConfiguration",
    "CacheKeyConfiguration",
    "CacheMode",
    "FieldNameAlias",
    "IndexField",
    "IndexType",
    "PartitionLossPolicy",
    "QueryEntity",
    "QueryField",
    "QueryIndex",
    "RebalanceMode",
    "SimilarityFunction",
    "WriteSynchronizationMode",
]


class CacheMode(enum.IntEnum):
    """How entries are distributed."""

    LOCAL = 0
    "On the connected node only. Apache Ignite has it no more."
    REPLICATED = 1
    "All of them on every node."
    PARTITIONED = 2
    "Each on one node, and on as many others as there are backups."


class CacheAtomicityMode(enum.IntEnum):
    """Whether a cache takes part in transactions."""

    TRANSACTIONAL = 0
    "It does."
    ATOMIC = 1
    "It does not, and is faster."
    TRANSACTIONAL_SNAPSHOT = 2
    "With multi-version concurrency control; an experiment of GridGain's."


class WriteSynchronizationMode(enum.IntEnum):
    """What a write waits for."""

    FULL_SYNC = 0
    "All copies."
    FULL_ASYNC = 1
    "Nothing."
    PRIMARY_SYNC = 2
    "The primary copy."


class RebalanceMode(enum.IntEnum):
    """How data moves to a node that has joined."""

    SYNC = 0
    "Before the node's cache can be used."
    ASYNC = 1
    "While it can be used already."
    NONE = 2
    "Not at all."


class PartitionLossPolicy(enum.IntEnum):
    """What is allowed after all nodes with a copy of a partition were lost."""

    READ_ONLY_SAFE = 0
    "Reading, except what was lost."
    READ_ONLY_ALL = 1
    "Reading, the lost part as if it were empty."
    READ_WRITE_SAFE = 2
    "Everything, except with what was lost."
    READ_WRITE_ALL = 3
    "Everything, the lost part as if it were empty."
    IGNORE = 4
    "Everything, as if nothing had been lost."


class IndexType(enum.IntEnum):
    """Kinds of indexes."""

    SORTED = 0
    FULLTEXT = 1
    GEOSPATIAL = 2
    VECTOR = 3
    "GridGain only."


class SimilarityFunction(enum.IntEnum):
    """How a vector index compares."""

    COSINE = 0
    DOT_PRODUCT = 1
    EUCLIDEAN = 2
    MAXIMUM_INNER_PRODUCT = 3


@dataclass(frozen=True)
class FieldNameAlias:
    """A column's name for a field.

    Args:
        field_name: the field, ``address.street``.
        alias: the column, ``street``.
    """

    field_name: str
    alias: str


@dataclass(frozen=True)
class QueryField:
    """A field that SQL sees.

    Args:
        name: its name.
        type_name: its Java class, or the name of a complex type.
        is_key_field: whether it belongs to the key.
        is_notnull_constraint_field: whether it may not be null.
        default_value: what an INSERT without it stores, converted to ``type_name``.
        precision: how many digits or characters; -1 for the cluster's default.
        scale: how many digits after the point; -1 for the cluster's default.
    """

    name: str
    type_name: str
    is_key_field: bool = False
    is_notnull_constraint_field: bool = False
    default_value: Any = None
    precision: int = -1
    scale: int = -1


@dataclass(frozen=True)
class IndexField:
    """A field of an index.

    Args:
        name: the field.
        is_descending: whether it is sorted downwards.
    """

    name: str
    is_descending: bool = False


@dataclass(frozen=True)
class QueryIndex:
    """An index.

    Args:
        fields: what is indexed.
        index_name: its name; made of the table's and the fields' by default.
        index_type: its kind.
        inline_size: how many bytes of the fields are kept in the index; -1 for the default.
        similarity_function: how a vector index compares.
    """

    fields: Sequence[IndexField | Mapping[str, Any]]
    index_name: str | None = None
    index_type: IndexType | int = IndexType.SORTED
    inline_size: int = -1
    similarity_function: SimilarityFunction | int = SimilarityFunction.COSINE


@dataclass(frozen=True)
class QueryEntity:
    """A type of values that SQL sees as a table.

    Args:
        value_type_name: the values' Java class, or the name of a complex type.
        key_type_name: that of the keys.
        table_name: the table; made of the value's type by default.
        key_field_name: a column that is the key itself.
        value_field_name: a column that is the value itself.
        query_fields: the columns.
        field_name_aliases: names of columns that are not those of the fields.
        query_indexes: the indexes.
    """

    value_type_name: str
    key_type_name: str | None = None
    table_name: str | None = None
    key_field_name: str | None = None
    value_field_name: str | None = None
    query_fields: Sequence[QueryField | Mapping[str, Any]] = ()
    field_name_aliases: Sequence[FieldNameAlias | Mapping[str, Any]] = ()
    query_indexes: Sequence[QueryIndex | Mapping[str, Any]] = ()


@dataclass(frozen=True)
class CacheKeyConfiguration:
    """By which of its fields a complex key is placed.

    Args:
        type_name: the key's type.
        affinity_key_field_name: the field.
    """

    type_name: str
    affinity_key_field_name: str


@dataclass(frozen=True)
class AffinityFunction:
    """How partitions are distributed; GridGain only.

    Args:
        partitions: how many there are.
        exclude_neighbors: whether copies on nodes of one machine are avoided.
    """

    partitions: int = 1024
    exclude_neighbors: bool = False


@dataclass(frozen=True, kw_only=True)
class CacheConfiguration:
    """A cache's configuration. What is None is left to the server.

    Args:
        name: the cache's name.
        cache_mode: how entries are distributed.
        atomicity_mode: whether it takes part in transactions.
        backups_number: how many copies there are beside the primary one.
        write_synchronization_mode: what a write waits for.
        copy_on_read: whether Java code on the server gets copies.
        read_from_backup: whether a node reads its own backup copies.
        data_region_name: where the data is held.
        onheap_cache_enabled: whether entries are cached on the JVM's heap as well.
        query_entities: what SQL sees.
        query_parallelism: how many threads of a node work on one query.
        query_detail_metric_size: how many queries statistics are kept of.
        sql_schema: the name of the SQL schema; the cache's name by default.
        sql_index_inline_max_size: how many bytes are kept in indexes at most.
        sql_escape_all: whether names keep their case.
        max_query_iterators: how many iterators of queries are kept at most.
        rebalance_mode: how data moves to a node that has joined.
        rebalance_delay: milliseconds before it begins.
        rebalance_timeout: milliseconds for one message of it.
        rebalance_batch_size: bytes of one message of it.
        rebalance_batches_prefetch_count: how many messages are prepared ahead.
        rebalance_order: when, relative to other caches.
        rebalance_throttle: milliseconds between two messages.
        group_name: the group of caches that share their partitions.
        key_configuration: by which of its fields a complex key is placed.
        default_lock_timeout: milliseconds that a lock is waited for; 0 for no limit.
        max_concurrent_async_operations: how many may run at the same time.
        partition_loss_policy: what is allowed after partitions were lost.
        eager_ttl: whether what has expired is removed at once.
        statistics_enabled: whether statistics are kept.
        expiry_policy: how long entries live.
        affinity: how partitions are distributed; GridGain only.
    """

    name: str
    cache_mode: CacheMode | int | None = None
    atomicity_mode: CacheAtomicityMode | int | None = None
    backups_number: int | None = None
    write_synchronization_mode: WriteSynchronizationMode | int | None = None
    copy_on_read: bool | None = None
    read_from_backup: bool | None = None
    data_region_name: str | None = None
    onheap_cache_enabled: bool | None = None
    query_entities: Sequence[QueryEntity | Mapping[str, Any]] | None = None
    query_parallelism: int | None = None
    query_detail_metric_size: int | None = None
    sql_schema: str | None = None
    sql_index_inline_max_size: int | None = None
    sql_escape_all: bool | None = None
    max_query_iterators: int | None = None
    rebalance_mode: RebalanceMode | int | None = None
    rebalance_delay: int | None = None
    rebalance_timeout: int | None = None
    rebalance_batch_size: int | None = None
    rebalance_batches_prefetch_count: int | None = None
    rebalance_order: int | None = None
    rebalance_throttle: int | None = None
    group_name: str | None = None
    key_configuration: Sequence[CacheKeyConfiguration | Mapping[str, Any]] | None = None
    default_lock_timeout: int | None = None
    max_concurrent_async_operations: int | None = None
    partition_loss_policy: PartitionLossPolicy | int | None = None
    eager_ttl: bool | None = None
    statistics_enabled: bool | None = None
    expiry_policy: ExpiryPolicy | None = None
    affinity: AffinityFunction | None = None

    def settings(self) -> dict[int, Any]:
        """What is set, as a dictionary by property codes."""
        return {
            code: value
            for code, name in _NAMES.items()
            if (value := getattr(self, name)) is not None
        }

    @classmethod
    def from_settings(cls, settings: Mapping[int, Any]) -> Self:
        """The typed form of a dictionary by property codes, such as ``cache.settings``."""
        return cls(**{_NAMES[code]: value for code, value in settings.items()})


#: The attributes of the class above by property codes.
_NAMES = {
    prop_codes.PROP_NAME: "name",
    prop_codes.PROP_CACHE_MODE: "cache_mode",
    prop_codes.PROP_CACHE_ATOMICITY_MODE: "atomicity_mode",
    prop_codes.PROP_BACKUPS_NUMBER: "backups_number",
    prop_codes.PROP_WRITE_SYNCHRONIZATION_MODE: "write_synchronization_mode",
    prop_codes.PROP_COPY_ON_READ: "copy_on_read",
    prop_codes.PROP_READ_FROM_BACKUP: "read_from_backup",
    prop_codes.PROP_DATA_REGION_NAME: "data_region_name",
    prop_codes.PROP_IS_ONHEAP_CACHE_ENABLED: "onheap_cache_enabled",
    prop_codes.PROP_QUERY_ENTITIES: "query_entities",
    prop_codes.PROP_QUERY_PARALLELISM: "query_parallelism",
    prop_codes.PROP_QUERY_DETAIL_METRIC_SIZE: "query_detail_metric_size",
    prop_codes.PROP_SQL_SCHEMA: "sql_schema",
    prop_codes.PROP_SQL_INDEX_INLINE_MAX_SIZE: "sql_index_inline_max_size",
    prop_codes.PROP_SQL_ESCAPE_ALL: "sql_escape_all",
    prop_codes.PROP_MAX_QUERY_ITERATORS: "max_query_iterators",
    prop_codes.PROP_REBALANCE_MODE: "rebalance_mode",
    prop_codes.PROP_REBALANCE_DELAY: "rebalance_delay",
    prop_codes.PROP_REBALANCE_TIMEOUT: "rebalance_timeout",
    prop_codes.PROP_REBALANCE_BATCH_SIZE: "rebalance_batch_size",
    prop_codes.PROP_REBALANCE_BATCHES_PREFETCH_COUNT: "rebalance_batches_prefetch_count",
    prop_codes.PROP_REBALANCE_ORDER: "rebalance_order",
    prop_codes.PROP_REBALANCE_THROTTLE: "rebalance_throttle",
    prop_codes.PROP_GROUP_NAME: "group_name",
    prop_codes.PROP_CACHE_KEY_CONFIGURATION: "key_configuration",
    prop_codes.PROP_DEFAULT_LOCK_TIMEOUT: "default_lock_timeout",
    prop_codes.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS: "max_concurrent_async_operations",
    prop_codes.PROP_PARTITION_LOSS_POLICY: "partition_loss_policy",
    prop_codes.PROP_EAGER_TTL: "eager_ttl",
    prop_codes.PROP_STATISTICS_ENABLED: "statistics_enabled",
    prop_codes.PROP_EXPIRY_POLICY: "expiry_policy",
    prop_codes.PROP_AFFINITY: "affinity",
}
