"""From bytes to Python values: one function for each type code, in a table.

A reader function takes the state of the message, its bytes and the position after the type code.
It gives the value and the position after it. Whatever the bytes are, it raises nothing but
`DecodeError` and `UnknownType`.

References (handles) are rare, since the servers resolve most of them. A message is therefore read
without keeping track of positions; the first handle restarts it with track kept.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ..exceptions import DecodeError
from . import typecodes as tc
from .scalars import decode_decimal, decode_text, make_uuid
from .shapes import FEW, rows_at
from .values import (
    ClassReference,
    JavaDict,
    JavaList,
    JavaSet,
    MapItems,
    ObjectArray,
    OpaqueValue,
    ProxyValue,
)

if TYPE_CHECKING:
    from .workings import Workings

Read = Callable[["Reading", bytes, int], tuple[Any, int]]
#: Reads a wrapped object of one shape; None if it has another.
ReadWrapped = Callable[["Reading", bytes, int], "tuple[Any, int] | None"]

_INT: Final = Struct("<i").unpack_from
_UINT: Final = Struct("<I").unpack_from
_TWO_INTS: Final = Struct("<ii").unpack_from
_COUNT_KIND: Final = Struct("<ib").unpack_from
_TWO_LONGS: Final = Struct("<QQ").unpack_from
_LONG_INT: Final = Struct("<qi").unpack_from
_LONG: Final = Struct("<q").unpack_from
_SWAP: Final = sys.byteorder != "little"


class HandleFound(Exception):
    """The message has handles: it has to be read again, keeping track."""


class Reading:
    """The state of one message while it is read.

    Attributes:
        codec: the codec.
        base: where the byte stream begins that handles are relative to.
        end: where it ends.
        depth: how many containers are open, counted down from the limit.
        readers: the reader of each type code.
        wrapped: the reader of the shape that the last wrapped object had.
        noted: the type codes met in a container within an object, one bit for each.
    """

    __slots__ = ("base", "codec", "depth", "end", "noted", "readers", "wrapped")

    def __init__(self, codec: Workings, data: bytes) -> None:
        self.codec = codec
        self.base = 0
        self.end = len(data)
        self.depth = codec.max_depth
        self.readers = READERS
        self.noted = 0
        self.wrapped: ReadWrapped | None = None

    def ended(self, pos: int) -> NoReturn:
        """Refuse a value that begins where the bytes end."""
        raise DecodeError(f"the bytes end at {pos}, where a value should begin")

    def too_deep(self) -> NoReturn:
        """Refuse one more level."""
        raise DecodeError(f"values nested deeper than {self.codec.max_depth} levels")


def value_at(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    """Read one value, its type code included."""
    if not 0 <= pos < state.end:
        raise DecodeError(f"the bytes end at {state.end}, where a value should begin")
    return state.readers[data[pos]](state, data, pos + 1)


def short(state: Reading, pos: int, size: int) -> NoReturn:
    """Say that the bytes end too early."""
    raise DecodeError(f"a value at {pos} needs {size} bytes, {max(0, state.end - pos)} are left")


def length_at(state: Reading, data: bytes, pos: int, least: int) -> tuple[int, int]:
    """A count of elements, checked against the bytes that are left for them."""
    start = pos + 4
    if start > state.end:
        short(state, pos, 4)
    count: int = _INT(data, pos)[0]
    if count < 0 or count * least > state.end - start:
        raise DecodeError(f"a count of {count} at {pos} does not fit the bytes that are left")
    return count, start


def _unknown(state: Reading, data: bytes, pos: int) -> NoReturn:
    raise DecodeError(f"unknown type code {data[pos - 1]} at {pos - 1}")


def _fixed(layout: str, convert: Callable[[Any], Any] | None = None) -> Read:
    """A reader of one number."""
    number = Struct(layout)
    size = number.size
    unpack = number.unpack_from

    if convert is None:

        def read(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
            end = pos + size
            if end > state.end:
                short(state, pos, size)
            return unpack(data, pos)[0], end

        return read

    convert_ = convert

    def read_converted(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        end = pos + size
        if end > state.end:
            short(state, pos, size)
        return convert_(unpack(data, pos)[0]), end

    return read_converted


def _null(state: Reading, data: bytes, pos: int) -> tuple[None, int]:
    return None, pos


def _boolean(state: Reading, data: bytes, pos: int) -> tuple[bool, int]:
    if pos >= state.end:
        short(state, pos, 1)
    return data[pos] == 1, pos + 1  # as Java: 2 is false


def string(state: Reading, data: bytes, pos: int) -> tuple[str, int]:
    """Text."""
    start = pos + 4
    if start > state.end:
        short(state, pos, 4)
    end = start + _UINT(data, pos)[0]
    if end > state.end:
        raise DecodeError(f"a string of {_INT(data, pos)[0]} bytes at {pos}: too long")
    try:
        return data[start:end].decode(), end
    except UnicodeDecodeError:
        return decode_text(data[start:end]), end


def _uuid(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 16 > state.end:
        short(state, pos, 16)
    return make_uuid(*_TWO_LONGS(data, pos)), pos + 16


def _decimal(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    start = pos + 8
    if start > state.end:
        short(state, pos, 8)
    scale, size = _TWO_INTS(data, pos)
    end = start + size
    if size < 1 or end > state.end:
        raise DecodeError(f"a decimal of {size} bytes at {pos}")
    return decode_decimal(scale, data[start:end]), end


def _date(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 8 > state.end:
        short(state, pos, 8)
    return state.codec.clock.read_date(_LONG(data, pos)[0]), pos + 8


def _time(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 8 > state.end:
        short(state, pos, 8)
    return state.codec.clock.read_time(_LONG(data, pos)[0]), pos + 8


def _timestamp(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 12 > state.end:
        short(state, pos, 12)
    ms, nanos = _LONG_INT(data, pos)
    if not 0 <= nanos <= 999_999:
        raise DecodeError(f"a timestamp at {pos} with {nanos} nanoseconds in its millisecond")
    return state.codec.clock.read_timestamp(ms, nanos), pos + 12


def _byte_array(state: Reading, data: bytes, pos: int) -> tuple[bytes, int]:
    count, start = length_at(state, data, pos, 1)
    end = start + count
    return data[start:end], end


def _opaque(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    count, start = length_at(state, data, pos, 1)
    end = start + count
    if count == 15 and data.startswith(tc.SQL_DATE_PREFIX, pos):
        checksum = data[start + 5 : start + 7]
        return state.codec.clock.read_sql_date(_LONG(data, start + 7)[0], checksum), end
    return OpaqueValue(data[start:end]), end


def _primitive_array(item_code: str) -> Read:
    """A reader of an array of numbers, which are copied once and never boxed."""
    size = array(item_code).itemsize

    def read(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        count, start = length_at(state, data, pos, size)
        end = start + count * size
        result = array(item_code)
        result.frombytes(memoryview(data)[start:end])
        if _SWAP:
            result.byteswap()
        return result, end

    return read


def _char_array(state: Reading, data: bytes, pos: int) -> tuple[ObjectArray, int]:
    count, start = length_at(state, data, pos, 2)
    units = Struct(f"<{count}H").unpack_from(data, start)
    return ObjectArray(map(chr, units), tc.CHAR_ARRAY), start + 2 * count


def _boolean_array(state: Reading, data: bytes, pos: int) -> tuple[ObjectArray, int]:
    count, start = length_at(state, data, pos, 1)
    end = start + count
    return ObjectArray([byte == 1 for byte in data[start:end]], tc.BOOLEAN_ARRAY), end


def _typed_array(code: int, item_code: int) -> Read:
    """A reader of an array of objects of one class: each is null or has that class's code."""
    accepted = (item_code, tc.NULL)

    def read(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        count, at = length_at(state, data, pos, 1)
        items = []
        read_item = READERS[item_code]
        for _ in range(count):
            if at >= state.end:
                short(state, at, 1)
            found = data[at]
            if found == item_code:
                item, at = read_item(state, data, at + 1)
            elif found in accepted:
                item = None
                at += 1
            else:
                raise DecodeError(f"type code {found} at {at} in an array of code {code}")
            items.append(item)
        return ObjectArray(items, code), at

    return read


def class_name_at(state: Reading, data: bytes, pos: int) -> tuple[str, int]:
    """The class name that follows a type id of 0."""
    if pos >= state.end or data[pos] != tc.STRING:
        raise DecodeError(f"no class name at {pos} after a type id of 0")
    return string(state, data, pos + 1)


def _component(state: Reading, data: bytes, pos: int) -> tuple[int, str | None, int]:
    if pos + 4 > state.end:
        short(state, pos, 4)
    type_id: int = _INT(data, pos)[0]
    if type_id:
        return type_id, None, pos + 4
    name, at = class_name_at(state, data, pos + 4)
    return 0, name, at


def enum_value(state: Reading, type_id: int, type_name: str | None, ordinal: int, code: int) -> Any:
    """A constant, as a member of the class registered for it if there is one."""
    return state.codec.enum_constant(type_id, type_name, ordinal, code)


def _enum(code: int) -> Read:
    def read(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        type_id, name, at = _component(state, data, pos)
        if at + 4 > state.end:
            short(state, at, 4)
        return enum_value(state, type_id, name, _INT(data, at)[0], code), at + 4

    return read


def _class(state: Reading, data: bytes, pos: int) -> tuple[ClassReference, int]:
    type_id, name, at = _component(state, data, pos)
    return ClassReference(type_id, name), at


def _proxy(state: Reading, data: bytes, pos: int) -> tuple[ProxyValue, int]:
    count, at = length_at(state, data, pos, 4)
    interfaces = []
    for _ in range(count):
        one, at = _class(state, data, at)
        interfaces.append(one)
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    handler, at = value_at(state, data, at)
    state.depth += 1
    return ProxyValue(tuple(interfaces), handler), at


def array_head(state: Reading, data: bytes, pos: int) -> tuple[int, str | None, int, int]:
    """What precedes the items of an array of objects: component id, class name, count."""
    type_id, name, at = _component(state, data, pos)
    count, at = length_at(state, data, at, 1)
    if state.depth <= 0:
        state.too_deep()
    return type_id, name, count, at


def _object_array(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    type_id, name, count, at = array_head(state, data, pos)
    state.depth -= 1
    readers = state.readers
    if count > FEW and readers is READERS:
        items, at = rows_at(state, data, at, count, 1, "value")
    else:
        # The loop is written out, to use one frame of the stack for each level.
        end = state.end
        items = []
        for _ in range(count):
            if at >= end:
                state.ended(at)
            item, at = readers[data[at]](state, data, at + 1)
            items.append(item)
    state.depth += 1
    if type_id == tc.ANY_COMPONENT:
        return tuple(items), at
    return ObjectArray(items, tc.OBJECT_ARRAY, type_id, name), at


def _enum_array(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    type_id, name, count, at = array_head(state, data, pos)
    state.depth -= 1
    items, at = values_at(state, data, at, count)
    state.depth += 1
    return ObjectArray(items, tc.ENUM_ARRAY, type_id, name), at


def collection_head(state: Reading, data: bytes, pos: int) -> tuple[int, int, int]:
    """What precedes the elements of a collection: count and kind."""
    at = pos + 5
    if at > state.end:
        short(state, pos, 5)
    count, kind = _COUNT_KIND(data, pos)
    if not 0 <= count <= state.end - at:
        raise DecodeError(f"a count of {count} at {pos} does not fit the bytes that are left")
    if not tc.USER_SET <= kind <= tc.SINGLETON_LIST:
        raise DecodeError(f"unknown kind of collection {kind} at {pos + 4}")
    if state.depth <= 0:
        state.too_deep()
    return count, kind, at


def _collection(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    count, kind, at = collection_head(state, data, pos)
    state.depth -= 1
    readers = state.readers
    if count > FEW and readers is READERS:
        items, at = rows_at(state, data, at, count, 1, "value")
    else:
        # The loop is written out, to use one frame of the stack for each level.
        end = state.end
        items = []
        for _ in range(count):
            if at >= end:
                state.ended(at)
            item, at = readers[data[at]](state, data, at + 1)
            items.append(item)
    state.depth += 1
    if kind == tc.ARRAY_LIST:
        return items, at
    if kind in SET_KINDS:
        return make_set(items, kind), at
    return JavaList(items, kind), at


SET_KINDS: Final = frozenset((tc.HASH_SET, tc.LINKED_HASH_SET, tc.USER_SET))


def make_set(items: list[Any], kind: int) -> Any:
    """A set of these elements, or a list if Python cannot hash them or tell them apart."""
    try:
        result = set(items) if kind == tc.HASH_SET else JavaSet(items, kind)
    except (TypeError, RecursionError):
        return JavaList(items, kind)
    return result if len(result) == len(items) else JavaList(items, kind)


def map_head(state: Reading, data: bytes, pos: int) -> tuple[int, int, int]:
    """What precedes the pairs of a map: count and kind."""
    at = pos + 5
    if at > state.end:
        short(state, pos, 5)
    count, kind = _COUNT_KIND(data, pos)
    if count < 0 or 2 * count > state.end - at:
        raise DecodeError(f"a count of {count} at {pos} does not fit the bytes that are left")
    if not tc.USER_MAP <= kind <= tc.LINKED_HASH_MAP:
        raise DecodeError(f"unknown kind of map {kind} at {pos + 4}")
    if state.depth <= 0:
        state.too_deep()
    return count, kind, at


def _map(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    count, kind, at = map_head(state, data, pos)
    state.depth -= 1
    readers = state.readers
    if count > FEW and readers is READERS:
        items, at = rows_at(state, data, at, count, 2, "tuple")
    else:
        end = state.end
        items = []
        for _ in range(count):
            if at >= end:
                state.ended(at)
            key, at = readers[data[at]](state, data, at + 1)
            if at >= end:
                state.ended(at)
            item, at = readers[data[at]](state, data, at + 1)
            items.append((key, item))
    state.depth += 1
    return make_map(items, kind), at


def make_map(items: list[tuple[Any, Any]], kind: int) -> Any:
    """A dict of these pairs, or the pairs if Python cannot hash the keys or tell them apart."""
    try:
        result = dict(items) if kind == tc.LINKED_HASH_MAP else JavaDict(items, kind)
    except (TypeError, RecursionError):
        return MapItems(items, kind)
    return result if len(result) == len(items) else MapItems(items, kind)


def _handle(state: Reading, data: bytes, pos: int) -> NoReturn:
    raise HandleFound


def values_at(state: Reading, data: bytes, pos: int, count: int) -> tuple[list[Any], int]:
    """Read a number of values; the count has been checked."""
    readers = state.readers
    if count > FEW and readers is READERS:
        return rows_at(state, data, pos, count, 1, "value")
    end = state.end
    items: list[Any] = []
    append = items.append
    for _ in range(count):
        if pos >= end:
            short(state, pos, 1)
        item, pos = readers[data[pos]](state, data, pos + 1)
        append(item)
    return items, pos


def pairs_at(
    state: Reading, data: bytes, pos: int, count: int
) -> tuple[list[tuple[Any, Any]], int]:
    """Read a number of pairs of values; the count has been checked."""
    readers = state.readers
    if count > FEW and readers is READERS:
        return rows_at(state, data, pos, count, 2, "tuple")
    end = state.end
    pairs: list[tuple[Any, Any]] = []
    append = pairs.append
    for _ in range(count):
        if pos >= end:
            short(state, pos, 1)
        key, pos = readers[data[pos]](state, data, pos + 1)
        if pos >= end:
            short(state, pos, 1)
        value, pos = readers[data[pos]](state, data, pos + 1)
        append((key, value))
    return pairs, pos


def _table() -> list[Read]:
    table: list[Read] = [_unknown] * 256
    known: dict[int, Read] = {
        tc.BYTE: _fixed("<b"),
        tc.SHORT: _fixed("<h"),
        tc.INT: _fixed("<i"),
        tc.LONG: _fixed("<q"),
        tc.FLOAT: _fixed("<f"),
        tc.DOUBLE: _fixed("<d"),
        tc.CHAR: _fixed("<H", chr),
        tc.BOOLEAN: _boolean,
        tc.STRING: string,
        tc.UUID: _uuid,
        tc.DATE: _date,
        tc.BYTE_ARRAY: _byte_array,
        tc.SHORT_ARRAY: _primitive_array("h"),
        tc.INT_ARRAY: _primitive_array("i"),
        tc.LONG_ARRAY: _primitive_array("q"),
        tc.FLOAT_ARRAY: _primitive_array("f"),
        tc.DOUBLE_ARRAY: _primitive_array("d"),
        tc.CHAR_ARRAY: _char_array,
        tc.BOOLEAN_ARRAY: _boolean_array,
        tc.STRING_ARRAY: _typed_array(tc.STRING_ARRAY, tc.STRING),
        tc.UUID_ARRAY: _typed_array(tc.UUID_ARRAY, tc.UUID),
        tc.DATE_ARRAY: _typed_array(tc.DATE_ARRAY, tc.DATE),
        tc.OBJECT_ARRAY: _object_array,
        tc.COLLECTION: _collection,
        tc.MAP: _map,
        tc.ENUM: _enum(tc.ENUM),
        tc.ENUM_ARRAY: _enum_array,
        tc.DECIMAL: _decimal,
        tc.DECIMAL_ARRAY: _typed_array(tc.DECIMAL_ARRAY, tc.DECIMAL),
        tc.CLASS: _class,
        tc.TIMESTAMP: _timestamp,
        tc.TIMESTAMP_ARRAY: _typed_array(tc.TIMESTAMP_ARRAY, tc.TIMESTAMP),
        tc.PROXY: _proxy,
        tc.TIME: _time,
        tc.TIME_ARRAY: _typed_array(tc.TIME_ARRAY, tc.TIME),
        tc.BINARY_ENUM: _enum(tc.BINARY_ENUM),
        tc.NULL: _null,
        tc.HANDLE: _handle,
        tc.OPAQUE: _opaque,
    }
    for code, read in known.items():
        table[code] = read
    return table


#: The reader of each type code; those of complex objects are added by their own module.
READERS: Final[list[Read]] = _table()
