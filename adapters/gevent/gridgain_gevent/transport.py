"""A TCP connection as the shared link wants it: waiting lets other greenlets run.

The socket is the standard library's own, whether or not gevent has patched that: nothing here may
wait but where it is asked to.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import gevent
import gevent.monkey
import gevent.socket

from gridgain_proto.client.stream import StreamTransport
from gridgain_proto.exceptions import LocalProtocolError

__all__ = ["GreenletTransport", "Socket", "TimeIsUp", "wait_connected"]

if TYPE_CHECKING:
    from socket import socket as Socket
else:
    Socket = gevent.monkey.get_original("socket", "socket")

_READ = 1
_WRITE = 2


class TimeIsUp(Exception):
    """Of our own, so that no time-out of the user's is taken for it."""


class GreenletTransport(StreamTransport[Socket]):
    """A `Transport` over a socket of the thread's hub.

    Args:
        sock: the connected, non-blocking socket; the transport owns it from now on.
    """

    def __init__(self, sock: Socket) -> None:
        super().__init__(sock)
        self._hub = gevent.get_hub()
        # One for each way of waiting: the reader's and the writer's may be in use at once.
        self._readable = self._watcher(_READ)
        self._writable = self._watcher(_WRITE)
        self._both = self._watcher(_READ | _WRITE)

    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Wait until something has come; append it."""
        self._wait(self._readable, timeout)
        return self._receive(chunks)

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """Wait until something can be sent, or received if so asked."""
        self._wait(self._both if or_readable else self._writable, timeout)
        return or_readable and self._is_readable()

    def close(self) -> None:
        """Give the descriptor back."""
        for watcher in (self._readable, self._writable, self._both):
            watcher.close()
        super().close()

    def _watcher(self, events: int) -> Any:
        return self._hub.loop.io(self._socket.fileno(), events)

    def _wait(self, watcher: Any, timeout: float | None) -> None:
        if gevent.get_hub() is not self._hub:
            raise LocalProtocolError("a connection of greenlets was used in another thread")
        with contextlib.suppress(TimeIsUp):
            gevent.socket.wait(watcher, timeout, TimeIsUp)

    def _is_readable(self) -> bool:
        try:
            self._socket.recv(1, gevent.socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True  # receiving says what it is
        return True


def wait_connected(sock: Socket, timeout: float) -> bool:
    """Wait until a connection that was begun is made or has failed; False if time was up."""
    try:
        gevent.socket.wait_write(sock.fileno(), timeout, TimeIsUp)
    except TimeIsUp:
        return False
    return True
