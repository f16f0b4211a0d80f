"""A peer that reads slowly or not at all slows its callers down, instead of filling memory."""

from __future__ import annotations

import gc
import tracemalloc

from gridgain_proto.exceptions import RequestTimeout

from ..harness import Cancelled, Harness, scenario
from ..peer import Memory, Peer, split

LARGE = "x" * (1 << 18)
"""More than is queued at once."""


def stored(peer: Peer) -> set[int]:
    """The keys that have come."""
    return {int.from_bytes(split(request.payload)[1][1:], "little") for request in peer.received}


@scenario()
async def memory_is_bounded(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(0, 0)
            peer.stop_reading()

            async def put(key: int) -> bool:
                try:
                    await cache.put(key, LARGE, timeout=0.01)
                except RequestTimeout:
                    return False
                return True

            # Until nothing goes any more: the operating system's buffers are full.
            for number in range(1, 60):
                await put(number)
            gc.collect()
            tracemalloc.start()
            try:
                for number in range(100, 140):
                    assert not await put(number)
                gc.collect()
                grown = tracemalloc.get_traced_memory()[0]
            finally:
                tracemalloc.stop()
            assert grown < 4 * len(LARGE), f"{grown} bytes more are in use"
            peer.go_on_reading()
            assert await cache.get(0) == 0
            assert len(peer.connections) == 1
            assert not stored(peer) & set(range(104, 140))  # what was given up was not sent


@scenario()
async def callers_wait_and_go_on(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(0, 0)
            peer.stop_reading()
            tasks = [harness.start(cache.put, key, LARGE) for key in range(1, 61)]
            await harness.sleep(0.3)
            assert not any(task.done for task in tasks)
            peer.go_on_reading()
            for task in tasks:
                await task.result()
            assert stored(peer) == set(range(61))
            assert await cache.get(60) == LARGE
            assert len(peer.connections) == 1


@scenario()
async def some_give_up(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(0, 0)
            peer.stop_reading()

            async def put(key: int) -> None:
                await cache.put(key, LARGE, timeout=0.2 if key % 3 == 1 else None)

            tasks = {key: harness.start(put, key) for key in range(1, 61)}
            if harness.cancels:
                await harness.sleep(0.1)
                for key, task in tasks.items():
                    if key % 3 == 2:
                        task.cancel()
            for key, task in tasks.items():
                if key % 3 == 1:
                    assert type(await harness.raised(task.result())) is RequestTimeout
            peer.go_on_reading()
            for key, task in tasks.items():
                if key % 3 == 0:
                    await task.result()
                elif key % 3 == 2 and harness.cancels:
                    assert type(await harness.raised(task.result())) is Cancelled
                elif key % 3 == 2:
                    await task.result()
            assert set(range(0, 61, 3)) <= stored(peer)
            assert await cache.get(60) == LARGE
            assert len(peer.connections) == 1


@scenario()
async def the_connection_is_lost_while_they_wait(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(0, 0)
            peer.stop_reading()
            tasks = [harness.start(cache.get_all, [LARGE, key]) for key in range(1, 61)]
            await harness.sleep(0.2)
            peer.node["handler"] = lambda request: bytes(4)
            peer.last.reset()
            peer.go_on_reading()
            for task in tasks:
                assert await task.result() == {}
            assert len(peer.connections) == 2
