"""A complete adapter in 130 lines of code: blocking, for one thread, over `selectors`.

The protocol, the client's API and all that it decides come from gridgain_proto; an adapter moves
bytes, waits, and knows the time. docs/how-to/writing-an-adapter.md explains it.

Usage: python examples/custom_adapter.py [host:port]
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from gridgain_proto.client.blocking import BlockingClient
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.dialing import addresses, connected_socket, unknown_name
from gridgain_proto.client.exchanges import Exchanges, LinkBase, Waiter, WhenLate
from gridgain_proto.client.runtime import Address, Endpoint
from gridgain_proto.connection import ConnectionConfig, State
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import ClientClosed, RequestTimeout


class SelectorLink(LinkBase[Waiter]):
    """One connection. Whoever calls sends, waits and receives until the answer is there."""

    def __init__(self, sock: socket.socket, config: ConnectionConfig) -> None:
        super().__init__(Exchanges(config, lambda waiter: None, now=time.monotonic()))
        self._socket = sock
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._outgoing = bytearray()

    async def handshake(self, *, deadline: float | None) -> None:
        waiter = Waiter()
        self._exchanges.begin_handshake(waiter)
        try:
            self._run_until_done(waiter, deadline)
        except BaseException:
            await self.aclose()
            raise

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: WhenLate | None = None,
    ) -> ResponseReceived:
        self._step(0)  # what came meanwhile, above all the end of the connection
        waiter = Waiter()
        waiter.when_late = when_late
        request_id = self._exchanges.begin(op_code, payload, waiter, now=time.monotonic())
        try:
            return self._run_until_done(waiter, deadline)
        except BaseException:
            self._exchanges.abandon(request_id)
            raise

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        self._exchanges.post(op_code, payload, now=time.monotonic())  # sent with the next request

    async def aclose(self) -> None:
        closed = ClientClosed(f"the connection to {self.node} was closed")
        self._exchanges.fail(closed, now=time.monotonic())
        self._close_if_over()

    def _run_until_done(self, waiter: Waiter, deadline: float | None) -> ResponseReceived:
        while not waiter.done:
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                raise RequestTimeout(f"{self.node} did not answer in time")
            timer = self._exchanges.connection.next_timer()
            limits = [limit - now for limit in (deadline, timer) if limit is not None]
            self._step(max(min(limits), 0.0) if limits else None)
        if waiter.reply is None:
            raise waiter.error or self._exchanges.unusable()
        return waiter.reply

    def _step(self, timeout: float | None) -> None:
        exchanges = self._exchanges
        if exchanges.connection.state is State.CLOSED:
            return
        try:
            self._outgoing += exchanges.connection.data_to_send()
            writing = selectors.EVENT_WRITE if self._outgoing else 0
            self._selector.modify(self._socket, selectors.EVENT_READ | writing)
            for _, ready in self._selector.select(timeout):
                if ready & selectors.EVENT_WRITE:
                    del self._outgoing[: self._socket.send(self._outgoing)]
                if ready & selectors.EVENT_READ:
                    exchanges.receive(self._socket.recv(65536), now=time.monotonic())
            exchanges.handle_timer(now=time.monotonic())
        except OSError as exc:
            exchanges.lose(exc, now=time.monotonic())
        self._close_if_over()

    def _close_if_over(self) -> None:
        if self._exchanges.connection.state is State.CLOSED:
            self._selector.close()
            self._socket.close()


class NoLock:
    """One thread needs none."""

    async def acquire(self, deadline: float | None) -> bool:
        return True

    def release(self) -> None:
        pass


class NoBackground:
    """Nothing runs beside the one thread: the client makes do with one connection."""

    done = True

    async def wait(self) -> None:
        pass

    def cancel(self) -> None:
        pass


class SelectorRuntime:
    """What the client's flows need. Nothing here ever suspends, for it blocks."""

    now = staticmethod(time.monotonic)
    lock = staticmethod(NoLock)
    mutex = staticmethod(contextlib.nullcontext)
    caller = staticmethod(threading.current_thread)

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> NoBackground:
        return NoBackground()

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        yield

    async def checkpoint(self) -> None:
        pass

    async def sleep_until(self, when: float) -> None:
        time.sleep(max(when - time.monotonic(), 0.0))

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        try:
            found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise unknown_name(endpoint, exc) from exc
        return addresses(found)

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> SelectorLink:
        sock = await connected_socket(
            socket.socket, _connect, address, config, now=time.monotonic(), deadline=deadline
        )
        link = SelectorLink(sock, config)
        await link.handshake(deadline=deadline)
        return link


async def _connect(sock: socket.socket, sockaddr: tuple[Any, ...], limit: float) -> bool:
    sock.settimeout(max(limit - time.monotonic(), 0.001))
    try:
        sock.connect(sockaddr)
    except TimeoutError:
        return False
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return True


class Flows(AsyncClient):
    """The client as the flows see it."""

    def _make_runtime(self) -> SelectorRuntime:
        return SelectorRuntime()


class Client(BlockingClient):
    """The client as its users see it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Flows(**options))


if __name__ == "__main__":
    default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
    with Client(timeout=10).connect(sys.argv[1] if len(sys.argv) > 1 else default) as client:
        cache = client.get_or_create_cache("custom adapter")
        cache.put("answer", 42)
        print("cache.get('answer') =", cache.get("answer"))
        cache.destroy()
