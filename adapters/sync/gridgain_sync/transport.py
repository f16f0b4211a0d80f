"""A TCP connection as the shared link wants it: never blocking, except where it is asked to."""

from __future__ import annotations

import contextlib
import math
import select
import socket
from collections.abc import Callable

#: What is received at once at first, and at most, in bytes.
_SMALL_CHUNK = 64 * 1024
_LARGE_CHUNK = 1024 * 1024


class SocketTransport:
    """A :class:`~gridgain_proto.client.shared_link.Transport` over a connected socket.

    Args:
        sock: the socket; the transport owns it from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._chunk = _SMALL_CHUNK
        # One for each way of waiting: the reader's and the writer's may be in use at once.
        self._poll_readable = _poller(sock, read=True, write=False)
        self._poll_writable = _poller(sock, read=False, write=True)
        self._poll_both = _poller(sock, read=True, write=True)

    def send(self, data: memoryview, counts: list[int]) -> None:
        """Send what can be sent now; append its size."""
        with contextlib.suppress(BlockingIOError):
            # One call: an interrupt cannot fall between the bytes leaving and their being counted.
            counts.extend(map(self._socket.send, (data,)))

    def receive(self, chunks: list[bytes]) -> None:
        """Receive what has come; append it."""
        size = self._chunk
        try:
            chunks.extend(map(self._socket.recv, (size,)))  # one call, as in send()
        except BlockingIOError:
            return
        got = len(chunks[-1])
        if got == size:
            self._chunk = _LARGE_CHUNK
        elif got < _SMALL_CHUNK:
            self._chunk = _SMALL_CHUNK

    def wait_readable(self, timeout: float | None) -> bool:
        """Wait until something can be received."""
        return self._poll_readable(timeout)

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """Wait until something can be sent, or received if so asked."""
        return self._poll_both(timeout) if or_readable else self._poll_writable(timeout)

    def shutdown(self) -> None:
        """End the connection for everybody who waits for it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()


def wait_connected(sock: socket.socket, timeout: float | None) -> bool:
    """Wait until a connection that was begun is made or has failed; False if time was up."""
    return _poller(sock, read=False, write=True, report_write=True)(timeout)


def _poller(
    sock: socket.socket, *, read: bool, write: bool, report_write: bool = False
) -> Callable[[float | None], bool]:
    """A function that waits and says whether there is something to read (or write, if so asked).

    ``poll`` where there is one: ``select`` ends at descriptor 1024.
    """
    if not hasattr(select, "poll"):
        readers, writers = ([sock] if read else []), ([sock] if write else [])

        def wait_by_select(timeout: float | None) -> bool:
            readable, writable, _ = select.select(readers, writers, [], timeout)
            return bool(readable) or (report_write and bool(writable))

        return wait_by_select

    events = (select.POLLIN if read else 0) | (select.POLLOUT if write else 0)
    # Whatever is neither is an error or the end, and shows when it is read.
    reported = ~0 if report_write else ~select.POLLOUT
    poll = select.poll()
    poll.register(sock, events)
    poll_once = poll.poll

    def wait_by_poll(timeout: float | None) -> bool:
        ready = poll_once(None if timeout is None else math.ceil(timeout * 1000))
        return bool(ready) and bool(ready[0][1] & reported)

    return wait_by_poll
