"""The fields that requests and answers are made of.

Each writer appends one argument of a request; each reader takes one field of an answer and moves
on. An operation's layout is a tuple of the former and one of the latter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import scalars
from ..exceptions import DecodeError
from .operation import Reader, Writer, check_int

# -- requests --------------------------------------------------------------------------------------


def raw(writer: Writer, data: bytes) -> None:
    """Bytes that were laid out before, such as a cache's header."""
    writer.out += data


def value(writer: Writer, value_and_hint: tuple[object, Any]) -> None:
    """One data object with its hint, or None for none."""
    writer.codec.write(writer.out, value_and_hint[0], value_and_hint[1])


def values(writer: Writer, items: Iterable[object]) -> None:
    """A count, then that many data objects. Each may be (element, hint)."""
    collected = items if isinstance(items, list | tuple) else list(items)
    writer.out += scalars.INT32.pack(len(collected))
    writer.codec.write_values(writer.out, collected)


def pairs(writer: Writer, items: Mapping[Any, object]) -> None:
    """A count, then that many pairs of data objects. Each may be (element, hint)."""
    writer.out += scalars.INT32.pack(len(items))
    writer.codec.write_pairs(writer.out, items)


def string(writer: Writer, text: str | None) -> None:
    """A nullable string."""
    writer.out += scalars.encode_string(text)


def int32(writer: Writer, number: int) -> None:
    """A 32-bit integer."""
    writer.out += scalars.INT32.pack(check_int(number, -(2**31), 2**31 - 1, "int32"))


def int8s(writer: Writer, numbers: Iterable[int]) -> None:
    """A count, then that many signed bytes."""
    collected = [check_int(number, -128, 127, "int8") for number in numbers]
    writer.out += scalars.INT32.pack(len(collected))
    for number in collected:
        writer.out += scalars.INT8.pack(number)


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
