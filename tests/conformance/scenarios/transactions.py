"""Transactions: of the task, thread or greenlet that began them, and of nobody else."""

from __future__ import annotations

from typing import Any

from gridgain_proto.client.cache import AsyncCache
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.datatypes.cache_config import CacheAtomicityMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_ATOMICITY_MODE, PROP_NAME
from gridgain_proto.exceptions import TransactionError

from ..harness import Harness, scenario


async def transactional_cache(client: AsyncClient, name: str) -> AsyncCache[Any, Any]:
    """A cache that takes part in transactions."""
    return await client.get_or_create_cache(
        {PROP_NAME: name, PROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL}
    )


@scenario(live="ignite_node")
async def commit_and_roll_back(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await transactional_cache(client, f"commit, {harness.name}")
        async with client.tx_start() as tx:
            await cache.put(1, "one")
            await tx.commit()
        assert await cache.get(1) == "one"
        async with client.tx_start() as tx:
            await cache.put(1, "two")
            await tx.rollback()
        assert await cache.get(1) == "one"
        async with client.tx_start():
            await cache.put(1, "three")
        assert await cache.get(1) == "one"
        try:
            async with client.tx_start():
                await cache.put(1, "four")
                raise KeyError
        except KeyError:
            assert await cache.get(1) == "one"
        await cache.destroy()


@scenario(live="ignite_node")
async def everybody_has_their_own(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await transactional_cache(client, f"own, {harness.name}")

        async def work(key: int) -> None:
            async with client.tx_start() as tx:
                await cache.put(key, key)
                await harness.sleep(0.01)
                if key % 2:
                    await tx.commit()

        tasks = [harness.start(work, key) for key in range(20)]
        for task in tasks:
            await task.result()
        assert await cache.get_all(range(20)) == {key: key for key in range(1, 20, 2)}
        await cache.destroy()


@scenario(live="ignite_node")
async def one_at_a_time(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        async with client.tx_start():
            error = await harness.raised(client.tx_start().__aenter__())
            assert isinstance(error, TransactionError)
        async with client.tx_start():
            pass
