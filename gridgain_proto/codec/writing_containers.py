"""Writing containers: lists, arrays of objects, sets and maps."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from . import typecodes as tc
from .hints import HintType
from .keyhash import UnstableHash, hash_at
from .runs import ELEMENTS, PAIRS, RUN_TYPES
from .values import (
    JavaDict,
    JavaList,
    JavaSet,
    MapItems,
    ObjectArray,
    ObjectArrayItems,
    ProxyValue,
)
from .writing import (
    CODE_COUNT_KIND,
    CODE_INT,
    INT,
    Failure,
    Output,
    Write,
    Writing,
    shown,
    tracked,
    write_value,
    writer_of,
)
from .writing_scalars import (
    write_array,
    write_bytes,
    write_decimal,
    write_float,
    write_int_subclass,
    write_sql_date,
    write_text_subclass,
    write_time,
    write_timestamp,
    write_type_id,
    write_uuid,
)


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


#: A list or a dict with more elements than this is written in runs of elements of one type.
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


def write_tracked_tuple(state: Writing, out: Output, value: tuple[Any, ...]) -> None:
    """As `write_tuple`, in messages with handles: a pair with a hint is no container."""
    if len(value) == 2 and is_hint(value[1]):
        state.codec.write_hinted(state, out, value[0], value[1])
    else:
        _tracked_array(state, out, value)


def is_hint(candidate: object) -> bool:
    """Whether the second of a pair is a hint, and the pair no array of two elements."""
    if isinstance(candidate, HintType):
        return True
    return isinstance(candidate, type) and "__gridgain__" in candidate.__dict__


_tracked_array: Final = tracked(write_tuple)


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
    runs = len(value) > _FEW and state.table is state.base
    key: Any = None
    in_key = False
    rest = iter(value.items())
    try:
        for key, item in rest:
            while True:
                in_key = True
                (get(type(key)) or writer_of(state, key))(state, out, key)
                in_key = False
                (get(type(item)) or writer_of(state, item))(state, out, item)
                run = PAIRS.get((type(key), type(item))) if runs else None
                other = None if run is None else run(out, rest)
                if other is None:
                    break
                key, item = other[0]
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

#: What remembers that it was read with handles.
SHARED: Final = (JavaList, JavaSet, JavaDict, MapItems, ObjectArray, ObjectArrayItems)

#: What holds another value and yet is none of Java's containers.
HOLDERS: Final[Mapping[type[Any], Write]] = {ProxyValue: _proxy}

#: What subclasses of Python's own types are written as, unless they are declared; in the order of
#: testing.
BASES: Final[tuple[tuple[type[Any], Write], ...]] = (
    (int, write_int_subclass),
    (str, write_text_subclass),
    (float, write_float),
    (bytes, write_bytes),
    (bytearray, write_bytes),
    (UUID, write_uuid),
    (Decimal, write_decimal),
    (datetime, write_timestamp),
    (date, write_sql_date),
    (time, write_time),
    (timedelta, write_time),
    (array, write_array),
    (ObjectArrayItems, _array_items),
    (MapItems, _map_items),
    (JavaList, _java_list),
    (JavaSet, _java_set),
    (ObjectArray, _java_array),
    (JavaDict, _java_dict),
    (list, write_list),
    (tuple, write_tuple),
    (set, write_set),
    (frozenset, write_set),
    (dict, write_dict),
)
