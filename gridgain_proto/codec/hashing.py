"""Java's hash codes, and the ids that are made of them.

Every function gives a signed 32-bit integer, as Java does.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import mul
from typing import Final

from ..exceptions import ParameterError
from .accelerated import accelerated

__all__ = [
    "EMPTY_SCHEMA_ID",
    "NameMapper",
    "bytes_hash",
    "cache_id",
    "field_id",
    "long_hash",
    "plain_hash",
    "schema_id",
    "string_hash",
    "type_id",
]

_MASK: Final = 0xFFFFFFFF

#: The schema id of an object without named fields.
EMPTY_SCHEMA_ID: Final = 0x811C9DC5 - (1 << 32)

#: How many bytes are hashed at once.
_BLOCK: Final = 1024
_POWERS: Final = tuple(pow(31, n, 1 << 32) for n in range(_BLOCK + 1))
#: 31 ** 4k: the weights of four-byte groups.
_POWERS_OF_4: Final = tuple(pow(31, 4 * n, 1 << 32) for n in range(_BLOCK // 4))


def signed32(value: int) -> int:
    """Reduce an integer to 32 bits, as Java's arithmetic does."""
    value &= _MASK
    return value - 0x100000000 if value & 0x80000000 else value


def long_hash(value: int) -> int:
    """``Long.hashCode``: also of a date's milliseconds, and of a double's bits."""
    value &= 0xFFFFFFFFFFFFFFFF
    return signed32(value ^ (value >> 32))


def _polynomial(values: Iterable[int], start: int) -> int:
    """Fold numbers as ``h = 31 * h + value``."""
    result = start
    for value in values:
        result = (31 * result + value) & _MASK
    return result


_Lanes = tuple[int, int, int, int, Callable[[bytes], tuple[int, ...]], tuple[int, ...], int]
_lanes: Final[list[_Lanes | None]] = [None] * (_BLOCK // 4 + 1)


def _byte_lanes(groups: int) -> _Lanes:
    """What is needed to hash ``groups`` groups of four bytes at once."""
    made = _lanes[groups] = (
        4 * groups,
        int.from_bytes(b"\x80\x80\x80\x80" * groups, "big"),
        int.from_bytes(b"\x00\xff\x00\xff" * groups, "big"),
        int.from_bytes(b"\x00\x00\xff\xff" * groups, "big"),
        struct.Struct(f"<{groups}I").unpack,
        _POWERS_OF_4[:groups],
        0x80 * sum(_POWERS[: 4 * groups]),
    )
    return made


@accelerated
def bytes_hash(data: bytes, start: int = 1) -> int:
    """``Arrays.hashCode(byte[])``: of byte arrays, and of a complex object's fields.

    The bytes become lanes of one integer. Two steps add neighbours within their lanes, all lanes
    at once, so that a quarter as many numbers are left for a sum of products.

    Args:
        data: the bytes; Java takes them as signed.
        start: the hash of what precedes them; 1 when nothing does.
    """
    size = len(data)
    if size > _BLOCK:
        for pos in range(0, size, _BLOCK):
            start = bytes_hash(data[pos : pos + _BLOCK], start)
        return start
    groups = (size + 3) >> 2
    whole, flip, odd, low, unpack, powers, excess = _lanes[groups] or _byte_lanes(groups)
    lanes = int.from_bytes(data, "big") ^ flip  # a signed byte is (byte ^ 0x80) - 0x80
    lanes = ((lanes >> 8) & odd) * 31 + (lanes & odd)
    lanes = ((lanes >> 16) & low) * 961 + (lanes & low)
    total = sum(map(mul, unpack(lanes.to_bytes(whole, "little")), powers))
    result: int = (start * _POWERS[size] + total - excess) & _MASK
    return result - 0x100000000 if result & 0x80000000 else result


def items_hash(hashes: Iterable[int]) -> int:
    """``Arrays.hashCode`` and ``List.hashCode`` over hash codes of items."""
    return signed32(_polynomial(hashes, 1))


@accelerated
def string_hash(text: str) -> int:
    """``String.hashCode``: over UTF-16 code units, case-sensitive."""
    if text.isascii():
        units: Iterable[int] = text.encode()
    else:
        data = text.encode("utf-16-le", "surrogatepass")
        units = memoryview(data).cast("H") if _LITTLE else _swapped(data)
    size = len(text) if text.isascii() else len(data) >> 1
    if size > _BLOCK:
        return signed32(_polynomial(units, 0))
    return signed32(sum(map(mul, units, _POWERS[size - 1 :: -1])) if size else 0)


@accelerated
def plain_hash(value: object) -> int | None:
    """The hash code of a key that goes out as a Long or as ASCII text; None of all others."""
    if type(value) is int:
        if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
            return long_hash(value)
    elif type(value) is str and value.isascii():
        return string_hash(value)
    return None


_LITTLE: Final = struct.pack("=H", 1) == b"\x01\x00"


def _swapped(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) >> 1}H", data)


def _lower_unit(unit: int) -> int:
    if 0xD800 <= unit <= 0xDFFF:
        return unit
    # Java's Character.toLowerCase gives one unit; Python may give more, for U+0130.
    return ord(chr(unit).lower()[0])


@lru_cache(maxsize=4096)
def lower_hash(name: str) -> int:
    """The hash of a name in lower case, unit by unit as Java does it: type ids, field ids."""
    if name.isascii():
        return string_hash(name.lower())
    data = name.encode("utf-16-le", "surrogatepass")
    return signed32(_polynomial(map(_lower_unit, struct.unpack(f"<{len(data) >> 1}H", data)), 0))


def cache_id(name: str) -> int:
    """The id by which requests name a cache."""
    return string_hash(name)


class NameMapper(enum.IntEnum):
    """How the cluster turns a type's name into its id (operation 3004 tells which)."""

    #: The name as it is, package included.
    FULL = 0
    #: The part after the last dot, or the inner class's own name.
    SIMPLE = 1
    #: Code of the cluster's owner: ids have to be given by the application.
    CUSTOM = 2


def _parses_as_int(text: str) -> bool:
    body = text[1:] if text[:1] in ("+", "-") else text
    if not body.isdecimal():
        return False
    return -0x80000000 <= int(text) <= 0x7FFFFFFF if len(body) < 40 else False


def simple_name(name: str) -> str:
    """The name that the simple name mapper makes of a class's full name."""
    generics = name.find("[[")
    if generics >= 0:
        inner = name[generics + 2 :].split("],[")
        mapped = "],[".join(simple_name(part) for part in inner)
        return f"{simple_name(name[:generics])}[[{mapped}"
    dollar = name.rfind("$")
    if 0 <= dollar < len(name) - 1 and "$$Lambda$" not in name:
        tail = name[dollar + 1 :]
        if not _parses_as_int(tail):
            return tail
    cut = name.rfind("+")
    if cut < 0:
        cut = name.rfind(".")
    return name[cut + 1 :]


_PREDEFINED_IDS: Final = {
    "Object": -1,
    "Byte": 1,
    "Short": 2,
    "Integer": 3,
    "Long": 4,
    "Float": 5,
    "Double": 6,
    "Character": 7,
    "Boolean": 8,
    "String": 9,
    "UUID": 10,
    "Date": 11,
    "BigDecimal": 30,
    "Timestamp": 33,
    "Time": 36,
    "GridMapEntry": 60,
    "IgniteBiTuple": 61,
    "T2": 62,
    "IgniteUuid": 63,
    "PlatformJavaObjectFactoryProxy": 99,
}

_PREDEFINED_BY_HASH: Final = frozenset(
    (
        "ArrayList",
        "LinkedList",
        "HashSet",
        "LinkedHashSet",
        "HashMap",
        "LinkedHashMap",
        "AffinityKey",
        "CollocatedSetItemKey",
        "CollocatedQueueItemKey",
        "BinaryObjectImpl",
        "BinaryObjectOffheapImpl",
        "BinaryMetadataKey",
        "BinaryMetadata",
        "BinaryEnumObjectImpl",
        "BinaryTreeMap",
        "PlatformDotNetSessionData",
        "PlatformDotNetSessionLockResult",
    )
)


def is_reserved(name: str) -> bool:
    """Whether the servers would take this type name for one of Java's own types.

    They look at the simple name alone: a user's ``com.example.Date`` would get the id of dates.
    """
    simple = simple_name(name)
    return simple in _PREDEFINED_IDS or simple in _PREDEFINED_BY_HASH


def type_id(name: str, mapper: NameMapper = NameMapper.FULL) -> int:
    """The id of a type.

    Args:
        name: the type's name, for Java classes with the package.
        mapper: the cluster's name mapper.

    Raises:
        ParameterError: the name has no id (it hashes to 0, as the empty name does).
    """
    result = lower_hash(simple_name(name) if mapper is NameMapper.SIMPLE else name)
    if result == 0:
        raise ParameterError(f"a type cannot be named {name!r}: its id would be 0")
    return result


def field_id(name: str) -> int:
    """The id of a complex object's field. Names that differ in case alone are one field.

    Raises:
        ParameterError: the name has no id (it hashes to 0, as the empty name does).
    """
    result = lower_hash(name)
    if result == 0:
        raise ParameterError(f"a field cannot be named {name!r}: its id would be 0")
    return result


def schema_id(field_ids: Iterable[int]) -> int:
    """The id of an ordered list of fields."""
    result = 0x811C9DC5
    for one in field_ids:
        for shift in (0, 8, 16, 24):
            result = ((result ^ (one >> shift & 0xFF)) * 0x01000193) & _MASK
    return signed32(result)
