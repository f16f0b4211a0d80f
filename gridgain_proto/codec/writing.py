"""From Python values to bytes, by the Python type of each value.

A writer function takes the state of the message, the bytes written so far and the value. What does
not fit raises :class:`Failure`; the containers on the way out note where in them it happened, so
that the path to the element costs nothing until then.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from . import typecodes as tc
from .hints import HintType
from .keyhash import UnstableHash, hash_at
from .registry import TypeDescription
from .runs import ELEMENTS, RUN_TYPES
from .scalars import MAX_DECIMAL_BYTES, decimal_digits, split_decimal
from .times import Unfit
from .values import (
    ClassReference,
    EnumValue,
    JavaDict,
    JavaList,
    JavaSet,
    MapItems,
    ObjectArray,
    ObjectArrayItems,
    OpaqueValue,
    ProxyValue,
    RawDate,
    RawObject,
    RawTime,
    RawTimestamp,
    SqlDate,
    Timestamp,
)

if TYPE_CHECKING:
    from .codec import Codec

Write = Callable[["Writing", "Output", Any], None]

CODE_BYTE: Final = Struct("<Bb").pack
CODE_SHORT: Final = Struct("<Bh").pack
CODE_INT: Final = Struct("<Bi").pack
CODE_LONG: Final = Struct("<Bq").pack
CODE_FLOAT: Final = Struct("<Bf").pack
CODE_DOUBLE: Final = Struct("<Bd").pack
CODE_CHAR: Final = Struct("<BH").pack
CODE_LONG_INT: Final = Struct("<Bqi").pack
CODE_TWO_LONGS: Final = Struct("<BQQ").pack
CODE_TWO_INTS: Final = Struct("<Bii").pack
CODE_COUNT_KIND: Final = Struct("<Bib").pack
INT: Final = Struct("<i").pack

_LOW: Final = (1 << 64) - 1
_NAN: Final = float("nan")
_SWAP: Final = sys.byteorder != "little"


class Output(bytearray):
    """Bytes being written.

    Attributes:
        new_types: what has to be registered before these bytes may be sent, in order: one
            description for each type, with the schemas that the registry does not have.
        new_classes: the Python classes written that the registry does not have, in order.
    """

    __slots__ = ("new_classes", "new_types")

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.new_types: list[TypeDescription] = []
        self.new_classes: list[type[Any]] = []


class Failure(Exception):
    """A value cannot be written.

    Attributes:
        reason: what is wrong with it.
        path: the steps from the outermost value to it, innermost first.
        too_deep: whether it is the nesting limit that was reached.
    """

    def __init__(self, reason: str, *, too_deep: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []
        self.too_deep = too_deep

    def inside(self, step: str) -> Failure:
        """Note one step of the path."""
        self.path.append(step)
        return self

    def text(self, root: str) -> str:
        """The whole message."""
        steps = self.path[::-1]
        if len(steps) > 12:
            steps = [*steps[:6], "…", *steps[-5:]]
        return f"{root}{''.join(steps)}: {self.reason}"


def shown(value: object) -> str:
    """A value in a message, cut to a length that leaves the message readable."""
    try:
        text = repr(value)
    except Exception as exc:  # the value's own code; the message must not depend on it
        text = f"<{type(value).__name__}, whose repr fails: {exc}>"
    return text if len(text) <= 60 else f"{text[:57]}..."


class Writing:
    """The state of one value while it is written.

    Attributes:
        codec: the codec.
        table: the writer of each Python type met so far.
        base: that table outside of containers whose elements have narrow types.
        depth: how many more containers may be opened.
        places: where each container was written, by identity; None unless handles are written.
        active: the containers being written, by identity; None unless a cycle is looked for.
    """

    __slots__ = ("active", "base", "codec", "depth", "places", "table")

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.table = self.base = codec.writers
        self.depth = codec.max_depth
        self.places: dict[int, int] | None = None
        self.active: set[int] | None = None
        if codec.handles:
            self.track()

    def track(self) -> None:
        """Write a container that occurs again as a handle."""
        self.places = {}
        self.table = self.base = self.codec.tracked_writers

    def stop_tracking(self) -> None:
        """Write no more handles."""
        self.places = None
        self.table = self.base = self.codec.writers

    def look_for_cycle(self) -> None:
        """Refuse a container that contains itself."""
        self.active = set()
        self.table = self.base = self.codec.tracked_writers

    def too_deep(self) -> NoReturn:
        """Refuse one more level."""
        raise Failure(
            f"nested deeper than {self.codec.max_depth} levels, or containing itself",
            too_deep=True,
        )


def tracked(write: Write) -> Write:
    """The writer of a container, for messages in which handles are written or cycles refused."""

    def write_tracked(state: Writing, out: Output, value: Any) -> None:
        key = id(value)
        places = state.places
        if places is not None:
            place = places.get(key)
            if place is not None:
                out += CODE_INT(tc.HANDLE, len(out) - place)
                return
            places[key] = len(out)
        active = state.active
        if active is not None:
            if key in active:
                raise Failure(f"this {type(value).__name__} contains itself")
            active.add(key)
            write(state, out, value)
            active.discard(key)
            return
        write(state, out, value)

    return write_tracked


def write_value(state: Writing, out: Output, value: Any) -> None:
    """Write one value as its Python type says."""
    (state.table.get(type(value)) or writer_of(state, value))(state, out, value)


def writer_of(state: Writing, value: Any) -> Write:
    """Find the writer of a type that is met for the first time."""
    is_tracked = state.places is not None or state.active is not None
    return state.codec.find_writer(type(value), is_tracked)


# --- scalars -------------------------------------------------------------------------------------


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


def _int_subclass(state: Writing, out: Output, value: int) -> None:
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


def _text_subclass(state: Writing, out: Output, value: str) -> None:
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


def _proxy(state: Writing, out: Output, value: ProxyValue) -> None:
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    out += CODE_INT(tc.PROXY, len(value.interfaces))
    for one in value.interfaces:
        write_type_id(state, out, one.type_id, one.type_name)
    try:
        write_value(state, out, value.handler)
    except Failure as failure:
        raise failure.inside(".handler") from None
    state.depth += 1


# --- arrays of numbers ---------------------------------------------------------------------------

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


def _array(state: Writing, out: Output, value: array[Any]) -> None:
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
    """numpy's one-dimensional arrays: copied once, no item boxed."""
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


# --- containers ----------------------------------------------------------------------------------


def write_list(state: Writing, out: Output, value: list[Any]) -> None:
    """An ArrayList."""
    out += CODE_COUNT_KIND(tc.COLLECTION, len(value), tc.ARRAY_LIST)
    # The loops of the containers are written out, to use one frame of the stack for each level.
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    get = state.table.get
    runs = len(value) > _FEW and state.table is state.base
    item: Any = None
    rest = iter(value)
    try:
        for item in rest:
            (get(type(item)) or writer_of(state, item))(state, out, item)
            while runs and type(item) in RUN_TYPES:
                other = ELEMENTS[type(item)](out, rest)
                if other is None:
                    break
                item = other[0]
                (get(type(item)) or writer_of(state, item))(state, out, item)
    except Failure as failure:
        raise failure.inside(_index(value, item)) from None
    state.depth += 1


#: A list with more elements than this is written in runs of elements of one type.
_FEW: Final = 8


def _index(items: Sequence[Any], failed: Any) -> str:
    # The same object would have failed where it stands first.
    for position, item in enumerate(items):
        if item is failed:
            return f"[{position}]"
    return "[?]"


def write_items(state: Writing, out: Output, items: Iterable[Any]) -> None:
    """The elements of a container whose head is written."""
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    position = -1
    try:
        for item in items:
            position += 1
            (state.table.get(type(item)) or writer_of(state, item))(state, out, item)
    except Failure as failure:
        raise failure.inside(f"[{position}]") from None
    state.depth += 1


def with_handles(write: Write) -> Write:
    """The writer of a container that may have been read with handles, and then has them again."""

    def write_shared(state: Writing, out: Output, value: Any) -> None:
        if not value.shared or state.places is not None or state.active is not None:
            write(state, out, value)
            return
        table = state.table
        state.track()
        state.table[type(value)](state, out, value)
        state.stop_tracking()
        state.table = table

    return write_shared


def _java_list(state: Writing, out: Output, value: JavaList) -> None:
    out += CODE_COUNT_KIND(tc.COLLECTION, len(value), _kind(value.kind, -1, 5))
    write_items(state, out, value)


def _kind(kind: Any, least: int, most: int) -> int:
    if type(kind) is not int or not least <= kind <= most:
        raise Failure(f"{shown(kind)} is not a kind of container from {least} to {most}")
    return kind


def write_tuple(state: Writing, out: Output, value: tuple[Any, ...]) -> None:
    """``Object[]``; or a pair of an element and its hint."""
    if len(value) == 2 and is_hint(value[1]):
        state.codec.write_hinted(state, out, value[0], value[1])
        return
    out += b"\x17\xff\xff\xff\xff"
    out += INT(len(value))
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    get = state.table.get
    item: Any = None
    try:
        for item in value:
            (get(type(item)) or writer_of(state, item))(state, out, item)
    except Failure as failure:
        raise failure.inside(_index(value, item)) from None
    state.depth += 1


def is_hint(candidate: object) -> bool:
    """Whether the second of a pair is a hint, and the pair no array of two elements."""
    if isinstance(candidate, HintType):
        return True
    return isinstance(candidate, type) and "__gridgain__" in candidate.__dict__


def _java_array(state: Writing, out: Output, value: ObjectArray) -> None:
    state.codec.write_typed_array(state, out, value.code, value, value.type_id, value.type_name)


def _array_items(state: Writing, out: Output, value: ObjectArrayItems) -> None:
    state.codec.write_typed_array(
        state, out, tc.OBJECT_ARRAY, value, value.type_id, value.type_name
    )


def write_set(state: Writing, out: Output, value: Iterable[Any]) -> None:
    """A HashSet, in the order in which Java's would iterate.

    A Python set's own order depends on its history; equal sets are to give equal bytes.
    """
    parts: list[bytes] = []
    part = Output()
    part.new_types, part.new_classes = out.new_types, out.new_classes
    tracking = state.places
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    items = list(value)
    for item in items:
        if tracking is not None:
            break
        try:
            write_value(state, part, item)
        except Failure as failure:
            raise failure.inside(f"[{shown(item)}]") from None
        parts.append(bytes(part))
        part.clear()
    state.depth += 1
    out += CODE_COUNT_KIND(tc.COLLECTION, len(items), tc.HASH_SET)
    if tracking is not None:
        # Handles count bytes: elements are written where they stay.
        write_items(state, out, items)
        return
    out += b"".join(sorted(parts, key=_bucket_order(len(parts))))


def _bucket_order(count: int) -> Callable[[Any], tuple[int, bytes]]:
    """Sorts encoded elements as they lie in the buckets of Java's hash table."""
    buckets = 16
    while count > buckets * 3 // 4:
        buckets *= 2

    def bucket(element: bytes) -> tuple[int, bytes]:
        try:
            code = hash_at(element, 0, False)[0] & 0xFFFFFFFF
        except UnstableHash:
            code = 0
        return (code ^ (code >> 16)) & (buckets - 1), element

    return bucket


def _java_set(state: Writing, out: Output, value: JavaSet) -> None:
    out += CODE_COUNT_KIND(tc.COLLECTION, len(value), _kind(value.kind, -1, 5))
    write_items(state, out, value)


def write_dict(state: Writing, out: Output, value: dict[Any, Any]) -> None:
    """A LinkedHashMap."""
    out += CODE_COUNT_KIND(tc.MAP, len(value), tc.LINKED_HASH_MAP)
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    get = state.table.get
    key: Any = None
    in_key = False
    try:
        for key, item in value.items():
            in_key = True
            (get(type(key)) or writer_of(state, key))(state, out, key)
            in_key = False
            (get(type(item)) or writer_of(state, item))(state, out, item)
    except Failure as failure:
        raise failure.inside(_entry(key, in_key)) from None
    state.depth += 1


def _entry(key: Any, in_key: bool) -> str:
    return f"[key {shown(key)}]" if in_key else f"[{shown(key)}]"


def write_entries(state: Writing, out: Output, pairs: Iterable[tuple[Any, Any]]) -> None:
    """The pairs of a map whose head is written."""
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    key: Any = None
    in_key = False
    try:
        for key, item in pairs:
            in_key = True
            write_value(state, out, key)
            in_key = False
            write_value(state, out, item)
    except Failure as failure:
        raise failure.inside(_entry(key, in_key)) from None
    state.depth += 1


def _java_dict(state: Writing, out: Output, value: JavaDict) -> None:
    out += CODE_COUNT_KIND(tc.MAP, len(value), _kind(value.kind, 0, 2))
    write_entries(state, out, value.items())


def _map_items(state: Writing, out: Output, value: MapItems) -> None:
    out += CODE_COUNT_KIND(tc.MAP, len(value), _kind(value.kind, 0, 2))
    write_entries(state, out, value)


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
    array: _array,
    RawDate: _raw_date,
    RawTimestamp: _raw_timestamp,
    RawTime: _raw_time,
    RawObject: _raw_object,
    OpaqueValue: _opaque,
    EnumValue: write_enum_value,
    ClassReference: _class_reference,
}

#: What can contain itself, or occur more than once as the same.
CONTAINERS: Final[Mapping[type[Any], Write]] = {
    list: write_list,
    tuple: write_tuple,
    set: write_set,
    frozenset: write_set,
    dict: write_dict,
    JavaList: _java_list,
    JavaSet: _java_set,
    JavaDict: _java_dict,
    MapItems: _map_items,
    ObjectArray: _java_array,
    ObjectArrayItems: _array_items,
}

#: What holds another value and yet is none of Java's containers.
HOLDERS: Final[Mapping[type[Any], Write]] = {ProxyValue: _proxy}

#: What subclasses of Python's own types are written as, unless they are declared; in the order of
#: testing.
BASES: Final[tuple[tuple[type[Any], Write], ...]] = (
    (int, _int_subclass),
    (str, _text_subclass),
    (float, write_float),
    (bytes, write_bytes),
    (bytearray, write_bytes),
    (UUID, write_uuid),
    (Decimal, write_decimal),
    (datetime, write_timestamp),
    (date, write_sql_date),
    (time, write_time),
    (timedelta, write_time),
    (array, _array),
    (JavaList, _java_list),
    (JavaDict, _java_dict),
    (list, write_list),
    (tuple, write_tuple),
    (set, write_set),
    (frozenset, write_set),
    (dict, write_dict),
)
