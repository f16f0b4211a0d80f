"""The settings of captured requests, in the words of the guide."""

from __future__ import annotations

from typing import Any

from gridgain_proto.datatypes import AffinityFunction, ExpiryPolicy

from .values import element

Group = list[list[Any]]

_ENTITY = {
    "key_type": "key_type_name",
    "value_type": "value_type_name",
    "table": "table_name",
    "key_field": "key_field_name",
    "value_field": "value_field_name",
}
_FIELD = {
    "name": "name",
    "type": "type_name",
    "is_key": "is_key_field",
    "key": "is_key_field",
    "not_null": "is_notnull_constraint_field",
    "default": "default_value",
    "precision": "precision",
    "scale": "scale",
}
_INDEX = {
    "name": "index_name",
    "type": "index_type",
    "inline_size": "inline_size",
    "similarity": "similarity_function",
}

#: The names of a configuration's parts in captured answers.
CODES = {
    "name": 0,
    "cache_mode": 1,
    "atomicity_mode": 2,
    "backups": 3,
    "write_synchronization_mode": 4,
    "copy_on_read": 5,
    "read_from_backup": 6,
    "data_region": 100,
    "onheap_cache_enabled": 101,
    "query_entities": 200,
    "query_parallelism": 201,
    "query_detail_metrics_size": 202,
    "sql_schema": 203,
    "sql_index_max_inline_size": 204,
    "sql_escape_all": 205,
    "max_query_iterators": 206,
    "rebalance_mode": 300,
    "rebalance_delay": 301,
    "rebalance_timeout": 302,
    "rebalance_batch_size": 303,
    "rebalance_batches_prefetch_count": 304,
    "rebalance_order": 305,
    "rebalance_throttle": 306,
    "group_name": 400,
    "key_configuration": 401,
    "default_lock_timeout": 402,
    "max_concurrent_async_operations": 403,
    "partition_loss_policy": 404,
    "eager_ttl": 405,
    "statistics_enabled": 406,
    "expiry_policy": 407,
    "affinity": 408,
}


def setting(group: Group) -> tuple[int, Any] | None:
    """One property of a request; None if it is none of ours."""
    code = group[0][2]
    rest = group[1:]
    if code == 200:
        return code, [_requested_entity(item[2]) for item in rest if item[0] == "query_entity"]
    if code == 401:
        names = [item[2] for item in rest[1:]]
        return code, [
            {"type_name": name, "affinity_key_field_name": field}
            for name, field in zip(names[::2], names[1::2], strict=True)
        ]
    if code == 407:
        return code, _expiry([item[2] for item in rest[1:]]) if rest[0][2] else None
    if code == 408:
        return code, AffinityFunction(*(item[2] for item in rest))
    if code not in CODES.values() or len(rest) != 1:
        return None
    return code, rest[0][2]


def _expiry(lifetimes: list[int]) -> ExpiryPolicy:
    return ExpiryPolicy(create=lifetimes[0], update=lifetimes[1], access=lifetimes[2])


def _requested_entity(group: Group) -> dict[str, Any]:
    entity: dict[str, Any] = {_ENTITY[name]: value for name, _, value in group if name in _ENTITY}
    fields = [item[2] for item in group if item[0] == "field"]
    entity["query_fields"] = [
        {_FIELD[name]: element(value) if name == "default" else value for name, _, value in field}
        for field in fields
    ]
    sources = [item[2] for item in group if item[0] == "alias_field"]
    aliases = [item[2] for item in group if item[0] == "alias"]
    entity["field_name_aliases"] = [
        {"field_name": source, "alias": alias}
        for source, alias in zip(sources, aliases, strict=True)
    ]
    entity["query_indexes"] = [_requested_index(item[2]) for item in group if item[0] == "index"]
    return entity


def _requested_index(group: Group) -> dict[str, Any]:
    index: dict[str, Any] = {_INDEX[name]: value for name, _, value in group if name in _INDEX}
    names = [item[2] for item in group if item[0] == "field_name"]
    directions = [item[2] for item in group if item[0] == "descending"]
    index["fields"] = [
        {"name": name, "is_descending": descending}
        for name, descending in zip(names, directions, strict=True)
    ]
    return index


def told(result: dict[str, Any]) -> dict[int, Any]:
    """The settings that an answer tells, default values still tagged."""
    settings = {CODES[name]: value for name, value in result.items() if name in CODES}
    settings[200] = [_told_entity(entity) for entity in settings[200]]
    settings[401] = [
        {"type_name": name, "affinity_key_field_name": field} for name, field in settings[401]
    ]
    if settings.get(407) is not None:
        lifetimes = settings[407]
        settings[407] = _expiry(
            list(lifetimes.values()) if isinstance(lifetimes, dict) else lifetimes
        )
    if settings.get(408) is not None:
        affinity = settings[408]
        settings[408] = AffinityFunction(affinity["partitions"], affinity["exclude_neighbors"])
    return settings


def _told_entity(told: dict[str, Any]) -> dict[str, Any]:
    entity: dict[str, Any] = {_ENTITY[name]: told[name] for name in _ENTITY}
    entity["query_fields"] = [
        {_FIELD[name]: value for name, value in field.items()} for field in told["fields"]
    ]
    entity["field_name_aliases"] = [
        {"field_name": source, "alias": alias} for source, alias in told["aliases"]
    ]
    entity["query_indexes"] = [
        {
            **{_INDEX[name]: value for name, value in index.items() if name in _INDEX},
            "fields": [
                {"name": name, "is_descending": descending} for name, descending in index["fields"]
            ],
        }
        for index in told["indexes"]
    ]
    return entity
