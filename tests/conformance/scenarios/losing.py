"""Lost connections: what is sent again, what is not, and what the next call does."""

from __future__ import annotations

from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.shared_link import IDLE_CHECK_AFTER
from gridgain_proto.exceptions import ConnectionFailed, OutcomeUnknown, ReconnectError
from gridgain_proto.failover import RetryPolicy

from ..harness import Harness, scenario
from ..peer import Memory, Peer


async def until_noticed(harness: Harness, client: AsyncClient) -> None:
    """Wait until a client knows, or would before it sends anything, that its connection is lost."""
    if harness.blocking:
        await harness.sleep(IDLE_CHECK_AFTER + 0.1)
    else:
        await harness.until(lambda: str(client) == "no node", "the client knows")


@scenario(basic=True)
async def reading_is_repeated(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").get, 1)
            await harness.until(lambda: len(peer.waiting) == 1)
            peer.last.close()
            await harness.until(lambda: len(peer.connections) == 2 and peer.waiting)
            peer.last.respond(peer.waiting[0], b"\x65")
            assert await task.result() is None


@scenario(basic=True)
async def writing_is_not(harness: Harness) -> None:
    for way in ("close", "reset"):
        with Peer() as peer:
            async with harness.client().connect(peer.address) as client:
                cache = client.get_cache("cache")
                task = harness.start(cache.put, 1, 2)
                await harness.until(lambda: len(peer.waiting) == 1)
                peer.node["handler"] = Memory()
                getattr(peer.last, way)()
                error = await harness.raised(task.result())
                assert type(error) is OutcomeUnknown
                assert peer.address in str(error)
                await cache.put(1, 2)  # the next call connects anew
                assert await cache.get(1) == 2
                assert len(peer.connections) == 2


@scenario()
async def the_policy_decides(harness: Harness) -> None:
    with Peer() as peer:
        client = harness.client(retry_policy=RetryPolicy.NONE)
        async with client.connect(peer.address):
            task = harness.start(client.get_cache("cache").get, 1)
            await harness.until(lambda: len(peer.waiting) == 1)
            peer.last.close()
            assert type(await harness.raised(task.result())) is OutcomeUnknown
        client = harness.client(retry_policy=RetryPolicy.ALL)
        async with client.connect(peer.address):
            task = harness.start(client.get_cache("cache").put, 1, 2)
            await harness.until(lambda: len(peer.waiting) == 1)
            peer.last.close()
            await harness.until(lambda: len(peer.connections) == 3 and peer.waiting)
            peer.last.respond(peer.waiting[0])
            await task.result()


@scenario(basic=True)
async def nothing_had_been_sent(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            await cache.put(1, 2)
            peer.last.close()
            await until_noticed(harness, client)
            await cache.put(1, 3)
            assert await cache.get(1) == 3
            assert len(peer.connections) == 2


@scenario()
async def everybody_hears_of_it(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            tasks = [harness.start(cache.put, number, 0) for number in range(20)]
            await harness.until(lambda: len(peer.waiting) == 20)
            peer.node["handler"] = Memory()
            peer.last.reset()
            errors = [await harness.raised(task.result()) for task in tasks]
            assert {type(error) for error in errors} == {OutcomeUnknown}
            assert len(set(map(id, errors))) == 20
            # All of them come back; one connects for all.
            tasks = [harness.start(cache.put, number, number) for number in range(20)]
            for task in tasks:
                await task.result()
            assert len(peer.connections) == 2


@scenario(basic=True)
async def for_good(harness: Harness) -> None:
    with Peer(Memory()) as peer:
        client = harness.client()
        async with client.connect(peer.address):
            cache = client.get_cache("cache")
            await cache.put(1, 2)
            peer.__exit__(None, None, None)
            await until_noticed(harness, client)
            error = await harness.raised(cache.get(1))
            assert type(error) is ReconnectError
            assert isinstance(error.attempts[0], ConnectionFailed)


@scenario()
async def nonsense_ends_it(harness: Harness) -> None:
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            task = harness.start(client.get_cache("cache").put, 1, 2)
            await harness.until(lambda: len(peer.waiting) == 1)
            peer.last.respond(peer.waiting[0], b"too much")  # of this one the call complains
            assert "left over" in str(await harness.raised(task.result()))
            task = harness.start(client.get_cache("cache").put, 1, 2)
            await harness.until(lambda: len(peer.waiting) == 1)
            peer.last.node.requests[77] = peer.waiting[0]
            request = type(peer.waiting[0])(0, 77, b"")
            peer.last.respond(request)  # of this one the connection does
            error = await harness.raised(task.result())
            assert type(error) is OutcomeUnknown
            assert "not waiting for one" in str(error)
