"""What the flows need of asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from gridgain_proto.client.dialing import (
    addresses,
    connected_socket,
    not_resolved_in_time,
    unknown_name,
)
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.connection import ConnectionConfig

from .link import AsyncioLink


class AsyncioLock:
    """Mutual exclusion among tasks, with a deadline."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def acquire(self, deadline: float | None) -> bool:
        """Wait for the lock; False if the deadline passed first."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._lock.acquire()
        except TimeoutError:
            return False

    def release(self) -> None:
        """Let the next one in."""
        self._lock.release()


class AsyncioBackground:
    """A flow in a task of its own.

    Args:
        flow: what to run.
    """

    def __init__(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._task = asyncio.create_task(flow())

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return self._task.done()

    async def wait(self) -> None:
        """Wait until it is over."""
        await asyncio.wait([self._task])

    def cancel(self) -> None:
        """Have it end where it waits."""
        self._task.cancel()


class AsyncioRuntime:
    """A `Runtime` over asyncio."""

    def now(self) -> float:
        """The time by the event loop's clock."""
        return asyncio.get_running_loop().time()

    def lock(self) -> AsyncioLock:
        """A new lock."""
        return AsyncioLock()

    def mutex(self) -> contextlib.AbstractContextManager[object]:
        """Nothing comes in between two awaits."""
        return contextlib.nullcontext()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> AsyncioBackground:
        """Run a flow in a task of its own."""
        return AsyncioBackground(flow)

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        """The event loop calls the links, and closing the client cancels what was spawned."""
        yield

    def caller(self) -> asyncio.Task[Any] | None:
        """The running task."""
        return asyncio.current_task()

    async def checkpoint(self) -> None:
        """Let others run, and be cancelled here."""
        await asyncio.sleep(0)

    async def sleep_until(self, when: float) -> None:
        """Wait until that time."""
        await asyncio.sleep(when - self.now())

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """All addresses of an endpoint."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(deadline) as timeout:
                found = await loop.getaddrinfo(
                    endpoint.host, endpoint.port, type=socket.SOCK_STREAM
                )
        except (OSError, UnicodeError) as exc:
            if timeout.expired():  # a TimeoutError is an OSError, too
                raise not_resolved_in_time(endpoint) from None
            raise unknown_name(endpoint, exc) from exc
        return addresses(found)

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> AsyncioLink:
        """Connect to one address, handshake included."""
        loop = asyncio.get_running_loop()
        sock = await connected_socket(
            _new_socket, _connect, address, config, now=loop.time(), deadline=deadline
        )
        link = AsyncioLink(config)
        try:
            await loop.create_connection(lambda: link, sock=sock)
        except BaseException:
            sock.close()
            raise
        await link.handshake(deadline=deadline)
        return link


def _new_socket(family: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


async def _connect(sock: socket.socket, sockaddr: tuple[Any, ...], limit: float) -> bool:
    timeout = asyncio.timeout_at(limit)
    try:
        async with timeout:
            await asyncio.get_running_loop().sock_connect(sock, sockaddr)
    except OSError as exc:
        if timeout.expired():  # a TimeoutError is an OSError, too
            return False
        if exc.errno is None:
            raise
        # The event loops have words of their own, and say the address once more.
        raise OSError(exc.errno, os.strerror(exc.errno)) from exc
    return True
