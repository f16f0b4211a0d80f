"""What only asyncio has: timeouts, groups of tasks, clients without a block."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable

import pytest

from gridgain_asyncio import Client, open_client
from gridgain_proto.client.task_link import HIGH_WATER
from gridgain_proto.exceptions import ClientClosed, OutcomeUnknown

from .harness import connection_of
from .peer import Memory, Peer


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def test_open_client() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            async with open_client(peer.address, timeout=5) as client:
                await client.get_cache("cache").put(1, 2)
            assert repr(client) == "<Client not connected>"

    asyncio.run(main())


def test_without_a_block() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            client = Client()
            assert await client.connect(peer.address) is client
            await client.get_cache("cache").put(1, 2)
            await client.close()
            await client.close()
            client = await open_client(peer.address)
            await client.get_cache("cache").put(1, 2)
            await client.close()
            await until(lambda: not peer.open)

    asyncio.run(main())


def test_timeouts() -> None:
    async def main() -> None:
        with Peer() as peer:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await cache.get(1)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(cache.get(1), 0.05)
                assert connection_of(client).abandoned == 2
                assert len(peer.connections) == 1

    asyncio.run(main())


def test_groups_of_tasks() -> None:
    async def main() -> None:
        with Peer() as peer:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                with pytest.raises(ExceptionGroup) as caught:
                    async with asyncio.TaskGroup() as group:
                        for key in range(10):
                            group.create_task(cache.get(key))
                        await until(lambda: len(peer.waiting) == 10)
                        raise KeyError
                assert caught.group_contains(KeyError, depth=1)
                assert connection_of(client).abandoned == 10
                assert connection_of(client).in_flight == 0

    asyncio.run(main())


def test_closing_in_a_cancelled_task() -> None:
    async def main() -> None:
        with Peer() as peer:
            client = Client()

            async def work() -> None:
                async with client.connect(peer.address):
                    await client.get_cache("cache").get(1)

            task = asyncio.create_task(work())
            await until(lambda: peer.waiting)
            task.cancel()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert repr(client) == "<Client not connected>"
            await until(lambda: not peer.open)

    asyncio.run(main())


def test_everything_is_cancelled_at_the_end_of_the_program() -> None:
    with Peer() as peer:

        async def main() -> None:
            async def work() -> None:
                async with Client().connect(peer.address) as client:
                    await client.get_cache("cache").get(1)

            main.task = asyncio.create_task(work())  # type: ignore[attr-defined]
            await until(lambda: peer.waiting)

        asyncio.run(main())
        assert main.task.cancelled()  # type: ignore[attr-defined]
        gc.collect()  # a transport that was not closed would warn


def test_cancelled_as_the_answer_comes() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                await cache.put(1, 1)
                connection = connection_of(client)
                for _ in range(20):
                    task = asyncio.create_task(cache.get(1))
                    await asyncio.sleep(0)
                    while connection.in_flight:
                        await asyncio.sleep(0)
                    # The answer is there, and the task has not looked at it yet.
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                    assert await cache.get(1) == 1
                assert connection.abandoned == 0

    asyncio.run(main())


def test_a_lost_connection_is_an_exception_of_the_call() -> None:
    async def main() -> None:
        with Peer() as peer:
            async with Client().connect(peer.address) as client:
                task = asyncio.create_task(client.get_cache("cache").put(1, 2))
                await until(lambda: peer.waiting)
                peer.last.reset()
                with pytest.raises(OutcomeUnknown):
                    await task

    asyncio.run(main())


def test_callers_wait_for_room() -> None:
    async def main() -> None:
        with Peer(Memory()) as peer:
            async with Client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                await cache.put(0, 0)
                peer.stop_reading()
                value = "x" * (HIGH_WATER // 4)
                tasks = [asyncio.create_task(cache.put(key, value)) for key in range(200)]
                await asyncio.sleep(0.2)
                unsent = sum(map(len, connection_of(client)._unsent.values()))
                assert unsent <= 2 * HIGH_WATER
                link = client._session.link
                assert link._transport.get_write_buffer_size() <= 2 * HIGH_WATER  # type: ignore[union-attr]
                # Whoever was let in and is cancelled at that moment leaves the room to others.
                for task in tasks[::7]:
                    task.cancel()
                peer.go_on_reading()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                assert all(
                    isinstance(result, asyncio.CancelledError) or result is None
                    for result in results
                )
                assert results.count(None) >= 200 - len(tasks[::7])

    asyncio.run(main())


def test_a_client_that_is_left_open_warns() -> None:
    async def main() -> None:
        await Client().connect(peer.address)

    with Peer(Memory()) as peer, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(main())
        gc.collect()
    assert {warning.category for warning in caught} == {ResourceWarning}
    assert "unclosed transport" in str([str(warning.message) for warning in caught])


def test_one_client_in_two_loops() -> None:
    client = Client()

    async def work() -> None:
        with Peer(Memory()) as peer:
            async with client.connect(peer.address):
                await client.get_cache("cache").put(1, 2)
        with pytest.raises(ClientClosed):
            await client.get_cache("cache").get(1)

    asyncio.run(work())
    asyncio.run(work())
