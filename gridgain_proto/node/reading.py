"""What requests are read from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .. import scalars
from ..exceptions import DecodeError
from .values import kept

T = TypeVar("T")


class RequestReader:
    """A request's payload, field by field.

    Whatever is wrong with the bytes raises `DecodeError`, which closes the connection.

    Attributes:
        data: the whole frame.
        pos: where the next field begins.
    """

    __slots__ = ("data", "pos")

    def __init__(self, data: bytes, pos: int) -> None:
        self.data = data
        self.pos = pos

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.pos

    def int8(self) -> int:
        """A signed byte."""
        value, self.pos = scalars.read_int8(self.data, self.pos)
        return value

    def int16(self) -> int:
        """A signed 16-bit integer."""
        value, self.pos = scalars.read_int16(self.data, self.pos)
        return value

    def int32(self) -> int:
        """A signed 32-bit integer."""
        value, self.pos = scalars.read_int32(self.data, self.pos)
        return value

    def int64(self) -> int:
        """A signed 64-bit integer."""
        value, self.pos = scalars.read_int64(self.data, self.pos)
        return value

    def boolean(self) -> bool:
        """A byte that is 1 for true."""
        return self.int8() == 1

    def string(self) -> str | None:
        """A nullable string."""
        value, self.pos = scalars.read_string(self.data, self.pos)
        return value

    def required(self, what: str) -> str:
        """A string that may not be null."""
        value = self.string()
        if value is None:
            raise DecodeError(f"{what} is null")
        return value

    def not_empty(self, what: str) -> str | None:
        """A string that may be null, but not empty."""
        value = self.string()
        if value == "":
            raise DecodeError(f"{what} is empty")
        return value

    def several(self, read: Callable[[], T], size: int = 1) -> list[T]:
        """A count, then that many of what ``read`` reads, each of ``size`` bytes at least."""
        count, self.pos = scalars.read_count(self.data, self.pos, size)
        return [read() for _ in range(count)]

    def value(self) -> bytes:
        """A data object, as it is kept."""
        value, self.pos = kept(self.data, self.pos)
        return value

    def values(self) -> list[bytes]:
        """A count, then that many data objects."""
        return self.several(self.value)

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """A count, then that many pairs of data objects."""
        return self.several(lambda: (self.value(), self.value()), 2)
