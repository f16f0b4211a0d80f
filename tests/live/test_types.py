"""Every type to a live node and back, and objects from and for Java."""

from __future__ import annotations

import array
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from gridgain_proto.codec import (
    EnumValue,
    binary_enum,
    binary_type,
)
from gridgain_proto.datatypes import (
    BinaryEnumObject,
    BoolArrayObject,
    ByteObject,
    CharArrayObject,
    CharObject,
    CollectionObject,
    DateArrayObject,
    DateObject,
    DecimalArrayObject,
    DoubleArrayObject,
    FloatArrayObject,
    FloatObject,
    IntArrayObject,
    IntObject,
    LongArrayObject,
    MapObject,
    ShortArrayObject,
    ShortObject,
    StringArrayObject,
    TimeArrayObject,
    TimeObject,
    TimestampArrayObject,
    UUIDArrayObject,
)
from gridgain_sync import Cache, Client
from tests.ignite.config import NodeOptions
from tests.ignite.fixtures import ClusterFactory
from tests.ignite.java import run_java
from tests.ignite.node import Node

MOMENT = datetime(2024, 2, 29, 12, 34, 56, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(ignite_node: Node) -> Iterator[Client]:
    with Client(timeout=20).connect(ignite_node.address) as client:
        yield client


@pytest.fixture
def cache(client: Client) -> Iterator[Cache[Any, Any]]:
    cache = client.create_cache(f"types {uuid4()}")
    yield cache
    cache.destroy()


#: Value, hint, and what comes back if that is not equal to the value.
VALUES: list[tuple[Any, Any]] = [
    (True, None),
    (2**63 - 1, None),
    (-128, ByteObject),
    (-32768, ShortObject),
    (-(2**31), IntObject),
    (1.5e300, None),
    (1.5, FloatObject),
    ("ß", CharObject),
    ("a\0b é 中 😀", None),
    (b"\x00\xff" * 500, None),
    (UUID(int=0x00112233445566778899AABBCCDDEEFF), None),
    (Decimal("1.00"), None),
    (Decimal("-12345678901234567890123456789012345678901234567890.123456789"), None),
    (Decimal("1E+2"), None),
    (MOMENT, None),
    (MOMENT.replace(microsecond=123000), DateObject),
    (date(2024, 2, 29), None),
    (time(12, 34, 56, 789000), TimeObject),
    ([1, "two", None, [3.0]], None),
    ((1, "two", None), None),
    ({1, 2, 3}, None),
    ({"a": 1, "b": [None, {"c": 2}]}, None),
    ([1, 2, 3], LongArrayObject),
    ([1, 2, 3], IntArrayObject),
    ([1, 2, 3], ShortArrayObject),
    ([1.5, -2.25], DoubleArrayObject),
    ([1.5, -2.25], FloatArrayObject),
    ([True, False], BoolArrayObject),
    (["a", "ß"], CharArrayObject),
    (["a", None, "é"], StringArrayObject),
    ([UUID(int=1), None], UUIDArrayObject),
    (array.array("d", [1.0, 2.0]), None),
    ([Decimal("1.50"), None], DecimalArrayObject),
    ([MOMENT, None], TimestampArrayObject),
    ([MOMENT.replace(microsecond=0), None], DateArrayObject),
    ([time(1, 2, 3), None], TimeArrayObject),
    ((CollectionObject.LINKED_LIST, [1, "two"]), CollectionObject),
    ((CollectionObject.LINKED_HASH_SET, [1, 2]), CollectionObject),
    ((MapObject.HASH_MAP, {"a": 1}), MapObject),
]


def same(found: Any, value: Any) -> bool:
    """Equal, whatever the containers are."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], list | dict):
        value = value[1]  # the kind, and the elements
    if isinstance(found, set | frozenset):
        return found == set(value)
    if isinstance(value, list) and any(isinstance(one, datetime) for one in value):
        return all(
            one == other if one is None else same(other, one)
            for one, other in zip(value, found, strict=True)
        )
    if isinstance(value, datetime):
        return isinstance(found, datetime) and found.astimezone(UTC) == value
    if isinstance(value, list | tuple | array.array):
        return list(found) == list(value)
    return bool(found == value)


@pytest.mark.parametrize(("value", "hint"), VALUES, ids=lambda one: repr(one)[:40])
def test_every_type_as_a_value(cache: Cache[Any, Any], value: Any, hint: Any) -> None:
    cache.put("key", value, value_hint=hint)
    assert same(cache.get("key"), value)
    # What came back goes back as it came.
    cache.put("again", cache.get("key"))
    assert same(cache.get("again"), value)


@pytest.mark.parametrize(("value", "hint"), VALUES, ids=lambda one: repr(one)[:40])
def test_every_type_as_a_key(cache: Cache[Any, Any], value: Any, hint: Any) -> None:
    cache.put(value, "found", key_hint=hint)
    assert cache.get(value, key_hint=hint) == "found"
    assert cache.get_size() == 1
    ((key, found),) = cache.scan()
    assert found == "found"
    assert same(key, value)
    assert cache.remove_key(value, key_hint=hint)


@binary_enum(type_name="org.gridgain.proto.live.model.Color")
class Color(enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@binary_type(type_name="org.gridgain.proto.live.model.Person")
@dataclass
class Person:
    id: Annotated[int, IntObject]
    name: str | None
    salary: Decimal | None
    created: datetime | None
    token: UUID | None
    favourite: Color | None


@binary_type(type_name="org.gridgain.proto.live.model.PersonKey")
@dataclass(frozen=True)
class PersonKey:
    department: Annotated[int, IntObject]
    login: str


@binary_type(type_name="org.gridgain.proto.live.model.Calendar")
@dataclass
class Calendar:
    instant: Annotated[datetime, DateObject]
    day: date
    time: Annotated[timedelta, TimeObject]


ANN = Person(
    1,
    "Ann Müller 中 😀",
    Decimal("12345.67"),
    datetime(2024, 2, 29, 12, 21, 36, 123456, tzinfo=UTC),
    UUID("00112233-4455-6677-8899-aabbccddeeff"),
    Color.GREEN,
)


def test_what_java_wrote_is_read_without_any_declaration(ignite_node: Node) -> None:
    name = f"from java {uuid4()}"
    run_java("ObjectExchange", "write", ignite_node.host, str(ignite_node.port), name)
    with Client(timeout=20).connect(ignite_node.address) as client:
        cache: Any = client.get_cache(name)
        ann = cache.get(1, IntObject)
        assert (ann.id, ann.name, ann.salary, ann.token) == (
            1,
            "Ann Müller 中 😀",
            Decimal("12345.67"),
            UUID("00112233-4455-6677-8899-aabbccddeeff"),
        )
        assert isinstance(ann.favourite, EnumValue)
        assert ann.favourite.ordinal == 1
        team = cache.get(2, IntObject)
        assert team.title == "Crew"
        assert team.lead == ann
        assert [person.name for person in team.members] == ["Ann Müller 中 😀", "Bob"]
        assert team.roles["passenger"].name is None
        primitives = cache.get(3, IntObject)
        assert (primitives.aByte, primitives.aShort, primitives.anInt) == (-128, 32767, -(2**31))
        assert (primitives.aLong, primitives.aFloat, primitives.aDouble) == (
            2**63 - 1,
            1.5,
            -2.25e100,
        )
        assert (primitives.aChar, primitives.aBoolean) == ("ß", True)
        assert list(primitives.longs) == [-(2**63), 0, 2**63 - 1]
        assert list(primitives.chars) == ["a", "ß", "中"]
        calendar = cache.get(4, IntObject)
        assert calendar.day == date(2024, 2, 29)
        assert cache.get(7, IntObject)[:3] == [1, "two", None]
        assert cache.get(8, IntObject) == {1: "one", "two": 2}
        assert cache.get(PersonKey(7, "ann")) == "by an object key"
        # All of it at once, and back again as it was.
        everything = dict(cache.scan())
        assert len(everything) == 10
        for key, value in everything.items():
            cache.put(key, value, key_hint=IntObject if isinstance(key, int) else None)
    run_java("ObjectExchange", "check", ignite_node.host, str(ignite_node.port), name)


def test_what_java_wrote_is_read_as_declared_classes(ignite_node: Node) -> None:
    name = f"from java {uuid4()}"
    run_java("ObjectExchange", "write", ignite_node.host, str(ignite_node.port), name)
    with Client(timeout=20).connect(ignite_node.address) as client:
        client.register_binary_type(Color)
        client.register_binary_type(Person)
        ann = client.get_cache(name).get(1, IntObject)
        assert isinstance(ann, Person)
        assert ann.favourite is Color.GREEN
        assert (ann.id, ann.name, ann.salary, ann.token) == (
            ANN.id,
            ANN.name,
            ANN.salary,
            ANN.token,
        )


def test_java_reads_what_python_wrote(ignite_node: Node) -> None:
    name = f"for java {uuid4()}"
    with Client(timeout=20).connect(ignite_node.address) as client:
        cache = client.create_cache(name)
        nobody = Person(3, None, None, None, None, None)
        cache.put(9, nobody, key_hint=IntObject)
        cache.put(6, Color.BLUE, key_hint=IntObject, value_hint=BinaryEnumObject)
        cache.put(PersonKey(7, "ann"), "by an object key")
        cache.put(100, ANN, key_hint=IntObject)
        report = run_java("ObjectExchange", "check", ignite_node.host, str(ignite_node.port), name)
        lines = dict(line.split(": ", 1) for line in report.splitlines())
        assert lines["6"] == "BLUE"
        assert lines["PersonKey{department=7, login=ann}"] == "by an object key"
        assert "name=Ann Müller 中 😀" in lines["100"]
        assert "salary=12345.67" in lines["100"]
        assert "favourite=GREEN" in lines["100"]
        cache.destroy()


def test_sql_over_the_fields_of_an_object_that_python_put(client: Client) -> None:
    @binary_type(type_name=f"City{uuid4().hex}")
    @dataclass
    class City:
        name: str
        population: Annotated[int, IntObject]
        founded: date
        area: Decimal

    type_name = City.__gridgain__.type_name  # type: ignore[attr-defined]
    table = f"CITIES_{uuid4().hex}".upper()
    client.sql(
        f"CREATE TABLE {table} (ID BIGINT PRIMARY KEY, NAME VARCHAR, POPULATION INT, FOUNDED DATE, "
        f'AREA DECIMAL(20, 3)) WITH "CACHE_NAME={table},VALUE_TYPE={type_name}"'
    )
    cache: Any = client.get_cache(table)
    cache.put(1, City("Ghent", 265_000, date(1180, 1, 2), Decimal("156.180")))
    cache.put(2, City("Utrecht", 361_000, date(1122, 6, 2), Decimal("99.210")))
    rows = list(client.sql(f"SELECT * FROM {table} WHERE FOUNDED > '1150-01-01'"))
    assert rows == [[1, "Ghent", 265_000, date(1180, 1, 2), Decimal("156.180")]]
    client.sql(
        f"INSERT INTO {table} VALUES (3, 'Delft', 104000, ?, 24.1)", query_args=[date(1246, 4, 15)]
    )
    delft = cache.get(3)
    assert isinstance(delft, City)
    assert (delft.name, delft.population) == ("Delft", 104_000)
    assert delft.founded == date(1246, 4, 15)
    client.sql(f"DROP TABLE {table}")


def test_wall_clock_values_of_a_server_in_another_zone(start_cluster: ClusterFactory) -> None:
    """What was written as 13:14 reads as 13:14, both ways."""
    zone = "America/New_York"
    options = NodeOptions(jvm_options=(f"-Duser.timezone={zone}",))
    (node,) = start_cluster(1, options)
    with Client(timeout=20, sql_timezone=ZoneInfo(zone)).connect(node.address) as client:
        client.sql("CREATE TABLE Times (id INT PRIMARY KEY, d DATE, t TIME, ts TIMESTAMP)")
        client.sql(
            "INSERT INTO Times VALUES (1, '2020-01-02', '13:14:15', '2020-07-02 13:14:15.123456')"
        )
        expected = [date(2020, 1, 2), time(13, 14, 15), datetime(2020, 7, 2, 13, 14, 15, 123456)]
        client.sql("INSERT INTO Times VALUES (2, ?, ?, ?)", query_args=expected)
        rows = list(client.sql("SELECT d, t, ts FROM Times ORDER BY id"))
        assert rows == [expected, expected]
        words = list(
            client.sql(
                "SELECT CAST(d AS VARCHAR), CAST(t AS VARCHAR), CAST(ts AS VARCHAR) FROM Times"
            )
        )
        assert words == [["2020-01-02", "13:14:15", "2020-07-02 13:14:15.123456"]] * 2
