"""How caches are configured: the properties that come, and the configuration that goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from .. import scalars
from ..datatypes import prop_codes as props
from ..exceptions import DecodeError
from ..features import V1_2_0, V1_6_0, Feature, Features, Product
from .failures import CACHE_DOES_NOT_EXIST, FAILED, Refusal
from .reading import RequestReader
from .values import NULL

REPLICATED: Final = 1
PARTITIONED: Final = 2
TRANSACTIONAL: Final = 0
ATOMIC: Final = 1

_ALL_NODES: Final = 2**31 - 1
_DEFAULT_REGION: Final = "default"
_RESERVED_NAMES: Final = frozenset(("ignite-sys-cache", "ignite-hadoop-mr-sys-cache"))


@dataclass(frozen=True, slots=True)
class QueryField:
    """A field that SQL sees."""

    name: str
    type_name: str
    is_key: bool = False
    not_null: bool = False
    default: bytes = NULL
    precision: int = -1
    scale: int = -1


@dataclass(frozen=True, slots=True)
class QueryIndex:
    """An index: its name, its kind, and its fields with whether they go down."""

    name: str | None
    kind: int
    inline_size: int
    fields: tuple[tuple[str, bool], ...]
    similarity: int = 0


@dataclass(frozen=True, slots=True)
class QueryEntity:
    """A type of values that SQL sees as a table."""

    key_type: str | None
    value_type: str
    table: str | None
    key_field: str | None = None
    value_field: str | None = None
    fields: tuple[QueryField, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    indexes: tuple[QueryIndex, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """A cache's configuration.

    Attributes:
        name: the cache's name.
        values: the properties by code, those with a default filled in.
    """

    name: str
    values: dict[int, Any] = field(hash=False)

    @property
    def replicated(self) -> bool:
        """Whether every node has all entries."""
        return bool(self.values[props.PROP_CACHE_MODE] == REPLICATED)

    @property
    def transactional(self) -> bool:
        """Whether the cache takes part in transactions."""
        return bool(self.values[props.PROP_CACHE_ATOMICITY_MODE] == TRANSACTIONAL)

    @property
    def backups(self) -> int:
        """How many copies there are beside the first."""
        return int(self.values[props.PROP_BACKUPS_NUMBER])

    @property
    def partitions(self) -> int:
        """How many parts the entries are divided in."""
        return int(self.values[props.PROP_AFFINITY][0])

    @property
    def entities(self) -> tuple[QueryEntity, ...]:
        """The tables."""
        return tuple(self.values[props.PROP_QUERY_ENTITIES])

    def entities_replaced(self, entity: QueryEntity) -> None:
        """Note that a table has other columns now."""
        self.values[props.PROP_QUERY_ENTITIES] = [
            entity if one.table == entity.table else one for one in self.entities
        ]

    @property
    def expiry(self) -> tuple[int, int, int] | None:
        """The lifetimes after creation, update and access, in milliseconds."""
        lifetimes: tuple[int, int, int] | None = self.values[props.PROP_EXPIRY_POLICY]
        return lifetimes

    @property
    def affinity_fields(self) -> list[tuple[str, str]]:
        """The fields that place keys, by the name of the key's type."""
        fields: list[tuple[str, str]] = self.values[props.PROP_CACHE_KEY_CONFIGURATION]
        return fields

    @property
    def schema(self) -> str:
        """The real name of the SQL schema."""
        given: str | None = self.values[props.PROP_SQL_SCHEMA]
        if given is None:
            return self.name
        if given.startswith('"') and given.endswith('"'):
            return given[1:-1]
        return given.upper()

    @property
    def escapes(self) -> bool:
        """Whether the names of tables and columns keep their case."""
        return bool(self.values[props.PROP_SQL_ESCAPE_ALL])


def default_settings(name: str, product: Product) -> Settings:
    """The configuration of a cache of which only the name is known."""
    return complete({props.PROP_NAME: name}, product)


def _defaults(product: Product) -> dict[int, Any]:
    is_gridgain = product is Product.GRIDGAIN
    return {
        props.PROP_CACHE_MODE: PARTITIONED,
        props.PROP_CACHE_ATOMICITY_MODE: ATOMIC,
        props.PROP_BACKUPS_NUMBER: 0,
        props.PROP_WRITE_SYNCHRONIZATION_MODE: 2,
        props.PROP_COPY_ON_READ: True,
        props.PROP_READ_FROM_BACKUP: not is_gridgain,
        props.PROP_DATA_REGION_NAME: None,
        props.PROP_IS_ONHEAP_CACHE_ENABLED: False,
        props.PROP_QUERY_ENTITIES: [],
        props.PROP_QUERY_PARALLELISM: 1,
        props.PROP_QUERY_DETAIL_METRIC_SIZE: 0,
        props.PROP_SQL_SCHEMA: None,
        props.PROP_SQL_INDEX_INLINE_MAX_SIZE: -1,
        props.PROP_SQL_ESCAPE_ALL: False,
        props.PROP_MAX_QUERY_ITERATORS: 1024,
        props.PROP_REBALANCE_MODE: 1,
        props.PROP_REBALANCE_DELAY: 0,
        props.PROP_REBALANCE_TIMEOUT: 10_000,
        props.PROP_REBALANCE_BATCH_SIZE: 524_288,
        props.PROP_REBALANCE_BATCHES_PREFETCH_COUNT: 2 if is_gridgain else 3,
        props.PROP_REBALANCE_ORDER: 0,
        props.PROP_REBALANCE_THROTTLE: 0,
        props.PROP_GROUP_NAME: None,
        props.PROP_CACHE_KEY_CONFIGURATION: [],
        props.PROP_DEFAULT_LOCK_TIMEOUT: 0,
        props.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS: 500,
        props.PROP_PARTITION_LOSS_POLICY: 4,
        props.PROP_EAGER_TTL: True,
        props.PROP_STATISTICS_ENABLED: False,
        props.PROP_EXPIRY_POLICY: None,
    }


def complete(given: dict[int, Any], product: Product) -> Settings:
    """The whole configuration of what was given.

    Raises:
        Refusal: a cache cannot be like that.
    """
    name = given.get(props.PROP_NAME)
    if not name or name in _RESERVED_NAMES:
        raise Refusal(f"Ouch! Argument is invalid: a cache cannot be named {name!r}")
    is_gridgain = product is Product.GRIDGAIN
    if is_gridgain and any(character in name for character in "/\\\n\0"):
        raise Refusal(f"Cache name cannot contain slashes, backslashes or newlines: {name!r}")
    values = {**_defaults(product), **given}
    if values[props.PROP_CACHE_MODE] == REPLICATED:
        values[props.PROP_BACKUPS_NUMBER] = _ALL_NODES
        if values[props.PROP_QUERY_PARALLELISM] > 1:
            raise Refusal("Segmented indices are supported for PARTITIONED mode only.")
    if values[props.PROP_DATA_REGION_NAME] not in (None, _DEFAULT_REGION):
        region = values[props.PROP_DATA_REGION_NAME]
        raise Refusal(f"Requested DataRegion is not configured: {region}")
    for code in (props.PROP_REBALANCE_TIMEOUT, props.PROP_REBALANCE_THROTTLE):
        if values[code] < 0:
            raise Refusal("Rebalance timeout and throttle may not be negative")
    if values[props.PROP_REBALANCE_BATCH_SIZE] == 0:
        raise Refusal("Rebalance batch size must be positive")
    if values[props.PROP_GROUP_NAME] == "" and not is_gridgain:
        raise Refusal("Cache group name must not be empty")
    expiry = values[props.PROP_EXPIRY_POLICY]
    if expiry is not None and min(expiry) < -2:
        raise Refusal(f"Invalid expiry policy: {expiry}")
    partitions = 512 if values[props.PROP_CACHE_MODE] == REPLICATED else 1024
    values.setdefault(props.PROP_AFFINITY, (partitions, False))
    if any(None in pair for pair in values[props.PROP_CACHE_KEY_CONFIGURATION]):
        raise Refusal("A key configuration needs the name of a type and of a field")
    escapes = values[props.PROP_SQL_ESCAPE_ALL]
    values[props.PROP_QUERY_ENTITIES] = [
        _normalised(entity, escapes) for entity in values[props.PROP_QUERY_ENTITIES]
    ]
    return Settings(name, values)


def _normalised(entity: QueryEntity, escapes: bool) -> QueryEntity:
    """An entity with the names that a server gives where there are none."""
    if not entity.value_type:
        raise Refusal("Value type cannot be null or empty.")

    def fold(name: str) -> str:
        return name if escapes else name.upper()

    table = fold(entity.table or entity.value_type.rpartition(".")[2].rpartition("$")[2])
    aliases = dict(entity.aliases)
    for one in entity.fields:
        aliases.setdefault(one.name, fold(one.name.rpartition(".")[2]))
    columns = {one.name for one in entity.fields}
    columns.update(filter(None, (entity.key_field, entity.value_field)))
    indexes = []
    for index in entity.indexes:
        if not index.fields:
            raise Refusal("Index must have at least one field")
        for name, _ in index.fields:
            if name not in columns and name not in ("_KEY", "_VAL"):
                raise Refusal(f"Property with name '{name}' is not defined for type")
        if index.name is None:
            parts = [f"{name}_{'DESC' if down else 'ASC'}" for name, down in index.fields]
            index = replace(index, name=f"{table}_{'_'.join(parts)}_IDX".upper())
        indexes.append(index)
    return replace(entity, table=table, aliases=tuple(aliases.items()), indexes=tuple(indexes))


# -- from requests -----------------------------------------------------------------------------


class SettingsReader:
    """Reads the properties of a new cache.

    Args:
        reader: the request.
        features: what was agreed on the connection.
        product: which server this is.
    """

    def __init__(self, reader: RequestReader, features: Features, product: Product) -> None:
        self._reader = reader
        self._features = features
        self._is_gridgain = product is Product.GRIDGAIN
        self._read: dict[int, Callable[[], Any]] = {
            props.PROP_NAME: reader.string,
            props.PROP_CACHE_MODE: self._mode,
            props.PROP_CACHE_ATOMICITY_MODE: self._atomicity,
            props.PROP_WRITE_SYNCHRONIZATION_MODE: lambda: self._choice(2),
            props.PROP_DATA_REGION_NAME: lambda: reader.not_empty("data region"),
            props.PROP_QUERY_ENTITIES: lambda: reader.several(self._entity, 8),
            props.PROP_QUERY_PARALLELISM: self._parallelism,
            props.PROP_SQL_SCHEMA: lambda: reader.not_empty("SQL schema"),
            props.PROP_REBALANCE_MODE: lambda: self._choice(2),
            props.PROP_GROUP_NAME: reader.string,
            props.PROP_CACHE_KEY_CONFIGURATION: lambda: reader.several(
                lambda: (reader.string(), reader.string()), 2
            ),
            props.PROP_PARTITION_LOSS_POLICY: self._loss_policy,
            props.PROP_EXPIRY_POLICY: self._expiry,
        }
        for codes, read in (
            (_INT32_CODES, reader.int32),
            (_INT64_CODES, reader.int64),
            (_BOOLEAN_CODES, reader.boolean),
        ):
            self._read.update(dict.fromkeys(codes, read))
        if self._is_gridgain:
            self._read[props.PROP_AFFINITY] = self._affinity
            self._read[_PLUGIN_CONFIGURATIONS] = self._plugins

    def read(self) -> dict[int, Any]:
        """The properties that were given."""
        reader = self._reader
        reader.int32()  # the length, which servers do not look at
        values: dict[int, Any] = {}
        for _ in range(max(reader.int16(), 0)):
            code = reader.int16()
            # The value of a code that is not known is taken for the next code, as by the server.
            read = self._read.get(code)
            if read is None:
                continue
            value = read()
            if value is not _UNSET:
                values[code] = value
        return values

    def _choice(self, most: int) -> Any:
        value = self._reader.int32()
        return value if 0 <= value <= most else _UNSET

    def _mode(self) -> Any:
        value = self._reader.int32()
        if value in (REPLICATED, PARTITIONED):
            return value
        if not self._is_gridgain:
            raise DecodeError(f"cache mode {value}")
        if value == 0:
            raise Refusal("The node in memory has no LOCAL caches")
        return _UNSET

    def _atomicity(self) -> Any:
        value = self._reader.int32()
        if value == 2:
            if self._is_gridgain:
                raise Refusal("The node in memory has no TRANSACTIONAL_SNAPSHOT caches")
            return ATOMIC
        return value if value in (TRANSACTIONAL, ATOMIC) else _UNSET

    def _parallelism(self) -> int:
        value = self._reader.int32()
        if value <= 0:
            raise DecodeError(f"query parallelism {value}")
        return value

    def _loss_policy(self) -> int:
        value = self._reader.int32() & 0xFF
        return value if value <= 4 else 4

    def _expiry(self) -> tuple[int, int, int] | None:
        reader = self._reader
        return (reader.int64(), reader.int64(), reader.int64()) if reader.boolean() else None

    def _affinity(self) -> tuple[int, bool]:
        partitions = self._reader.int32()
        if not 0 < partitions <= 65_000:
            raise DecodeError(f"{partitions} partitions")
        return partitions, self._reader.boolean()

    def _plugins(self) -> Any:
        if self._reader.int32() != 0:
            raise DecodeError("a plugin that is not there")
        return _UNSET

    def _entity(self) -> QueryEntity:
        reader = self._reader
        return QueryEntity(
            reader.string(),
            reader.string() or "",
            reader.string(),
            reader.string(),
            reader.string(),
            tuple(reader.several(self._field, 5)),
            tuple(
                (name or "", alias or "")
                for name, alias in reader.several(lambda: (reader.string(), reader.string()), 2)
            ),
            tuple(reader.several(self._index, 10)),
        )

    def _field(self) -> QueryField:
        reader = self._reader
        name, type_name = reader.required("field name"), reader.required("type name")
        is_key, not_null, default = reader.boolean(), reader.boolean(), reader.value()
        precision = scale = -1
        if self._features.version >= V1_2_0:
            precision, scale = reader.int32(), reader.int32()
        return QueryField(name, type_name, is_key, not_null, default, precision, scale)

    def _index(self) -> QueryIndex:
        reader = self._reader
        name, kind, inline_size = reader.string(), reader.int8(), reader.int32()
        if not 0 <= kind <= (3 if self._is_gridgain else 2):
            raise DecodeError(f"index type {kind}")
        fields = reader.several(lambda: (reader.required("field"), reader.boolean()), 2)
        if kind != 0:
            raise Refusal("The node in memory has sorted indexes only")
        return QueryIndex(name, kind, inline_size, tuple(fields))


_UNSET: Final = object()

_PLUGIN_CONFIGURATIONS: Final = 500

_INT32_CODES: Final = (
    props.PROP_BACKUPS_NUMBER,
    props.PROP_QUERY_DETAIL_METRIC_SIZE,
    props.PROP_SQL_INDEX_INLINE_MAX_SIZE,
    props.PROP_MAX_QUERY_ITERATORS,
    props.PROP_REBALANCE_BATCH_SIZE,
    props.PROP_REBALANCE_ORDER,
    props.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS,
)
_INT64_CODES: Final = (
    props.PROP_REBALANCE_DELAY,
    props.PROP_REBALANCE_TIMEOUT,
    props.PROP_REBALANCE_BATCHES_PREFETCH_COUNT,
    props.PROP_REBALANCE_THROTTLE,
    props.PROP_DEFAULT_LOCK_TIMEOUT,
)
_BOOLEAN_CODES: Final = (
    props.PROP_COPY_ON_READ,
    props.PROP_READ_FROM_BACKUP,
    props.PROP_IS_ONHEAP_CACHE_ENABLED,
    props.PROP_SQL_ESCAPE_ALL,
    props.PROP_EAGER_TTL,
    props.PROP_STATISTICS_ENABLED,
)


# -- to answers --------------------------------------------------------------------------------

_string = scalars.encode_string
_int8 = scalars.INT8.pack
_int32 = scalars.INT32.pack
_int64 = scalars.INT64.pack


def _boolean(value: Any) -> bytes:
    return b"\x01" if value else b"\x00"


#: The fixed order of the answer to operation 1055, before the lists.
_ANSWER: Final[tuple[tuple[int, Callable[[Any], bytes]], ...]] = (
    (props.PROP_CACHE_ATOMICITY_MODE, _int32),
    (props.PROP_BACKUPS_NUMBER, _int32),
    (props.PROP_CACHE_MODE, _int32),
    (props.PROP_COPY_ON_READ, _boolean),
    (props.PROP_DATA_REGION_NAME, _string),
    (props.PROP_EAGER_TTL, _boolean),
    (props.PROP_STATISTICS_ENABLED, _boolean),
    (props.PROP_GROUP_NAME, _string),
    (props.PROP_DEFAULT_LOCK_TIMEOUT, _int64),
    (props.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS, _int32),
    (props.PROP_MAX_QUERY_ITERATORS, _int32),
    (props.PROP_NAME, _string),
    (props.PROP_IS_ONHEAP_CACHE_ENABLED, _boolean),
    (props.PROP_PARTITION_LOSS_POLICY, _int32),
    (props.PROP_QUERY_DETAIL_METRIC_SIZE, _int32),
    (props.PROP_QUERY_PARALLELISM, _int32),
    (props.PROP_READ_FROM_BACKUP, _boolean),
    (props.PROP_REBALANCE_BATCH_SIZE, _int32),
    (props.PROP_REBALANCE_BATCHES_PREFETCH_COUNT, _int64),
    (props.PROP_REBALANCE_DELAY, _int64),
    (props.PROP_REBALANCE_MODE, _int32),
    (props.PROP_REBALANCE_ORDER, _int32),
    (props.PROP_REBALANCE_THROTTLE, _int64),
    (props.PROP_REBALANCE_TIMEOUT, _int64),
    (props.PROP_SQL_ESCAPE_ALL, _boolean),
    (props.PROP_SQL_INDEX_INLINE_MAX_SIZE, _int32),
    (props.PROP_SQL_SCHEMA, _string),
    (props.PROP_WRITE_SYNCHRONIZATION_MODE, _int32),
)


def settings_answer(settings: Settings, features: Features) -> bytes:
    """The answer to operation 1055."""
    values = settings.values
    out = bytearray()
    for code, write in _ANSWER:
        out += write(values[code])
    out += _int32(len(settings.affinity_fields))
    for pair in settings.affinity_fields:
        out += b"".join(map(_string, pair))
    out += _int32(len(settings.entities))
    for entity in settings.entities:
        _write_entity(out, entity, features)
    if features.version >= V1_6_0:
        out += _boolean(settings.expiry is not None)
        for lifetime in settings.expiry or ():
            out += _int64(lifetime)
    if Feature.CACHE_AFFINITY_CONFIGURATION in features:
        partitions, exclude_neighbors = values[props.PROP_AFFINITY]
        out += b"\x01" + _int32(partitions) + _boolean(exclude_neighbors)
    return _int32(len(out)) + bytes(out)


def _write_entity(out: bytearray, entity: QueryEntity, features: Features) -> None:
    for text in (
        entity.key_type,
        entity.value_type,
        entity.table,
        entity.key_field,
        entity.value_field,
    ):
        out += _string(text)
    out += _int32(len(entity.fields))
    for one in entity.fields:
        out += _string(one.name) + _string(one.type_name)
        out += _boolean(one.is_key) + _boolean(one.not_null) + one.default
        if features.version >= V1_2_0:
            out += _int32(one.precision) + _int32(one.scale)
    out += _int32(len(entity.aliases))
    for pair in entity.aliases:
        out += b"".join(map(_string, pair))
    out += _int32(len(entity.indexes))
    for index in entity.indexes:
        out += _string(index.name) + _int8(index.kind) + _int32(index.inline_size)
        out += _int32(len(index.fields))
        for name, down in index.fields:
            out += _string(name) + _boolean(down)


def unknown_cache(cache_id: int) -> Refusal:
    """What is answered about a cache that is not there."""
    return Refusal(f"Cache does not exist [cacheId= {cache_id}]", CACHE_DOES_NOT_EXIST)


def failed_start(reason: str) -> Refusal:
    """What is answered when a cache cannot be started."""
    return Refusal(f"Failed to start cache: {reason}", FAILED)
