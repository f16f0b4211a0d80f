"""The hash code by which the server places a key, computed from the key's own bytes.

Working on bytes keeps one truth: whatever hint or class made them, the server sees these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import Struct, iter_unpack, unpack_from
from struct import error as StructError
from typing import Final, cast

from ..exceptions import DecodeError
from . import typecodes as tc
from .hashing import bytes_hash, items_hash, long_hash, lower_hash, signed32, string_hash

__all__ = ["AFFINITY_FIELDS", "UnstableHash", "field_hash", "hash_at", "hash_value", "object_root"]

#: The fields that place keys of Java's own types: field id by type id.
AFFINITY_FIELDS: Final = {
    -482343881: -1420595746,  # AffinityKey: affKey
    lower_hash("CollocatedSetItemKey"): lower_hash("setNameHash"),
    lower_hash("CollocatedQueueItemKey"): lower_hash("queueNameHash"),
}

#: A hash function takes bytes, the position after the type code and whether it is inside of a
#: collection, where Java hashes arrays by identity; it gives the hash and the next position.
Hash = Callable[[bytes, int, "bool"], tuple[int, int]]

_INT: Final = Struct("<i").unpack_from
_LONG: Final = Struct("<q").unpack_from
_NAN_FLOAT: Final = 0x7FC00000
_NAN_DOUBLE: Final = 0x7FF8000000000000


class UnstableHash(Exception):
    """Java hashes the value by identity: it has no place that a client could know."""


def hash_value(data: bytes, pos: int = 0) -> int:
    """The hash code of the value at a position.

    Raises:
        DecodeError: the bytes are no value.
        UnstableHash: Java does not hash it by its content.
    """
    try:
        return hash_at(data, pos, False)[0]
    except (StructError, IndexError, RecursionError) as exc:
        raise DecodeError(f"no value to hash at {pos}: {exc}") from None


def object_root(data: bytes, pos: int = 0) -> int | None:
    """Where the complex object at a position begins, within its wrapper if it has one."""
    if data[pos] == tc.WRAPPED:
        start = pos + 5
        return start + int(_INT(data, start + _INT(data, pos + 1)[0])[0])
    return pos if data[pos] == tc.OBJECT else None


def field_hash(data: bytes, start: int, field_id: int, schema: Sequence[int] | None) -> int | None:
    """The hash code of one field of an object.

    Args:
        data: the bytes.
        start: where the object begins.
        field_id: the field's id.
        schema: the ids of its fields in order; full footers have them anyway.

    Returns:
        The hash code; None if the object has no such field or it is null.

    Raises:
        UnstableHash: Java does not hash the field by its content.
    """
    flags, length, offset = unpack_from("<H8xi4xi", data, start + 2)
    if not flags & tc.HAS_SCHEMA:
        return None
    end = start + length - (4 if flags & tc.HAS_RAW else 0)
    layout = "B" if flags & tc.OFFSET_ONE_BYTE else "H" if flags & tc.OFFSET_TWO_BYTES else "i"
    found: Iterable[tuple[int, int]]
    if flags & tc.COMPACT_FOOTER:
        entries = iter_unpack("<" + layout, data[start + offset : end])
        found = zip(schema or (), (entry[0] for entry in entries), strict=False)
    else:
        found = cast(
            "Iterable[tuple[int, int]]", iter_unpack("<i" + layout, data[start + offset : end])
        )
    for one, field_offset in found:
        if one == field_id:
            at = start + field_offset
            return None if data[at] == tc.NULL else hash_at(data, at, False)[0]
    return None


def hash_at(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    """The hash code of the value at a position, and the position after it."""
    found = _HASHES.get(data[pos])
    if found is None:
        raise UnstableHash(f"type code {data[pos]}")
    return found(data, pos + 1, inside)


def _number(layout: str) -> Hash:
    number = Struct(layout)
    size, unpack = number.size, number.unpack_from

    def hash_number(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
        return unpack(data, pos)[0], pos + size

    return hash_number


def _long(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return long_hash(_LONG(data, pos)[0]), pos + 8


def _float_bits(bits: int) -> int:
    return _NAN_FLOAT if bits & 0x7FFFFFFF > 0x7F800000 else signed32(bits)


def _double_bits(bits: int) -> int:
    nan = bits & 0x7FFFFFFFFFFFFFFF > 0x7FF0000000000000
    return long_hash(_NAN_DOUBLE if nan else bits)


def _boolean_hash(byte: int) -> int:
    return 1231 if byte == 1 else 1237


def _float(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return _float_bits(_INT(data, pos)[0]), pos + 4


def _double(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return _double_bits(_LONG(data, pos)[0]), pos + 8


def _boolean(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return _boolean_hash(data[pos]), pos + 1


def _string(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    end = pos + 4 + _INT(data, pos)[0]
    return string_hash(data[pos + 4 : end].decode("utf-8", "replace")), end


def _uuid(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return long_hash(_LONG(data, pos)[0] ^ _LONG(data, pos + 8)[0]), pos + 16


def _timestamp(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return long_hash(_LONG(data, pos)[0]), pos + 12


def _decimal(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    scale, size = unpack_from("<ii", data, pos)
    start = pos + 8
    digits = bytearray(data[start : start + size])
    negative = digits[0] & 0x80
    digits[0] &= 0x7F
    padded = bytes(-len(digits) % 4) + digits
    words = [word for (word,) in iter_unpack(">I", padded)]
    magnitude = 0
    for word in words:
        magnitude = (31 * magnitude + word) & 0xFFFFFFFF
    if negative:
        magnitude = -magnitude
    return signed32(31 * magnitude + scale), start + size


def _null(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return 0, pos


def _named(data: bytes, pos: int) -> tuple[int, int]:
    """A type id, and the position after it or after the class name in its place."""
    type_id = _INT(data, pos)[0]
    if type_id:
        return type_id, pos + 4
    return 0, pos + 9 + _INT(data, pos + 5)[0]


def _enum(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    type_id, at = _named(data, pos)
    return signed32(31 * type_id + _INT(data, at)[0]), at + 4


def _by_content(inside: bool) -> None:
    if inside:
        raise UnstableHash("an array inside of a collection is hashed by identity")


def _primitives(layout: str, convert: Callable[[int], int] | None = None) -> Hash:
    item = Struct(layout)

    def hash_array(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
        _by_content(inside)
        start = pos + 4
        end = start + _INT(data, pos)[0] * item.size
        items = (one[0] for one in item.iter_unpack(data[start:end]))
        return items_hash(map(convert, items) if convert else items), end

    return hash_array


def _bytes(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    _by_content(inside)
    end = pos + 4 + _INT(data, pos)[0]
    return bytes_hash(data[pos + 4 : end]), end


def _hashes(data: bytes, pos: int, count: int, inside: bool) -> tuple[list[int], int]:
    result = []
    for _ in range(count):
        one, pos = hash_at(data, pos, inside)
        result.append(one)
    return result, pos


def _objects(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    _by_content(inside)
    hashes, at = _hashes(data, pos + 4, _INT(data, pos)[0], False)
    return items_hash(hashes), at


def _object_array(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    return _objects(data, _named(data, pos)[1], inside)


def _collection(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    count, kind = unpack_from("<ib", data, pos)
    hashes, at = _hashes(data, pos + 5, count, True)
    if kind in (tc.USER_SET, tc.HASH_SET, tc.LINKED_HASH_SET):
        return signed32(sum(hashes)), at
    return items_hash(hashes), at


def _map(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    hashes, at = _hashes(data, pos + 5, 2 * _INT(data, pos)[0], True)
    keys, values = hashes[::2], hashes[1::2]
    return signed32(sum(key ^ value for key, value in zip(keys, values, strict=True))), at


def _object(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    # In the header: the sender computes it, and the server believes it.
    return _INT(data, pos + 7)[0], pos - 1 + _INT(data, pos + 11)[0]


def _wrapped(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    end = pos + 4 + _INT(data, pos)[0]
    root = pos + 4 + _INT(data, end)[0]
    return _object(data, root + 1, inside)[0], end + 4


def _opaque(data: bytes, pos: int, inside: bool) -> tuple[int, int]:
    if not data.startswith(tc.SQL_DATE_PREFIX, pos):
        raise UnstableHash("an opaque value")
    return long_hash(_LONG(data, pos + 11)[0]), pos + 19


_HASHES: Final[dict[int, Hash]] = {
    tc.BYTE: _number("<b"),
    tc.SHORT: _number("<h"),
    tc.INT: _number("<i"),
    tc.LONG: _long,
    tc.FLOAT: _float,
    tc.DOUBLE: _double,
    tc.CHAR: _number("<H"),
    tc.BOOLEAN: _boolean,
    tc.STRING: _string,
    tc.UUID: _uuid,
    tc.DATE: _long,
    tc.BYTE_ARRAY: _bytes,
    tc.SHORT_ARRAY: _primitives("<h"),
    tc.INT_ARRAY: _primitives("<i"),
    tc.LONG_ARRAY: _primitives("<q", long_hash),
    tc.FLOAT_ARRAY: _primitives("<I", _float_bits),
    tc.DOUBLE_ARRAY: _primitives("<Q", _double_bits),
    tc.CHAR_ARRAY: _primitives("<H"),
    tc.BOOLEAN_ARRAY: _primitives("<B", _boolean_hash),
    tc.STRING_ARRAY: _objects,
    tc.UUID_ARRAY: _objects,
    tc.DATE_ARRAY: _objects,
    tc.OBJECT_ARRAY: _object_array,
    tc.COLLECTION: _collection,
    tc.MAP: _map,
    tc.WRAPPED: _wrapped,
    tc.ENUM: _enum,
    tc.ENUM_ARRAY: _object_array,
    tc.DECIMAL: _decimal,
    tc.DECIMAL_ARRAY: _objects,
    tc.TIMESTAMP: _timestamp,
    tc.TIMESTAMP_ARRAY: _objects,
    tc.TIME: _long,
    tc.TIME_ARRAY: _objects,
    tc.BINARY_ENUM: _enum,
    tc.NULL: _null,
    tc.OBJECT: _object,
    tc.OPAQUE: _opaque,
}
