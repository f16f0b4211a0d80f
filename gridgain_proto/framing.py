"""Frames: a 32-bit length, then that many bytes.

The peer's word about a length is never believed further than its bytes have come: nothing is
reserved for what has only been announced.
"""

from __future__ import annotations

from .exceptions import RemoteProtocolError
from .scalars import INT32

#: What one frame may hold unless the configuration says otherwise, in bytes.
DEFAULT_MAX_FRAME = 256 * 1024 * 1024

LENGTH_SIZE = 4

_unpack_length = INT32.unpack_from


class FrameReader:
    """Cuts a stream of bytes into frames.

    Frames come out whole, their length in front, so that a chunk that is exactly one frame (the
    usual answer) is handed on as it is, without a copy.

    Args:
        max_frame: the longest body that is accepted, in bytes.
    """

    __slots__ = ("_buffer", "_chunk", "_pos", "max_frame")

    def __init__(self, max_frame: int = DEFAULT_MAX_FRAME) -> None:
        self.max_frame = max_frame
        self._chunk = b""  # what next_frame() cuts, from _pos on
        self._pos = 0
        self._buffer = bytearray()  # the beginning of a frame whose rest has not come

    def feed(self, data: bytes) -> None:
        """Add bytes as they came. All frames must have been taken out before the next bytes."""
        buffer = self._buffer
        if not buffer:
            self._chunk, self._pos = data, 0
            return
        buffer += data
        if len(buffer) >= LENGTH_SIZE:
            length: int = _unpack_length(buffer, 0)[0]
            if not 0 < length <= self.max_frame:
                raise self._refusal(length)
            if len(buffer) >= LENGTH_SIZE + length:
                self._chunk, self._pos = bytes(buffer), 0
                self._buffer = bytearray()

    def next_frame(self) -> bytes | None:
        """The next whole frame, its four bytes of length included, or None if it has not come.

        Raises:
            RemoteProtocolError: the length is not positive, or above the limit.
        """
        chunk, pos = self._chunk, self._pos
        if not chunk:
            return None
        left = len(chunk) - pos
        if left >= LENGTH_SIZE:
            length: int = _unpack_length(chunk, pos)[0]
            if not 0 < length <= self.max_frame:
                raise self._refusal(length)
            size = LENGTH_SIZE + length
            if size == left:
                self._chunk = b""
                self._pos = 0
                return chunk[pos:] if pos else chunk
            if size < left:
                self._pos = pos + size
                return chunk[pos : pos + size]
        if left:
            self._buffer += memoryview(chunk)[pos:]
            self._chunk = b""
            self._pos = 0
        return None

    @property
    def pending(self) -> bool:
        """Whether the beginning of a frame has come, and its end has not."""
        return bool(self._buffer) or self._pos < len(self._chunk)

    def _refusal(self, length: int) -> RemoteProtocolError:
        if length <= 0:
            return RemoteProtocolError(f"a frame with a length of {length}")
        return RemoteProtocolError(
            f"a frame of {length} bytes, more than the limit of {self.max_frame}"
        )
