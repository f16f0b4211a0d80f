"""What a server makes of a value: the bytes that it keeps and gives back.

A complex object is kept as it came, in a wrapper. Anything else is read and written anew by the
server's own marshaller, so that it comes back in one spelling, whatever the client's was. The
result is also what decides whether two keys are the same.

What a server cannot read closes the connection; that is a `DecodeError` here. What only a
Java server can keep is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from struct import error as StructError
from typing import Final, NoReturn

from ..codec import typecodes as tc
from ..codec.keyhash import UnstableHash, hash_at
from ..exceptions import DecodeError
from .failures import Refusal

#: How deep values may be nested. A Java server's stack ends somewhere, too.
MAX_DEPTH: Final = 400

NULL: Final = b"\x65"

#: How much longer than what came a value may be kept: a handle becomes a copy of what it means.
_MAX_GROWTH: Final = 16
_FREE_GROWTH: Final = 65536

_INT: Final = Struct("<i")
_LONG_INT: Final = Struct("<qi")
_TWO_INTS: Final = Struct("<ii")
_CODE_INT: Final = Struct("<Bi")
_CODE_TWO_INTS: Final = Struct("<Bii")
_CODE_COUNT_KIND: Final = Struct("<Bib")
_CODE_LONG_INT: Final = Struct("<Bqi")

_NAN_FLOAT: Final = _INT.pack(0x7FC00000)
_NAN_DOUBLE: Final = Struct("<q").pack(0x7FF8000000000000)

_OBJECT_HEADER: Final = 24


class _State:
    """One value being read.

    Attributes:
        data: all bytes.
        out: what is kept.
        depth: how many levels may follow.
        known: what is kept of the containers and objects read so far, by where they begin; None
            while they are being read. Only filled where there may be handles.
        budget: how many bytes of copies may be made.
    """

    __slots__ = ("budget", "data", "depth", "has_handles", "known", "out")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out = bytearray()
        self.depth = MAX_DEPTH
        self.has_handles = tc.HANDLE in data
        self.known: dict[int, bytes | None] = {}
        self.budget = _MAX_GROWTH * len(data) + _FREE_GROWTH


#: Reads the value whose type code is before a position; gives the position after it.
_Keep = Callable[[_State, int], int]


def kept(data: bytes, pos: int) -> tuple[bytes, int]:
    """What a server keeps of the value at a position, and the position after it.

    Raises:
        DecodeError: a server could not read it.
        Refusal: a Java server could keep it, this one cannot.
    """
    try:
        code = data[pos]
        size = _FIXED.get(code)
        if size is not None:  # most keys, and many values
            end = pos + size
            if end > len(data):
                raise DecodeError("a value is cut off")
            return data[pos:end], end
        state = _State(data)
        end = _keep(state, pos)
    except (StructError, IndexError):
        raise DecodeError("a value is cut off") from None
    except RecursionError:
        raise DecodeError("values are nested too deeply") from None
    return bytes(state.out), end


def is_null(value: bytes) -> bool:
    """Whether a kept value is null."""
    return value[0] == tc.NULL


def _keep(state: _State, pos: int) -> int:
    return _TABLE[state.data[pos]](state, pos + 1)


def _unknown(state: _State, pos: int) -> NoReturn:
    raise DecodeError(f"unknown type code {state.data[pos - 1]} at {pos - 1}")


def _refused(state: _State, pos: int) -> NoReturn:
    raise Refusal(
        f"The node in memory does not keep values of type code {state.data[pos - 1]}: "
        "only a Java server can"
    )


def _count(state: _State, pos: int, least: int) -> int:
    count: int = _INT.unpack_from(state.data, pos)[0]
    if not 0 <= count * least <= len(state.data) - pos - 4:
        raise DecodeError(f"a count of {count} at {pos} does not fit the bytes that are left")
    return count


def _as_is(size: int) -> _Keep:
    """A value of a fixed size, its code included."""

    def keep(state: _State, pos: int) -> int:
        end = pos - 1 + size
        if end > len(state.data):
            raise DecodeError("a value is cut off")
        state.out += state.data[pos - 1 : end]
        return end

    return keep


def _items_as_is(size: int) -> _Keep:
    """An array of items of a fixed size."""

    def keep(state: _State, pos: int) -> int:
        end = pos + 4 + _count(state, pos, size) * size
        state.out += state.data[pos - 1 : end]
        return end

    return keep


def _float(state: _State, pos: int) -> int:
    bits: int = _INT.unpack_from(state.data, pos)[0]
    nan = bits & 0x7FFFFFFF > 0x7F800000
    state.out.append(tc.FLOAT)
    state.out += _NAN_FLOAT if nan else state.data[pos : pos + 4]
    return pos + 4


def _double(state: _State, pos: int) -> int:
    bits = int.from_bytes(state.data[pos : pos + 8], "little")
    if pos + 8 > len(state.data):
        raise DecodeError("a value is cut off")
    nan = bits & 0x7FFFFFFFFFFFFFFF > 0x7FF0000000000000
    state.out.append(tc.DOUBLE)
    state.out += _NAN_DOUBLE if nan else state.data[pos : pos + 8]
    return pos + 8


def _boolean(state: _State, pos: int) -> int:
    state.out += b"\x08\x01" if state.data[pos] == 1 else b"\x08\x00"
    return pos + 1


def _booleans(state: _State, pos: int) -> int:
    count = _count(state, pos, 1)
    end = pos + 4 + count
    state.out += _CODE_INT.pack(tc.BOOLEAN_ARRAY, count)
    state.out += bytes(byte == 1 for byte in state.data[pos + 4 : end])
    return end


def _string(state: _State, pos: int) -> int:
    end = pos + 4 + _count(state, pos, 1)
    data = state.data[pos + 4 : end]
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("utf-8", "gridgain_proto.java").encode()
    state.out += _CODE_INT.pack(tc.STRING, len(data))
    state.out += data
    return end


def _decimal(state: _State, pos: int) -> int:
    scale, size = _TWO_INTS.unpack_from(state.data, pos)
    start = pos + 8
    end = start + int(size)
    if size < 1 or end > len(state.data):
        raise DecodeError(f"a decimal of {size} bytes")
    digits = state.data[start:end]
    negative = digits[0] & 0x80
    magnitude = int.from_bytes(digits, "big") & ~(0x80 << 8 * (size - 1))
    shortest = bytearray(magnitude.to_bytes(magnitude.bit_length() // 8 + 1, "big"))
    if negative and magnitude:
        shortest[0] |= 0x80
    state.out += _CODE_TWO_INTS.pack(tc.DECIMAL, scale, len(shortest))
    state.out += shortest
    return end


def _timestamp(state: _State, pos: int) -> int:
    millis, nanos = _LONG_INT.unpack_from(state.data, pos)
    # Java adds the nanoseconds to those of the second, and refuses what is not in the second then.
    second = millis % 1000 * 1_000_000 + nanos
    if not 0 <= second < 1_000_000_000:
        raise DecodeError(f"a timestamp with {nanos} nanoseconds")
    millis += second // 1_000_000 - millis % 1000
    state.out += _CODE_LONG_INT.pack(tc.TIMESTAMP, millis, second % 1_000_000)
    return pos + 12


def _typed_array(code: int, item_code: int) -> _Keep:
    """An array of objects of one class, each of which may be null."""

    def keep(state: _State, pos: int) -> int:
        count = _count(state, pos, 1)
        state.out += _CODE_INT.pack(code, count)
        pos += 4
        for _ in range(count):
            if state.data[pos] not in (item_code, tc.NULL):
                raise DecodeError(f"type code {state.data[pos]} in an array of code {code}")
            pos = _keep(state, pos)
        return pos

    return keep


def _named(state: _State, pos: int) -> tuple[bytes, int]:
    """A type id with the class name that follows if it is 0, and the position after both."""
    if _INT.unpack_from(state.data, pos)[0]:
        return state.data[pos : pos + 4], pos + 4
    if state.data[pos + 4] != tc.STRING:
        raise DecodeError("no class name after a type id of 0")
    end: int = pos + 9 + _count(state, pos + 5, 1)
    return state.data[pos:end], end


def _enum(state: _State, pos: int) -> int:
    name, at = _named(state, pos)
    if at + 4 > len(state.data):
        raise DecodeError("a value is cut off")
    state.out.append(tc.BINARY_ENUM)
    state.out += name
    state.out += state.data[at : at + 4]
    return at + 4


def _enter(state: _State, pos: int) -> int:
    """Note that a container begins, whose code is before that position; where it is kept."""
    state.known[pos - 1] = None
    state.depth -= 1
    if state.depth < 0:
        raise DecodeError("values are nested too deeply")
    return len(state.out)


def _leave(state: _State, pos: int, start: int) -> None:
    """Note that the container ends."""
    state.depth += 1
    if state.has_handles:
        state.known[pos - 1] = bytes(state.out[start:])
        _spend(state, len(state.out) - start)


def _spend(state: _State, size: int) -> None:
    state.budget -= size
    if state.budget < 0:
        raise DecodeError("handles within handles make a value too large")


def _object_array(state: _State, pos: int) -> int:
    start = _enter(state, pos)
    _, at = _named(state, pos)
    count = _count(state, at, 1)
    state.out += _CODE_TWO_INTS.pack(tc.OBJECT_ARRAY, tc.ANY_COMPONENT, count)
    at += 4
    for _ in range(count):
        at = _TABLE[state.data[at]](state, at + 1)
    _leave(state, pos, start)
    return at


_KEPT_COLLECTIONS: Final = {
    tc.USER_SET: tc.HASH_SET,
    tc.USER_COLLECTION: tc.ARRAY_LIST,
    tc.ARRAY_LIST: tc.ARRAY_LIST,
    tc.LINKED_LIST: tc.LINKED_LIST,
    tc.HASH_SET: tc.HASH_SET,
    tc.LINKED_HASH_SET: tc.LINKED_HASH_SET,
}


def _collection(state: _State, pos: int) -> int:
    start = _enter(state, pos)
    count = _count(state, pos, 1)
    kind: int = _CODE_COUNT_KIND.unpack_from(state.data, pos - 1)[2]
    kept_kind = _KEPT_COLLECTIONS.get(kind)
    if kept_kind is None:
        if kind == tc.SINGLETON_LIST:
            _refused(state, pos)
        raise DecodeError(f"unknown kind of collection {kind}")
    out = state.out
    out += _CODE_COUNT_KIND.pack(tc.COLLECTION, count, kept_kind)
    at = pos + 5
    if kept_kind in (tc.ARRAY_LIST, tc.LINKED_LIST):
        for _ in range(count):
            at = _TABLE[state.data[at]](state, at + 1)
    else:
        parts: dict[bytes, None] = {}
        first = len(out)
        for _ in range(count):
            at = _TABLE[state.data[at]](state, at + 1)
            parts.setdefault(bytes(out[first:]))
            del out[first:]
        elements = list(parts)
        if kept_kind == tc.HASH_SET:
            elements.sort(key=_bucket_of(count))
        out[start:] = _CODE_COUNT_KIND.pack(tc.COLLECTION, len(elements), kept_kind)
        out += b"".join(elements)
    _leave(state, pos, start)
    return at


def _map(state: _State, pos: int) -> int:
    start = _enter(state, pos)
    count = _count(state, pos, 2)
    kind: int = _CODE_COUNT_KIND.unpack_from(state.data, pos - 1)[2]
    if kind not in (tc.USER_MAP, tc.HASH_MAP, tc.LINKED_HASH_MAP):
        raise DecodeError(f"unknown kind of map {kind}")
    out = state.out
    out += _CODE_COUNT_KIND.pack(tc.MAP, count, kind or tc.HASH_MAP)
    first = len(out)
    entries: dict[bytes, bytes] = {}
    at = pos + 5
    for _ in range(count):
        at = _TABLE[state.data[at]](state, at + 1)
        key = bytes(out[first:])
        del out[first:]
        at = _TABLE[state.data[at]](state, at + 1)
        entries[key] = bytes(out[first:])
        del out[first:]
    keys = list(entries)
    if kind != tc.LINKED_HASH_MAP:
        keys.sort(key=_bucket_of(count))
    out[start:] = _CODE_COUNT_KIND.pack(tc.MAP, len(keys), kind or tc.HASH_MAP)
    for key in keys:
        out += key
        out += entries[key]
    _leave(state, pos, start)
    return at


def _bucket_of(count: int) -> Callable[[bytes], int]:
    """Sorts as Java's hash table iterates that was made for so many elements."""
    wanted = count + 1 if count < 3 else count + count // 3
    buckets = 1
    while buckets < wanted:
        buckets *= 2

    def bucket(element: bytes) -> int:
        try:
            code = hash_at(element, 0, True)[0] & 0xFFFFFFFF
        except UnstableHash:
            return 0  # by identity in Java: any order is as good as another
        return (code ^ code >> 16) & (buckets - 1)

    return bucket


def _wrapper(data: bytes, start: int, end: int) -> bytes:
    return _CODE_INT.pack(tc.WRAPPED, end - start) + data[start:end] + b"\x00\x00\x00\x00"


def _object(state: _State, pos: int) -> int:
    start = pos - 1
    end = _object_end(state.data, start, len(state.data))
    wrapper = _wrapper(state.data, start, end)
    state.out += wrapper
    if state.has_handles:
        state.known[start] = wrapper
    return end


def _object_end(data: bytes, start: int, limit: int) -> int:
    """Where the complex object ends that begins at a position."""
    if start + _OBJECT_HEADER > limit or data[start] != tc.OBJECT or data[start + 1] != 1:
        raise DecodeError(f"no complex object at {start}")
    length: int = _INT.unpack_from(data, start + 12)[0]
    if not _OBJECT_HEADER <= length <= limit - start:
        raise DecodeError(f"a complex object of {length} bytes at {start}")
    return start + length


def _wrapped(state: _State, pos: int) -> int:
    size = _count(state, pos, 1)
    start = pos + 4
    end = start + size
    offset: int = _INT.unpack_from(state.data, end)[0]
    if not 0 <= offset < size:
        raise DecodeError(f"an offset of {offset} in a wrapper of {size} bytes")
    root = start + offset
    state.out += _wrapper(state.data, root, _object_end(state.data, root, end))
    return end + 4


def _handle(state: _State, pos: int) -> int:
    target = pos - 1 - int(_INT.unpack_from(state.data, pos)[0])
    if target not in state.known:
        raise DecodeError(f"a handle to nothing at {target}")
    copy = state.known[target]
    if copy is None:
        raise Refusal("The node in memory does not keep a container that contains itself")
    state.out += copy
    _spend(state, len(copy))
    return pos + 4


def _opaque(state: _State, pos: int) -> int:
    end = pos + 4 + _count(state, pos, 1)
    date = state.data.startswith(tc.SQL_DATE_PREFIX, pos) and end == pos + 19
    if not date:
        _refused(state, pos)
    if not state.data.startswith(tc.SQL_DATE_CHECKSUM, pos + len(tc.SQL_DATE_PREFIX)):
        raise DecodeError("java.sql.Date with a checksum that is not that of JDK 17")
    state.out += state.data[pos - 1 : end]
    return end


#: Sizes of what is kept as it comes, type codes included.
_FIXED: Final = {
    tc.BYTE: 2,
    tc.SHORT: 3,
    tc.INT: 5,
    tc.LONG: 9,
    tc.CHAR: 3,
    tc.UUID: 17,
    tc.DATE: 9,
    tc.TIME: 9,
    tc.NULL: 1,
}


def _table() -> list[_Keep]:
    table: list[_Keep] = [_unknown] * 256
    for code, size in _FIXED.items():
        table[code] = _as_is(size)
    for code, size in {
        tc.BYTE_ARRAY: 1,
        tc.SHORT_ARRAY: 2,
        tc.INT_ARRAY: 4,
        tc.LONG_ARRAY: 8,
        tc.FLOAT_ARRAY: 4,
        tc.DOUBLE_ARRAY: 8,
        tc.CHAR_ARRAY: 2,
    }.items():
        table[code] = _items_as_is(size)
    for code, item_code in {
        tc.STRING_ARRAY: tc.STRING,
        tc.UUID_ARRAY: tc.UUID,
        tc.DATE_ARRAY: tc.DATE,
        tc.DECIMAL_ARRAY: tc.DECIMAL,
        tc.TIMESTAMP_ARRAY: tc.TIMESTAMP,
        tc.TIME_ARRAY: tc.TIME,
    }.items():
        table[code] = _typed_array(code, item_code)
    others: dict[int, _Keep] = {
        tc.FLOAT: _float,
        tc.DOUBLE: _double,
        tc.BOOLEAN: _boolean,
        tc.BOOLEAN_ARRAY: _booleans,
        tc.STRING: _string,
        tc.DECIMAL: _decimal,
        tc.TIMESTAMP: _timestamp,
        tc.OBJECT_ARRAY: _object_array,
        tc.ENUM_ARRAY: _object_array,
        tc.COLLECTION: _collection,
        tc.MAP: _map,
        tc.ENUM: _enum,
        tc.BINARY_ENUM: _enum,
        tc.WRAPPED: _wrapped,
        tc.OBJECT: _object,
        tc.HANDLE: _handle,
        tc.OPAQUE: _opaque,
        tc.CLASS: _refused,
        tc.PROXY: _refused,
    }
    for code, keep in others.items():
        table[code] = keep
    return table


_TABLE: Final = _table()
