"""The checklist's rows on the properties of caches, on the wire and on nodes."""

from __future__ import annotations

import copy
from struct import pack
from typing import Any

import pytest

from gridgain_proto.codec import Codec
from gridgain_proto.datatypes import ExpiryPolicy, prop_codes
from gridgain_proto.datatypes.cache_config import (
    AffinityFunction,
    CacheAtomicityMode,
    CacheConfiguration,
    CacheMode,
    PartitionLossPolicy,
    QueryEntity,
    QueryField,
    QueryIndex,
    RebalanceMode,
    WriteSynchronizationMode,
)
from gridgain_proto.datatypes.prop_codes import (
    PROP_CACHE_KEY_CONFIGURATION,
    PROP_NAME,
    PROP_QUERY_ENTITIES,
    PROP_QUERY_PARALLELISM,
)
from gridgain_proto.exceptions import NotSupportedByClusterError, ParameterError
from gridgain_proto.features import V1_7_0, V1_7_1, Feature, Features, Product
from gridgain_proto.operations.cache_properties import checked_settings
from gridgain_proto.operations.configuration import CACHE_CREATE_WITH_CONFIGURATION
from gridgain_sync import Client

IGNITE = Features(Product.IGNITE, V1_7_0)
GRIDGAIN = Features(
    Product.GRIDGAIN,
    V1_7_1,
    frozenset({Feature.CACHE_AFFINITY_CONFIGURATION, Feature.VECTOR_SIMILARITY}),
)


def payload(settings: Any, features: Features = IGNITE) -> bytes:
    """What is sent for settings, behind the length."""
    request = CACHE_CREATE_WITH_CONFIGURATION(checked_settings(settings))
    data = bytes(request.encode(Codec(), features))
    assert len(data) == 4 + int.from_bytes(data[:4], "little")
    return data[4:]


def text(value: str) -> bytes:
    return pack("<bi", 9, len(value)) + value.encode()


def int32(value: int) -> bytes:
    return pack("<i", value)


def int64(value: int) -> bytes:
    return pack("<q", value)


#: Row, name, code, a value that is not the default, and its bytes.
PROPERTIES = [
    (41, "PROP_CACHE_MODE", 1, CacheMode.PARTITIONED, int32(2)),
    (42, "PROP_CACHE_ATOMICITY_MODE", 2, CacheAtomicityMode.TRANSACTIONAL, int32(0)),
    (43, "PROP_BACKUPS_NUMBER", 3, 2, int32(2)),
    (44, "PROP_WRITE_SYNCHRONIZATION_MODE", 4, WriteSynchronizationMode.FULL_ASYNC, int32(1)),
    (45, "PROP_COPY_ON_READ", 5, False, b"\0"),
    (46, "PROP_READ_FROM_BACKUP", 6, False, b"\0"),
    (47, "PROP_DATA_REGION_NAME", 100, "default", text("default")),
    (48, "PROP_IS_ONHEAP_CACHE_ENABLED", 101, True, b"\1"),
    (49, "PROP_QUERY_ENTITIES", 200, [], int32(0)),
    (50, "PROP_QUERY_PARALLELISM", 201, 2, int32(2)),
    (51, "PROP_QUERY_DETAIL_METRIC_SIZE", 202, 10, int32(10)),
    (52, "PROP_SQL_SCHEMA", 203, "PUBLIC", text("PUBLIC")),
    (53, "PROP_SQL_INDEX_INLINE_MAX_SIZE", 204, 100, int32(100)),
    (54, "PROP_SQL_ESCAPE_ALL", 205, True, b"\1"),
    (55, "PROP_MAX_QUERY_ITERATORS", 206, 10, int32(10)),
    (56, "PROP_REBALANCE_MODE", 300, RebalanceMode.NONE, int32(2)),
    (57, "PROP_REBALANCE_DELAY", 301, 1000, int64(1000)),
    (58, "PROP_REBALANCE_TIMEOUT", 302, 20_000, int64(20_000)),
    (59, "PROP_REBALANCE_BATCH_SIZE", 303, 1000, int32(1000)),
    (60, "PROP_REBALANCE_BATCHES_PREFETCH_COUNT", 304, 5, int64(5)),
    (61, "PROP_REBALANCE_ORDER", 305, 1, int32(1)),
    (62, "PROP_REBALANCE_THROTTLE", 306, 7, int64(7)),
    (63, "PROP_GROUP_NAME", 400, "guide's group", text("guide's group")),
    (
        64,
        "PROP_CACHE_KEY_CONFIGURATION",
        401,
        [{"type_name": "K", "affinity_key_field_name": "f"}],
        int32(1) + text("K") + text("f"),
    ),
    (65, "PROP_DEFAULT_LOCK_TIMEOUT", 402, 500, int64(500)),
    (66, "PROP_MAX_CONCURRENT_ASYNC_OPERATIONS", 403, 20, int32(20)),
    (67, "PROP_PARTITION_LOSS_POLICY", 404, PartitionLossPolicy.READ_WRITE_SAFE, int32(2)),
    (68, "PROP_EAGER_TTL", 405, False, b"\0"),
    (69, "PROP_STATISTICS_ENABLED", 406, True, b"\1"),
]
EXPIRY = ExpiryPolicy(create=1000, update=ExpiryPolicy.UNCHANGED, access=ExpiryPolicy.ETERNAL)
BEYOND = [("PROP_EXPIRY_POLICY", 407, EXPIRY, b"\1" + int64(1000) + int64(-2) + int64(-1))]


@pytest.mark.parametrize(
    ("row", "constant", "code", "value", "data"),
    [*PROPERTIES, *((0, *one) for one in BEYOND)],
    ids=[f"row-{row[0]}" for row in PROPERTIES] + ["expiry"],
)
def test_properties(
    client: Client, name: str, row: int, constant: str, code: int, value: Any, data: bytes
) -> None:
    assert getattr(prop_codes, constant) == code
    head = pack("<h", 2) + pack("<h", 0) + text(name)
    assert payload({PROP_NAME: name, code: value}) == head + pack("<h", code) + data
    cache = client.create_cache({PROP_NAME: name, code: value})
    assert cache.settings[code] == value
    cache.destroy()


def test_row_40_the_name_is_the_only_required_property(client: Client, name: str) -> None:
    assert prop_codes.PROP_NAME == 0
    cache = client.create_cache({PROP_NAME: name})
    assert cache.settings[PROP_NAME] == name
    cache.destroy()
    with pytest.raises(ParameterError, match="PROP_NAME"):
        client.create_cache({prop_codes.PROP_BACKUPS_NUMBER: 1})


@pytest.mark.parametrize(
    ("row", "kind", "members"),
    [
        (41, CacheMode, {"REPLICATED": 1, "PARTITIONED": 2}),
        (42, CacheAtomicityMode, {"TRANSACTIONAL": 0, "ATOMIC": 1}),
        (44, WriteSynchronizationMode, {"FULL_SYNC": 0, "FULL_ASYNC": 1, "PRIMARY_SYNC": 2}),
        (56, RebalanceMode, {"SYNC": 0, "ASYNC": 1, "NONE": 2}),
        (
            67,
            PartitionLossPolicy,
            {
                "READ_ONLY_SAFE": 0,
                "READ_ONLY_ALL": 1,
                "READ_WRITE_SAFE": 2,
                "READ_WRITE_ALL": 3,
                "IGNORE": 4,
            },
        ),
    ],
    ids=lambda value: f"row-{value}" if isinstance(value, int) else "",
)
def test_numbers_of_choices(row: int, kind: Any, members: dict[str, int]) -> None:
    assert {name: kind[name].value for name in members} == members


ENTITY: dict[str, Any] = {
    "table_name": "PEOPLE",
    "key_field_name": "id",
    "key_type_name": "java.lang.Integer",
    "value_field_name": None,
    "value_type_name": "Person",
    "field_name_aliases": [{"field_name": "address.street", "alias": "STREET"}],
    "query_fields": [
        {"name": "id", "type_name": "java.lang.Integer", "is_key_field": True},
        {
            "name": "name",
            "type_name": "java.lang.String",
            "is_notnull_constraint_field": True,
            "precision": 50,
        },
        {
            "name": "salary",
            "type_name": "java.math.BigDecimal",
            "precision": 10,
            "scale": 2,
            "default_value": 5,
        },
        {"name": "age", "type_name": "java.lang.Integer", "default_value": 18},
        {"name": "address.street", "type_name": "java.lang.String"},
    ],
    "query_indexes": [
        {
            "index_name": "BY_NAME",
            "index_type": 0,
            "inline_size": 20,
            "fields": [{"name": "name"}, {"name": "age", "is_descending": True}],
        }
    ],
}


def test_rows_70_72_73_75_77_78_79_query_entities_live(client: Client, name: str) -> None:
    cache = client.create_cache({PROP_NAME: name, PROP_QUERY_ENTITIES: [ENTITY]})
    (entity,) = cache.settings[PROP_QUERY_ENTITIES]
    assert {key: entity[key] for key in ("table_name", "key_field_name", "key_type_name")} == {
        "table_name": "PEOPLE",
        "key_field_name": "id",
        "key_type_name": "java.lang.Integer",
    }
    assert {"field_name": "address.street", "alias": "STREET"} in entity["field_name_aliases"]
    fields = {field["name"]: field for field in entity["query_fields"]}
    assert fields["name"]["is_notnull_constraint_field"]
    assert (fields["salary"]["precision"], fields["salary"]["scale"]) == (10, 2)
    assert fields["age"]["default_value"] == 18
    (index,) = entity["query_indexes"]
    assert [field["is_descending"] for field in index["fields"]] == [False, True]
    cache.sql("INSERT INTO people (id, name) VALUES (1, 'Ann')")
    assert list(cache.sql("SELECT name, age, salary FROM people")) == [["Ann", 18, 5]]
    cache.destroy()


def test_row_71_missing_lists_are_empty() -> None:
    least = {"value_type_name": "Person"}
    empty: dict[str, Any] = {
        **least,
        "query_fields": [],
        "field_name_aliases": [],
        "query_indexes": [],
        "key_type_name": None,
        "table_name": None,
        "key_field_name": None,
        "value_field_name": None,
    }
    first = payload({PROP_NAME: "n", PROP_QUERY_ENTITIES: [least]})
    assert first == payload({PROP_NAME: "n", PROP_QUERY_ENTITIES: [empty]})


def test_row_74_the_callers_dictionary_is_left_alone() -> None:
    settings = {PROP_NAME: "n", PROP_QUERY_ENTITIES: [ENTITY]}
    before = copy.deepcopy(settings)
    payload(settings)
    assert settings == before


@pytest.mark.parametrize(
    ("type_name", "value", "data"),
    [
        ("java.lang.Integer", 5, pack("<bi", 3, 5)),
        ("java.lang.Integer", "5", pack("<bi", 3, 5)),
        ("java.lang.Long", 5, pack("<bq", 4, 5)),
        ("java.lang.Short", 5, pack("<bh", 2, 5)),
        ("java.lang.Byte", 5, pack("<bb", 1, 5)),
        ("java.lang.Double", 5, pack("<bd", 6, 5)),
        ("java.lang.Float", 5, pack("<bf", 5, 5)),
        ("java.lang.Boolean", True, b"\x08\1"),
        ("java.lang.Character", "x", b"\x07x\0"),
        ("java.lang.String", "x", text("x")),
        ("Person", None, b"\x65"),
    ],
)
def test_row_76_default_values_by_type_name(type_name: str, value: Any, data: bytes) -> None:
    field = {"name": "f", "type_name": type_name, "default_value": value}
    sent = payload(
        {PROP_NAME: "n", PROP_QUERY_ENTITIES: [{"value_type_name": "V", "query_fields": [field]}]}
    )
    assert text(type_name) + b"\0\0" + data + int32(-1) + int32(-1) in sent


def test_row_80_key_configurations_of_both_forms() -> None:
    entry = {"type_name": "K", "affinity_key_field_name": "f"}
    data = int32(1) + text("K") + text("f")
    assert payload({PROP_NAME: "n", PROP_CACHE_KEY_CONFIGURATION: [entry]}).endswith(data)


# -- beyond the rows -----------------------------------------------------------------------------


def test_typed_configurations_are_as_dictionaries() -> None:
    typed = CacheConfiguration(
        name="n",
        cache_mode=CacheMode.REPLICATED,
        query_entities=[
            QueryEntity(
                "Person",
                query_fields=[QueryField("age", "java.lang.Integer", default_value=18)],
                query_indexes=[QueryIndex([{"name": "age"}])],
            )
        ],
        expiry_policy=EXPIRY,
    )
    dictionary = {
        PROP_NAME: "n",
        prop_codes.PROP_CACHE_MODE: 1,
        PROP_QUERY_ENTITIES: [
            {
                "value_type_name": "Person",
                "query_fields": [
                    {"name": "age", "type_name": "java.lang.Integer", "default_value": 18}
                ],
                "query_indexes": [{"fields": [{"name": "age"}]}],
            }
        ],
        prop_codes.PROP_EXPIRY_POLICY: EXPIRY,
    }
    assert payload(typed) == payload(dictionary)
    assert CacheConfiguration.from_settings(typed.settings()) == typed


def test_settings_of_one_cache_make_another(client: Client, name: str) -> None:
    cache = client.create_cache({PROP_NAME: name, PROP_QUERY_PARALLELISM: 2})
    settings = cache.settings
    other = client.create_cache({**settings, PROP_NAME: f"{name} too"})
    assert other.settings == {**settings, PROP_NAME: f"{name} too"}
    other.destroy()
    cache.destroy()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({999: 1}, "999 is not the code of a property"),
        ({"name": 1}, "'name' is not the code of a property"),
        ({prop_codes.PROP_CACHE_MODE: 7}, "PROP_CACHE_MODE: 7 is not one of CacheMode"),
        ({prop_codes.PROP_CACHE_MODE: RebalanceMode.ASYNC}, "PROP_CACHE_MODE"),
        ({prop_codes.PROP_CACHE_MODE: True}, "PROP_CACHE_MODE"),
        ({prop_codes.PROP_BACKUPS_NUMBER: -1}, "PROP_BACKUPS_NUMBER: -1 is not an integer from 0"),
        ({prop_codes.PROP_BACKUPS_NUMBER: "1"}, "PROP_BACKUPS_NUMBER"),
        ({prop_codes.PROP_COPY_ON_READ: 1}, "PROP_COPY_ON_READ: 1 is not True or False"),
        ({prop_codes.PROP_SQL_SCHEMA: ""}, "PROP_SQL_SCHEMA: '' is not a string that is not empty"),
        ({PROP_QUERY_PARALLELISM: 0}, "PROP_QUERY_PARALLELISM"),
        ({prop_codes.PROP_REBALANCE_TIMEOUT: -1}, "milliseconds"),
        ({prop_codes.PROP_EXPIRY_POLICY: 5}, "an ExpiryPolicy"),
        ({PROP_QUERY_ENTITIES: "x"}, "a list of query entities"),
        ({PROP_QUERY_ENTITIES: [{}]}, r"PROP_QUERY_ENTITIES\[0\]\['value_type_name'\] is missing"),
        ({PROP_QUERY_ENTITIES: [{"value_type_name": "V", "tabel": 1}]}, "'tabel' is unknown"),
        (
            {
                PROP_QUERY_ENTITIES: [
                    {
                        "value_type_name": "V",
                        "query_fields": [
                            {
                                "name": "f",
                                "type_name": "java.lang.Integer",
                                "default_value": "five",
                            }
                        ],
                    }
                ]
            },
            "default_value.*'five' is not anything that could be a java.lang.Integer",
        ),
        ({prop_codes.PROP_AFFINITY: AffinityFunction(0)}, "PROP_AFFINITY.partitions"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_properties(settings: dict[int, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        payload({PROP_NAME: "n", **settings}, GRIDGAIN)


@pytest.mark.parametrize(
    "settings",
    [
        {prop_codes.PROP_CACHE_MODE: CacheMode.LOCAL},
        {prop_codes.PROP_CACHE_ATOMICITY_MODE: CacheAtomicityMode.TRANSACTIONAL_SNAPSHOT},
        {prop_codes.PROP_AFFINITY: AffinityFunction(64)},
        {
            PROP_QUERY_ENTITIES: [
                {
                    "value_type_name": "V",
                    "query_indexes": [{"index_type": 3, "fields": [{"name": "f"}]}],
                }
            ]
        },
    ],
    ids=["local", "snapshot", "affinity", "vector"],
)
def test_what_only_gridgain_knows(settings: dict[int, Any]) -> None:
    assert payload({PROP_NAME: "n", **settings}, GRIDGAIN)
    with pytest.raises(NotSupportedByClusterError):
        payload({PROP_NAME: "n", **settings})


def test_lifetimes(client: Client, name: str) -> None:
    cache = client.create_cache(name)
    cache.put(0, "for ever")
    brief = cache.with_expire_policy(create=0, access=0)
    brief.put(1, "gone at once")
    assert cache.get(1) is None
    assert brief.get(0) == "for ever"
    assert cache.get(0) is None
    cache.with_expire_policy(ExpiryPolicy(create=ExpiryPolicy.ETERNAL)).put(2, "stays")
    assert cache.get(2) == "stays"
    with pytest.raises(ParameterError, match="create"):
        cache.with_expire_policy(create=-3)
    cache.destroy()
