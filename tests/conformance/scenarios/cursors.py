"""Scans and SQL: results that come page by page."""

from __future__ import annotations

from gridgain_proto.exceptions import CacheNotFound, ClientClosed, SQLError

from ..harness import Harness, scenario


@scenario(live="ignite_node")
async def a_scan(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"a scan, {harness.name}")
        values = {number: f"value {number}" for number in range(100)}
        await cache.put_all(values)
        async with cache.scan(page_size=7) as cursor:
            found = {key: value async for key, value in cursor}
        assert found == values
        cursor = await cache.scan(page_size=7)
        assert await anext(cursor) in values.items()
        await cursor.aclose()
        assert cursor.closed
        assert type(await harness.raised(anext(cursor))) is ClientClosed
        await cache.destroy()
        error = await harness.raised(cache.scan())
        assert type(error) is CacheNotFound


@scenario(live="ignite_node")
async def sql(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        rows = "SELECT x, x * x FROM system_range(1, ?)"
        async with client.sql(rows, page_size=10, query_args=[95]) as cursor:
            assert [row async for row in cursor] == [[n, n * n] for n in range(1, 96)]
        error = await harness.raised(client.sql("SELECT nothing FROM nowhere"))
        assert isinstance(error, SQLError)


@scenario(live="ignite_node")
async def several_at_once(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:

        async def read(count: int) -> int:
            rows = "SELECT x FROM system_range(1, ?)"
            async with client.sql(rows, page_size=10, query_args=[count]) as cursor:
                total = 0
                async for (number,) in cursor:
                    total += number
            return total

        tasks = {count: harness.start(read, count) for count in range(0, 200, 10)}
        for count, task in tasks.items():
            assert await task.result() == count * (count + 1) // 2
