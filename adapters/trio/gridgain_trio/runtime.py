"""What the flows need of trio."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import trio

from gridgain_proto.client.dialing import (
    addresses,
    connected_socket,
    not_resolved_in_time,
    unknown_name,
)
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.connection import ConnectionConfig
from gridgain_proto.exceptions import ClientClosed

from .link import TrioLink


class TrioLock:
    """Mutual exclusion among tasks, with a deadline."""

    def __init__(self) -> None:
        self._lock = trio.Lock()

    async def acquire(self, deadline: float | None) -> bool:
        """Wait for the lock; False if the deadline passed first."""
        with _until(deadline):
            await self._lock.acquire()
            return True
        return False

    def release(self) -> None:
        """Let the next one in."""
        self._lock.release()


class TrioBackground:
    """A flow in a task of its own.

    Args:
        flow: what to run.
    """

    def __init__(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._flow = flow
        self._scope = trio.CancelScope()
        self._over = trio.Event()

    async def run(self) -> None:
        """The task."""
        try:
            with self._scope:
                await self._flow()
        finally:
            self._over.set()

    def give_up(self) -> None:
        """It never runs."""
        self._over.set()

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return self._over.is_set()

    async def wait(self) -> None:
        """Wait until it is over."""
        await self._over.wait()

    def cancel(self) -> None:
        """Have it end where it waits."""
        self._scope.cancel()


class TrioRuntime:
    """A `Runtime` over trio."""

    def __init__(self) -> None:
        self._nursery: trio.Nursery | None = None

    def now(self) -> float:
        """The time by trio's clock."""
        return trio.current_time()

    def lock(self) -> TrioLock:
        """A new lock."""
        return TrioLock()

    def mutex(self) -> contextlib.AbstractContextManager[object]:
        """Nothing comes in between two checkpoints."""
        return contextlib.nullcontext()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> TrioBackground:
        """Run a flow in a task of the client's nursery."""
        background = TrioBackground(flow)
        if self._nursery is None:
            background.give_up()
        else:
            self._nursery.start_soon(background.run, name="gridgain background")
        return background

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        """A nursery for the links' tasks.

        They end when their links are closed and raise nothing, so what comes out of the block is
        its own exception. The nursery is kept from it, for it would come out in a group.
        """
        failure: BaseException | None = None
        outer = self._nursery
        async with trio.open_nursery() as self._nursery:
            try:
                yield
            except BaseException as exc:
                failure = exc
            finally:
                self._nursery = outer
        if failure is not None:
            raise failure

    def caller(self) -> trio.lowlevel.Task:
        """The running task."""
        return trio.lowlevel.current_task()

    async def checkpoint(self) -> None:
        """Let others run, and be cancelled here."""
        await trio.lowlevel.checkpoint()

    async def sleep_until(self, when: float) -> None:
        """Wait until that time."""
        await trio.sleep_until(when)

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """All addresses of an endpoint."""
        with _until(deadline):
            try:
                found = await trio.socket.getaddrinfo(
                    endpoint.host, endpoint.port, type=socket.SOCK_STREAM
                )
            except (OSError, UnicodeError) as exc:
                raise unknown_name(endpoint, exc) from exc
            return addresses(found)
        raise not_resolved_in_time(endpoint)

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> TrioLink:
        """Connect to one address, handshake included."""
        sock = await connected_socket(
            _new_socket, _connect, address, config, now=trio.current_time(), deadline=deadline
        )
        nursery = self._nursery
        if nursery is None:
            sock.close()
            raise ClientClosed("the client is closed")
        link = TrioLink(sock, config)
        nursery.start_soon(link.read, name=f"reader of {config.node}")
        nursery.start_soon(link.write, name=f"writer to {config.node}")
        await link.handshake(deadline=deadline)
        return link


def _until(deadline: float | None) -> trio.CancelScope:
    return trio.CancelScope(deadline=float("inf") if deadline is None else deadline)


def _new_socket(family: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


async def _connect(sock: socket.socket, sockaddr: tuple[Any, ...], limit: float) -> bool:
    with contextlib.suppress(BlockingIOError):
        sock.connect(sockaddr)
    with trio.CancelScope(deadline=limit) as scope:
        await trio.lowlevel.wait_writable(sock)
    if scope.cancelled_caught:
        return False
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, os.strerror(error))
    return True
