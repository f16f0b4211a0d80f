"""Writing a value as its hint says, whatever its Python type is; what does not fit is refused."""

from __future__ import annotations

import enum
import operator
from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import repeat
from struct import Struct
from struct import error as StructError
from typing import Any, Final
from uuid import UUID

from . import typecodes as tc
from .hints import BY_CODE, Hint, HintType
from .times import Unfit
from .values import (
    EnumValue,
    JavaDict,
    JavaList,
    MapItems,
    ObjectArray,
    ObjectArrayItems,
    OpaqueValue,
    RawDate,
    RawTime,
    RawTimestamp,
)
from .writing import (
    CODE_BYTE,
    CODE_CHAR,
    CODE_COUNT_KIND,
    CODE_FLOAT,
    CODE_INT,
    CODE_LONG,
    CODE_LONG_INT,
    CODE_SHORT,
    INT,
    Failure,
    Output,
    Writing,
    shown,
    write_value,
)
from .writing_containers import write_entries, write_items, write_set
from .writing_scalars import (
    buffer_code,
    write_bytes,
    write_decimal,
    write_float,
    write_sql_date,
    write_text,
    write_time,
    write_timestamp,
    write_type_id,
    write_uuid,
)

WriteHinted = Callable[[Writing, Output, Any, type[Hint]], None]


def write_hinted(state: Writing, out: Output, value: Any, hint: type[Any] | None) -> None:
    """Write one value under its hint.

    Args:
        state: the state of the message.
        out: where to write to.
        value: the value, or a pair of it and a hint of its own, which is the one that counts.
        hint: a hint, a declared class, or None.
    """
    if hint is None:
        write_value(state, out, value)
        return
    if value is None:
        out.append(tc.NULL)
        return
    if isinstance(hint, HintType):
        if type(value) is tuple and len(value) == 2 and isinstance(value[1], HintType):
            value, hint = value
            write_hinted(state, out, value, hint)
            return
        if hint.by_type:
            table = state.table
            state.table = state.codec.narrow_writers(hint.by_type, state.base)
            _HINTED[hint.type_code](state, out, value, hint)
            state.table = table
            return
        _HINTED[hint.type_code](state, out, value, hint)
        return
    if isinstance(hint, type) and "__gridgain__" in hint.__dict__:
        state.codec.write_declared(state, out, value, hint)
        return
    raise Failure(f"{shown(hint)} is not a hint")


def _unfit(value: object, hint: type[Hint]) -> Failure:
    return Failure(f"{shown(value)} of type {type(value).__name__} is no {hint.__name__}")


def _integer(value: Any, hint: type[Hint]) -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool):
        raise _unfit(value, hint)
    try:
        return operator.index(value)
    except TypeError:
        raise _unfit(value, hint) from None


def _whole_number(code: int, pack: Callable[[int, int], bytes], bits: int) -> WriteHinted:
    def write(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
        try:
            out += pack(code, _integer(value, hint))
        except StructError:
            raise Failure(
                f"{shown(value)} does not fit the {bits} bits of {hint.__name__}"
            ) from None

    return write


def _real(value: Any, hint: type[Hint]) -> float:
    if type(value) is float:
        return value
    if isinstance(value, (bool, str, bytes)):
        raise _unfit(value, hint)
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise _unfit(value, hint) from None
    if result != value and value == value:
        raise Failure(f"{shown(value)} cannot be held exactly by {hint.__name__}")
    return result


_NAN: Final = float("nan")


def _float(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    number = _real(value, hint)
    try:
        out += CODE_FLOAT(tc.FLOAT, number if number == number else _NAN)
    except OverflowError:
        raise Failure(f"{shown(value)} does not fit the range of {hint.__name__}") from None


def _double(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    write_float(state, out, _real(value, hint))


def _char(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not isinstance(value, str) or len(value) != 1 or ord(value) > 0xFFFF:
        raise Failure(f"{shown(value)} is not one UTF-16 unit, as {hint.__name__} is")
    out += CODE_CHAR(tc.CHAR, ord(value))


def _bool(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not _is_bool(value):
        raise _unfit(value, hint)
    out += b"\x08\x01" if value else b"\x08\x00"


def _is_bool(value: Any) -> bool:
    # numpy's bool is no subclass, and numpy is not to be imported for it.
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _exact(cls: type[Any], write: Callable[[Writing, Output, Any], None]) -> WriteHinted:
    def write_exact(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
        if not isinstance(value, cls):
            raise _unfit(value, hint)
        write(state, out, value)

    return write_exact


def _string(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not isinstance(value, str):
        raise _unfit(value, hint)
    write_text(state, out, str.__str__(value))


def _decimal(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not isinstance(value, Decimal):
        value = Decimal(_integer(value, hint))
    write_decimal(state, out, value)


def _date(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    clock = state.codec.clock
    try:
        if isinstance(value, datetime):
            ms = clock.milliseconds(value)
        elif isinstance(value, date):
            ms = clock.midnight(value)
        elif isinstance(value, RawDate) or (
            isinstance(value, RawTimestamp) and not value.nanoseconds
        ):
            ms = value.milliseconds
        else:
            raise _unfit(value, hint)
        out += CODE_LONG(tc.DATE, ms)
    except Unfit as exc:
        raise Failure(str(exc)) from None
    except StructError:
        raise Failure(f"{shown(value)} does not fit 64 bits of milliseconds") from None


def _sql_date(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, (RawDate, OpaqueValue)):
        write_value(state, out, value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        write_sql_date(state, out, value)
    else:
        raise _unfit(value, hint)


def _timestamp(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, datetime):
        write_timestamp(state, out, value)
        return
    if isinstance(value, RawTimestamp):
        write_value(state, out, value)
        return
    if not isinstance(value, tuple) or len(value) != 2 or not isinstance(value[0], datetime):
        raise _unfit(value, hint)
    when, given = value
    nanos = _integer(given, hint)
    try:
        ms, own = state.codec.clock.timestamp(when)
    except Unfit as exc:
        raise Failure(str(exc)) from None
    if not 0 <= nanos <= 999_999:
        raise Failure(f"{nanos} nanoseconds are no part of a millisecond")
    if own and own != nanos // 1000 * 1000:
        raise Failure(f"{when!r} and {nanos} nanoseconds within its millisecond contradict")
    out += CODE_LONG_INT(tc.TIMESTAMP, ms, nanos)


def _time(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, RawTime):
        write_value(state, out, value)
    elif isinstance(value, (time, timedelta)):
        write_time(state, out, value)
    else:
        raise _unfit(value, hint)


def _enum(code: int) -> WriteHinted:
    def write(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
        constant = _constant(state, out, value, hint)
        out.append(code)
        write_type_id(state, out, constant.type_id, constant.type_name)
        try:
            out += INT(constant.ordinal)
        except StructError:
            raise Failure(f"{shown(constant.ordinal)} is not an ordinal of 32 bits") from None

    return write


def _constant(state: Writing, out: Output, value: Any, hint: type[Hint]) -> EnumValue:
    if isinstance(value, EnumValue):
        return value
    if isinstance(value, enum.Enum):
        return state.codec.constant_of(out, value)
    if isinstance(value, tuple) and len(value) == 2:
        return EnumValue(_integer(value[0], hint), _integer(value[1], hint))
    raise _unfit(value, hint)


# --- arrays --------------------------------------------------------------------------------------


def _kept_items(value: Any, hint: type[Hint]) -> list[Any]:
    if isinstance(value, (str, bytes, bytearray, Mapping)):
        raise _unfit(value, hint)
    try:
        return list(value)
    except TypeError:
        raise _unfit(value, hint) from None


def _buffer(value: Any, code: int) -> memoryview | None:
    """The numbers of an array that has just the items wanted, without boxing them."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return None
    try:
        view = memoryview(value)
        if buffer_code(view) != code:
            return None
    except (TypeError, ValueError, Failure):
        return None
    return view


def _numbers(code: int, item: str, convert: Callable[[Any, type[Hint]], Any]) -> WriteHinted:
    def write(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
        view = _buffer(value, code)
        if view is not None:
            write_value(state, out, value)
            return
        items = _kept_items(value, hint)
        numbers = list(map(convert, items, repeat(hint)))
        out += CODE_INT(code, len(items))
        try:
            out += Struct(f"<{len(items)}{item}").pack(*numbers)
        except (StructError, OverflowError):
            raise _misfit(items, numbers, item, hint) from None

    return write


def _misfit(items: list[Any], numbers: list[Any], item: str, hint: type[Hint]) -> Failure:
    pack = Struct(f"<{item}").pack
    for position, number in enumerate(numbers):
        try:
            pack(number)
        except (StructError, OverflowError):
            text = f"{shown(items[position])} does not fit an item of {hint.__name__}"
            return Failure(text).inside(f"[{position}]")
    return Failure(f"items do not fit {hint.__name__}")


def _byte_array(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, (bytes, bytearray)):
        write_bytes(state, out, value)
        return
    view = _buffer(value, tc.BYTE_ARRAY)
    if view is not None:
        write_bytes(state, out, view.tobytes())
        return
    data = bytearray()
    for position, item in enumerate(_kept_items(value, hint)):
        number = _integer(item, hint)
        if not -128 <= number <= 255:
            raise Failure(f"{number} does not fit a byte").inside(f"[{position}]")
        data.append(number & 0xFF)
    write_bytes(state, out, data)


def _char_array(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, str):
        data = value.encode("utf-16-le", "surrogatepass")
    elif isinstance(value, array) and value.typecode == "H":
        data = Struct(f"<{len(value)}H").pack(*value)
    else:
        units = []
        for position, item in enumerate(_kept_items(value, hint)):
            if not isinstance(item, str) or len(item) != 1 or ord(item) > 0xFFFF:
                text = f"{shown(item)} is not one UTF-16 unit"
                raise Failure(text).inside(f"[{position}]")
            units.append(ord(item))
        data = Struct(f"<{len(units)}H").pack(*units)
    out += CODE_INT(tc.CHAR_ARRAY, len(data) >> 1)
    out += data


def _bool_array(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    view = _buffer(value, tc.BOOLEAN_ARRAY)
    if view is not None:
        write_value(state, out, value)
        return
    items = _kept_items(value, hint)
    for position, item in enumerate(items):
        if not _is_bool(item):
            raise _unfit(item, hint).inside(f"[{position}]")
    out += CODE_INT(tc.BOOLEAN_ARRAY, len(items))
    out += bytes(map(bool, items))


def _objects(code: int, item_code: int) -> WriteHinted:
    def write(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
        items = _kept_items(value, hint)
        write_item = _HINTED[item_code]
        item_hint = BY_CODE[item_code]
        out += CODE_INT(code, len(items))
        position = -1
        try:
            for item in items:
                position += 1
                if item is None:
                    out.append(tc.NULL)
                else:
                    write_item(state, out, item, item_hint)
        except Failure as failure:
            raise failure.inside(f"[{position}]") from None

    return write


def _enum_array(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, ObjectArray):
        write_typed_array(state, out, tc.ENUM_ARRAY, value, value.type_id, value.type_name)
        return
    type_id: int | None = None
    if _is_pair(value) and isinstance(value[1], (list, tuple)):
        type_id, value = value
    constants: list[EnumValue | None] = []
    for position, item in enumerate(_kept_items(value, hint)):
        try:
            if item is None:
                constants.append(None)
            elif type_id is not None and not isinstance(item, (enum.Enum, tuple)):
                constants.append(EnumValue(type_id, _integer(item, hint)))
            else:
                constants.append(_constant(state, out, item, hint))
        except Failure as failure:
            raise failure.inside(f"[{position}]") from None
    ids = {one.type_id for one in constants if one is not None}
    if type_id is None:
        if len(ids) != 1:
            raise Failure("the enum of an array without constants of one enum is not known")
        type_id = ids.pop()
    write_typed_array(state, out, tc.ENUM_ARRAY, constants, type_id, None)


_FLAT_ARRAYS: Final = frozenset(
    (
        tc.CHAR_ARRAY,
        tc.BOOLEAN_ARRAY,
        tc.STRING_ARRAY,
        tc.UUID_ARRAY,
        tc.DATE_ARRAY,
        tc.DECIMAL_ARRAY,
        tc.TIMESTAMP_ARRAY,
        tc.TIME_ARRAY,
    )
)


#: Integer[], Float[] and the like: what their items are, by component type id.
_SCALAR_COMPONENTS: Final = {
    code: BY_CODE[code]
    for code in (*range(tc.BYTE, tc.DATE + 1), tc.DECIMAL, tc.TIMESTAMP, tc.TIME)
}


def write_typed_array(
    state: Writing,
    out: Output,
    code: int,
    items: Iterable[Any],
    type_id: int,
    type_name: str | None,
) -> None:
    """An array of objects of a component type."""
    if code in _FLAT_ARRAYS:
        _HINTED[code](state, out, items, BY_CODE[code])
        return
    kept = list(items)
    out.append(code)
    write_type_id(state, out, type_id, type_name)
    out += INT(len(kept))
    item_hint = (
        _SCALAR_COMPONENTS.get(type_id) if type_name is None and code == tc.OBJECT_ARRAY else None
    )
    if item_hint is None:
        write_items(state, out, kept)
    else:
        write_items(state, out, [(item, item_hint) if item is not None else None for item in kept])


def _object_array(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if isinstance(value, (ObjectArray, ObjectArrayItems)):
        write_typed_array(state, out, tc.OBJECT_ARRAY, value, value.type_id, value.type_name)
        return
    type_id = tc.ANY_COMPONENT
    if hint.element is None and _is_pair(value) and isinstance(value[1], (list, tuple)):
        type_id, value = value
    write_typed_array(state, out, tc.OBJECT_ARRAY, _hinted_items(value, hint), type_id, None)


def _is_pair(value: Any) -> bool:
    """Whether a value is a pair of a kind or a type id and of items."""
    return type(value) is tuple and len(value) == 2 and type(value[0]) is int


def _hinted_items(value: Any, hint: type[Hint]) -> list[Any]:
    items = _kept_items(value, hint)
    element = hint.element
    if element is None:
        return items
    return [item if item is None else (item, element) for item in items]


def _collection(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    kind: Any = None
    if _is_pair(value):
        kind, value = value
        if not tc.USER_SET <= kind <= tc.SINGLETON_LIST:
            raise Failure(f"{kind} is not a kind of collection")
    if kind is None:
        if type(value) in (JavaList, list) and hint.element is None:
            write_value(state, out, value)
            return
        kind = getattr(value, "kind", None)
        if kind is None:
            kind = tc.HASH_SET if isinstance(value, (set, frozenset)) else tc.ARRAY_LIST
    if kind == tc.HASH_SET and isinstance(value, (set, frozenset)):
        write_set(state, out, _hinted_items(value, hint))
        return
    items = _hinted_items(value, hint)
    out += CODE_COUNT_KIND(tc.COLLECTION, len(items), kind)
    write_items(state, out, items)


def _map(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    kind: Any = None
    if _is_pair(value):
        kind, value = value
        if not tc.USER_MAP <= kind <= tc.LINKED_HASH_MAP:
            raise Failure(f"{kind} is not a kind of map")
    if kind is None:
        if type(value) in (dict, JavaDict, MapItems) and hint.element is None:
            write_value(state, out, value)
            return
        kind = getattr(value, "kind", tc.LINKED_HASH_MAP)
    try:
        pairs = [(key, item) for key, item in getattr(value, "items", lambda: value)()]
    except (TypeError, ValueError):
        raise _unfit(value, hint) from None
    if hint.key is not None or hint.element is not None:
        pairs = [_hinted_pair(key, item, hint) for key, item in pairs]
    out += CODE_COUNT_KIND(tc.MAP, len(pairs), kind)
    write_entries(state, out, pairs)


def _hinted_pair(key: Any, item: Any, hint: type[Hint]) -> tuple[Any, Any]:
    return (
        key if hint.key is None or key is None else (key, hint.key),
        item if hint.element is None or item is None else (item, hint.element),
    )


def _any(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    write_value(state, out, value)


def _null(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    raise _unfit(value, hint)


def _object(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not state.codec.is_complex(value):
        raise _unfit(value, hint)
    write_value(state, out, value)


def _wrapped(state: Writing, out: Output, value: Any, hint: type[Hint]) -> None:
    if not state.codec.is_complex(value):
        raise _unfit(value, hint)
    # Handles do not reach out of the wrapped bytes.
    inner = Writing(state.codec)
    inner.depth = state.depth
    out.append(tc.WRAPPED)
    start = len(out)
    out += b"\x00\x00\x00\x00"
    write_value(inner, out, value)
    out[start : start + 4] = INT(len(out) - start - 4)
    out += b"\x00\x00\x00\x00"


_HINTED: Final[dict[int, WriteHinted]] = {
    0: _any,
    tc.NULL: _null,
    tc.BYTE: _whole_number(tc.BYTE, CODE_BYTE, 8),
    tc.SHORT: _whole_number(tc.SHORT, CODE_SHORT, 16),
    tc.INT: _whole_number(tc.INT, CODE_INT, 32),
    tc.LONG: _whole_number(tc.LONG, CODE_LONG, 64),
    tc.FLOAT: _float,
    tc.DOUBLE: _double,
    tc.CHAR: _char,
    tc.BOOLEAN: _bool,
    tc.STRING: _string,
    tc.UUID: _exact(UUID, write_uuid),
    tc.DATE: _date,
    tc.BYTE_ARRAY: _byte_array,
    tc.SHORT_ARRAY: _numbers(tc.SHORT_ARRAY, "h", _integer),
    tc.INT_ARRAY: _numbers(tc.INT_ARRAY, "i", _integer),
    tc.LONG_ARRAY: _numbers(tc.LONG_ARRAY, "q", _integer),
    tc.FLOAT_ARRAY: _numbers(tc.FLOAT_ARRAY, "f", _real),
    tc.DOUBLE_ARRAY: _numbers(tc.DOUBLE_ARRAY, "d", _real),
    tc.CHAR_ARRAY: _char_array,
    tc.BOOLEAN_ARRAY: _bool_array,
    tc.STRING_ARRAY: _objects(tc.STRING_ARRAY, tc.STRING),
    tc.UUID_ARRAY: _objects(tc.UUID_ARRAY, tc.UUID),
    tc.DATE_ARRAY: _objects(tc.DATE_ARRAY, tc.DATE),
    tc.OBJECT_ARRAY: _object_array,
    tc.COLLECTION: _collection,
    tc.MAP: _map,
    tc.WRAPPED: _wrapped,
    tc.ENUM: _enum(tc.ENUM),
    tc.ENUM_ARRAY: _enum_array,
    tc.DECIMAL: _decimal,
    tc.DECIMAL_ARRAY: _objects(tc.DECIMAL_ARRAY, tc.DECIMAL),
    tc.TIMESTAMP: _timestamp,
    tc.TIMESTAMP_ARRAY: _objects(tc.TIMESTAMP_ARRAY, tc.TIMESTAMP),
    tc.TIME: _time,
    tc.TIME_ARRAY: _objects(tc.TIME_ARRAY, tc.TIME),
    tc.BINARY_ENUM: _enum(tc.BINARY_ENUM),
    tc.OBJECT: _object,
    tc.OPAQUE: _sql_date,
}
