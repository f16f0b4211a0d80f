"""What is written is what is read: for every type, nesting, hint and schema."""

from __future__ import annotations

import array
from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto.codec import Codec, GenericObjectMeta, Output, TypeRegistry
from gridgain_proto.codec.hashing import bytes_hash, string_hash
from gridgain_proto.codec.keyhash import UnstableHash, hash_value
from gridgain_proto.exceptions import DecodeError, EncodeError

from .strategies import aware, durations, hinted, plain, signed, texts, values
from .tagged import registry, row_bytes, rows

CODEC = Codec(sql_timezone=UTC, timezone=UTC)


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and from True, 0.0 from -0.0, and 1.0 from 1.00."""
    if isinstance(one, (list, tuple)):
        return (
            type(one) is type(other)
            and len(one) == len(other)
            and all(map(same, one, other))
            and getattr(one, "__dict__", None) == getattr(other, "__dict__", None)
            and getattr(one, "kind", None) == getattr(other, "kind", None)
        )
    if isinstance(one, dict):
        return type(one) is type(other) and same(list(one.items()), list(other.items()))
    if isinstance(one, (set, frozenset)):
        return type(one) is type(other) and one == other
    if isinstance(one, array.array):
        return type(one) is type(other) and one.typecode == other.typecode and one == other
    return type(one) is type(other) and repr(one) == repr(other)


@settings(deadline=None)
@given(values)
def test_every_value(value: Any) -> None:
    data = CODEC.encode(value)
    back = CODEC.decode(data)
    assert same(back, value)
    assert CODEC.encode(back) == data


@settings(deadline=None)
@given(hinted)
def test_every_hint(pair: tuple[Any, Any]) -> None:
    value, hint = pair
    data = CODEC.encode(value, hint)
    assert CODEC.encode(pair) == data
    back = CODEC.decode(data)
    if isinstance(value, list):
        assert list(back) == value
    else:
        assert same(back, value)
    again = CODEC.encode(back, hint)
    assert again == data
    in_list = CODEC.encode([pair])
    assert in_list == b"\x18\x01\x00\x00\x00\x01" + data
    assert CODEC.encode(None, hint) == b"\x65"


@settings(deadline=None)
@given(st.lists(values, max_size=12))
def test_runs_of_values(found: list[Any]) -> None:
    out = Output()
    CODEC.write_values(out, found)
    back, end = CODEC.read_values(bytes(out), 0, len(found))
    assert end == len(out)
    assert same(back, found)


@settings(deadline=None)
@given(st.lists(st.tuples(plain, plain), max_size=30))
def test_pairs(pairs: list[tuple[Any, Any]]) -> None:
    out = Output(b"head")
    CODEC.write_pairs(out, pairs)
    back, end = CODEC.read_pairs(bytes(out), 4, len(pairs))
    assert end == len(out)
    assert same(back, pairs)


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(0, 30))
def test_pages_of_rows(data: st.DataObject, columns: int, count: int) -> None:
    # Most rows have the types of the first, as pages of SQL have; some have nulls.
    kinds = [data.draw(st.sampled_from(COLUMNS)) for _ in range(columns)]
    table = [
        [
            data.draw(kind | st.none() if data.draw(st.integers(0, 9)) == 0 else kind)
            for kind in kinds
        ]
        for _ in range(count)
    ]
    out = Output()
    for row in table:
        CODEC.write_values(out, row)
    back, end = CODEC.read_rows(bytes(out), 0, count, columns)
    assert end == len(out)
    assert same(back, table)


COLUMNS = [
    st.integers(-5, 5),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text("abcд😀", max_size=4),
    st.binary(max_size=4),
    st.uuids(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).filter(
        lambda value: bool(value) or not value.is_signed()
    ),
    aware,
    st.dates(),
    st.lists(st.integers(0, 3), max_size=3),
]


@settings(deadline=None)
@given(values)
def test_the_same_bytes_whatever_was_encoded_before(value: Any) -> None:
    assert Codec(sql_timezone=UTC, timezone=UTC).encode(value) == CODEC.encode(value)


@settings(deadline=None)
@given(st.sets(st.integers().filter(lambda n: abs(n) < 2**60) | texts, max_size=30))
def test_equal_sets_give_equal_bytes(value: set[Any]) -> None:
    other: set[Any] = set()
    for item in sorted(value, key=repr, reverse=True):
        other.add(item)
    assert CODEC.encode(value) == CODEC.encode(other) == CODEC.encode(frozenset(value))


@settings(deadline=None)
@given(durations)
def test_durations_are_times_of_day(value: timedelta) -> None:
    value -= timedelta(microseconds=value.microseconds % 1000)
    back = CODEC.decode(CODEC.encode(value))
    assert (datetime.combine(datetime(1970, 1, 1), back) - datetime(1970, 1, 1)) == value


ZONES = [UTC, timezone(timedelta(hours=-5)), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.datetimes(datetime(1902, 1, 1), datetime(2400, 1, 1)))
def test_wall_clocks_of_the_server_s_zone(zone: Any, when: datetime) -> None:
    codec = Codec(sql_timezone=zone)
    exact = when.replace(tzinfo=zone)
    assert codec.encode(exact) == CODEC.encode(exact)
    back = codec.decode(codec.encode(when))
    # A time that the change to summer time skips is read as the one after it.
    expected = exact.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    assert back == expected
    assert codec.decode(codec.encode(when.date())) == when.date()
    at = when.time().replace(microsecond=0)
    assert codec.decode(codec.encode(at)) == at


SCHEMAS = st.dictionaries(
    st.text(min_size=1, max_size=8), st.just(None), min_size=1, max_size=6
).filter(lambda names: _declarable(tuple(names)))


def _declarable(names: tuple[str, ...]) -> bool:
    try:
        _declared(names)
    except (ValueError, UnicodeEncodeError):
        return False
    return all(_encodable(name) for name in names)


def _encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _declared(names: tuple[str, ...]) -> Any:
    schema: OrderedDict[str, Any] = OrderedDict((name, None) for name in names)
    return GenericObjectMeta("Any", (), {}, type_name="demo.Any", schema=schema)


@settings(deadline=None)
@given(SCHEMAS, st.data(), st.booleans())
def test_objects_of_every_schema(names: dict[str, None], data: st.DataObject, full: bool) -> None:
    cls = _declared(tuple(names))
    value = cls()
    for name in names:
        value[name] = data.draw(values)
    codec = Codec(compact_footer=not full, sql_timezone=UTC, timezone=UTC)
    out = Output()
    codec.write(out, value)
    for classes in ((), (cls,)):
        reader = codec.with_types(TypeRegistry(out.new_types, classes))
        for _ in range(6):  # the code made for a shape is used from the fifth on
            back = reader.decode(bytes(out))
            assert list(back) == list(names)
            assert all(same(back[name], value[name]) for name in names)
        assert reader.encode(back) == bytes(out)
        assert back == value
        assert hash(back) == hash(value)
        wrapped = b"\x1b" + len(out).to_bytes(4, "little") + bytes(out) + bytes(4)
        assert reader.decode(wrapped) == value


@settings(deadline=None)
@given(st.binary(max_size=3000), signed(32))
def test_the_hash_of_bytes_is_java_s(data: bytes, start: int) -> None:
    result = start
    for byte in data:
        result = (31 * result + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    result &= 0xFFFFFFFF
    assert bytes_hash(data, start) == (result - 2**32 if result >> 31 else result)


@settings(deadline=None)
@given(st.text(max_size=2000))
def test_the_hash_of_text_is_java_s(text: str) -> None:
    result = 0
    for pos in range(0, 2 * len(text.encode("utf-16-le", "surrogatepass")) // 2, 2):
        unit = int.from_bytes(text.encode("utf-16-le", "surrogatepass")[pos : pos + 2], "little")
        result = (31 * result + unit) & 0xFFFFFFFF
    assert string_hash(text) == (result - 2**32 if result >> 31 else result)


@settings(deadline=None)
@given(values)
def test_hashes_never_fail_otherwise(value: Any) -> None:
    try:
        found = CODEC.hash_code(value)
    except EncodeError:
        with pytest.raises(EncodeError, match="no stable hash"):
            CODEC.hash_code(value)
    else:
        assert -(2**31) <= found < 2**31


SEEDS = [row_bytes(row) for row in rows() if "bytes" in row]
VECTOR_CODEC = Codec(registry())


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, len(data)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            data[position : position + 1] = draw(st.binary(max_size=2))
        elif kind == 1:
            number = draw(signed(32) | st.integers(-3, 70))
            data[position : position + 4] = number.to_bytes(4, "little", signed=True)
        elif kind == 2:
            del data[position : position + draw(st.integers(1, 9))]
        elif kind == 3:
            data[position:position] = draw(st.sampled_from(SEEDS))[: draw(st.integers(1, 60))]
        else:
            del data[position:]
    return bytes(data)


@settings(max_examples=600, deadline=None)
@given(mutated())
def test_damaged_bytes_give_a_value_or_a_decode_error(data: bytes) -> None:
    for codec in (VECTOR_CODEC, CODEC):
        try:
            value = codec.decode(data)
        except DecodeError:
            continue
        repr(value)
        try:
            again = codec.encode(value)
        except EncodeError:
            continue
        codec.decode(again)


@settings(deadline=None)
@given(mutated())
def test_hashing_damaged_bytes(data: bytes) -> None:
    with suppress(DecodeError, UnstableHash):
        hash_value(data)
