"""One client's share of ``runtimes.py``: runs in the client's own environment.

Usage: runtimes_worker.py CLIENT HOST PORT CALLERS SECONDS

Prints the number of calls of ``get`` per second that so many callers get over one connection.
``bare`` keeps as many requests on their way over a plain socket, and ``bare-asyncio`` over a
protocol of asyncio's; neither looks at what comes: what is left when a client does nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

KEY = 7
VALUE = "a value of twenty ch"
CACHE = "runtimes"
WARM_UP = 0.5

Rate = float


class Clock:
    """When to begin counting, and when to end.

    Args:
        seconds: how long to count.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begin = time.perf_counter() + WARM_UP
        self.end = self.begin + seconds
        self.calls = 0

    def rate(self) -> Rate:
        """Calls per second."""
        return self.calls / self.seconds


# -- bare ------------------------------------------------------------------------------------------

GREETING = bytes.fromhex("0f00000001010007000000020c02000000fecb")


def get_frame() -> bytes:
    """A whole request."""
    cache_id = 0
    for char in CACHE:
        cache_id = (31 * cache_id + ord(char)) & 0xFFFFFFFF
    payload = struct.pack("<IBBq", cache_id, 1, 4, KEY)
    return struct.pack("<ihq", 10 + len(payload), 1000, 1) + payload


def greeted(host: str, port: int) -> tuple[socket.socket, int]:
    """A socket after the handshake, and the size of an answer to `get_frame`."""
    sock = socket.create_connection((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(GREETING)
    sock.recv(4096)
    size = 0
    for _ in range(2):  # the first one carries the topology, too
        sock.sendall(get_frame())
        size = len(sock.recv(4096))
    return sock, size


def bare(host: str, port: int, callers: int, seconds: float) -> Rate:
    """A plain socket."""
    sock, size = greeted(host, port)
    frame, clock = get_frame(), Clock(seconds)
    received = answered = 0
    sock.sendall(frame * callers)
    while (now := time.perf_counter()) < clock.end:
        received += len(sock.recv(1 << 20))
        new = received // size - answered
        answered += new
        if now >= clock.begin:
            clock.calls += new
        sock.sendall(frame * new)
    return clock.rate()


def bare_asyncio(host: str, port: int, callers: int, seconds: float) -> Rate:
    """A protocol of asyncio's."""
    sock, size = greeted(host, port)
    frame, clock = get_frame(), Clock(seconds)

    class Pipeline(asyncio.Protocol):
        def __init__(self) -> None:
            self.received = self.answered = 0
            self.over = asyncio.get_running_loop().create_future()

        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            transport.write(frame * callers)

        def data_received(self, data: bytes) -> None:
            self.received += len(data)
            new = self.received // size - self.answered
            self.answered += new
            now = time.perf_counter()
            if now >= clock.end:
                self.transport.abort()
                return
            if now >= clock.begin:
                clock.calls += new
            self.transport.write(frame * new)

        def connection_lost(self, exc: Exception | None) -> None:
            self.over.set_result(None)

    async def main() -> None:
        _, protocol = await asyncio.get_running_loop().create_connection(Pipeline, sock=sock)
        await protocol.over

    asyncio.run(main())
    return clock.rate()


# -- blocking --------------------------------------------------------------------------------------


def run_blocking(clock: Clock, call: Callable[[], object]) -> None:
    """One caller."""
    while time.perf_counter() < clock.begin:
        call()
    count = 0
    while time.perf_counter() < clock.end:
        call()
        count += 1
    clock.calls += count


def sync(host: str, port: int, callers: int, seconds: float) -> Rate:
    """Our client for threads."""
    from gridgain_sync import Client

    with Client().connect(host, port) as client:
        cache = client.get_cache(CACHE)
        return _in_threads(lambda: cache.get(KEY), callers, seconds)


def peer_sync(module: str) -> Callable[[str, int, int, float], Rate]:
    """A peer's client; it cannot be shared, so its callers take turns."""

    def measure(host: str, port: int, callers: int, seconds: float) -> Rate:
        client = importlib.import_module(module).Client()
        with client.connect(host, port):
            cache = client.get_cache(CACHE)
            turn = threading.Lock()

            def call() -> object:
                with turn:
                    return cache.get(KEY)

            return _in_threads(call, callers, seconds)

    return measure


def _in_threads(call: Callable[[], object], callers: int, seconds: float) -> Rate:
    threads = []
    clock = Clock(seconds)
    for _ in range(callers):
        threads.append(threading.Thread(target=run_blocking, args=(clock, call)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clock.rate()


def greenlets(host: str, port: int, callers: int, seconds: float) -> Rate:
    """Our client for gevent."""
    import gevent

    from gridgain_gevent import Client

    with Client().connect(host, port) as client:
        cache = client.get_cache(CACHE)
        clock = Clock(seconds)
        gevent.joinall(
            [gevent.spawn(run_blocking, clock, lambda: cache.get(KEY)) for _ in range(callers)]
        )
        return clock.rate()


# -- async -----------------------------------------------------------------------------------------


async def run_async(clock: Clock, call: Callable[[], Awaitable[object]]) -> None:
    """One caller."""
    while time.perf_counter() < clock.begin:
        await call()
    count = 0
    while time.perf_counter() < clock.end:
        await call()
        count += 1
    clock.calls += count


async def _in_tasks(client: Any, host: str, port: int, callers: int, seconds: float) -> Rate:
    async with client.connect(host, port):
        cache = client.get_cache(CACHE)
        if asyncio.iscoroutine(cache):
            cache = await cache
        clock = Clock(seconds)
        await asyncio.gather(*(run_async(clock, lambda: cache.get(KEY)) for _ in range(callers)))
        return clock.rate()


def in_asyncio(host: str, port: int, callers: int, seconds: float) -> Rate:
    """Our client for asyncio."""
    from gridgain_asyncio import Client

    return asyncio.run(_in_tasks(Client(), host, port, callers, seconds))


def in_uvloop(host: str, port: int, callers: int, seconds: float) -> Rate:
    """Our client for asyncio, over uvloop."""
    import uvloop

    from gridgain_asyncio import Client

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_in_tasks(Client(), host, port, callers, seconds))


def peer_async(module: str) -> Callable[[str, int, int, float], Rate]:
    """A peer's client for asyncio."""

    def measure(host: str, port: int, callers: int, seconds: float) -> Rate:
        client = importlib.import_module(module).AioClient()
        return asyncio.run(_in_tasks(client, host, port, callers, seconds))

    return measure


def in_trio(host: str, port: int, callers: int, seconds: float) -> Rate:
    """Our client for trio."""
    import trio

    from gridgain_trio import Client

    async def main() -> Rate:
        async with Client().connect(host, port) as client:
            cache = client.get_cache(CACHE)
            clock = Clock(seconds)
            async with trio.open_nursery() as nursery:
                for _ in range(callers):
                    nursery.start_soon(run_async, clock, lambda: cache.get(KEY))
            return clock.rate()

    return trio.run(main)


CLIENTS: dict[str, Callable[[str, int, int, float], Rate]] = {
    "bare": bare,
    "bare-asyncio": bare_asyncio,
    "trio": in_trio,
    "asyncio": in_asyncio,
    "uvloop": in_uvloop,
    "sync": sync,
    "gevent": greenlets,
    "pygridgain-aio": peer_async("pygridgain"),
    "pyignite-aio": peer_async("pyignite"),
    "pygridgain": peer_sync("pygridgain"),
    "pyignite": peer_sync("pyignite"),
}


def main() -> None:
    """Measure and print."""
    name, host, port, callers, seconds = sys.argv[1:]
    print(CLIENTS[name](host, int(port), int(callers), float(seconds)))


if __name__ == "__main__":
    main()
