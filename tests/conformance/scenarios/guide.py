"""What the user guide promises beyond keys, values and queries."""

from __future__ import annotations

from typing import Any

from gridgain_proto.codec import GenericObjectMeta
from gridgain_proto.datatypes import ClusterState, ExpiryPolicy, IntObject
from gridgain_proto.datatypes.cache_config import (
    CacheAtomicityMode,
    CacheConfiguration,
    CacheMode,
    QueryEntity,
)
from gridgain_proto.datatypes.prop_codes import (
    PROP_BACKUPS_NUMBER,
    PROP_CACHE_MODE,
    PROP_EXPIRY_POLICY,
    PROP_NAME,
)
from gridgain_proto.datatypes.transactions import TransactionConcurrency, TransactionIsolation
from gridgain_proto.exceptions import ParameterError, TransactionConflict
from gridgain_proto.monitoring import QueryEventListener, QuerySuccessEvent

from ..harness import Harness, scenario


@scenario(live="ignite_node")
async def settings_of_caches(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        name = f"settings, {harness.name}"
        cache = await client.create_cache(
            {
                PROP_NAME: name,
                PROP_BACKUPS_NUMBER: 1,
                PROP_EXPIRY_POLICY: ExpiryPolicy(create=ExpiryPolicy.ETERNAL),
            }
        )
        settings = await cache.settings()
        assert settings[PROP_CACHE_MODE] is CacheMode.PARTITIONED
        assert settings[PROP_BACKUPS_NUMBER] == 1
        await cache.with_expire_policy(create=0).put(1, "gone")
        await cache.put(2, "stays")
        assert [key async for key in cache] == [2]
        await cache.destroy()
        error = await harness.raised(client.create_cache({PROP_NAME: name, 999: 1}))
        assert type(error) is ParameterError


@scenario(live="ignite_node")
async def sql_of_caches(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        entity = QueryEntity("java.lang.String", "java.lang.Integer", table_name="WORDS")
        cache = await client.create_cache(
            CacheConfiguration(name=f"words, {harness.name}", query_entities=[entity])
        )
        async with cache.sql("INSERT INTO words (_key, _val) VALUES (1, 'one')") as done:
            assert done.update_count == 1
        async with cache.select_row("_key = ?", query_args=[1]) as entries:
            assert [entry async for entry in entries] == [(1, "one")]
        # The key is an INT, the parameter a BIGINT.
        async with cache.sql("DELETE FROM words WHERE _key = ?", query_args=[1]) as done:
            assert done.update_count == 1
        assert await cache.get_size() == 0
        await cache.destroy()


@scenario(live="ignite_node")
async def cursors_used_up_by_failing_queries(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        for _ in range(140):
            await harness.raised(client.sql("SELECT 1 / (x - x) FROM SYSTEM_RANGE(1, 3)"))
        async with client.sql("SELECT 1") as rows:
            assert [row async for row in rows] == [[1]]


@scenario(live="ignite_node")
async def defaults_of_transactions(harness: Harness) -> None:
    client = harness.client(
        tx_concurrency=TransactionConcurrency.OPTIMISTIC,
        tx_isolation=TransactionIsolation.SERIALIZABLE,
    )
    async with client.connect(harness.facts["address"]):
        cache = await client.create_cache(
            CacheConfiguration(
                name=f"defaults, {harness.name}", atomicity_mode=CacheAtomicityMode.TRANSACTIONAL
            )
        )

        async def put(value: str) -> None:
            await cache.put(1, value)

        async with client.tx_start() as tx:
            await cache.get(1)
            await harness.start(put, "another's").result()
            await cache.put(1, "mine")
            assert type(await harness.raised(tx.commit())) is TransactionConflict
        assert await cache.get(1) == "another's"
        await cache.destroy()


@scenario(live="ignite_node")
async def cluster_and_types(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cluster = client.get_cluster()
        assert await cluster.get_state() is ClusterState.ACTIVE
        await cluster.set_state(ClusterState.ACTIVE)
        name = f"Type_{harness.name}"
        cls: Any = GenericObjectMeta(name, (), {}, type_name=name, schema={"a": IntObject})
        await client.register_binary_type(cls)
        described = await client.get_binary_type(name)
        assert described is not None
        assert list((await client.query_binary_type(name)).values()) == [cls]


class _Names(QueryEventListener):
    def __init__(self) -> None:
        self.names: list[str] = []

    def on_query_success(self, event: QuerySuccessEvent) -> None:
        self.names.append(event.op_name)
        raise ZeroDivisionError  # no concern of the request's


@scenario(live="ignite_node")
async def listeners(harness: Harness) -> None:
    names = _Names()
    async with harness.client(event_listeners=[names]).connect(harness.facts["address"]) as client:
        await client.get_cache_names()
    assert "CACHE_GET_NAMES" in names.names
