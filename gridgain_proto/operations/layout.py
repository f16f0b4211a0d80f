"""The fields that requests and answers are made of.

Each writer appends one argument of a request; each reader takes one field of an answer and moves
on. An operation's layout is a tuple of the former and one of the latter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Any

from .. import scalars
from ..exceptions import DecodeError, NotSupportedByClusterError
from ..features import V1_6_0
from .operation import Reader, Writer, check_int

_ID_FLAGS = Struct("<ib")
_THREE_INT64 = Struct("<qqq")

# Objects stay as they are stored; the server never makes Java objects of them for this client.
_KEEP_BINARY = 0x01
_IN_TRANSACTION = 0x02
_WITH_EXPIRY = 0x04

# -- requests --------------------------------------------------------------------------------------


class CacheHeader:
    """What every operation on a cache begins with: the cache, flags, and what they announce.

    Args:
        cache_id: the cache's id.
        expiry: lifetimes after creation, update and access in milliseconds, -2 for unchanged and
            -1 for ever; None for the cache's own policy.
    """

    __slots__ = ("_expiry", "cache_id", "has_expiry", "plain")

    def __init__(self, cache_id: int, expiry: tuple[int, int, int] | None = None) -> None:
        self.cache_id = cache_id
        self.has_expiry = expiry is not None
        self._expiry = b"" if expiry is None else _THREE_INT64.pack(*expiry)
        #: The header outside any transaction.
        self.plain = self._laid_out(b"")

    def within(self, transaction_id: int) -> bytes:
        """The header within a transaction of the connection that it is sent on."""
        return self._laid_out(scalars.INT32.pack(transaction_id))

    def _laid_out(self, transaction: bytes) -> bytes:
        flags = _KEEP_BINARY
        if self._expiry:
            flags |= _WITH_EXPIRY
        if transaction:
            flags |= _IN_TRANSACTION
        # The expiry comes first, although its flag is the higher one.
        return _ID_FLAGS.pack(self.cache_id, flags) + self._expiry + transaction


def header(writer: Writer, cache: CacheHeader) -> None:
    """A cache's header, within the transaction if there is one.

    Raises:
        NotSupportedByClusterError: the connection's protocol has no lifetimes.
    """
    if cache.has_expiry and writer.features.version < V1_6_0:
        raise NotSupportedByClusterError(
            f"an expiry policy needs protocol {V1_6_0} at least, this is {writer.features}"
        )
    if writer.transaction_id is None:
        writer += cache.plain
    else:
        writer += cache.within(writer.transaction_id)


def value(writer: Writer, value_and_hint: tuple[object, Any]) -> None:
    """One data object with its hint, or None for none."""
    writer.codec.write(writer, value_and_hint[0], value_and_hint[1])


def values(writer: Writer, items: Iterable[object]) -> None:
    """A count, then that many data objects. Each may be (element, hint)."""
    collected = items if isinstance(items, list | tuple) else list(items)
    writer += scalars.INT32.pack(len(collected))
    writer.codec.write_values(writer, collected)


def pairs(writer: Writer, items: Mapping[Any, object]) -> None:
    """A count, then that many pairs of data objects. Each may be (element, hint)."""
    writer += scalars.INT32.pack(len(items))
    writer.codec.write_pairs(writer, items)


def string(writer: Writer, text: str | None) -> None:
    """A nullable string."""
    writer += scalars.encode_string(text)


def int8(writer: Writer, number: int) -> None:
    """A signed byte."""
    writer += scalars.INT8.pack(check_int(number, -128, 127, "int8"))


def int32(writer: Writer, number: int) -> None:
    """A 32-bit integer."""
    writer += scalars.INT32.pack(check_int(number, -(2**31), 2**31 - 1, "int32"))


def int64(writer: Writer, number: int) -> None:
    """A 64-bit integer."""
    writer += scalars.INT64.pack(check_int(number, -(2**63), 2**63 - 1, "int64"))


def boolean(writer: Writer, flag: bool) -> None:
    """A byte, 1 for true and 0 for false."""
    writer += b"\x01" if flag else b"\x00"


def int8s(writer: Writer, numbers: Iterable[int]) -> None:
    """A count, then that many signed bytes."""
    collected = [check_int(number, -128, 127, "int8") for number in numbers]
    writer += scalars.INT32.pack(len(collected))
    for number in collected:
        writer += scalars.INT8.pack(number)


# -- answers ---------------------------------------------------------------------------------------


def nothing(reader: Reader) -> None:
    """An empty answer."""


def read_value(reader: Reader) -> Any:
    """One data object."""
    result, reader.pos = reader.codec.read(reader.data, reader.pos)
    return result


def read_pairs(reader: Reader) -> list[tuple[Any, Any]]:
    """A count, then that many pairs of data objects."""
    count, pos = scalars.read_count(reader.data, reader.pos, 2, "entries")
    result, reader.pos = reader.codec.read_pairs(reader.data, pos, count)
    return result


def read_bool(reader: Reader) -> bool:
    """A byte, 1 for true and 0 for false."""
    number, reader.pos = scalars.read_int8(reader.data, reader.pos)
    if number not in (0, 1):
        raise DecodeError(f"{number} where 0 or 1 should be")
    return number == 1


def read_int64(reader: Reader) -> int:
    """A 64-bit integer."""
    result, reader.pos = scalars.read_int64(reader.data, reader.pos)
    return result


def read_strings(reader: Reader) -> list[str]:
    """A count, then that many strings."""
    count, pos = scalars.read_count(reader.data, reader.pos, 1, "strings")
    result = []
    for _ in range(count):
        text, pos = scalars.read_string(reader.data, pos)
        if text is None:
            raise DecodeError("null where a string should be")
        result.append(text)
    reader.pos = pos
    return result
