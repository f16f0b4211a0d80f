"""What plain ``struct`` code does with the same bytes, written for each case by hand.

It knows the shape of what it reads, checks nothing and stands for the least that Python can do.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from struct import Struct
from typing import Any

LONG_LONG = Struct("<BqBq")
LONG_TEXT = Struct("<BqBi")
LONG = Struct("<Bq")
TEXT = Struct("<Bi")


class Plain:
    """What the floor makes of an object."""

    a: int
    b: str
    c: float
    d: bool
    e: int


def write_int_str(pairs: list[tuple[int, str]]) -> bytearray:
    out = bytearray()
    pack = LONG_TEXT.pack
    for key, value in pairs:
        data = value.encode()
        out += pack(4, key, 9, len(data))
        out += data
    return out


def read_int_int(data: bytes, rows: int) -> list[tuple[int, int]]:
    result = []
    pos = 0
    unpack = LONG_LONG.unpack_from
    for _ in range(rows):
        _, key, _, value = unpack(data, pos)
        pos += 18
        result.append((key, value))
    return result


def read_int_str(data: bytes, rows: int) -> list[tuple[int, str]]:
    result = []
    pos = 0
    unpack = LONG_TEXT.unpack_from
    for _ in range(rows):
        _, key, _, size = unpack(data, pos)
        pos += 14
        end = pos + size
        result.append((key, data[pos:end].decode()))
        pos = end
    return result


OBJECT_HEAD = Struct("<BqBi24sBiBi")
OBJECT_TAIL = Struct("<BdBBBq5Bi")


def read_int_object(data: bytes, rows: int) -> list[tuple[int, Plain]]:
    result = []
    pos = 0
    head, tail = OBJECT_HEAD.unpack_from, OBJECT_TAIL.unpack_from
    for _ in range(rows):
        _, key, _, _, _, _, a, _, size = head(data, pos)
        pos += OBJECT_HEAD.size
        end = pos + size
        made = Plain()
        made.a = a
        made.b = data[pos:end].decode()
        _, made.c, _, d, _, made.e, _, _, _, _, _, _ = tail(data, end)
        made.d = d == 1
        result.append((key, made))
        pos = end + OBJECT_TAIL.size
    return result


OBJECT_HEADER = Struct("<BBHiiiii")
FIELDS_HEAD = Struct("<BiBi")
FIELDS_TAIL = Struct("<BdBBBq")


def write_int_object(
    pairs: list[tuple[int, tuple[int, str, float, bool, int]]],
    type_id: int,
    schema_id: int,
    bytes_hash: Callable[[bytes], int],
) -> bytearray:
    out = bytearray()
    for key, (a, b, c, d, e) in pairs:
        text = b.encode()
        size = len(text)
        body = FIELDS_HEAD.pack(3, a, 9, size) + text + FIELDS_TAIL.pack(6, c, 8, d, 4, e)
        end = 24 + len(body)
        out += LONG.pack(4, key)
        out += OBJECT_HEADER.pack(103, 1, 0x2B, type_id, bytes_hash(body), end + 5, schema_id, end)
        out += body
        out += bytes((24, 29, 34 + size, 43 + size, 45 + size))
    return out


SQL_HEAD = Struct("<BqBi")
SQL_DECIMAL = Struct("<Bii")
SQL_TAIL = Struct("<BqiBd")


def read_sql(data: bytes, rows: int) -> list[list[Any]]:
    result = []
    pos = 0
    head, decimal, tail = SQL_HEAD.unpack_from, SQL_DECIMAL.unpack_from, SQL_TAIL.unpack_from
    for _ in range(rows):
        _, number, _, size = head(data, pos)
        pos += 14
        end = pos + size
        text = data[pos:end].decode()
        _, scale, size = decimal(data, end)
        pos = end + 9
        end = pos + size
        price = Decimal(int.from_bytes(data[pos:end], "big")).scaleb(-scale)
        _, ms, nanos, _, ratio = tail(data, end)
        when = datetime.fromtimestamp((ms * 1000 + nanos // 1000) / 1_000_000)
        result.append([number, text, price, when, ratio])
        pos = end + 22
    return result


def write_floats(vectors: list[array[float]]) -> bytearray:
    out = bytearray()
    for vector in vectors:
        out += TEXT.pack(16, len(vector))
        out += memoryview(vector).cast("B")
    return out


def read_floats(data: bytes, rows: int) -> list[array[float]]:
    result = []
    pos = 0
    for _ in range(rows):
        _, size = TEXT.unpack_from(data, pos)
        pos += 5
        end = pos + 4 * size
        vector = array("f")
        vector.frombytes(data[pos:end])
        result.append(vector)
        pos = end
    return result


def write_bytes(value: bytes) -> bytes:
    return TEXT.pack(12, len(value)) + value


def read_bytes(data: bytes) -> bytes:
    return data[5:]


DECIMAL = Struct("<Bii")


def write_decimal(value: Decimal) -> bytes:
    _, digits, exponent = value.as_tuple()
    unscaled = int("".join(map(str, digits)))
    data = unscaled.to_bytes((unscaled.bit_length() >> 3) + 1, "big")
    return DECIMAL.pack(30, -int(exponent), len(data)) + data


def read_decimal(data: bytes) -> Decimal:
    _, scale, _ = DECIMAL.unpack_from(data)
    digits = tuple(map(int, str(int.from_bytes(data[9:], "big"))))
    return Decimal((0, digits, -scale))


def write_str(value: str) -> bytes:
    data = value.encode()
    return TEXT.pack(9, len(data)) + data


def read_str(data: bytes) -> str:
    return data[5:].decode()


def write_int(value: int) -> bytes:
    return LONG.pack(4, value)


def read_int(data: bytes) -> int:
    number: int = LONG.unpack_from(data)[1]
    return number
