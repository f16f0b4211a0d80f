"""Where the servers themselves placed each key."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import unpack
from typing import Any
from uuid import UUID

import pytest

from gridgain_proto.codec import (
    Codec,
    GenericObjectMeta,
    RawTime,
    Timestamp,
    TypeDescription,
    TypeRegistry,
)
from gridgain_proto.codec.hashing import field_id, schema_id, type_id
from gridgain_proto.codec.keyhash import hash_value
from gridgain_proto.datatypes import (
    ByteObject,
    CharObject,
    DateObject,
    FloatObject,
    IntObject,
    LongObject,
    ShortObject,
    String,
)

from .tagged import Row, load

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

HINTS: dict[str, Any] = {
    "byte": ByteObject,
    "short": ShortObject,
    "int": IntObject,
    "long": LongObject,
    "char": CharObject,
    "float": FloatObject,
    "date_ms": DateObject,
}


def declared(name: str, /, **fields: Any) -> Any:
    return GenericObjectMeta(name, (), {}, type_name=name, schema=OrderedDict(fields))


PersonKey = declared("PersonKey", personId=IntObject, companyId=IntObject)
StrKey = declared("StrKey", id=IntObject, city=String)
PlainKey = declared("PlainKey", id=LongObject, name=String)

CLASSES = {
    "object:PersonKey": (PersonKey, "companyId"),
    "object:StrKey": (StrKey, "city"),
    "object:PlainKey": (PlainKey, None),
}


def key_of(row: Row) -> Any:
    kind, key = row["type"], row["key"]
    if kind == "char":
        return chr(key)
    if kind == "float":
        return unpack(">f", bytes.fromhex(key.rjust(8, "0")))[0]
    if kind == "double":
        return unpack(">d", bytes.fromhex(key.rjust(16, "0")))[0]
    if kind == "uuid":
        return UUID(key)
    if kind == "date_ms":
        return EPOCH + timedelta(milliseconds=key)
    if kind == "timestamp":
        ms, nano_of_second = key
        when = EPOCH + timedelta(milliseconds=ms)
        when += timedelta(microseconds=nano_of_second // 1000 % 1000)
        return Timestamp.of(when, nano_of_second % 1000)
    if kind == "time_ms":
        return RawTime(key)
    if kind == "decimal":
        return Decimal(key)
    if kind == "byte_array":
        return bytes.fromhex(key)
    if kind.startswith("object:"):
        return CLASSES[kind.split("(")[0]][0](*key)
    return key


@pytest.mark.parametrize("compact", [True, False])
def test_hash_and_partition_of_every_key(compact: bool) -> None:
    codec = Codec(compact_footer=compact)
    for row in load("affinity.json")["rows"]:
        key, hint = key_of(row), HINTS.get(row["type"])
        assert codec.hash_code(key, hint) == row["hash"], row
        name = CLASSES.get(row["type"].split("(")[0], (None, None))[1]
        fields = {} if name is None else {type_id(type(key).__name__): field_id(name)}
        routed = codec.routing_hash(key, hint, fields)
        assert routed is not None
        for parts, wanted in row["partition"].items():
            assert partition(routed, int(parts)) == wanted, row


def partition(hash_code: int, parts: int) -> int:
    """The server's function: a mask for powers of two, else the remainder as Java has it."""
    mask = parts - 1 if parts & (parts - 1) == 0 else -1
    if mask >= 0:
        folded = (hash_code ^ ((hash_code & 0xFFFFFFFF) >> 16)) & 0xFFFFFFFF
        return folded & mask
    return int(abs(hash_code) % parts) if hash_code != -0x80000000 else 0x80000000 % parts


SCHEMAS = (
    ("PersonKey", ("personId", "companyId")),
    ("StrKey", ("id", "city")),
    ("PlainKey", ("id", "name")),
    ("PlainKeyF", ("id", "name")),
    ("NestKey", ("id", "inner")),
    ("InnerKey", ("x",)),
)


def test_partition_of_every_key_by_its_bytes() -> None:
    types = []
    for name, names in SCHEMAS:
        ids = tuple(map(field_id, names))
        types.append(TypeDescription(type_id(name), name, schemas={schema_id(ids): ids}))
    registry = TypeRegistry(types)
    for one in types:
        for schema, _ in one.schemas.items():
            registry = registry.with_missing(one.type_id, schema)
    codec = Codec(registry)
    for row in load("affinity.json")["partition_of_key"]:
        data = bytes.fromhex(row["wire"])
        fields: dict[int, int] = {}
        if "affinity=" in row["type"]:
            name = row["type"].split(":")[1].split("(")[0]
            field = row["type"].split("affinity=")[1].split(" ")[0]
            fields[type_id(name)] = field_id(field)
            routed = codec.routing_hash(codec.decode(data), None, fields)
        else:
            routed = hash_value(data)
        assert routed is not None
        assert partition(routed, row["partitions"]) == row["partition"], row
