"""Writing values that hold no others: numbers, text, dates, arrays of numbers."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from struct import error as StructError
from typing import Any, Final
from uuid import UUID

from . import typecodes as tc
from .scalars import MAX_DECIMAL_BYTES, decimal_digits, split_decimal
from .times import Unfit
from .values import (
    ClassReference,
    EnumValue,
    OpaqueValue,
    RawDate,
    RawObject,
    RawTime,
    RawTimestamp,
    SqlDate,
    Timestamp,
)
from .writing import (
    CODE_DOUBLE,
    CODE_INT,
    CODE_LONG,
    CODE_LONG_INT,
    CODE_TWO_INTS,
    CODE_TWO_LONGS,
    INT,
    Failure,
    Output,
    Write,
    Writing,
    shown,
)

_LOW: Final = (1 << 64) - 1
_NAN: Final = float("nan")
_SWAP: Final = sys.byteorder != "little"


def _none(state: Writing, out: Output, value: None) -> None:
    out.append(tc.NULL)


def _bool(state: Writing, out: Output, value: bool) -> None:
    out += b"\x08\x01" if value else b"\x08\x00"


def write_int(state: Writing, out: Output, value: int) -> None:
    """A Long."""
    try:
        out += CODE_LONG(tc.LONG, value)
    except StructError:
        raise Failure(f"{shown(value)} does not fit the 64 bits of a Long") from None


def write_int_subclass(state: Writing, out: Output, value: int) -> None:
    """A Long, of an ``IntEnum`` or another subclass."""
    write_int(state, out, int(value))


def write_float(state: Writing, out: Output, value: float) -> None:
    """A Double; every NaN goes out as Java's."""
    out += CODE_DOUBLE(tc.DOUBLE, value if value == value else _NAN)


def write_text(state: Writing, out: Output, value: str) -> None:
    """A String."""
    try:
        data = value.encode()
    except UnicodeEncodeError as exc:
        raise Failure(f"lone surrogate at character {exc.start} of {shown(value)}") from None
    if len(data) > 0x7FFFFFFF:
        raise Failure(f"a string of {len(data)} bytes is too long")
    out += CODE_INT(tc.STRING, len(data))
    out += data


def write_text_subclass(state: Writing, out: Output, value: str) -> None:
    """A String, of a ``StrEnum`` or another subclass."""
    write_text(state, out, str.__str__(value))


def write_bytes(state: Writing, out: Output, value: bytes | bytearray) -> None:
    """A byte array."""
    if len(value) > 0x7FFFFFFF:
        raise Failure(f"an array of {len(value)} bytes is too long")
    out += CODE_INT(tc.BYTE_ARRAY, len(value))
    out += value


def _memoryview(state: Writing, out: Output, value: memoryview) -> None:
    if value.format not in ("B", "b", "c"):
        raise Failure(f"a memoryview of format {value.format!r} is not of bytes")
    write_bytes(state, out, value.tobytes())


def write_uuid(state: Writing, out: Output, value: UUID) -> None:
    """A UUID."""
    number = value.int
    out += CODE_TWO_LONGS(tc.UUID, number >> 64, number & _LOW)


def write_decimal(state: Writing, out: Output, value: Decimal) -> None:
    """A decimal, exact in unscaled value and scale."""
    if not value.is_finite():
        raise Failure(f"{value} is not a number that a decimal can hold")
    unscaled, scale = split_decimal(value)
    digits = decimal_digits(unscaled)
    if len(digits) > MAX_DECIMAL_BYTES:
        raise Failure(f"a decimal of {len(digits)} bytes is too long")
    try:
        out += CODE_TWO_INTS(tc.DECIMAL, scale, len(digits))
    except StructError:
        raise Failure(f"the exponent {-scale} of a decimal does not fit 32 bits") from None
    out += digits


def _milliseconds(out: Output, code: int, ms: int, value: object) -> None:
    try:
        out += CODE_LONG(code, ms)
    except StructError:
        raise Failure(f"{shown(value)} does not fit 64 bits of milliseconds") from None


def write_timestamp(state: Writing, out: Output, value: datetime) -> None:
    """A Timestamp."""
    try:
        ms, nanos = state.codec.clock.timestamp(value)
    except Unfit as exc:
        raise Failure(str(exc)) from None
    out += CODE_LONG_INT(tc.TIMESTAMP, ms, nanos)


def write_time(state: Writing, out: Output, value: time | timedelta) -> None:
    """A Time."""
    try:
        ms = state.codec.clock.time(value)
    except Unfit as exc:
        raise Failure(str(exc)) from None
    _milliseconds(out, tc.TIME, ms, value)


def write_sql_date(state: Writing, out: Output, value: date) -> None:
    """A java.sql.Date."""
    checksum = tc.SQL_DATE_CHECKSUM
    if isinstance(value, SqlDate):
        # A replace()d one has lost the instant: it is a day like any other.
        ms = getattr(value, "milliseconds", None)
        checksum = getattr(value, "checksum", checksum)
    else:
        ms = None
    if ms is None:
        try:
            ms = state.codec.clock.midnight(value)
        except Unfit as exc:
            raise Failure(str(exc)) from None
    _sql_date(out, ms, checksum, value)


def _sql_date(out: Output, ms: int, checksum: bytes, value: object) -> None:
    start = len(out)
    out.append(tc.OPAQUE)
    out += tc.SQL_DATE_PREFIX
    out += checksum
    try:
        out += ms.to_bytes(8, "little", signed=True)
    except OverflowError:
        raise Failure(f"{shown(value)} does not fit 64 bits of milliseconds") from None
    if len(out) - start != 20:
        raise Failure(f"a checksum has 2 bytes, not {len(checksum)}")


def _raw_date(state: Writing, out: Output, value: RawDate) -> None:
    if value.sql:
        _sql_date(out, value.milliseconds, value.checksum, value)
    else:
        _milliseconds(out, tc.DATE, value.milliseconds, value)


def _raw_timestamp(state: Writing, out: Output, value: RawTimestamp) -> None:
    if not 0 <= value.nanoseconds <= 999_999:
        raise Failure(f"{value.nanoseconds} nanoseconds are no part of a millisecond")
    _milliseconds(out, tc.TIMESTAMP, value.milliseconds, value)
    out += INT(value.nanoseconds)


def _raw_time(state: Writing, out: Output, value: RawTime) -> None:
    _milliseconds(out, tc.TIME, value.milliseconds, value)


def _opaque(state: Writing, out: Output, value: OpaqueValue) -> None:
    out += CODE_INT(tc.OPAQUE, len(value))
    out += value


def _raw_object(state: Writing, out: Output, value: RawObject) -> None:
    out += value.data


def write_type_id(state: Writing, out: Output, type_id: int, name: str | None) -> None:
    """A type id, or 0 and the class's name."""
    if name is not None:
        out += INT(0)
        write_text(state, out, name)
        return
    if type_id == 0:
        raise Failure("a type id of 0 without a class name")
    try:
        out += INT(type_id)
    except StructError:
        raise Failure(f"{shown(type_id)} is not a type id of 32 bits") from None


def write_enum_value(state: Writing, out: Output, value: EnumValue) -> None:
    """An enum's constant."""
    out.append(value.code)
    write_type_id(state, out, value.type_id, value.type_name)
    try:
        out += INT(value.ordinal)
    except StructError:
        raise Failure(f"{shown(value.ordinal)} is not an ordinal of 32 bits") from None


def _class_reference(state: Writing, out: Output, value: ClassReference) -> None:
    out.append(tc.CLASS)
    write_type_id(state, out, value.type_id, value.type_name)


#: The array that a buffer's item format stands for, by format and item size.
_FORMATS: Final = {
    ("b", 1): tc.BYTE_ARRAY,
    ("B", 1): tc.BYTE_ARRAY,
    ("?", 1): tc.BOOLEAN_ARRAY,
    ("h", 2): tc.SHORT_ARRAY,
    ("i", 4): tc.INT_ARRAY,
    ("l", 4): tc.INT_ARRAY,
    ("l", 8): tc.LONG_ARRAY,
    ("q", 8): tc.LONG_ARRAY,
    ("f", 4): tc.FLOAT_ARRAY,
    ("d", 8): tc.DOUBLE_ARRAY,
}


def buffer_code(view: memoryview) -> int:
    """The code of the array of numbers that a buffer holds."""
    if view.ndim != 1:
        raise Failure(f"an array of {view.ndim} dimensions; only one can be sent")
    layout = view.format
    swapped = _SWAP
    if layout[:1] in "<>=!@" and len(layout) > 1:
        swapped = layout[0] in (">!" if sys.byteorder == "little" else "<")
        layout = layout[1:]
    code = _FORMATS.get((layout, view.itemsize))
    if code is None:
        raise Failure(f"an array with items of format {view.format!r}, which Java does not have")
    if swapped and view.itemsize > 1:
        raise Failure("an array in the other byte order; convert it first")
    return code


_ARRAY_CODES: Final = {
    item: _FORMATS[item, array(item).itemsize] for item in ("b", "B", "h", "i", "l", "q", "f", "d")
}


def write_array(state: Writing, out: Output, value: array[Any]) -> None:
    """``array.array``: copied once, no item boxed."""
    code = _ARRAY_CODES.get(value.typecode)
    if code is None:
        raise Failure(f"an array with items of type {value.typecode!r}, which Java does not have")
    if len(value) > 0x7FFFFFFF:
        raise Failure(f"an array of {len(value)} items is too long")
    out += CODE_INT(code, len(value))
    if _SWAP:
        value = value[:]
        value.byteswap()
    out += value


def write_buffer(state: Writing, out: Output, value: Any) -> None:
    """One-dimensional arrays of numpy: copied once, no item boxed."""
    try:
        view = memoryview(value)
    except (TypeError, ValueError) as exc:
        raise Failure(f"the array cannot be sent: {exc}") from None
    code = buffer_code(view)
    try:
        out += CODE_INT(code, len(view))
    except StructError:
        raise Failure(f"an array of {len(view)} items is too long") from None
    out += view.cast("B") if view.c_contiguous and len(view) else view.tobytes()


#: What is written by exact type and holds no other values: only the codec of the state is used.
WRITERS: Final[Mapping[type[Any], Write]] = {
    type(None): _none,
    bool: _bool,
    int: write_int,
    float: write_float,
    str: write_text,
    bytes: write_bytes,
    bytearray: write_bytes,
    memoryview: _memoryview,
    UUID: write_uuid,
    Decimal: write_decimal,
    datetime: write_timestamp,
    Timestamp: write_timestamp,
    date: write_sql_date,
    SqlDate: write_sql_date,
    time: write_time,
    timedelta: write_time,
    array: write_array,
    RawDate: _raw_date,
    RawTimestamp: _raw_timestamp,
    RawTime: _raw_time,
    RawObject: _raw_object,
    OpaqueValue: _opaque,
    EnumValue: write_enum_value,
    ClassReference: _class_reference,
}
