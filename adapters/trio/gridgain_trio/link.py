"""One connection for trio's tasks: a reader and a writer in the background."""

from __future__ import annotations

import contextlib
import math
import socket

import trio

from gridgain_proto.client.exchanges import WhenLate
from gridgain_proto.client.task_link import TaskLink, TaskWaiter
from gridgain_proto.connection import ConnectionConfig
from gridgain_proto.events import ResponseReceived

#: What is received at once at first, and at most, in bytes.
_SMALL_CHUNK = 64 * 1024
_LARGE_CHUNK = 1024 * 1024


class TrioWaiter(TaskWaiter):
    """A task that can be parked. Not an ``Event``, which could wake many, and costs as much."""

    _task: trio.lowlevel.Task | None = None

    async def wait(self, deadline: float | None) -> bool:
        """Wait to be roused; False if the deadline passed first."""
        if deadline is None:
            self._task = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._abort)
            return True
        with trio.CancelScope(deadline=deadline) as scope:
            self._task = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._abort)
        return not scope.cancelled_caught

    def rouse(self) -> None:
        """Let the task go on."""
        task, self._task = self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    def _abort(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED


class TrioLink(TaskLink[TrioWaiter]):
    """A `Link` for trio.

    `read` and `write` have to run as tasks as long as the link lives. They are
    shielded, so that a call in a shielded clean-up still works while everything around is being
    cancelled; closing the link ends them, and they never raise, not even
    ``KeyboardInterrupt``.

    Args:
        sock: the connected, non-blocking socket; the link owns it from now on.
        config: the connection's configuration.
    """

    def __init__(self, sock: socket.socket, config: ConnectionConfig) -> None:
        # Straight from the clock of this run: every request asks for the time.
        clock = trio.lowlevel.current_clock()
        super().__init__(config, now=clock.current_time, new_waiter=TrioWaiter)
        self._socket = sock
        self._writer = TrioWaiter()
        self._timer = trio.CancelScope()  # around the reader; expires when a timer is due
        self._write_error: OSError | None = None

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: WhenLate | None = None,
    ) -> ResponseReceived:
        """Send one request and wait for its answer; nothing is sent if cancelled before."""
        await trio.lowlevel.checkpoint_if_cancelled()
        return await super().exchange(op_code, payload, deadline=deadline, when_late=when_late)

    @trio.lowlevel.enable_ki_protection
    async def read(self) -> None:
        """Receive what comes, and watch the time."""
        while not self._ended:
            with trio.CancelScope(shield=True) as self._timer:
                await self._read_until_timer()
            if self._timer.cancelled_caught:
                self._handle_timer()

    @trio.lowlevel.enable_ki_protection
    async def write(self) -> None:
        """Send what there is to send."""
        with trio.CancelScope(shield=True):
            while not self._ended:
                data = self._take_output()
                if data:
                    await self._send(data)
                else:
                    await self._writer.wait(None)

    async def _read_until_timer(self) -> None:
        sock = self._socket
        size = _SMALL_CHUNK
        self._set_timer()
        while not self._ended:
            try:
                await trio.lowlevel.wait_readable(sock)
                data = sock.recv(size)
            except BlockingIOError:
                continue
            except OSError as exc:
                self._lose(exc)
                return
            except trio.ClosedResourceError:
                return  # closed from this side
            size = _LARGE_CHUNK if len(data) == size else _SMALL_CHUNK
            if data or self._write_error is None:
                self._receive(data)
            else:
                self._lose(self._write_error)
            self._set_timer()

    async def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                try:
                    await trio.lowlevel.wait_writable(self._socket)
                except trio.ClosedResourceError:
                    return
            except OSError as exc:
                # The reader is to find the end, behind whatever answers came before it.
                self._write_error = exc
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                return

    def _wake_writer(self) -> None:
        self._writer.rouse()

    def _set_timer(self) -> None:
        due = self._next_timer()
        self._timer.deadline = math.inf if due is None else due

    def _end(self) -> None:
        sock = self._socket
        with contextlib.suppress(OSError):
            sock.send(self._take_output())  # TLS says goodbye, if there is room for it
        trio.lowlevel.notify_closing(sock)
        sock.close()
        self._writer.rouse()

    async def _checkpoint(self) -> None:
        await trio.lowlevel.checkpoint()
