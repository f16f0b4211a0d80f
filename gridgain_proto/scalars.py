"""The few typed values that the protocol itself is made of: strings, UUIDs, byte arrays, maps.

Handshakes, headers and the fixed parts of requests use these and nothing else; what users store
goes through `gridgain_proto.codec`. Readers take the bytes and an offset, and give the value
and the next offset; whatever the bytes are, the only error is `DecodeError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from struct import error as StructError
from uuid import UUID

from .exceptions import DecodeError, EncodeError

STRING = 9
UUID_CODE = 10
BYTE_ARRAY = 12
MAP = 25
NULL = 101

INT8 = Struct("<b")
INT16 = Struct("<h")
INT32 = Struct("<i")
INT64 = Struct("<q")
_CODE_LENGTH = Struct("<Bi")
_TWO_INT64 = Struct("<QQ")

_LOW_64 = (1 << 64) - 1


def encode_string(text: str | None, what: str = "string") -> bytes:
    """A nullable typed string; the length counts bytes, not characters.

    Raises:
        EncodeError: the text has a lone surrogate, which the server would turn into ``?``.
    """
    if text is None:
        return b"\x65"
    try:
        data = text.encode()
    except UnicodeEncodeError as exc:
        raise EncodeError(f"{what}: {exc.reason} at character {exc.start}") from None
    return _CODE_LENGTH.pack(STRING, len(data)) + data


def encode_bytes(data: bytes) -> bytes:
    """A typed byte array."""
    return _CODE_LENGTH.pack(BYTE_ARRAY, len(data)) + data


def encode_string_map(entries: Mapping[str, str] | None, what: str = "map") -> bytes:
    """A typed map of strings, or null if there are no entries."""
    if not entries:
        return b"\x65"
    parts = [_CODE_LENGTH.pack(MAP, len(entries)), b"\x01"]
    for key, value in entries.items():
        parts.append(encode_string(key, what))
        parts.append(encode_string(value, f"{what}[{key!r}]"))
    return b"".join(parts)


def raw_uuid(value: UUID) -> bytes:
    """The 16 bytes of a UUID: each half little-endian, the more significant one first."""
    number = value.int
    return _TWO_INT64.pack(number >> 64, number & _LOW_64)


def read_int8(data: bytes, pos: int) -> tuple[int, int]:
    """A signed byte."""
    return _read(INT8, data, pos), pos + 1


def read_int16(data: bytes, pos: int) -> tuple[int, int]:
    """A signed 16-bit integer."""
    return _read(INT16, data, pos), pos + 2


def read_int32(data: bytes, pos: int) -> tuple[int, int]:
    """A signed 32-bit integer."""
    return _read(INT32, data, pos), pos + 4


def read_int64(data: bytes, pos: int) -> tuple[int, int]:
    """A signed 64-bit integer."""
    return _read(INT64, data, pos), pos + 8


def _read(form: Struct, data: bytes, pos: int) -> int:
    try:
        value: int = form.unpack_from(data, pos)[0]
    except StructError:
        raise DecodeError(f"the message ends at byte {len(data)}, inside a number") from None
    return value


def read_count(data: bytes, pos: int, size: int, what: str = "elements") -> tuple[int, int]:
    """A 32-bit count of items of at least ``size`` bytes each, checked against what is left."""
    count, pos = read_int32(data, pos)
    if count < 0 or count * size > len(data) - pos:
        raise DecodeError(f"a count of {count} {what} with {len(data) - pos} bytes left")
    return count, pos


def read_string(data: bytes, pos: int) -> tuple[str | None, int]:
    """A nullable typed string. Malformed UTF-8 is replaced, as Java does."""
    code, pos = _read_code(data, pos)
    if code == NULL:
        return None, pos
    if code != STRING:
        raise DecodeError(f"expected a string, found type code {code}")
    length, pos = read_count(data, pos, 1, "bytes")
    return data[pos : pos + length].decode("utf-8", "replace"), pos + length


def read_bytes(data: bytes, pos: int) -> tuple[bytes | None, int]:
    """A nullable typed byte array."""
    code, pos = _read_code(data, pos)
    if code == NULL:
        return None, pos
    if code != BYTE_ARRAY:
        raise DecodeError(f"expected a byte array, found type code {code}")
    length, pos = read_count(data, pos, 1, "bytes")
    return data[pos : pos + length], pos + length


def read_uuid(data: bytes, pos: int) -> tuple[UUID | None, int]:
    """A nullable typed UUID."""
    code, pos = _read_code(data, pos)
    if code == NULL:
        return None, pos
    if code != UUID_CODE:
        raise DecodeError(f"expected a UUID, found type code {code}")
    return read_raw_uuid(data, pos)


def read_raw_uuid(data: bytes, pos: int) -> tuple[UUID, int]:
    """The 16 bytes of a UUID without a type code."""
    try:
        high, low = _TWO_INT64.unpack_from(data, pos)
    except StructError:
        raise DecodeError(f"the message ends at byte {len(data)}, inside a UUID") from None
    return UUID(int=high << 64 | low), pos + 16


def _read_code(data: bytes, pos: int) -> tuple[int, int]:
    if pos >= len(data):
        raise DecodeError(f"the message ends at byte {len(data)}, where a value should begin")
    return data[pos], pos + 1
