"""The calls themselves, on a live node, and arguments that cannot be sent."""

from __future__ import annotations

from gridgain_proto.exceptions import (
    CacheExists,
    CacheNotFound,
    EncodeError,
    ParameterError,
)

from ..harness import Harness, scenario
from ..peer import Memory, Peer


@scenario(live="ignite_node", basic=True)
async def one_value(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"one value, {harness.name}")
        assert await cache.get("key") is None
        assert not await cache.contains_key("key")
        await cache.put("key", "value")
        assert await cache.get("key") == "value"
        assert await cache.contains_key("key")
        assert await cache.get_size() == 1
        assert await cache.remove_key("key")
        assert not await cache.remove_key("key")
        assert await cache.get_size() == 0
        await cache.destroy()


@scenario(live="ignite_node", basic=True)
async def many_values(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"many values, {harness.name}")
        values = {number: f"value {number}" for number in range(1000)}
        await cache.put_all(values)
        assert await cache.get_size() == 1000
        assert await cache.get_all(range(2000)) == values
        await cache.destroy()


@scenario(live="ignite_node")
async def large_values(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"large values, {harness.name}")
        values = {number: bytes([number]) * (1 << 18) * number for number in range(1, 6)}

        async def put_and_get(number: int) -> bool:
            await cache.put(number, values[number])
            return bool(await cache.get(number) == values[number])

        tasks = [harness.start(put_and_get, number) for number in values]
        assert all([await task.result() for task in tasks])
        assert await cache.get_all(values) == values
        await cache.destroy()


@scenario(live="ignite_node", basic=True)
async def caches(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        name = f"caches, {harness.name}"
        assert name not in await client.get_cache_names()
        cache = await client.create_cache(name)
        assert cache.name == name
        assert repr(cache) == f"<Cache {name!r}>"
        assert name in await client.get_cache_names()
        assert type(await harness.raised(client.create_cache(name))) is CacheExists
        await (await client.get_or_create_cache(name)).put(1, 2)
        assert await client.get_cache(name).get(1) == 2
        await cache.destroy()
        assert name not in await client.get_cache_names()
        error = await harness.raised(cache.get(1))
        assert type(error) is CacheNotFound
        assert error.status == 1000


@scenario(basic=True)
async def what_cannot_be_sent_is_not_sent(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            assert isinstance(await harness.raised(cache.put(1, object())), EncodeError)
            assert isinstance(await harness.raised(cache.put(2**64, 1)), EncodeError)
            assert isinstance(await harness.raised(cache.get(1, timeout=0)), ParameterError)
            assert isinstance(await harness.raised(cache.get(1, timeout=-1)), ParameterError)
            assert isinstance(await harness.raised(cache.get_all("text")), ParameterError)
            assert peer.received == []
            await cache.put(1, 2)
            assert len(peer.received) == 1
