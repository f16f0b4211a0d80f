"""Closing while calls wait, and while everything is being cancelled."""

from __future__ import annotations

from gridgain_proto.exceptions import ClientClosed

from ..harness import Harness, scenario
from ..peer import Peer


@scenario()
async def while_calls_wait(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            tasks = [harness.start(cache.get, number) for number in range(5)]
            await harness.until(lambda: len(peer.waiting) == 5)
            await client.close()
            for task in tasks:
                error = await harness.raised(task.result())
                assert type(error) is ClientClosed
                assert peer.address in str(error)
                assert "may be carried out" in str(error)
            assert type(await harness.raised(cache.get(1))) is ClientClosed
        await harness.until(lambda: not peer.open, "the connection is closed")


@scenario()
async def while_somebody_connects(harness: Harness) -> None:
    with Peer(starting=True) as peer:
        client = harness.client()

        async def connect() -> None:
            async with client.connect(peer.address):
                pass

        task = harness.start(connect)
        await harness.until(lambda: peer.connections and peer.last.node.greetings)
        await client.close()
        peer.last.close()
        await harness.raised(task.result())
        await harness.until(lambda: not peer.open, "the connection is closed")


@scenario(only_if=lambda harness: harness.cancels)
async def while_being_cancelled(harness: Harness) -> None:
    with Peer() as peer:
        client = harness.client()
        blocks: list[str] = []

        async def work() -> None:
            async with client.connect(peer.address):
                try:
                    await client.get_cache("cache").get(1)
                finally:
                    blocks.append("left")

        task = harness.start(work)
        await harness.until(lambda: len(peer.waiting) == 1)
        task.cancel()
        await harness.raised(task.result())
        assert blocks == ["left"]
        assert repr(client) == "<Client not connected>"
        await harness.until(lambda: not peer.open, "the connection is closed")
