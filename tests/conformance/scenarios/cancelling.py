"""Cancelling: whoever is cancelled leaves, and harms nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from gridgain_proto.client.cache import AsyncCache
from gridgain_proto.exceptions import TransactionError
from tests.core.fake_node import Failure, Request

from ..harness import Cancelled, Harness, Task, Traits, connection_of, scenario
from ..peer import Memory, Peer, split

NEIGHBOURS = (1, 2, 3)
MANY_STEPS = 100


class HoldsNeighbours(Memory):
    """Answers at once, except where a neighbour asks."""

    def __call__(self, request: Request) -> bytes | Failure | None:
        """Answer one request, or keep it waiting."""
        key = split(request.payload)[1]
        if key[:1] == b"\x04" and int.from_bytes(key[1:], "little") in NEIGHBOURS:
            return None
        if request.op_code not in (1000, 1001):
            return bytes(4)
        return super().__call__(request)


def by_steps(runtime: type[Traits]) -> bool:
    """Whether it can be cancelled at a chosen step."""
    return runtime.cancels and not runtime.blocking


async def answer_neighbours(harness: Harness, peer: Peer, neighbours: list[Task[Any]]) -> None:
    """Let the neighbours have their answers, in another order, and look at them."""
    await harness.until(lambda: len(peer.waiting) == len(neighbours))
    for request in reversed(peer.waiting):
        peer.last.respond(request, split(request.payload)[1])
    assert [await task.result() for task in neighbours] == list(NEIGHBOURS)


@scenario(only_if=by_steps)
async def at_every_step_of_a_call(harness: Harness) -> None:
    calls: list[Callable[[AsyncCache[Any, Any]], Coroutine[Any, Any, Any]]] = [
        lambda cache: cache.get(100),
        lambda cache: cache.get(100, timeout=5),
        lambda cache: cache.put(100, 100),
        lambda cache: cache.put(100, "x" * 1_000_000),
        lambda cache: cache.get_all([100, 101]),
    ]
    with Peer(HoldsNeighbours()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            neighbours = [harness.start(cache.get, key) for key in NEIGHBOURS]
            await harness.until(lambda: len(peer.waiting) == len(NEIGHBOURS))
            for call in calls:
                for step in range(MANY_STEPS):
                    task = harness.stepped(lambda call=call: call(cache), step)
                    try:
                        await task.result()
                    except Cancelled:
                        assert connection_of(client).abandoned <= step + 1
                    else:
                        assert step, "it was never suspended"
                        break
                else:
                    raise AssertionError("it has no end")
                await cache.put(100, 100)  # the connection is whole
            await harness.until(lambda: connection_of(client).abandoned == 0)
            await answer_neighbours(harness, peer, neighbours)
            assert len(peer.connections) == 1


@scenario(only_if=by_steps)
async def at_every_step_of_reconnecting(harness: Harness) -> None:
    with Peer(HoldsNeighbours()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(100, 100)
            for step in range(MANY_STEPS):
                peer.last.close()
                await harness.until(lambda: str(client) == "no node")
                task = harness.stepped(lambda: cache.get(100), step)
                neighbours = [harness.start(cache.get, key) for key in NEIGHBOURS]
                try:
                    assert await task.result() == 100
                except Cancelled:
                    cancelled = True
                else:
                    cancelled = False
                await answer_neighbours(harness, peer, neighbours)
                await harness.until(lambda: peer.open == 1, "one connection is open")
                if not cancelled:
                    assert step >= 2
                    return
            raise AssertionError("it has no end")


@scenario(only_if=by_steps)
async def at_every_step_of_connecting(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        client = harness.client()

        async def connect() -> None:
            async with client.connect(peer.address):
                await client.get_cache("cache").put(1, 2)

        for step in range(MANY_STEPS):
            task = harness.stepped(connect, step)
            try:
                await task.result()
            except Cancelled:
                assert repr(client) == "<Client not connected>"
                await harness.until(lambda: not peer.open, "nothing is left open")
            else:
                assert step >= 3
                return
        raise AssertionError("it has no end")


@scenario(only_if=lambda harness: harness.cancels)
async def the_one_who_came_first(harness: Harness) -> None:
    with Peer(HoldsNeighbours()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            # The first to wait is the one who reads for all where there are no background tasks.
            for _ in range(5):
                first = harness.start(cache.get, 1)
                await harness.until(lambda: len(peer.waiting) == 1)
                neighbours = [harness.start(cache.get, key) for key in NEIGHBOURS]
                await harness.until(lambda: len(peer.waiting) == 1 + len(NEIGHBOURS))
                first.cancel()
                assert type(await harness.raised(first.result())) is Cancelled
                peer.last.respond(peer.waiting[0], b"\x65")
                await answer_neighbours(harness, peer, neighbours)
            assert len(peer.connections) == 1
            await cache.put(100, 100)
            await harness.until(lambda: connection_of(client).abandoned == 0)


@scenario(only_if=lambda harness: harness.cancels)
async def before_it_began(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").put, 1, 2)
            task.cancel()
            assert type(await harness.raised(task.result())) is Cancelled
            await client.get_cache("cache").put(2, 3)
            assert len(peer.received) == 1


@scenario(live="ignite_node", only_if=lambda harness: harness.cancels)
async def what_a_cancelled_call_opens_is_closed(harness: Harness) -> None:
    """More cursors and transactions than a connection may have, all given up too early to know."""
    async with harness.client(timeout=30).connect(harness.facts["address"]) as client:
        cache = await client.get_or_create_cache(f"given up, {harness.name}")
        await cache.put_all({number: number for number in range(200)})

        async def open_cursor() -> None:
            await cache.scan(page_size=1)

        async def open_transaction() -> None:
            await client.tx_start(timeout=600_000)

        for number in range(200):
            task = harness.start(open_cursor if number % 2 else open_transaction)
            await harness.sleep(0.001 * (number % 4))
            task.cancel()
            with contextlib.suppress(Cancelled, TransactionError):
                await task.result()
            await cache.get(1)
        await harness.until(lambda: connection_of(client).in_flight == 0)
        await cache.get(1)
        # There is room for as many as the server allows.
        cursors = [await cache.scan(page_size=1) for _ in range(120)]
        for cursor in cursors:
            await cursor.aclose()
        await cache.destroy()
