"""What the transports of blocking runtimes have in common: sending and receiving.

The socket comes from the adapter; waiting is what differs.
"""

from __future__ import annotations

import abc
import contextlib
from typing import Generic, Protocol, TypeVar

#: What is received at once at first, and at most, in bytes.
_SMALL_CHUNK = 64 * 1024
_LARGE_CHUNK = 1024 * 1024

_SHUT_RDWR = 2  # on every system


class StreamSocket(Protocol):
    """A connected socket, as far as it matters here."""

    def send(self, data: bytes | memoryview, flags: int = 0, /) -> int:
        """Send what can be sent now."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive what has come."""

    def shutdown(self, how: int, /) -> None:
        """End the connection."""

    def close(self) -> None:
        """Give the descriptor back."""


S = TypeVar("S", bound=StreamSocket)


class StreamTransport(abc.ABC, Generic[S]):
    """A `Transport` that cannot wait yet.

    Args:
        sock: the socket; the transport owns it from now on.
        send_flags: what it takes for sending not to block, if the socket does.
    """

    def __init__(self, sock: S, send_flags: int = 0) -> None:
        self._socket = sock
        self._send_flags = send_flags
        self._chunk = _SMALL_CHUNK

    def send(self, data: bytes | memoryview, counts: list[int]) -> None:
        """Send what can be sent now; append its size."""
        try:
            # One call: an interrupt cannot fall between the bytes leaving and their being counted.
            counts.extend(map(self._socket.send, (data,), (self._send_flags,)))
        except BlockingIOError:
            return

    @abc.abstractmethod
    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Wait until something has come; append it."""

    def _receive(self, chunks: list[bytes], flags: int = 0) -> bool:
        """Receive what has come; append it."""
        size = self._chunk
        try:
            chunks.extend(map(self._socket.recv, (size,), (flags,)))  # one call, as in send()
        except BlockingIOError:
            return False
        got = len(chunks[-1])
        if got == size:
            self._chunk = _LARGE_CHUNK
        elif got < _SMALL_CHUNK:
            self._chunk = _SMALL_CHUNK
        return True

    @abc.abstractmethod
    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """Wait until something can be sent, or received if so asked."""

    def shutdown(self) -> None:
        """End the connection for everybody who waits for it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(_SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()
