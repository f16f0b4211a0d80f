"""Makes Python values with hints of the vectors' tagged values, and compares decoded ones."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from struct import pack
from typing import Any
from uuid import UUID

from gridgain_proto.codec import (
    ClassReference,
    Codec,
    EnumValue,
    GenericObject,
    GenericObjectMeta,
    JavaList,
    ObjectArray,
    OpaqueValue,
    RawDate,
    RawTime,
    RawTimestamp,
    Timestamp,
    TypeDescription,
    TypeRegistry,
)
from gridgain_proto.codec.hashing import NameMapper, type_id
from gridgain_proto.datatypes import (
    BinaryEnumObject,
    BinaryObject,
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
    EnumArrayObject,
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
    WrappedDataObject,
)

VECTORS = Path(__file__).parent.parent / "vectors"

Tagged = Any
Row = dict[str, Any]

SIMPLE_HINTS: dict[str, Any] = {
    "byte": ByteObject,
    "short": ShortObject,
    "int": IntObject,
    "long": LongObject,
    "float": FloatObject,
    "double": DoubleObject,
    "char": CharObject,
    "bool": BoolObject,
    "string": String,
    "uuid": UUIDObject,
    "date": DateObject,
    "timestamp": TimestampObject,
    "time": TimeObject,
    "decimal": DecimalObject,
    "sql_date": SqlDateObject,
    "byte_array": ByteArrayObject,
    "short_array": ShortArrayObject,
    "int_array": IntArrayObject,
    "long_array": LongArrayObject,
    "float_array": FloatArrayObject,
    "double_array": DoubleArrayObject,
    "char_array": CharArrayObject,
    "bool_array": BoolArrayObject,
    "string_array": StringArrayObject,
    "uuid_array": UUIDArrayObject,
    "date_array": DateArrayObject,
    "timestamp_array": TimestampArrayObject,
    "time_array": TimeArrayObject,
    "decimal_array": DecimalArrayObject,
    "enum": EnumObject,
    "enum_array": EnumArrayObject,
    "object_array": ObjectArrayObject,
    "collection": CollectionObject,
    "map": MapObject,
    "object": BinaryObject,
    "wrapped": WrappedDataObject,
}

#: Component type ids that Java computes from the case-sensitive name, or that are codes.
COMPONENTS = {
    "java.lang.Object": -1,
    "java.lang.Byte": 1,
    "java.lang.Short": 2,
    "java.lang.Integer": 3,
    "java.lang.Long": 4,
    "java.lang.Float": 5,
    "java.lang.Double": 6,
    "java.lang.Character": 7,
    "java.lang.Boolean": 8,
    "java.lang.String": 9,
    "[I": 14,
    "[Ljava.lang.String;": 20,
    "[Ljava.lang.Object;": 23,
    "java.lang.Number": 0x3EC1B19D,
}


@cache
def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / name).read_text())
    return content


def rows() -> list[Row]:
    found: list[Row] = load("binary.json")["rows"]
    return found


def row_bytes(row: Row) -> bytes:
    if "bytes" in row:
        return bytes.fromhex(row["bytes"])
    return b"".join(bytes.fromhex(part) * times for part, times in row["bytes_rle"])


@cache
def registry() -> TypeRegistry:
    return TypeRegistry(
        TypeDescription.parse(bytes.fromhex(one["description_bytes"]))[0]
        for one in load("binary.json")["binary_types"]
    )


def codec_for(row: Row, **options: Any) -> Codec:
    return Codec(
        registry(),
        compact_footer=row.get("mode") != "full",
        sql_timezone=UTC,
        timezone=UTC,
        **options,
    )


def component_id(name: str) -> int:
    return COMPONENTS.get(name) or type_id(name, NameMapper.FULL)


def tagged_float(value: dict[str, Any] | str) -> float:
    return float.fromhex(value if isinstance(value, str) else value["v"])


def text_of(value: dict[str, Any]) -> str:
    return str(value["repeat"] * value["times"] if "repeat" in value else value["v"])


def instant(ms: int, nanos: int = 0) -> datetime | None:
    """The aware ``datetime`` of an instant; None past the years of Python."""
    micros = ms * 1000 + nanos // 1000
    days, rest = divmod(micros, 86_400_000_000)
    if not 1 <= days + 719_163 <= 3_652_059:
        return None
    day = datetime.fromordinal(days + 719_163)
    seconds, micro = divmod(rest, 1_000_000)
    minutes, second = divmod(seconds, 60)
    when = day.replace(
        hour=minutes // 60, minute=minutes % 60, second=second, microsecond=micro, tzinfo=UTC
    )
    return Timestamp.of(when, nanos % 1000) if nanos % 1000 else when


class Builder:
    """Makes what a user would pass to ``encode`` for a tagged value, hints included."""

    def __init__(self) -> None:
        self.by_id: dict[int, Any] = {}

    def element(self, value: Tagged) -> Any:
        """A value with its hint, as it stands in a container."""
        if value is None:
            return None
        made = self.value(value)
        if value["t"] == "ref":
            return made
        return (made, self.hint(value))

    def hint(self, value: Tagged) -> Any:
        if value is None:
            return None
        if value["t"] == "enum" and value.get("binary"):
            return BinaryEnumObject
        return SIMPLE_HINTS.get(value["t"])

    def value(self, value: Tagged) -> Any:  # one branch for each tag
        if value is None:
            return None
        tag = value["t"]
        if tag in ("byte", "short", "int", "long", "bool"):
            return value["v"]
        if tag in ("float", "double"):
            return tagged_float(value)
        if tag == "char":
            return chr(value["v"])
        if tag == "string":
            return text_of(value)
        if tag == "uuid":
            return UUID(value["v"])
        if tag == "decimal":
            return decimal_of(value)
        if tag in ("date", "timestamp"):
            nanos = value.get("nanos_in_ms", 0)
            when = instant(value["ms"], nanos)
            if when is not None:
                return when
            return RawDate(value["ms"]) if tag == "date" else RawTimestamp(value["ms"], nanos)
        if tag == "sql_date":
            return RawDate(value["ms"], sql=True)
        if tag == "time":
            return RawTime(value["ms"])
        if tag in ("float_array", "double_array"):
            return [tagged_float(one) for one in value["v"]]
        if tag == "char_array":
            return [chr(one) for one in value["v"]]
        if tag.endswith("_array") and tag not in ("object_array", "enum_array"):
            return [self.value(one) if isinstance(one, dict) else one for one in value["v"]]
        if tag == "enum":
            return (type_id(value["type_name"]), value["ordinal"])
        if tag == "enum_array":
            constants = [None if one is None else one["ordinal"] for one in value["v"]]
            return (type_id(value["type_name"]), constants)
        if tag == "class":
            return ClassReference(component_id(value["v"]))
        return self.container(value)

    def container(self, value: Tagged) -> Any:
        tag = value["t"]
        if tag == "ref":
            return self.by_id[value["v"]]
        if tag == "wrapped":
            return self.value(value["v"])
        if tag == "object_array":
            items = [self.element(one) for one in value["v"]]
            return (component_id(value["component"]), items)
        if tag == "collection":
            made = JavaList(kind=value["subtype"])
            self.note(value, made)
            made.extend(self.element(one) for one in value["v"])
            return made
        if tag == "map":
            pairs = [(self.element(key), self.element(item)) for key, item in value["v"]]
            return (value["subtype"], pairs)
        if tag == "object":
            return self.object(value)
        raise AssertionError(f"no such tag: {tag}")

    def note(self, value: Tagged, made: Any) -> None:
        if "id" in value:
            self.by_id[value["id"]] = made

    def object(self, value: Tagged) -> Any:
        schema = OrderedDict(
            (name, None if item is None else self.field_hint(item))
            for name, item in value["fields"]
        )
        cls: Any = GenericObjectMeta(
            "Declared", (), {}, type_name=value["type_name"], schema=schema
        )
        made = cls()
        self.note(value, made)
        for name, item in value["fields"]:
            made[name] = self.value(item)
        return made

    def field_hint(self, value: Tagged) -> Any:
        return self.hint(value)


def decimal_of(value: Tagged) -> Decimal:
    unscaled = int(value["unscaled"])
    digits = tuple(map(int, str(abs(unscaled))))
    return Decimal((int(unscaled < 0), digits, -value["scale"]))


class Comparison:
    """Compares a decoded value with a tagged one, types and precision included."""

    def __init__(self) -> None:
        self.seen: dict[int, Any] = {}

    def check(self, value: Any, tagged: Tagged) -> None:  # one branch for each tag
        if tagged is None:
            assert value is None
            return
        tag, wanted = tagged["t"], tagged.get("v")
        if tag in ("byte", "short", "int", "long"):
            assert type(value) is int
            assert value == wanted
        elif tag == "bool":
            assert value is wanted
        elif tag in ("float", "double"):
            self.check_float(value, tagged_float(tagged))
        elif tag == "char":
            assert type(value) is str
            assert value == chr(wanted)
        elif tag == "string":
            assert type(value) is str
            assert value == text_of(tagged)
        elif tag == "uuid":
            assert value == UUID(wanted)
        elif tag == "decimal":
            assert value.as_tuple() == decimal_of(tagged).as_tuple()
        elif tag in ("date", "timestamp"):
            nanos = tagged.get("nanos_in_ms", 0)
            when = instant(tagged["ms"], nanos)
            if when is None:
                raw = RawDate(tagged["ms"]) if tag == "date" else RawTimestamp(tagged["ms"], nanos)
                assert value == raw
            else:
                assert isinstance(value, datetime)
                assert value == when
        elif tag == "sql_date":
            when = instant(tagged["ms"])
            assert value == (RawDate(tagged["ms"], sql=True) if when is None else when.date())
        elif tag == "time":
            self.check_time(value, tagged["ms"])
        elif tag == "opaque":
            assert isinstance(value, OpaqueValue | GenericObject)
        elif tag == "class":
            assert value == ClassReference(component_id(wanted))
        elif tag in ("enum", "enum_array"):
            self.check_enum(value, tagged)
        elif tag.endswith("_array") and tag != "object_array":
            self.check_array(value, tagged)
        else:
            self.check_container(value, tagged)

    def check_float(self, value: Any, wanted: float) -> None:
        assert type(value) is float
        if math.isnan(wanted):
            assert math.isnan(value)
        else:
            assert pack("<d", value) == pack("<d", wanted)

    def check_time(self, value: Any, ms: int) -> None:
        if 0 <= ms < 86_400_000:
            when = instant(ms)
            assert when is not None
            assert value == when.time()
        else:
            assert value == RawTime(ms)

    def check_enum(self, value: Any, tagged: Tagged) -> None:
        known = type_id(tagged["type_name"])
        if tagged["t"] == "enum_array":
            assert isinstance(value, ObjectArray)
            assert value.type_id == known or value.type_name == tagged["type_name"]
            assert len(value) == len(tagged["v"])
            for one, wanted in zip(value, tagged["v"], strict=True):
                self.check(one, wanted)
            return
        assert isinstance(value, EnumValue)
        assert value.ordinal == tagged["ordinal"]
        assert value.type_id == known or value.type_name == tagged["type_name"]
        assert value.name == tagged["constant"]
        assert value.code == (38 if tagged.get("binary") else 28)

    def check_array(self, value: Any, tagged: Tagged) -> None:
        assert len(value) == len(tagged["v"])
        if tagged["t"] == "byte_array":
            assert type(value) is bytes
            assert list(value) == [one & 0xFF for one in tagged["v"]]
            return
        for one, wanted in zip(value, tagged["v"], strict=True):
            if tagged["t"] in ("float_array", "double_array"):
                self.check_float(one, tagged_float(wanted))
            elif tagged["t"] == "char_array":
                assert one == chr(wanted)
            elif isinstance(wanted, dict) or wanted is None:
                self.check(one, wanted)
            else:
                assert one == wanted

    def check_container(self, value: Any, tagged: Tagged) -> None:
        tag, wanted = tagged["t"], tagged.get("v")
        if tag == "ref":
            assert value is self.seen[wanted]
            return
        if "id" in tagged:
            self.seen[tagged["id"]] = value
        if tag == "wrapped":
            self.check(value, wanted)
        elif tag in ("object_array", "collection"):
            if isinstance(value, set):
                self.check_set(value, tagged)
                return
            assert len(value) == len(wanted)
            for one, item in zip(value, wanted, strict=True):
                self.check(one, item)
            if tag == "object_array":
                assert isinstance(value, tuple)
                if tagged["component"] != "java.lang.Object":
                    assert isinstance(value, ObjectArray)
            else:
                assert isinstance(value, list)
                assert getattr(value, "kind", 1) == tagged["subtype"]
        elif tag == "map":
            assert isinstance(value, dict)
            assert getattr(value, "kind", 2) == tagged["subtype"]
            for (key, item), (tagged_key, tagged_item) in zip(value.items(), wanted, strict=True):
                self.check(key, tagged_key)
                self.check(item, tagged_item)
        else:
            assert isinstance(value, GenericObject)
            assert type(value).type_name == tagged["type_name"]
            assert list(value) == [name for name, _ in tagged["fields"]]
            for name, item in tagged["fields"]:
                self.check(value[name], item)

    def check_set(self, value: Any, tagged: Tagged) -> None:
        assert getattr(value, "kind", 3) == tagged["subtype"]
        assert len(value) == len(tagged["v"])
        builder = Builder()
        wanted = [builder.value(one) for one in tagged["v"]]
        assert set(value) == set(wanted)
        if tagged["subtype"] == 4:
            assert list(value) == wanted
