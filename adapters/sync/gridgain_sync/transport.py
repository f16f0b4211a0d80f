"""A TCP connection as the shared link wants it: never blocking, except where it is asked to."""

from __future__ import annotations

import math
import select
import socket
import struct
from collections.abc import Callable

from gridgain_proto.client.stream import StreamTransport

#: How long the operating system waits for bytes at most, in seconds, where it is left to it.
_PATIENCE = 1.0
#: Where a call can be told not to block, the socket may: then nobody has to ask, before each
#: answer is received, whether it has come.
_MAY_BLOCK = hasattr(socket, "MSG_DONTWAIT") and hasattr(socket, "SO_RCVTIMEO")
_AT_ONCE = socket.MSG_DONTWAIT if _MAY_BLOCK else 0


class SocketTransport(StreamTransport[socket.socket]):
    """A `Transport` over a connected socket.

    Args:
        sock: the socket; the transport owns it from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, _AT_ONCE)
        # One for each way of waiting: the reader's and the writer's may be in use at once.
        self._poll_readable = _poller(sock, read=True, write=False)
        self._poll_writable = _poller(sock, read=False, write=True)
        self._poll_both = _poller(sock, read=True, write=True)
        if _MAY_BLOCK:
            sock.setblocking(True)
            patience = struct.pack("@ll", int(_PATIENCE), 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)

    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Wait until something has come; append it."""
        if _MAY_BLOCK and (timeout is None or timeout >= _PATIENCE):
            return self._receive(chunks)
        return self._poll_readable(timeout) and self._receive(chunks, _AT_ONCE)

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """Wait until something can be sent, or received if so asked."""
        return self._poll_both(timeout) if or_readable else self._poll_writable(timeout)


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
