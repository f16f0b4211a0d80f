"""Deadlines: of one call, of the client, and what they must not do to others."""

from __future__ import annotations

from typing import Any

from gridgain_proto.client.cache import AsyncCache
from gridgain_proto.exceptions import RequestTimeout

from ..harness import Harness, scenario
from ..peer import Memory, Peer

LONG = b"\x04" + bytes(8)
"""The number 0, as an answer."""


@scenario(basic=True)
async def a_late_answer_is_dropped(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            began = harness.now()
            error = await harness.raised(cache.get(1, timeout=0.1))
            assert type(error) is RequestTimeout
            assert str(error) == f"CACHE_GET: {peer.address} did not answer in time"
            assert 0.09 < harness.now() - began < 5
            task = harness.start(cache.get, 2)
            await harness.until(lambda: len(peer.waiting) == 2, "both requests came")
            late, next_one = peer.waiting
            peer.last.respond(late, LONG)
            peer.last.respond(next_one, LONG)
            assert await task.result() == 0
            assert len(peer.connections) == 1


@scenario()
async def a_neighbour_does_not_notice(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            # The first to wait is the one who reads for all where there are no background tasks.
            impatient = harness.start(_get, cache, 1, 0.2)
            await harness.until(lambda: len(peer.waiting) == 1)
            neighbours = [harness.start(_get, cache, number, 5) for number in range(2, 6)]
            await harness.until(lambda: len(peer.waiting) == 5)
            assert type(await harness.raised(impatient.result())) is RequestTimeout
            for request in reversed(peer.waiting):
                peer.last.respond(request, b"\x04" + request.payload[6:14])
            assert [await task.result() for task in neighbours] == [2, 3, 4, 5]
            assert len(peer.connections) == 1


@scenario(basic=True)
async def of_the_client(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client(timeout=0.5).connect(peer.address) as client:
            error = await harness.raised(client.get_cache_names())
            assert type(error) is RequestTimeout
            assert str(error) == f"CACHE_GET_NAMES: {peer.address} did not answer in time"


@scenario()
async def in_time(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client(timeout=30).connect(peer.address) as client:
            cache = client.get_cache("cache")
            for number in range(100):
                await cache.put(number, number, timeout=20)
                assert await cache.get(number) == number


async def _get(cache: AsyncCache[Any, Any], key: int, timeout: float) -> object:
    return await cache.get(key, timeout=timeout)
