"""What only gevent has, as scenarios for its own process: time-outs, threads of other clients."""

from __future__ import annotations

import threading
from typing import Any

from gridgain_proto.client.cache import AsyncCache

from ..harness import Harness, Task, Traits, connection_of, scenario
from ..peer import Memory, Peer


def gevent_only(runtime: type[Traits]) -> bool:
    """Whether it is gevent."""
    return runtime.name == "gevent"


async def timed_out(cache: AsyncCache[Any, Any], key: int, exception: type[BaseException]) -> bool:
    """Whether a get ends with the exception of a time-out around it."""
    import gevent

    try:
        with gevent.Timeout(0.05, exception if exception is not gevent.Timeout else None):
            await cache.get(key)
    except exception as exc:
        return type(exc) is exception
    return False


@scenario(only_if=gevent_only)
async def timeouts(harness: Harness) -> None:
    import gevent

    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            neighbours: list[Task[object]] = []
            for number in range(5):
                # The first to wait reads for all; it goes, and another has to.
                assert await timed_out(cache, number, gevent.Timeout)
                neighbours.append(harness.start(cache.get, 10 + number))
                gevent.sleep(0)
            # The user's own exception is not taken for one of ours.
            assert await timed_out(cache, 1, TimeoutError)
            await harness.until(lambda: len(peer.waiting) == 11)
            for request in peer.waiting:
                peer.last.respond(request, request.payload[5:14])
            assert [await task.result() for task in neighbours] == [10, 11, 12, 13, 14]
            await harness.until(lambda: connection_of(client).abandoned == 0)
            assert len(peer.connections) == 1


@scenario(only_if=gevent_only)
async def beside_threads(harness: Harness) -> None:
    import gevent.monkey

    from gridgain_sync import Client

    thread = gevent.monkey.get_original("threading", "Thread")
    answers: list[object] = []

    def work(address: str) -> None:
        with Client().connect(address) as client:
            cache = client.get_cache("cache")
            for number in range(100):
                cache.put(number, number)
                answers.append(cache.get(number))

    with Peer(Memory()) as peer:
        if not gevent.monkey.is_module_patched("threading"):
            threads = [thread(target=work, args=(peer.address,)) for _ in range(3)]
        else:
            threads = [threading.Thread(target=work, args=(peer.address,)) for _ in range(3)]
        for running in threads:
            running.start()
        async with harness.client().connect(peer.address) as client:
            cache = client.get_cache("cache")
            for number in range(1000, 1200):
                await cache.put(number, number)
                assert await cache.get(number) == number
        await harness.until(lambda: len(answers) == 300)
        for running in threads:
            running.join()


@scenario(only_if=gevent_only)
async def in_another_thread(harness: Harness) -> None:
    import gevent.monkey

    if gevent.monkey.is_module_patched("threading"):
        return
    with Peer() as peer:
        async with harness.client().connect(peer.address) as client:
            errors: list[BaseException] = []

            def work() -> None:
                try:
                    client.get_cache("cache").get(1).send(None)
                except BaseException as exc:
                    errors.append(exc)

            other = threading.Thread(target=work)
            other.start()
            await harness.until(lambda: errors)
            other.join()
            assert "another thread" in str(errors[0])
