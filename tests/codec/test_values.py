"""What Python has no type of its own for, and what remembers how it came."""

from __future__ import annotations

import array
import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from struct import pack
from typing import Any

import pytest

from gridgain_proto.codec import (
    ClassReference,
    Codec,
    EnumValue,
    JavaDict,
    JavaList,
    JavaSet,
    MapItems,
    ObjectArray,
    ObjectArrayItems,
    OpaqueValue,
    Output,
    ProxyValue,
    RawDate,
    RawTime,
    RawTimestamp,
    SqlDate,
    Timestamp,
)
from gridgain_proto.codec.hashing import NameMapper, is_reserved, simple_name, type_id
from gridgain_proto.datatypes import (
    BinaryEnumObject,
    BinaryObject,
    BoolArrayObject,
    BoolObject,
    ByteArrayObject,
    CharArrayObject,
    CharObject,
    CollectionObject,
    DateObject,
    DecimalObject,
    DoubleObject,
    EnumArrayObject,
    EnumObject,
    FloatArrayObject,
    FloatObject,
    IntArrayObject,
    IntObject,
    LongArrayObject,
    MapObject,
    Null,
    ObjectArrayObject,
    ShortArrayObject,
    SqlDateObject,
    String,
    StringArrayObject,
    TimeObject,
    TimestampObject,
    UUIDObject,
    WrappedDataObject,
)
from gridgain_proto.exceptions import DecodeError, EncodeError, ParameterError

CODEC = Codec(sql_timezone=UTC, timezone=UTC)


def there_and_back(value: Any) -> Any:
    data = CODEC.encode(value)
    back = CODEC.decode(data)
    assert CODEC.encode(back) == data
    return back


def test_collections_remember_their_kind() -> None:
    for kind in (0, 2, 5):
        back = there_and_back(JavaList(["a"], kind))
        assert back == ["a"]
        assert back.kind == kind
    for kind in (-1, 4):
        back = there_and_back(JavaSet(["b", "a", "c"], kind))
        assert back == {"a", "b", "c"}
        assert list(back) == ["b", "a", "c"]
        assert back.kind == kind
    for kind in (0, 1):
        back = there_and_back(JavaDict({"a": 1}.items(), kind))
        assert back == {"a": 1}
        assert back.kind == kind


def test_an_ordered_set_that_is_changed() -> None:
    value = JavaSet([3, 1, 2])
    value.discard(1)
    value.add(9)
    assert list(value) == [3, 2, 9]
    assert value == {2, 3, 9}


def test_sets_and_maps_that_python_cannot_hold() -> None:
    data = pack("<Bib", 24, 2, 3) + CODEC.encode([1]) + CODEC.encode([2])
    back = CODEC.decode(data)
    assert isinstance(back, JavaList)
    assert back == [[1], [2]]
    assert back.kind == 3
    assert CODEC.encode(back) == data
    # An Integer 1 and a Long 1 are two elements to Java, and one to Python.
    data = pack("<Bib", 24, 2, 3) + CODEC.encode(1, IntObject) + CODEC.encode(1)
    assert CODEC.decode(data) == [1, 1]
    data = pack("<Bib", 25, 1, 1) + CODEC.encode({"k": 1}) + CODEC.encode("v")
    back = CODEC.decode(data)
    assert isinstance(back, MapItems)
    assert back == [({"k": 1}, "v")]
    assert CODEC.encode(back) == data
    data = pack("<Bib", 25, 2, 2) + CODEC.encode(1.0) + b"\x65" + CODEC.encode(1) + b"\x65"
    assert CODEC.decode(data) == [(1.0, None), (1, None)]


def test_arrays_remember_their_component() -> None:
    for value in (
        ObjectArray(["a", None], 20),
        ObjectArray([1, None], 23, 3),
        ObjectArray([1], 23, 0, "java.lang.Integer"),
        ObjectArray([EnumValue(7, 1), None], 29, 7),
        ObjectArray([True], 19),
        ObjectArray("ab", 18),
    ):
        back = there_and_back(value)
        assert back == value
        assert back.__dict__ == value.__dict__
    # The items of an Integer[] are Integers.
    assert CODEC.encode(ObjectArray([1, None], 23, 3)).hex() == "170300000002000000030100000065"


def test_containers_that_contain_themselves() -> None:
    for data in (
        "1801000000016606000000",  # a list
        "1801000000036606000000",  # a set
        "17ffffffff010000006609000000",  # an array
        "190100000002656607000000",  # a map, as its value
        "190100000002660600000065",  # a map, as its key
    ):
        back = CODEC.decode(bytes.fromhex(data))
        inner = back[0]
        if isinstance(back, MapItems):
            inner = inner[1] if inner[0] is None else inner[0]
        assert inner is back
        assert CODEC.encode(back).hex() == data
    assert isinstance(CODEC.decode(bytes.fromhex("17ffffffff010000006609000000")), ObjectArrayItems)


def test_a_container_that_occurs_twice() -> None:
    inner: list[Any] = [1]
    value = [inner, inner, (inner,), {"k": inner}, [(inner, CollectionObject)]]
    assert there_and_back(value) == [[1], [1], ([1],), {"k": [1]}, [[1]]]
    data = Codec(handles=True).encode(value)
    assert len(data) < len(CODEC.encode(value))
    back = CODEC.decode(data)
    assert back[0] is back[1] is back[2][0] is back[3]["k"] is back[4][0]
    assert CODEC.encode(back) == data
    assert CODEC.encode([back]) == b"\x18\x01\x00\x00\x00\x01" + data


def test_handles_of_one_key_do_not_reach_into_the_next() -> None:
    inner = [1]
    out = Output()
    Codec(handles=True).write_pairs(out, [((inner,), inner)])
    out2 = Output()
    CODEC.write_pairs(out2, [((inner,), inner)])
    assert out == out2


def test_references_across_the_values_of_one_message() -> None:
    first = CODEC.encode([1])
    data = first + pack("<Bi", 102, len(first))
    values, end = CODEC.read_values(data, 0, 2)
    assert values == [[1], [1]]
    assert values[0] is values[1]
    assert end == len(data)
    assert CODEC.read(data, len(first)) == ([1], len(data))
    assert CODEC.read_pairs(data, 0, 1)[0] == [([1], [1])]
    assert CODEC.read_rows(data, 0, 1, 2)[0] == [[[1], [1]]]


def test_opaque_values() -> None:
    data = bytes.fromhex("fe0300000066ab00")
    back = CODEC.decode(data)
    assert isinstance(back, OpaqueValue)
    assert back == b"\x66\xab\x00"
    assert repr(back).startswith("OpaqueValue(")
    assert CODEC.encode(back) == data
    assert there_and_back(ClassReference(5)) == ClassReference(5)
    assert there_and_back(ClassReference(0, "a.B")) == ClassReference(0, "a.B")
    proxy = ProxyValue((ClassReference(5), ClassReference(0, "x.Y")), [1])
    assert there_and_back(proxy) == proxy
    with pytest.raises(EncodeError, match=r"value\.handler\[0\]"):
        CODEC.encode(ProxyValue((), [2**70]))


def test_dates_and_times_outside_of_python_s() -> None:
    for value in (
        RawDate(2**62),
        RawDate(-(2**63), sql=True),
        RawTimestamp(2**62, 5),
        RawTime(86_400_000),
        RawTime(-1),
    ):
        assert there_and_back(value) == value
    with pytest.raises(EncodeError, match="nanoseconds"):
        CODEC.encode(RawTimestamp(0, 1_000_000))
    with pytest.raises(EncodeError, match="64 bits of milliseconds"):
        CODEC.encode(RawTime(2**63))
    with pytest.raises(EncodeError, match="64 bits of milliseconds"):
        CODEC.encode(RawDate(2**63, sql=True))
    with pytest.raises(EncodeError, match="checksum"):
        CODEC.encode(RawDate(0, True, b"x"))
    with pytest.raises(DecodeError, match="nanoseconds"):
        CODEC.decode(pack("<Bqi", 33, 0, 1_000_000))


def test_timestamps_keep_nanoseconds() -> None:
    when = Timestamp.of(datetime(2020, 1, 2, 3, 4, 5, 123456, UTC), 789)
    back = there_and_back(when)
    assert type(back) is Timestamp
    assert back == when
    assert back.nanosecond == 789
    assert back != Timestamp.of(when, 788)
    assert back != datetime(2020, 1, 2, 3, 4, 5, 123456, UTC)
    assert repr(back).endswith("nanosecond=789)")
    assert pickle.loads(pickle.dumps(back)) == back
    assert copy.deepcopy(back) == back
    assert hash(back) == hash(when)
    assert back.replace(microsecond=0) == datetime(2020, 1, 2, 3, 4, 5, 0, UTC)
    with pytest.raises(ValueError, match="nanosecond"):
        Timestamp.of(when, 1000)
    assert type(there_and_back(datetime(2020, 1, 1, tzinfo=UTC))) is datetime


def test_a_date_that_is_not_midnight_here_goes_back_as_it_came() -> None:
    data = b"\xfe\x0f\x00\x00\x00\x66\x3a\xde\xd5\x40\x97\x66" + (5 * 3_600_000).to_bytes(
        8, "little"
    )
    back = CODEC.decode(data)
    assert isinstance(back, SqlDate)
    assert back == date(1970, 1, 1)
    assert CODEC.encode(back) == data
    assert CODEC.encode(back, SqlDateObject) == data
    assert pickle.loads(pickle.dumps(back)).milliseconds == 5 * 3_600_000
    zone = timezone(timedelta(hours=-5))
    assert type(Codec(sql_timezone=zone).decode(data)) is date
    other = data[:10] + b"\x01\x02" + data[12:]
    back = CODEC.decode(other)
    assert back.checksum == b"\x01\x02"
    assert CODEC.encode(back) == other
    assert CODEC.encode(back.replace(day=2)) == CODEC.encode(date(1970, 1, 2))


def test_hints_of_dates_and_times() -> None:
    assert CODEC.encode(date(1970, 1, 2), DateObject) == pack("<Bq", 11, 86_400_000)
    assert CODEC.encode(RawDate(5), DateObject) == pack("<Bq", 11, 5)
    assert CODEC.encode(RawTimestamp(5), DateObject) == pack("<Bq", 11, 5)
    when = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert CODEC.encode((when, 5), TimestampObject) == pack("<Bqi", 33, 1000, 5)
    exact = when.replace(microsecond=7)
    assert CODEC.encode((exact, 7000), TimestampObject) == pack("<Bqi", 33, 1000, 7000)
    with pytest.raises(EncodeError, match="contradict"):
        CODEC.encode((exact, 5), TimestampObject)
    with pytest.raises(EncodeError, match="no part of a millisecond"):
        CODEC.encode((when, 1_000_000), TimestampObject)
    assert CODEC.encode(timedelta(seconds=1), TimeObject) == pack("<Bq", 36, 1000)
    for value, hint in (
        ("x", DateObject),
        ("x", TimestampObject),
        ("x", TimeObject),
        (when, SqlDateObject),
        (1, UUIDObject),
        (1.5, DecimalObject),
        (5, String),
        (5, CharObject),
        ("ab", CharObject),
        ("😀", CharObject),
        ("1", DoubleObject),
        (10**400, DoubleObject),
        (1, BoolObject),
        (1, Null),
        (1, BinaryObject),
        (1, WrappedDataObject),
        (1, CollectionObject),
        ("ab", CollectionObject),
        ((9, []), CollectionObject),
        ((9, {}), MapObject),
        ([1], MapObject),
        ("ab", ObjectArrayObject),
        ("ab", IntArrayObject),
        (["a"], IntArrayObject),
        ([2**31], IntArrayObject),
        ([1e300], FloatArrayObject),
        ([300], ByteArrayObject),
        (["ab"], CharArrayObject),
        ([1], BoolArrayObject),
        ([1], StringArrayObject),
        (1, EnumObject),
        ([], EnumArrayObject),
        ([EnumValue(1, 1), EnumValue(2, 1)], EnumArrayObject),
        (1e300, FloatObject),
        (time(1, 2, 3, tzinfo=UTC), TimeObject),
        (time(1, 2, 3, 4), TimeObject),
    ):
        with pytest.raises(EncodeError):
            CODEC.encode(value, hint)


def test_hints_that_accept_more_than_one_type() -> None:
    assert CODEC.encode(5, DecimalObject) == CODEC.encode(Decimal(5))
    assert CODEC.encode(5, DoubleObject) == CODEC.encode(5.0)
    assert CODEC.encode([1, -1, 255], ByteArrayObject) == CODEC.encode(b"\x01\xff\xff")
    assert CODEC.encode(bytearray(b"ab")) == CODEC.encode(memoryview(b"ab")) == CODEC.encode(b"ab")
    assert CODEC.encode("ab", CharArrayObject) == CODEC.encode(["a", "b"], CharArrayObject)
    assert CODEC.encode(array.array("H", [97]), CharArrayObject) == CODEC.encode(
        "a", CharArrayObject
    )
    assert CODEC.encode((1, [2, 1]), CollectionObject).hex()[:12] == "180200000001"
    assert CODEC.encode((4, {"a"}), CollectionObject).hex()[:12] == "180100000004"
    assert CODEC.encode({"a"}, CollectionObject) == CODEC.encode({"a"})
    assert CODEC.encode((1, {"a": 1}), MapObject).hex()[:12] == "190100000001"
    assert CODEC.encode((3, [1]), ObjectArrayObject).hex() == "1703000000010000000301000000"
    assert CODEC.encode((5, 1), BinaryEnumObject).hex() == "260500000001000000"
    assert CODEC.encode((5, [1, None]), EnumArrayObject).hex() == (
        "1d05000000020000001c050000000100000065"
    )
    value = CODEC.decode(CODEC.encode((5, [1]), EnumArrayObject))
    assert CODEC.encode(value, EnumArrayObject) == CODEC.encode(value)
    assert CODEC.encode(float("nan"), FloatObject) == CODEC.encode(-float("nan"), FloatObject)


def test_arrays_of_numbers() -> None:
    for item, hint in (("h", ShortArrayObject), ("i", IntArrayObject), ("q", LongArrayObject)):
        value = array.array(item, [1, -2])
        data = CODEC.encode(value)
        assert CODEC.encode(value, hint) == CODEC.encode([1, -2], hint) == data
        assert CODEC.decode(data) == value
    assert CODEC.encode(array.array("b", [1, -1])) == CODEC.encode(b"\x01\xff")
    for item in ("I", "L", "Q"):
        with pytest.raises(EncodeError, match="does not have"):
            CODEC.encode(array.array(item))
    with pytest.raises(EncodeError, match="not of bytes"):
        CODEC.encode(memoryview(array.array("i", [1])))


def test_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    for name, item in (("int16", "h"), ("int32", "i"), ("int64", "q"), ("float32", "f")):
        made = numpy.array([1, 2], dtype=name)
        assert CODEC.encode(made) == CODEC.encode(array.array(item, [1, 2]))
    made = numpy.arange(10, dtype="float64")[::3]
    assert CODEC.decode(CODEC.encode(made)) == array.array("d", made)
    assert CODEC.encode(numpy.array([True, False])) == CODEC.encode([True, False], BoolArrayObject)
    assert CODEC.encode(numpy.array([1.5, 2], "float32"), FloatArrayObject) == CODEC.encode(
        array.array("f", [1.5, 2])
    )
    assert CODEC.encode(numpy.array([1.5, 2]), FloatArrayObject) == CODEC.encode(
        array.array("f", [1.5, 2])
    )
    assert CODEC.encode(numpy.int32(5)) == CODEC.encode(5, IntObject)
    assert CODEC.encode(numpy.float64(5)) == CODEC.encode(5.0)
    assert CODEC.encode(numpy.int64(5), IntObject) == CODEC.encode(5, IntObject)
    assert CODEC.encode(numpy.bool_(True)) == CODEC.encode(True)
    assert CODEC.encode(numpy.bool_(True), BoolObject) == CODEC.encode(True)
    for bad in (
        numpy.zeros((2, 2)),
        numpy.array([1], dtype=">i4"),
        numpy.array([1], dtype="uint32"),
        numpy.array(["a"]),
        numpy.array([object()]),
        numpy.datetime64("2020-01-01"),
    ):
        with pytest.raises(EncodeError):
            CODEC.encode(bad)


def test_simple_names() -> None:
    for name, simple in (
        ("demo.Person", "Person"),
        ("Person", "Person"),
        ("demo.Outer$Inner", "Inner"),
        ("demo.Outer$1", "Outer$1"),
        ("demo.Outer$", "Outer$"),
        ("demo.X$$Lambda$5", "X$$Lambda$5"),
        ("Ns.Outer+Inner", "Inner"),
        ("Ns.List[[Ns.A],[Ns.B]]", "List[[A],[B]]"),
    ):
        assert simple_name(name) == simple
    assert type_id("demo.Person", NameMapper.SIMPLE) == type_id("Person")
    assert is_reserved("my.UUID")
    assert not is_reserved("my.Uuid")
    with pytest.raises(ParameterError):
        type_id("")
    with pytest.raises(ParameterError):
        Codec(max_depth=0)


def test_a_failure_leaves_the_output_as_it_was() -> None:
    out = Output(b"head")
    failing: list[Callable[[], None]] = [
        lambda: CODEC.write(out, [1, 2**70]),
        lambda: CODEC.write_values(out, [1, (5, CharObject)]),
        lambda: CODEC.write_pairs(out, {"a": 1, "b": {1: object()}}),
        lambda: CODEC.write_pairs(out, [(1, "a"), (2, "\ud800")]),
    ]
    for write in failing:
        with pytest.raises(EncodeError):
            write()
        assert out == b"head"


def test_messages_name_the_element() -> None:
    def message(write: Any, *arguments: Any) -> str:
        with pytest.raises(EncodeError) as caught:
            write(*arguments)
        return str(caught.value)

    big = 2**70
    assert message(CODEC.encode, {"a": [1, big]}).startswith("value['a'][1]: ")
    assert message(CODEC.encode, {big: 1}).startswith(f"value[key {big}]: ")
    assert message(CODEC.encode, {big}).startswith(f"value[{big}]: ")
    assert message(CODEC.encode, JavaList([1, big])).startswith("value[1]: ")
    assert message(CODEC.encode, [*range(20), big]).startswith("value[20]: ")
    assert message(CODEC.encode, [1] * 20 + ["\ud800"]).startswith("value[20]: lone surrogate")
    assert message(CODEC.encode, ["a"] * 20 + [b"", big]).startswith("value[21]: ")
    assert message(CODEC.write_values, Output(), [1, [big]]).startswith("values[1][0]: ")
    assert message(CODEC.write_pairs, Output(), {"k": [big]}).startswith("value of 'k'[0]: ")
    assert message(CODEC.write_pairs, Output(), {(big,): 1}).startswith(f"key ({big},)[0]: ")
    assert message(CODEC.encode, ["x", 2], IntArrayObject).startswith("value: 'x' of type str")
    assert message(CODEC.encode, [1, 2**31], IntArrayObject).startswith("value[1]: 2147483648")
