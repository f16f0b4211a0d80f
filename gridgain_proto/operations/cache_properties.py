"""The properties of a cache: their codes, what they can be, and which servers know them."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .. import scalars
from ..codec import hints
from ..datatypes import cache_config, prop_codes
from ..datatypes.expiry_policy import ExpiryPolicy
from ..exceptions import NotSupportedByClusterError, ParameterError
from ..features import V1_2_0, V1_6_0, Feature, Features, Product, ProtocolVersion
from . import kinds
from .kinds import FLAG, Kind, Member, int32, int64, milliseconds, optional, several, text
from .layout import read_bool, read_value, value
from .operation import Reader, Writer

# -- default values of columns ---------------------------------------------------------------------


def _as_is(given: Any) -> Any:
    return given


def _whole(given: Any) -> int:
    number = int(given)
    if not isinstance(given, str) and number != given:
        raise ValueError
    return number


def _truth(given: Any) -> bool:
    if isinstance(given, str):
        return {"true": True, "false": False}[given.lower()]
    if given not in (0, 1):
        raise ValueError
    return bool(given)


def _exact(given: Any) -> decimal.Decimal:
    return decimal.Decimal(str(given) if isinstance(given, float) else given)


def _identifier(given: Any) -> uuid.UUID:
    return given if isinstance(given, uuid.UUID) else uuid.UUID(given)


def _date(given: Any) -> Any:
    return datetime.date.fromisoformat(given) if isinstance(given, str) else given


def _time(given: Any) -> Any:
    return datetime.time.fromisoformat(given) if isinstance(given, str) else given


def _moment(given: Any) -> Any:
    return datetime.datetime.fromisoformat(given) if isinstance(given, str) else given


#: What a default value is converted to, and what it is on the wire, by the column's type.
_BY_TYPE_NAME: Final[Mapping[str, tuple[Callable[[Any], Any], type[hints.Hint]]]] = {
    "java.lang.Boolean": (_truth, hints.BoolObject),
    "java.lang.Byte": (_whole, hints.ByteObject),
    "java.lang.Short": (_whole, hints.ShortObject),
    "java.lang.Integer": (_whole, hints.IntObject),
    "java.lang.Long": (_whole, hints.LongObject),
    "java.lang.Float": (float, hints.FloatObject),
    "java.lang.Double": (float, hints.DoubleObject),
    "java.lang.Character": (_as_is, hints.CharObject),
    "java.lang.String": (str, hints.String),
    "java.math.BigDecimal": (_exact, hints.DecimalObject),
    "java.util.UUID": (_identifier, hints.UUIDObject),
    "java.util.Date": (_moment, hints.DateObject),
    "java.sql.Date": (_date, hints.SqlDateObject),
    "java.sql.Time": (_time, hints.TimeObject),
    "java.sql.Timestamp": (_moment, hints.TimestampObject),
    "[B": (_as_is, hints.ByteArrayObject),
}


def _is_hinted(given: Any) -> bool:
    return (
        isinstance(given, tuple)
        and len(given) == 2
        and isinstance(given[1], type)
        and issubclass(given[1], hints.Hint)
    )


def _with_default_value(what: str, field: dict[str, Any]) -> None:
    """Make of the default value a pair of what is sent and its hint."""
    given = field["default_value"]
    if given is None or _is_hinted(given):
        field["default_value"] = (None, None) if given is None else given
        return
    type_name = field["type_name"]
    convert, hint = _BY_TYPE_NAME.get(type_name, (_as_is, None))
    try:
        field["default_value"] = (convert(given), hint)
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
        raise kinds.refusal(
            f"{what}['default_value']", given, f"anything that could be a {type_name}"
        ) from None


_ANY = Kind(check=lambda what, given: given, write=value, read=read_value)

# -- tables ----------------------------------------------------------------------------------------


def _has_precision(features: Features, field: Mapping[str, Any]) -> bool:
    return features.version >= V1_2_0


_QUERY_FIELD = kinds.record(
    cache_config.QueryField,
    (
        Member("name", text()),
        Member("type_name", text()),
        Member("is_key_field", FLAG, False),
        Member("is_notnull_constraint_field", FLAG, False),
        Member("default_value", _ANY, None),
        Member("precision", int32(-1), -1, _has_precision),
        Member("scale", int32(-1), -1, _has_precision),
    ),
    _with_default_value,
)
_ALIAS = kinds.record(
    cache_config.FieldNameAlias, (Member("field_name", text()), Member("alias", text()))
)
_INDEX_FIELD = kinds.record(
    cache_config.IndexField, (Member("name", text()), Member("is_descending", FLAG, False))
)


def _write_index_type(writer: Writer, number: int) -> None:
    if number == cache_config.IndexType.VECTOR and writer.features.product is not Product.GRIDGAIN:
        raise NotSupportedByClusterError(
            f"index_type: only GridGain has vector indexes, this is {writer.features}"
        )
    writer += scalars.INT8.pack(number)


def _has_similarity(features: Features, index: Mapping[str, Any]) -> bool:
    return (
        Feature.VECTOR_SIMILARITY in features
        and index["index_type"] == cache_config.IndexType.VECTOR
    )


def _check_index(what: str, index: dict[str, Any]) -> None:
    if not index["fields"]:
        raise ParameterError(f"{what}['fields']: an index needs a field at least")


_INDEX_TYPE = kinds.choice(cache_config.IndexType, byte=True)
_QUERY_INDEX = kinds.record(
    cache_config.QueryIndex,
    (
        Member("index_name", text(nullable=True), None),
        Member(
            "index_type",
            Kind(check=_INDEX_TYPE.check, write=_write_index_type, read=_INDEX_TYPE.read),
            cache_config.IndexType.SORTED,
        ),
        Member("inline_size", int32(-1), -1),
        Member("fields", several(_INDEX_FIELD, "fields of an index")),
        Member(
            "similarity_function",
            kinds.choice(cache_config.SimilarityFunction),
            cache_config.SimilarityFunction.COSINE,
            _has_similarity,
        ),
    ),
    _check_index,
)
_QUERY_ENTITY = kinds.record(
    cache_config.QueryEntity,
    (
        Member("key_type_name", text(nullable=True), None),
        Member("value_type_name", text()),
        Member("table_name", text(nullable=True), None),
        Member("key_field_name", text(nullable=True), None),
        Member("value_field_name", text(nullable=True), None),
        Member("query_fields", several(_QUERY_FIELD, "query fields"), ()),
        Member("field_name_aliases", several(_ALIAS, "aliases"), ()),
        Member("query_indexes", several(_QUERY_INDEX, "indexes"), ()),
    ),
)
_KEY_CONFIGURATION = kinds.record(
    cache_config.CacheKeyConfiguration,
    (Member("type_name", text()), Member("affinity_key_field_name", text())),
)

# -- lifetimes and affinity ------------------------------------------------------------------------


def _check_expiry(what: str, policy: Any) -> ExpiryPolicy:
    if not isinstance(policy, ExpiryPolicy):
        raise kinds.refusal(what, policy, "an ExpiryPolicy, or None")
    return policy


def _write_expiry(writer: Writer, policy: ExpiryPolicy) -> None:
    for lifetime in policy.milliseconds():
        writer += scalars.INT64.pack(lifetime)


def _read_expiry(reader: Reader) -> ExpiryPolicy:
    lifetimes = []
    for _ in range(3):
        number, reader.pos = scalars.read_int64(reader.data, reader.pos)
        lifetimes.append(number)
    return ExpiryPolicy(create=lifetimes[0], update=lifetimes[1], access=lifetimes[2])


_PARTITIONS = int32(1, 65_000)


def _check_affinity(what: str, affinity: Any) -> cache_config.AffinityFunction:
    if not isinstance(affinity, cache_config.AffinityFunction):
        raise kinds.refusal(what, affinity, "an AffinityFunction")
    _PARTITIONS.check(f"{what}.partitions", affinity.partitions)
    FLAG.check(f"{what}.exclude_neighbors", affinity.exclude_neighbors)
    return affinity


def _write_affinity(writer: Writer, affinity: cache_config.AffinityFunction) -> None:
    _PARTITIONS.write(writer, affinity.partitions)
    FLAG.write(writer, affinity.exclude_neighbors)


def _read_affinity(reader: Reader) -> cache_config.AffinityFunction | None:
    if not read_bool(reader):  # a function of somebody's own
        return None
    return cache_config.AffinityFunction(_PARTITIONS.read(reader), FLAG.read(reader))


# -- all of them -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a cache.

    Attributes:
        name: the name of its code.
        kind: what it can be.
        feature: what has to be negotiated for it.
        since: the protocol's version that brought it.
        gridgain_only: values that Apache Ignite does not have, and would misunderstand.
    """

    name: str
    kind: Kind
    feature: Feature | None = None
    since: ProtocolVersion | None = None
    gridgain_only: frozenset[int] = frozenset()

    def known_to(self, features: Features) -> bool:
        """Whether a connection can carry it."""
        return (self.feature is None or self.feature in features) and (
            self.since is None or features.version >= self.since
        )

    def write(self, writer: Writer, given: Any) -> None:
        """Append the property's value.

        Raises:
            NotSupportedByClusterError: the connected node does not know it.
        """
        features = writer.features
        if not self.known_to(features):
            raise NotSupportedByClusterError(f"{self.name}: the node does not know it ({features})")
        if (
            features.product is Product.IGNITE
            and self.gridgain_only
            and given in self.gridgain_only
        ):
            raise NotSupportedByClusterError(f"{self.name}: {given!r} is not for {features}")
        self.kind.write(writer, given)


_COUNT = int32(0)
_MILLISECONDS = milliseconds()

PROPERTIES: Final[Mapping[int, Property]] = {
    prop_codes.PROP_NAME: Property("PROP_NAME", text()),
    prop_codes.PROP_CACHE_MODE: Property(
        "PROP_CACHE_MODE",
        kinds.choice(cache_config.CacheMode),
        gridgain_only=frozenset({cache_config.CacheMode.LOCAL}),
    ),
    prop_codes.PROP_CACHE_ATOMICITY_MODE: Property(
        "PROP_CACHE_ATOMICITY_MODE",
        kinds.choice(cache_config.CacheAtomicityMode),
        gridgain_only=frozenset({cache_config.CacheAtomicityMode.TRANSACTIONAL_SNAPSHOT}),
    ),
    prop_codes.PROP_BACKUPS_NUMBER: Property("PROP_BACKUPS_NUMBER", _COUNT),
    prop_codes.PROP_WRITE_SYNCHRONIZATION_MODE: Property(
        "PROP_WRITE_SYNCHRONIZATION_MODE", kinds.choice(cache_config.WriteSynchronizationMode)
    ),
    prop_codes.PROP_COPY_ON_READ: Property("PROP_COPY_ON_READ", FLAG),
    prop_codes.PROP_READ_FROM_BACKUP: Property("PROP_READ_FROM_BACKUP", FLAG),
    prop_codes.PROP_DATA_REGION_NAME: Property("PROP_DATA_REGION_NAME", text(nullable=True)),
    prop_codes.PROP_IS_ONHEAP_CACHE_ENABLED: Property("PROP_IS_ONHEAP_CACHE_ENABLED", FLAG),
    prop_codes.PROP_QUERY_ENTITIES: Property(
        "PROP_QUERY_ENTITIES", several(_QUERY_ENTITY, "query entities")
    ),
    prop_codes.PROP_QUERY_PARALLELISM: Property("PROP_QUERY_PARALLELISM", int32(1)),
    prop_codes.PROP_QUERY_DETAIL_METRIC_SIZE: Property("PROP_QUERY_DETAIL_METRIC_SIZE", _COUNT),
    prop_codes.PROP_SQL_SCHEMA: Property("PROP_SQL_SCHEMA", text(nullable=True)),
    prop_codes.PROP_SQL_INDEX_INLINE_MAX_SIZE: Property(
        "PROP_SQL_INDEX_INLINE_MAX_SIZE", int32(-1)
    ),
    prop_codes.PROP_SQL_ESCAPE_ALL: Property("PROP_SQL_ESCAPE_ALL", FLAG),
    prop_codes.PROP_MAX_QUERY_ITERATORS: Property("PROP_MAX_QUERY_ITERATORS", _COUNT),
    prop_codes.PROP_REBALANCE_MODE: Property(
        "PROP_REBALANCE_MODE", kinds.choice(cache_config.RebalanceMode)
    ),
    # A negative delay means that rebalancing is started by hand.
    prop_codes.PROP_REBALANCE_DELAY: Property("PROP_REBALANCE_DELAY", int64(-1, 2**63 - 1)),
    prop_codes.PROP_REBALANCE_TIMEOUT: Property("PROP_REBALANCE_TIMEOUT", _MILLISECONDS),
    prop_codes.PROP_REBALANCE_BATCH_SIZE: Property("PROP_REBALANCE_BATCH_SIZE", int32(1)),
    prop_codes.PROP_REBALANCE_BATCHES_PREFETCH_COUNT: Property(
        "PROP_REBALANCE_BATCHES_PREFETCH_COUNT", int64(0, 2**63 - 1)
    ),
    prop_codes.PROP_REBALANCE_ORDER: Property("PROP_REBALANCE_ORDER", int32()),
    prop_codes.PROP_REBALANCE_THROTTLE: Property("PROP_REBALANCE_THROTTLE", _MILLISECONDS),
    prop_codes.PROP_GROUP_NAME: Property("PROP_GROUP_NAME", text(nullable=True)),
    prop_codes.PROP_CACHE_KEY_CONFIGURATION: Property(
        "PROP_CACHE_KEY_CONFIGURATION", several(_KEY_CONFIGURATION, "key configurations")
    ),
    prop_codes.PROP_DEFAULT_LOCK_TIMEOUT: Property("PROP_DEFAULT_LOCK_TIMEOUT", _MILLISECONDS),
    prop_codes.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS: Property(
        "PROP_MAX_CONCURRENT_ASYNC_OPERATIONS", _COUNT
    ),
    prop_codes.PROP_PARTITION_LOSS_POLICY: Property(
        "PROP_PARTITION_LOSS_POLICY", kinds.choice(cache_config.PartitionLossPolicy)
    ),
    prop_codes.PROP_EAGER_TTL: Property("PROP_EAGER_TTL", FLAG),
    prop_codes.PROP_STATISTICS_ENABLED: Property("PROP_STATISTICS_ENABLED", FLAG),
    prop_codes.PROP_EXPIRY_POLICY: Property(
        "PROP_EXPIRY_POLICY",
        optional(Kind(check=_check_expiry, write=_write_expiry, read=_read_expiry)),
        since=V1_6_0,
    ),
    prop_codes.PROP_AFFINITY: Property(
        "PROP_AFFINITY",
        Kind(check=_check_affinity, write=_write_affinity, read=_read_affinity),
        feature=Feature.CACHE_AFFINITY_CONFIGURATION,
    ),
}

#: The order in which a server tells them.
READ_ORDER: Final = (
    prop_codes.PROP_CACHE_ATOMICITY_MODE,
    prop_codes.PROP_BACKUPS_NUMBER,
    prop_codes.PROP_CACHE_MODE,
    prop_codes.PROP_COPY_ON_READ,
    prop_codes.PROP_DATA_REGION_NAME,
    prop_codes.PROP_EAGER_TTL,
    prop_codes.PROP_STATISTICS_ENABLED,
    prop_codes.PROP_GROUP_NAME,
    prop_codes.PROP_DEFAULT_LOCK_TIMEOUT,
    prop_codes.PROP_MAX_CONCURRENT_ASYNC_OPERATIONS,
    prop_codes.PROP_MAX_QUERY_ITERATORS,
    prop_codes.PROP_NAME,
    prop_codes.PROP_IS_ONHEAP_CACHE_ENABLED,
    prop_codes.PROP_PARTITION_LOSS_POLICY,
    prop_codes.PROP_QUERY_DETAIL_METRIC_SIZE,
    prop_codes.PROP_QUERY_PARALLELISM,
    prop_codes.PROP_READ_FROM_BACKUP,
    prop_codes.PROP_REBALANCE_BATCH_SIZE,
    prop_codes.PROP_REBALANCE_BATCHES_PREFETCH_COUNT,
    prop_codes.PROP_REBALANCE_DELAY,
    prop_codes.PROP_REBALANCE_MODE,
    prop_codes.PROP_REBALANCE_ORDER,
    prop_codes.PROP_REBALANCE_THROTTLE,
    prop_codes.PROP_REBALANCE_TIMEOUT,
    prop_codes.PROP_SQL_ESCAPE_ALL,
    prop_codes.PROP_SQL_INDEX_INLINE_MAX_SIZE,
    prop_codes.PROP_SQL_SCHEMA,
    prop_codes.PROP_WRITE_SYNCHRONIZATION_MODE,
    prop_codes.PROP_CACHE_KEY_CONFIGURATION,
    prop_codes.PROP_QUERY_ENTITIES,
    prop_codes.PROP_EXPIRY_POLICY,
    prop_codes.PROP_AFFINITY,
)


def checked_settings(settings: object) -> dict[int, Any]:
    """Settings that a request can be made of.

    Args:
        settings: values by property codes, or their typed form. They are left as they are.

    Raises:
        ParameterError: a property is unknown, missing, or not what it can be.
    """
    if isinstance(settings, cache_config.CacheConfiguration):
        settings = settings.settings()
    if not isinstance(settings, Mapping):
        raise ParameterError(
            f"settings: {settings!r} is not the name of a cache, a dictionary by property codes, "
            "or a CacheConfiguration"
        )
    result = {}
    for code, given in settings.items():
        known = PROPERTIES.get(code) if isinstance(code, int) else None
        if known is None:
            raise ParameterError(
                f"settings: {code!r} is not the code of a property; "
                "those are in gridgain_proto.datatypes.prop_codes"
            )
        if code == prop_codes.PROP_AFFINITY and given is None:
            continue  # so a server says it of a function that only it knows
        result[int(code)] = known.kind.check(known.name, given)
    if prop_codes.PROP_NAME not in result:
        raise ParameterError("settings: PROP_NAME, the cache's name, is missing")
    return result
