"""Threads and blocking sockets."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from gridgain_proto.client.dialing import addresses, connected_socket, unknown_name
from gridgain_proto.client.runtime import Address, Endpoint, run_blocking
from gridgain_proto.client.shared_link import SharedLink
from gridgain_proto.connection import ConnectionConfig

from .transport import SocketTransport, wait_connected

_process_id = os.getpid()


def process_id() -> int:
    """Which process this is. It costs no call of the operating system: forks are noticed below."""
    return _process_id


class ThreadPrimitives:
    """What threads have of their own."""

    now = staticmethod(time.monotonic)
    mutex = staticmethod(threading.Lock)
    signal = staticmethod(threading.Lock)
    process_id = staticmethod(process_id)


class ThreadLock:
    """Mutual exclusion among threads, with a deadline. A forked child gets it free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _locks.add(self)

    async def acquire(self, deadline: float | None) -> bool:
        """Wait for the lock; False if the deadline passed first."""
        if deadline is None:
            return self._lock.acquire()
        left = deadline - time.monotonic()
        return self._lock.acquire(timeout=min(max(left, 0.0), threading.TIMEOUT_MAX))

    def release(self) -> None:
        """Let the next one in."""
        self._lock.release()

    def renew(self) -> None:
        """Forget who holds it: after a fork that thread is not there."""
        self._lock = threading.Lock()


_locks: weakref.WeakSet[ThreadLock] = weakref.WeakSet()


def _begin_as_child() -> None:
    global _process_id
    _process_id = os.getpid()
    for lock in _locks:
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_as_child)


class ThreadBackground:
    """A flow in a thread of its own, which does not keep the process from ending.

    Args:
        flow: what to run.
    """

    def __init__(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._thread = threading.Thread(
            target=lambda: run_blocking(flow()), name="gridgain-background", daemon=True
        )
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it is over. In a forked child it is, for its thread is not there."""
        return not self._thread.is_alive()

    async def wait(self) -> None:
        """Wait until it is over."""
        self._thread.join()

    def cancel(self) -> None:
        """A thread cannot be ended from outside; it finds the client closed."""


class ThreadRuntime:
    """A `Runtime` whose coroutines never suspend."""

    now = staticmethod(time.monotonic)

    def lock(self) -> ThreadLock:
        """A new lock."""
        return ThreadLock()

    def mutex(self) -> threading.Lock:
        """A new lock for short sections."""
        return threading.Lock()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> ThreadBackground:
        """Run a flow in a thread of its own."""
        return ThreadBackground(flow)

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        """There are no background tasks."""
        yield

    def caller(self) -> threading.Thread:
        """The running thread itself: its number may be another's after its end."""
        return threading.current_thread()

    async def checkpoint(self) -> None:
        """Threads run by themselves."""

    async def sleep_until(self, when: float) -> None:
        """Wait until that time."""
        time.sleep(max(when - time.monotonic(), 0.0))

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """All addresses of an endpoint. The operating system's resolver knows no deadline."""
        try:
            found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise unknown_name(endpoint, exc) from exc
        return addresses(found)

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> SharedLink:
        """Connect to one address, handshake included."""
        sock = await connected_socket(
            _new_socket, _connect, address, config, now=time.monotonic(), deadline=deadline
        )
        try:
            link = SharedLink(SocketTransport(sock), config, ThreadPrimitives())
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
    with contextlib.suppress(BlockingIOError):
        sock.connect(sockaddr)
    if not wait_connected(sock, max(limit - time.monotonic(), 0.0)):
        return False
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, os.strerror(error))
    return True
