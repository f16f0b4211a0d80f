"""Values of every type, nested, with the hints that they can travel under."""

from __future__ import annotations

import array
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gridgain_proto.codec import EnumValue, JavaDict, JavaList, JavaSet, ObjectArray, Timestamp
from gridgain_proto.datatypes import (
    BoolArrayObject,
    BoolObject,
    ByteArrayObject,
    ByteObject,
    CharArrayObject,
    CharObject,
    CollectionObject,
    DateArrayObject,
    DateObject,
    DecimalArrayObject,
    DecimalObject,
    DoubleArrayObject,
    DoubleObject,
    EnumObject,
    FloatArrayObject,
    FloatObject,
    IntArrayObject,
    IntObject,
    LongArrayObject,
    LongObject,
    MapObject,
    ObjectArrayObject,
    ShortArrayObject,
    ShortObject,
    SqlDateObject,
    String,
    StringArrayObject,
    TimeArrayObject,
    TimeObject,
    TimestampArrayObject,
    TimestampObject,
    UUIDArrayObject,
    UUIDObject,
)


def signed(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


texts = st.text(st.characters(exclude_categories=["Cs"]))
units = st.characters(max_codepoint=0xFFFF)
floats = st.floats(allow_nan=False)
singles = st.floats(width=32, allow_nan=False)
decimals = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(digits), exponent)),
    st.just(0) | st.just(1),
    st.lists(st.integers(0, 9), min_size=1, max_size=60),
    st.integers(-(2**31) + 1, 2**31),
).filter(lambda value: bool(value) or not value.is_signed())
# The wall clock is that of UTC in these tests; at the ends of the calendar zones have no room.
aware = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda when: when.replace(fold=0)
)
timestamps = aware | st.builds(Timestamp.of, aware, st.integers(1, 999))
milli_aware = aware.map(lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000))
times = st.times().map(
    lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000, fold=0)
)
arrays = st.one_of(
    st.lists(signed(16)).map(lambda items: array.array("h", items)),
    st.lists(signed(32)).map(lambda items: array.array("i", items)),
    st.lists(signed(64)).map(lambda items: array.array("q", items)),
    st.lists(singles).map(lambda items: array.array("f", items)),
    st.lists(floats).map(lambda items: array.array("d", items)),
)
enum_values = st.builds(
    lambda type_id, ordinal, code: EnumValue(type_id, ordinal, code=code),
    signed(32).filter(bool),
    signed(32),
    st.sampled_from([28, 38]),
)
hashable = st.one_of(
    st.none(),
    st.booleans(),
    signed(64),
    floats,
    texts,
    st.uuids(),
    decimals,
    timestamps,
    st.dates(date(1, 1, 2), date(9999, 12, 30)),
    times,
    st.binary(),
    enum_values,
)
plain = hashable | arrays


def distinct(items: list[Any]) -> bool:
    """Whether Python tells them apart: 1 and True, or 1 and 1.0, are one element to it."""
    return len(set(items)) == len(items)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=4)
    keys = st.lists(hashable, max_size=4).filter(distinct)
    pairs = keys.flatmap(
        lambda found: st.tuples(*([inner] * len(found))).map(
            lambda values: list(zip(found, values, strict=True))
        )
    )
    return st.one_of(
        lists,
        lists.map(tuple),
        keys.map(set),
        pairs.map(dict),
        lists.map(lambda items: JavaList(items, 2)),
        keys.map(lambda items: JavaSet(items, 4)),
        pairs.map(lambda items: JavaDict(items, 1)),
        st.lists(inner, max_size=4).map(lambda items: ObjectArray(items, 23, 12345)),
        st.lists(st.none() | texts, max_size=4).map(lambda items: ObjectArray(items, 20)),
        st.lists(st.booleans(), max_size=4).map(lambda items: ObjectArray(items, 19)),
        st.lists(units, max_size=4).map(lambda items: ObjectArray(items, 18)),
    )


values = st.recursive(plain, containers, max_leaves=20)


def nullable(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | items, max_size=5)


#: Values with hints, and what the values come back as.
hinted: st.SearchStrategy[tuple[Any, Any]] = st.one_of(
    st.tuples(signed(8), st.just(ByteObject)),
    st.tuples(signed(16), st.just(ShortObject)),
    st.tuples(signed(32), st.just(IntObject)),
    st.tuples(signed(64), st.just(LongObject)),
    st.tuples(singles, st.just(FloatObject)),
    st.tuples(floats, st.just(DoubleObject)),
    st.tuples(units, st.just(CharObject)),
    st.tuples(st.booleans(), st.just(BoolObject)),
    st.tuples(texts, st.just(String)),
    st.tuples(st.uuids(), st.just(UUIDObject)),
    st.tuples(decimals, st.just(DecimalObject)),
    st.tuples(milli_aware, st.just(DateObject)),
    st.tuples(timestamps, st.just(TimestampObject)),
    st.tuples(times, st.just(TimeObject)),
    st.tuples(st.dates(date(1, 1, 2), date(9999, 12, 30)), st.just(SqlDateObject)),
    st.tuples(enum_values.filter(lambda one: one.code == 28), st.just(EnumObject)),
    st.tuples(st.binary(), st.just(ByteArrayObject)),
    st.tuples(st.lists(signed(16)), st.just(ShortArrayObject)),
    st.tuples(st.lists(signed(32)), st.just(IntArrayObject)),
    st.tuples(st.lists(signed(64)), st.just(LongArrayObject)),
    st.tuples(st.lists(singles), st.just(FloatArrayObject)),
    st.tuples(st.lists(floats), st.just(DoubleArrayObject)),
    st.tuples(st.lists(units), st.just(CharArrayObject)),
    st.tuples(st.lists(st.booleans()), st.just(BoolArrayObject)),
    st.tuples(nullable(texts), st.just(StringArrayObject)),
    st.tuples(nullable(st.uuids()), st.just(UUIDArrayObject)),
    st.tuples(nullable(decimals), st.just(DecimalArrayObject)),
    st.tuples(nullable(milli_aware), st.just(DateArrayObject)),
    st.tuples(nullable(timestamps), st.just(TimestampArrayObject)),
    st.tuples(nullable(times), st.just(TimeArrayObject)),
    st.tuples(st.lists(values, max_size=3), st.just(CollectionObject)),
    st.tuples(st.lists(values, max_size=3), st.just(ObjectArrayObject)),
    st.tuples(st.dictionaries(texts, values, max_size=3), st.just(MapObject)),
)

durations = st.timedeltas(timedelta(0), timedelta(hours=23, minutes=59))
