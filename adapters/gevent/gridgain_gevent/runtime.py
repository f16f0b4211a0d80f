"""Greenlets, and what they wait with."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Sequence
from typing import Any

import gevent
import gevent.event
import gevent.lock
import gevent.socket

from gridgain_proto.client.dialing import (
    addresses,
    connected_socket,
    not_resolved_in_time,
    unknown_name,
)
from gridgain_proto.client.runtime import Address, Endpoint, run_blocking
from gridgain_proto.client.shared_link import SharedLink
from gridgain_proto.connection import ConnectionConfig

from .transport import GreenletTransport, Socket, TimeIsUp, wait_connected


class GreenletSignal:
    """A raw lock for one greenlet to wait with. gevent's own may let others run at any use."""

    def __init__(self) -> None:
        self._released = gevent.event.Event()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait to be woken."""
        released = self._released.is_set()
        if blocking and not released:
            released = self._released.wait(None if timeout < 0 else timeout)
        self._released.clear()
        return released

    def release(self) -> None:
        """Wake the waiter."""
        self._released.set()


class GreenletPrimitives:
    """What greenlets have of their own."""

    now = staticmethod(time.monotonic)
    mutex = staticmethod(contextlib.nullcontext)  # they take turns only where they wait
    signal = staticmethod(GreenletSignal)
    process_id = staticmethod(os.getpid)


class GreenletLock:
    """Mutual exclusion among greenlets, with a deadline."""

    def __init__(self) -> None:
        self._lock = gevent.lock.Semaphore()

    async def acquire(self, deadline: float | None) -> bool:
        """Wait for the lock; False if the deadline passed first."""
        timeout = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Let the next one in."""
        self._lock.release()


class GreenletBackground:
    """A flow in a greenlet of its own.

    Args:
        flow: what to run.
    """

    def __init__(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._greenlet = gevent.spawn(lambda: run_blocking(flow()))

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return bool(self._greenlet.ready())

    async def wait(self) -> None:
        """Wait until it is over."""
        self._greenlet.join()

    def cancel(self) -> None:
        """Have it end where it waits."""
        self._greenlet.kill(block=False)


class GreenletRuntime:
    """A `Runtime` whose coroutines never suspend."""

    now = staticmethod(time.monotonic)

    def lock(self) -> GreenletLock:
        """A new lock."""
        return GreenletLock()

    def mutex(self) -> contextlib.AbstractContextManager[object]:
        """Greenlets take turns only where they wait."""
        return contextlib.nullcontext()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> GreenletBackground:
        """Run a flow in a greenlet of its own."""
        return GreenletBackground(flow)

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        """There are no background greenlets."""
        yield

    def caller(self) -> Hashable:
        """The running greenlet."""
        current: Hashable = gevent.getcurrent()
        return current

    async def checkpoint(self) -> None:
        """Greenlets take turns where they wait."""

    async def sleep_until(self, when: float) -> None:
        """Wait until that time."""
        gevent.sleep(max(when - time.monotonic(), 0.0))

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """All addresses of an endpoint."""
        timeout = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        try:
            with gevent.Timeout(timeout, TimeIsUp):
                found = gevent.socket.getaddrinfo(
                    endpoint.host, endpoint.port, type=gevent.socket.SOCK_STREAM
                )
        except (OSError, UnicodeError) as exc:
            raise unknown_name(endpoint, exc) from exc
        except TimeIsUp:
            raise not_resolved_in_time(endpoint) from None
        return addresses(found)

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> SharedLink:
        """Connect to one address, handshake included."""
        sock = await connected_socket(
            _new_socket, _connect, address, config, now=time.monotonic(), deadline=deadline
        )
        try:
            link = SharedLink(GreenletTransport(sock), config, GreenletPrimitives())
        except BaseException:
            sock.close()
            raise
        await link.handshake(deadline=deadline)
        return link


def _new_socket(family: int) -> Socket:
    sock = Socket(family, gevent.socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
    sock.setsockopt(gevent.socket.SOL_SOCKET, gevent.socket.SO_KEEPALIVE, 1)
    return sock


async def _connect(sock: Socket, sockaddr: tuple[Any, ...], limit: float) -> bool:
    with contextlib.suppress(BlockingIOError):
        sock.connect(sockaddr)
    if not wait_connected(sock, max(limit - time.monotonic(), 0.0)):
        return False
    error = sock.getsockopt(gevent.socket.SOL_SOCKET, gevent.socket.SO_ERROR)
    if error:
        raise OSError(error, os.strerror(error))
    return True
