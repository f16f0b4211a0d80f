"""Operations on caches as a whole, 1050 to 1057, and on where their entries are, 1100 and 1101."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .. import scalars
from ..codec.hashing import field_id, type_id
from ..features import Feature, Product
from .caches import Cache
from .failures import INVALID_OPERATION, Refusal
from .settings import (
    Settings,
    SettingsReader,
    complete,
    default_settings,
    settings_answer,
    unknown_cache,
)

if TYPE_CHECKING:
    from .calls import Call

_int32 = scalars.INT32.pack
_TOPOLOGY: Final = scalars.INT64.pack


def get_names(call: Call) -> None:
    """The names of all caches."""
    call.cluster.check_active()
    names = [cache.settings.name for cache in call.cluster.caches.values()]
    call.answer(_int32(len(names)) + b"".join(map(scalars.encode_string, names)))


def _create(call: Call, settings: Settings, *, or_get: bool) -> None:
    call.cluster.create_cache(settings, or_get=or_get)
    call.answer(b"")


def create_with_name(call: Call) -> None:
    """Create a cache by its name, or get one that exists."""
    name = call.reader.string()
    settings = default_settings(name or "", call.cluster.product)
    _create(call, settings, or_get=call.code == 1052)


def create_with_configuration(call: Call) -> None:
    """Create a cache by its configuration, or get one that exists."""
    product = call.cluster.product
    values = SettingsReader(call.reader, call.features, product).read()
    _create(call, complete(values, product), or_get=call.code == 1054)


def get_configuration(call: Call) -> None:
    """The configuration of a cache."""
    cache = call.cache(call.header(with_transaction=False))
    call.answer(settings_answer(cache.settings, call.features))


def _cache(call: Call, cache_id: int) -> Cache:
    cache = call.cluster.caches.get(cache_id)
    if cache is None:
        raise unknown_cache(cache_id)
    return cache


def destroy(call: Call) -> None:
    """Destroy a cache."""
    cache = _cache(call, call.reader.int32())
    call.cluster.check_writable()
    call.cluster.destroy_cache(cache)
    call.answer(b"")


def destroy_all(call: Call) -> None:
    """Destroy several caches, or none if one of them is unknown (GridGain only)."""
    if call.cluster.product is not Product.GRIDGAIN:
        raise Refusal(f"Invalid request op code: {call.code}", INVALID_OPERATION)
    caches = {
        cache_id: _cache(call, cache_id) for cache_id in call.reader.several(call.reader.int32, 4)
    }
    call.cluster.check_writable()
    for cache in caches.values():
        call.cluster.destroy_cache(cache)
    call.answer(b"")


# -- partitions ----------------------------------------------------------------------------------


def _primaries(call: Call, cache: Cache) -> tuple[tuple[int, ...], ...]:
    """The numbers of the partitions of each member, in the order of the members."""
    cluster = call.cluster
    table: dict[int, list[int]] = {member.order: [] for member in cluster.members}
    for partition in range(cache.partitions):
        owners = cluster.owners(cache, partition)
        table[owners[0].order].append(partition)
    return tuple(tuple(numbers) for numbers in table.values())


def get_partitions(call: Call) -> None:
    """Which node is the primary of which partition.

    Caches with the same map are told together. GridGain's server puts all of them into one group,
    whatever their maps; that is its defect, and not repeated here.
    """
    cluster = call.cluster
    with_flag = Feature.ALL_AFFINITY_MAPPINGS in call.features
    if with_flag:
        call.reader.boolean()
    wanted = call.reader.several(call.reader.int32, 4)
    major, minor = cluster.topology
    head = _TOPOLOGY(major) + _int32(minor)
    if cluster.state == 0:
        if cluster.product is Product.GRIDGAIN:
            call.answer(head + _int32(0))
            return
        cluster.check_active()
    groups: dict[tuple[tuple[int, ...], ...], list[Cache]] = {}
    others: list[Cache] = []
    for cache_id in dict.fromkeys(wanted):
        cache = cluster.caches.get(cache_id)
        if cache is None:
            continue
        if cache.settings.replicated:
            others.append(cache)
        else:
            groups.setdefault(_primaries(call, cache), []).append(cache)
    out = bytearray(head)
    out += _int32(len(groups) + bool(others))
    for numbers, caches in groups.items():
        out += b"\x01" + _int32(len(caches))
        for cache in caches:
            out += _int32(cache.cache_id)
            fields = cache.settings.affinity_fields
            out += _int32(len(fields))
            for type_name, field_name in fields:
                out += _int32(type_id(type_name)) + _int32(field_id(field_name))
        owned = [
            (member, partitions)
            for member, partitions in zip(cluster.members, numbers, strict=True)
            if partitions
        ]
        out += _int32(len(owned))
        for member, partitions in owned:
            out += b"\x0a" + scalars.raw_uuid(member.node_id) + _int32(len(partitions))
            out += b"".join(map(_int32, partitions))
        if with_flag:
            out += b"\x01"
    if others:
        out += b"\x00" + _int32(len(others))
        out += b"".join(_int32(cache.cache_id) for cache in others)
    call.answer(bytes(out))


def get_node_partitions(call: Call) -> None:
    """The same by addresses, as old clients ask for it."""
    cluster = call.cluster
    cache = call.cache(call.header(with_transaction=False))
    out = bytearray(_int32(len(cluster.members)))
    for member, partitions in zip(cluster.members, _primaries(call, cache), strict=True):
        out += _int32(member.port) + _int32(1) + scalars.encode_string(member.host)
        out += _int32(len(partitions)) + b"".join(map(_int32, partitions))
    call.answer(bytes(out))


HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    1050: get_names,
    1051: create_with_name,
    1052: create_with_name,
    1053: create_with_configuration,
    1054: create_with_configuration,
    1055: get_configuration,
    1056: destroy,
    1057: destroy_all,
    1100: get_node_partitions,
    1101: get_partitions,
}
