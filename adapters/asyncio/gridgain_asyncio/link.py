"""One connection for asyncio's tasks: a protocol that the event loop calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from gridgain_proto.client.task_link import TaskLink, TaskWaiter
from gridgain_proto.connection import ConnectionConfig


class AsyncioWaiter(TaskWaiter):
    """A task that can be parked.

    Args:
        create_future: the event loop's method.
    """

    def __init__(self, create_future: Callable[[], asyncio.Future[bool]]) -> None:
        self._future = create_future()

    async def wait(self, deadline: float | None) -> bool:
        """Wait to be roused; False if the deadline passed first."""
        future = self._future
        if deadline is None:
            return await future
        timer = future.get_loop().call_at(deadline, _time_is_up, future)
        try:
            return await future
        finally:
            timer.cancel()

    def rouse(self) -> None:
        """Let the task go on."""
        future = self._future
        if not future.done():
            future.set_result(True)


def _time_is_up(future: asyncio.Future[bool]) -> None:
    if not future.done():
        future.set_result(False)


class AsyncioLink(TaskLink[AsyncioWaiter], asyncio.Protocol):
    """A `Link` for asyncio.

    Writes are collected for one turn of the event loop, so that requests of many tasks leave
    together. While the transport's buffer is full they stay with the connection.

    Args:
        config: the connection's configuration.
    """

    def __init__(self, config: ConnectionConfig) -> None:
        self._loop = asyncio.get_running_loop()
        new_waiter = partial(AsyncioWaiter, self._loop.create_future)
        super().__init__(config, now=self._loop.time, new_waiter=new_waiter)
        self._transport: asyncio.Transport | None = None
        self._closed = self._loop.create_future()  # the transport is closed, too
        self._flushing = False  # a flush is to come in this turn of the loop or the next
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    async def aclose(self) -> None:
        """Close the connection, and wait until it is."""
        await super().aclose()
        if self._transport is not None:
            await asyncio.shield(self._closed)

    # -- called by the event loop ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a transport to write to."""
        self._transport = transport  # type: ignore[assignment]
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._receive(data)
        self._set_timer()

    def eof_received(self) -> None:
        """No more bytes will come; the transport closes by itself."""
        self._receive(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is closed."""
        self._lose(exc)
        if not self._closed.done():
            self._closed.set_result(None)

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._paused = True

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        self._paused = False
        self._wake_writer()

    # -- called by the link ----------------------------------------------------------------------

    def _wake_writer(self) -> None:
        if not self._flushing and not self._paused:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._transport is None or self._ended:
            return
        data = self._take_output()
        if data:
            self._transport.write(data)

    def _set_timer(self) -> None:
        """See to it that the timer is early enough. Too early does no harm, and moves nothing."""
        due = self._next_timer()
        if due is None or (self._timer is not None and self._timer.when() <= due):
            return
        self._stop_timer()
        self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._handle_timer()
        self._set_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._stop_timer()
        if self._transport is not None:
            if not self._paused:
                self._transport.write(self._take_output())  # TLS says goodbye
            self._transport.abort()

    async def _checkpoint(self) -> None:
        await asyncio.sleep(0)
