"""Complex objects, as far as a server looks into them: headers, fields, and objects made by SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from struct import Struct
from typing import Final, NamedTuple

from ..codec import typecodes as tc
from ..codec.hashing import bytes_hash, schema_id
from ..exceptions import DecodeError

_HEADER: Final = Struct("<BBHiiiii")
_INT: Final = Struct("<i")
HEADER_SIZE: Final = 24


class Header(NamedTuple):
    """What an object begins with."""

    code: int
    version: int
    flags: int
    type_id: int
    hash_code: int
    length: int
    schema_id: int
    offset: int
    "Where the footer is, or the raw data if there is none."


def header_of(data: bytes, start: int) -> Header:
    """The header of the object at a position."""
    return Header(*_HEADER.unpack_from(data, start))


def fields_of(data: bytes, start: int, schemas: Mapping[int, Sequence[int]]) -> dict[int, bytes]:
    """The fields of the object at a position: bytes by field id.

    Args:
        data: the bytes.
        start: where the object begins.
        schemas: the ids of the fields of each schema, in order.

    Raises:
        DecodeError: the object is damaged, or its schema is not known.
    """
    header = header_of(data, start)
    if not header.flags & tc.HAS_SCHEMA:
        return {}
    width = (
        1 if header.flags & tc.OFFSET_ONE_BYTE else 2 if header.flags & tc.OFFSET_TWO_BYTES else 4
    )
    compact = header.flags & tc.COMPACT_FOOTER
    end = header.length
    data_end = header.offset
    if header.flags & tc.HAS_RAW:
        end -= 4
        data_end = _INT.unpack_from(data, start + end)[0]
    if not HEADER_SIZE <= data_end <= header.offset <= end:
        raise DecodeError("an object whose footer is not where it says")
    size = width if compact else width + 4
    count = (end - header.offset) // size
    field_ids: Sequence[int]
    if compact:
        found = schemas.get(header.schema_id)
        if found is None:
            raise DecodeError("an object of a schema that is not known")
        field_ids = found
        if len(field_ids) != count:
            raise DecodeError("an object whose footer does not fit its schema")
    else:
        field_ids = [
            _INT.unpack_from(data, start + header.offset + index * size)[0]
            for index in range(count)
        ]
    first = header.offset if compact else header.offset + 4
    offsets = [
        int.from_bytes(data[at : at + width], "little")
        for at in range(start + first, start + end, size)
    ]
    offsets.append(data_end)
    if any(one > other for one, other in pairwise(offsets)):
        raise DecodeError("an object whose fields do not follow each other")
    return {
        one: data[start + offsets[index] : start + offsets[index + 1]]
        for index, one in enumerate(field_ids)
    }


def make_object(type_id: int, fields: Mapping[int, bytes]) -> bytes:
    """An object with a compact footer, wrapped as it is kept.

    Args:
        type_id: its type.
        fields: the fields' bytes by their ids, in order.
    """
    flags = tc.USER_TYPE | tc.COMPACT_FOOTER
    offsets = []
    at = HEADER_SIZE
    for value in fields.values():
        offsets.append(at)
        at += len(value)
    footer = b""
    if offsets:
        flags |= tc.HAS_SCHEMA
        width = 1 if offsets[-1] < 0x100 else 2 if offsets[-1] < 0x10000 else 4
        flags |= {1: tc.OFFSET_ONE_BYTE, 2: tc.OFFSET_TWO_BYTES, 4: 0}[width]
        footer = b"".join(offset.to_bytes(width, "little") for offset in offsets)
    body = b"".join(fields.values())
    length = at + len(footer)
    head = _HEADER.pack(
        tc.OBJECT, 1, flags, type_id, bytes_hash(body), length, schema_id(fields), at
    )
    return b"".join((b"\x1b", _INT.pack(length), head, body, footer, b"\x00\x00\x00\x00"))
