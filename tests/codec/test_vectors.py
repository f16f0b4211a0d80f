"""Values that the Java clients of both products wrote, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from gridgain_proto.codec import TypeDescription
from gridgain_proto.codec.hashing import NameMapper, field_id, schema_id, string_hash, type_id
from gridgain_proto.codec.keyhash import UnstableHash, hash_value
from gridgain_proto.exceptions import EncodeError

from .tagged import Builder, Comparison, Row, codec_for, load, row_bytes, rows


def ids(row: Row) -> str:
    name: str = row["id"]
    return name


DECODED = [row for row in rows() if row["direction"] in ("both", "decode") and "value" in row]
# Raw data is written by code that knows the type: those rows are in test_goes_back_as_it_came.
ENCODED = [
    row
    for row in rows()
    if row["direction"] == "both" and not (row["value"] and "raw" in row["value"])
]
OBJECTS = [row for row in rows() if "hash_code" in row]
LOSSY = [row for row in rows() if row["direction"] == "encode"]
HASHED = [row for row in rows() if "java_hash" in row and row["direction"] != "encode"]


@pytest.mark.parametrize("row", DECODED, ids=ids)
def test_decodes(row: Row) -> None:
    value = codec_for(row).decode(row_bytes(row))
    if row["kind"] == "opaque":
        assert type(value).__name__ == "OpaqueValue"
    else:
        Comparison().check(value, row["value"])


def has_handles(tagged: Any) -> bool:
    if isinstance(tagged, dict):
        return tagged.get("t") == "ref" or any(map(has_handles, tagged.values()))
    return isinstance(tagged, list) and any(map(has_handles, tagged))


@pytest.mark.parametrize("row", ENCODED, ids=ids)
def test_encodes(row: Row) -> None:
    codec = codec_for(row, handles=has_handles(row["value"]))
    builder = Builder()
    value = builder.value(row["value"])
    assert codec.encode(value, builder.hint(row["value"])) == row_bytes(row)


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in rows()
        if row["direction"] != "encode"
        and row["kind"]
        in (
            "object",
            "system_object",
            "sql_row",
            "sql_date",
            "opaque",
            "enum",
            "enum_array",
            "binary_enum",
            "string_array",
            "uuid_array",
            "date_array",
            "timestamp_array",
            "time_array",
            "decimal_array",
            "byte_array",
            "short_array",
            "int_array",
            "long_array",
            "float_array",
            "double_array",
            "char_array",
            "bool_array",
            "string",
            "uuid",
            "decimal",
            "timestamp",
            "time",
        )
    ],
    ids=ids,
)
def test_goes_back_as_it_came(row: Row) -> None:
    codec = codec_for(row)
    data = row_bytes(row)
    written = codec.encode(codec.decode(data))
    if data[0] == 27 and written[0] == 103:
        data = data[5:-4]
    assert written == data


@pytest.mark.parametrize("row", LOSSY, ids=ids)
def test_what_java_changes_is_refused(row: Row) -> None:
    builder = Builder()
    value = builder.value(row["value"])
    codec = codec_for(row)
    if row["kind"] == "string":
        with pytest.raises(EncodeError, match="lone surrogate"):
            codec.encode(value)
    else:
        assert codec.encode(value, builder.hint(row["value"])) == row_bytes(row)


@pytest.mark.parametrize("row", OBJECTS, ids=ids)
def test_object_headers(row: Row) -> None:
    codec = codec_for(row)
    data = row_bytes(row)
    assert codec.hash_code(codec.decode(data)) == row["hash_code"]
    field_ids = [one["field_id"] for one in row["fields"]]
    assert schema_id(field_ids) == row["schema_id"]
    if row["type_name"] and row["type_id"]:
        assert type_id(row["type_name"]) == row["type_id"]


@pytest.mark.parametrize("row", HASHED, ids=ids)
def test_java_hashes(row: Row) -> None:
    if row["kind"] == "opaque":
        with pytest.raises(UnstableHash):
            hash_value(row_bytes(row))
    else:
        assert hash_value(row_bytes(row)) == row["java_hash"]


@pytest.mark.parametrize("row", load("binary.json")["names"], ids=lambda row: str(row["name"]))
def test_names(row: Row) -> None:
    name = row["name"]
    assert type_id(name) == row["type_id_full"]
    assert type_id(name, NameMapper.SIMPLE) == row["type_id_simple"]
    assert field_id(name) == row["field_id"]
    assert string_hash(name) == row["string_hash"]


@pytest.mark.parametrize(
    "row", load("binary.json")["binary_types"], ids=lambda row: str(row["type_name"])
)
def test_type_descriptions(row: Row) -> None:
    data = bytes.fromhex(row["description_bytes"])
    description, end = TypeDescription.parse(data)
    assert end == len(data)
    assert description.to_bytes() == data
    assert description.type_id == row["type_id"]
    assert description.name == row["type_name"]
    assert description.affinity_key_field == row["affinity_field"]
    assert description.is_enum == row["is_enum"]
    assert [list(one) for one in description.enum_constants] == row["enum_values"]
    for one in row["schemas"]:
        assert description.schemas[one["schema_id"]] == tuple(one["field_ids"])
