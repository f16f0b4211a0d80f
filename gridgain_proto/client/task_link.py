"""One connection shared by the tasks of an event loop: what trio and asyncio have in common.

All callers live in one thread, so that nothing changes between two awaits, and nothing here is
locked. Callers never write to the network themselves. A caller queues its request with the
connection, wakes the link's writer and waits to be roused; the writer sends the requests of all
who came in the meantime at once. So a caller that is cancelled cannot leave half a request
behind, and what it leaves is a request that is not sent at all, or an answer that is dropped.

While a slow peer keeps the writer busy, callers beyond `HIGH_WATER` queued bytes wait for
room, in the order in which they came.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from operator import methodcaller
from typing import Generic, TypeVar

from ..connection import ConnectionConfig, State
from ..events import ResponseReceived
from ..exceptions import ClientClosed, ConnectionFailed, RequestTimeout
from .exchanges import HANDSHAKE, Exchanges, LinkBase, Waiter, WhenLate

#: As many bytes of requests may wait for the writer before further callers have to wait for room.
HIGH_WATER = 256 * 1024


class TaskWaiter(Waiter, abc.ABC):
    """A task that can be parked."""

    @abc.abstractmethod
    async def wait(self, deadline: float | None) -> bool:
        """Wait to be roused, which cannot have happened yet.

        Returns:
            whether that was before the deadline.
        """

    @abc.abstractmethod
    def rouse(self) -> None:
        """Let the task go on. No harm if it does already, or has not begun to wait."""


W = TypeVar("W", bound=TaskWaiter)


class TaskLink(LinkBase[W], Generic[W]):
    """A `Link` for the tasks of one event loop.

    An adapter moves the bytes: it sends what `_take_output` gives when `_wake_writer`
    asks for it, hands what comes to `_receive`, tells `_lose` of failures, calls
    `_handle_timer` when `_next_timer` says, and tidies up in `_end`.

    Args:
        config: the connection's configuration.
        now: the time, by the event loop's clock.
        new_waiter: makes a waiter for the current task.
    """

    def __init__(
        self, config: ConnectionConfig, *, now: Callable[[], float], new_waiter: Callable[[], W]
    ) -> None:
        super().__init__(Exchanges(config, methodcaller("rouse"), now=now()))
        self._now = now
        self._new_waiter = new_waiter
        self._queued = 0  # bytes of requests that the writer has not taken yet
        self._crowd: dict[W, int] = {}  # those who wait for room, and for how many bytes
        self._talks_by_itself = True  # TLS, and the handshake, send what no caller asked for
        self._ended = False

    # -- the link --------------------------------------------------------------------------------

    async def handshake(self, *, deadline: float | None) -> None:
        """Wait until requests can be sent. On failure the link is closed.

        Raises:
            ConnectionFailed, AuthenticationError, RequestTimeout: as `Runtime.dial` does.
        """
        waiter = self._new_waiter()
        self._exchanges.begin_handshake(waiter)
        self._wake_writer()
        try:
            if not await waiter.wait(deadline):
                raise RequestTimeout(f"{self.node} did not answer the handshake in time")
            if waiter.error is not None:
                raise waiter.error
        except BaseException:
            self._exchanges.abandon(HANDSHAKE)
            self._fail(ConnectionFailed(f"the handshake with {self.node} was given up"))
            raise

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: WhenLate | None = None,
    ) -> ResponseReceived:
        """Send one request and wait for its answer; see `Link`."""
        now = self._now()
        if deadline is not None and now >= deadline:
            await self._checkpoint()
            raise RequestTimeout(f"{self.node}: no time was left to send the request")
        if self._queued >= HIGH_WATER or self._crowd:
            await self._wait_for_room(len(payload), deadline)
            now = self._now()
        waiter = self._new_waiter()
        if when_late is not None:
            waiter.when_late = when_late
        try:
            request_id = self._exchanges.begin(op_code, payload, waiter, now=now)
        except Exception:
            await self._checkpoint()
            raise
        self._queued += len(payload)
        self._wake_writer()
        try:
            if not await waiter.wait(deadline):
                raise RequestTimeout(f"{self.node} did not answer in time")
        except BaseException:
            if waiter.reply is not None and when_late is not None:
                when_late(waiter.reply)  # it came together with the cancellation
            self._abandon(request_id)
            raise
        reply = waiter.reply
        if reply is None:
            raise waiter.error or self._exchanges.unusable()
        return reply

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        """Send a request whose answer nobody waits for; see `Link`."""
        self._exchanges.post(op_code, payload, now=self._now())
        self._queued += len(payload)
        self._wake_writer()

    async def aclose(self) -> None:
        """Close the connection; whoever waits for an answer gets `ClientClosed`."""
        self._fail(ClientClosed(f"the connection to {self.node} was closed"))

    # -- what an adapter does --------------------------------------------------------------------

    @abc.abstractmethod
    def _wake_writer(self) -> None:
        """There may be something to send. It is sent later, together with what comes until then."""

    @abc.abstractmethod
    def _set_timer(self) -> None:
        """The next timer may be earlier than it was."""

    @abc.abstractmethod
    def _end(self) -> None:
        """The connection is over: send what is left if that can be done at once, and close."""

    @abc.abstractmethod
    async def _checkpoint(self) -> None:
        """Let others run."""

    # -- what an adapter uses --------------------------------------------------------------------

    def _take_output(self) -> bytes:
        """What has to be sent now, all of it, in this order."""
        self._queued = 0
        room = HIGH_WATER
        while self._crowd and room > 0:
            waiter = next(iter(self._crowd))
            room -= self._crowd.pop(waiter)
            waiter.rouse()
        return self._exchanges.connection.data_to_send()

    def _receive(self, data: bytes) -> None:
        """Bytes have come; ``b""`` for the end of the stream."""
        self._exchanges.receive(data, now=self._now())
        if self._talks_by_itself:
            connection = self._exchanges.connection
            self._talks_by_itself = (
                connection.config.tls is not None or connection.state is State.HANDSHAKING
            )
            self._wake_writer()
        self._settle()

    def _lose(self, exc: BaseException | None) -> None:
        """Sending or receiving failed."""
        self._exchanges.lose(exc, now=self._now())
        self._settle()

    def _next_timer(self) -> float | None:
        """When `_handle_timer` is due."""
        return self._exchanges.connection.next_timer()

    def _handle_timer(self) -> None:
        """Do what is due by now."""
        self._exchanges.handle_timer(now=self._now())
        self._wake_writer()
        self._settle()

    # -- inside ----------------------------------------------------------------------------------

    async def _wait_for_room(self, size: int, deadline: float | None) -> None:
        waiter = self._new_waiter()
        self._crowd[waiter] = size
        try:
            if not await waiter.wait(deadline):
                raise RequestTimeout(f"{self.node} is slow: the request was not sent in time")
        finally:
            self._crowd.pop(waiter, None)
            # Whoever was let in and does not come leaves the room to the next.
            self._wake_writer()

    def _abandon(self, request_id: int) -> None:
        self._exchanges.abandon(request_id)
        if self._exchanges.connection.state is not State.READY:
            # It was one too many: the connection has begun to close by itself.
            self._set_timer()
            self._settle()

    def _fail(self, cause: Exception) -> None:
        """End the link from this side."""
        self._exchanges.fail(cause, now=self._now())
        self._settle()

    def _settle(self) -> None:
        """Tidy up if the connection is over."""
        if self._ended or self._exchanges.connection.state is not State.CLOSED:
            return
        self._ended = True
        for waiter in self._crowd:
            waiter.rouse()  # to find the connection closed
        self._crowd.clear()
        self._end()
