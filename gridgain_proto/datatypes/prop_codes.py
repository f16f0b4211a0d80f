"""The codes of a cache's properties, by which dictionaries of settings are keyed.

```python
from gridgain_proto.datatypes.prop_codes import *
from gridgain_sync import Client

with Client().connect("127.0.0.1", 10800) as client:
    client.create_cache({PROP_NAME: "my cache", PROP_BACKUPS_NUMBER: 1})
```
"""

from __future__ import annotations

from typing import Final

#: The cache's name, a ``str``.
PROP_NAME: Final = 0
#: How entries are distributed, a `CacheMode`.
PROP_CACHE_MODE: Final = 1
#: Whether it takes part in transactions, a `CacheAtomicityMode`.
PROP_CACHE_ATOMICITY_MODE: Final = 2
#: How many copies there are beside the primary one, an ``int``.
PROP_BACKUPS_NUMBER: Final = 3
#: What a write waits for, a `WriteSynchronizationMode`.
PROP_WRITE_SYNCHRONIZATION_MODE: Final = 4
#: Whether Java code on the server gets copies, a ``bool``.
PROP_COPY_ON_READ: Final = 5
#: Whether a node reads its own backup copies, a ``bool``.
PROP_READ_FROM_BACKUP: Final = 6

#: Where the data is held, a ``str``.
PROP_DATA_REGION_NAME: Final = 100
#: Whether entries are cached on the JVM's heap as well, a ``bool``.
PROP_IS_ONHEAP_CACHE_ENABLED: Final = 101

#: What SQL sees, a list of `QueryEntity` or of dictionaries.
PROP_QUERY_ENTITIES: Final = 200
#: How many threads of a node work on one query, an ``int``.
PROP_QUERY_PARALLELISM: Final = 201
#: How many queries statistics are kept of, an ``int``.
PROP_QUERY_DETAIL_METRIC_SIZE: Final = 202
#: The name of the SQL schema, a ``str``; the cache's name by default.
PROP_SQL_SCHEMA: Final = 203
#: How many bytes are kept in indexes at most, an ``int``.
PROP_SQL_INDEX_INLINE_MAX_SIZE: Final = 204
#: Whether names keep their case, a ``bool``.
PROP_SQL_ESCAPE_ALL: Final = 205
#: How many iterators of queries are kept at most, an ``int``.
PROP_MAX_QUERY_ITERATORS: Final = 206

#: How data moves to a node that has joined, a `RebalanceMode`.
PROP_REBALANCE_MODE: Final = 300
#: Milliseconds before that begins, an ``int``.
PROP_REBALANCE_DELAY: Final = 301
#: Milliseconds for one message of it, an ``int``.
PROP_REBALANCE_TIMEOUT: Final = 302
#: Bytes of one message of it, an ``int``.
PROP_REBALANCE_BATCH_SIZE: Final = 303
#: How many messages are prepared ahead, an ``int``.
PROP_REBALANCE_BATCHES_PREFETCH_COUNT: Final = 304
#: When, relative to other caches, an ``int``.
PROP_REBALANCE_ORDER: Final = 305
#: Milliseconds between two messages, an ``int``.
PROP_REBALANCE_THROTTLE: Final = 306

#: The group of caches that share their partitions, a ``str``.
PROP_GROUP_NAME: Final = 400
#: By which field a complex key is placed, a list of `CacheKeyConfiguration` or of dictionaries.
PROP_CACHE_KEY_CONFIGURATION: Final = 401
#: Milliseconds that a lock is waited for, an ``int``; 0 for no limit.
PROP_DEFAULT_LOCK_TIMEOUT: Final = 402
#: How many may run at the same time, an ``int``.
PROP_MAX_CONCURRENT_ASYNC_OPERATIONS: Final = 403
#: What is allowed after partitions were lost, a `PartitionLossPolicy`.
PROP_PARTITION_LOSS_POLICY: Final = 404
#: Whether what has expired is removed at once, a ``bool``.
PROP_EAGER_TTL: Final = 405
#: Whether statistics are kept, a ``bool``.
PROP_STATISTICS_ENABLED: Final = 406
#: How long entries live, an `ExpiryPolicy`.
PROP_EXPIRY_POLICY: Final = 407
#: How partitions are distributed, an `AffinityFunction`; GridGain only.
PROP_AFFINITY: Final = 408

#: A misprint of GridGain's user guide, kept so that its examples run. Deprecated: use
#: `PROP_CACHE_ATOMICITY_MODE`.
ROP_CACHE_ATOMICITY_MODE: Final = PROP_CACHE_ATOMICITY_MODE

__all__ = [
    "PROP_AFFINITY",
    "PROP_BACKUPS_NUMBER",
    "PROP_CACHE_ATOMICITY_MODE",
    "PROP_CACHE_KEY_CONFIGURATION",
    "PROP_CACHE_MODE",
    "PROP_COPY_ON_READ",
    "PROP_DATA_REGION_NAME",
    "PROP_DEFAULT_LOCK_TIMEOUT",
    "PROP_EAGER_TTL",
    "PROP_EXPIRY_POLICY",
    "PROP_GROUP_NAME",
    "PROP_IS_ONHEAP_CACHE_ENABLED",
    "PROP_MAX_CONCURRENT_ASYNC_OPERATIONS",
    "PROP_MAX_QUERY_ITERATORS",
    "PROP_NAME",
    "PROP_PARTITION_LOSS_POLICY",
    "PROP_QUERY_DETAIL_METRIC_SIZE",
    "PROP_QUERY_ENTITIES",
    "PROP_QUERY_PARALLELISM",
    "PROP_READ_FROM_BACKUP",
    "PROP_REBALANCE_BATCHES_PREFETCH_COUNT",
    "PROP_REBALANCE_BATCH_SIZE",
    "PROP_REBALANCE_DELAY",
    "PROP_REBALANCE_MODE",
    "PROP_REBALANCE_ORDER",
    "PROP_REBALANCE_THROTTLE",
    "PROP_REBALANCE_TIMEOUT",
    "PROP_SQL_ESCAPE_ALL",
    "PROP_SQL_INDEX_INLINE_MAX_SIZE",
    "PROP_SQL_SCHEMA",
    "PROP_STATISTICS_ENABLED",
    "PROP_WRITE_SYNCHRONIZATION_MODE",
    "ROP_CACHE_ATOMICITY_MODE",
]
