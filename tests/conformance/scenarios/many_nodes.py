"""Many nodes: one address is enough, keys go to their owners, batches come back whole."""

from __future__ import annotations

from typing import Any

from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.nodes import Nodes

from ..harness import Harness, scenario


def nodes_of(client: AsyncClient) -> Nodes:
    """What a client knows of its nodes."""
    blocking: Any = getattr(client, "_blocking", None)
    flows: Any = client if blocking is None else blocking._flows
    nodes: Nodes = flows._session.nodes
    return nodes


@scenario(live="ignite_cluster")
async def one_address_is_enough(harness: Harness) -> None:
    async with harness.client(timeout=20).connect(harness.facts["address"]) as client:
        cache = await client.create_cache(f"many, {harness.name}, {harness.now()}")
        nodes = nodes_of(client)
        limit = harness.now() + 20
        while len(nodes.links) < 3 or not nodes.can_split(cache.cache_id, changes=True):
            assert harness.now() < limit
            await cache.get(0)
            await harness.sleep(0.02)
        pairs: dict[Any, Any] = {number: str(number) for number in range(400)}
        await cache.put_all(pairs)
        assert await cache.get_all(pairs) == pairs
        assert await cache.get_size() == 400

        async def read(caller: int) -> None:
            for key in range(caller, 400, 20):
                assert await cache.get(key) == str(key)

        tasks = [harness.start(read, caller) for caller in range(20)]
        for task in tasks:
            await task.result()
        owners = {nodes.owner_of_key(cache.cache_id, key, None) for key in pairs}
        assert len(owners) == 3
        assert None not in owners
        await cache.destroy()


@scenario(live="ignite_cluster")
async def without_it_there_is_one_connection(harness: Harness) -> None:
    options: dict[str, Any] = {"timeout": 20, "partition_aware": False}
    async with harness.client(**options).connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"plain, {harness.name}")
        for key in range(20):
            await cache.put(key, key)
        await harness.sleep(0.2)
        assert await cache.get(1) == 1
        assert len(nodes_of(client).links) == 1
