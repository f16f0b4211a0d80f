"""Many callers over one connection: everybody gets the answer to what they asked."""

from __future__ import annotations

import os
import random
from typing import Any

from gridgain_proto.client.cache import AsyncCache
from gridgain_proto.exceptions import RequestTimeout

from ..harness import Cancelled, Harness, Task, connection_of, scenario
from ..peer import Memory, Peer

SECONDS = float(os.environ.get("GRIDGAIN_STRESS_SECONDS", "3"))
"""How long a stress test takes."""


@scenario()
async def everybody_gets_their_own(harness: Harness) -> None:
    with Peer(Memory(), shuffle=True) as peer:
        async with harness.client().connect(peer.address) as client:
            await _exchange_values(harness, client.get_cache("cache"))
            assert len(peer.connections) == 1


@scenario(live="ignite_node")
async def everybody_gets_their_own_live(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"crowds, {harness.name}")
        await _exchange_values(harness, cache)
        await cache.destroy()


async def _exchange_values(harness: Harness, cache: AsyncCache[Any, Any]) -> None:
    async def exchange(caller: int) -> None:
        for number in range(20):
            await cache.put(caller, f"{caller}: {number}")
            assert await cache.get(caller) == f"{caller}: {number}"

    tasks = [harness.start(exchange, caller) for caller in range(50)]
    for task in tasks:
        await task.result()


@scenario()
async def stress(harness: Harness) -> None:
    with Peer(Memory(), shuffle=True) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await _stress(harness, cache, SECONDS if not harness.blocking else SECONDS / 2)
            await cache.put(0, 0)
            await harness.until(lambda: connection_of(client).abandoned == 0)
            assert len(peer.connections) == 1


@scenario(live="ignite_node", only_if=lambda harness: not harness.blocking)
async def stress_live(harness: Harness) -> None:
    async with harness.client().connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"stress, {harness.name}")
        connection = connection_of(client)
        await _stress(harness, cache, SECONDS / 2)
        await harness.until(lambda: connection.abandoned == 0)
        assert connection_of(client) is connection
        await cache.destroy()


async def _stress(harness: Harness, cache: AsyncCache[Any, Any], seconds: float) -> None:
    """Callers with deadlines and cancellations at random; every answer is looked at."""
    callers = 1000 if not harness.blocking else 200 if harness.cancels else 50
    end = harness.now() + seconds
    attempts = [0] * callers
    answers = timeouts = cancelled = 0

    async def call(caller: int) -> None:
        nonlocal answers, timeouts
        while harness.now() < end:
            attempts[caller] += 1
            value = f"{caller}: {attempts[caller]}"
            timeout = random.choice((0.001, 0.01, 0.1, 1, 30))
            try:
                await cache.put(caller, value, timeout=timeout)
                found = await cache.get(caller, timeout=30)
            except RequestTimeout:
                timeouts += 1
                continue
            whose, _, number = str(found).partition(": ")
            assert int(whose) == caller, f"{caller} asked, and got {found!r}"
            assert 1 <= int(number) <= attempts[caller]
            answers += 1

    tasks: list[Task[None]] = [harness.start(call, caller) for caller in range(callers)]
    while harness.now() < end:
        await harness.sleep(0.005)
        if harness.cancels:
            for caller in random.sample(range(callers), 5):
                task = tasks[caller]
                task.cancel()
                try:
                    await task.result()
                except Cancelled:
                    cancelled += 1
                tasks[caller] = harness.start(call, caller)
    for task in tasks:
        await task.result()
    assert answers > callers / 10
    assert timeouts
    assert cancelled or not harness.cancels
