"""The names by which users say how a value is to travel.

```python
from gridgain_proto.datatypes import CharObject, ShortObject
from gridgain_sync import Client

with Client().connect("127.0.0.1", 10800) as client:
    cache = client.get_or_create_cache("my cache")
    cache.put("my key", 42, value_hint=ShortObject)
    cache.remove_keys(["a", ("a", CharObject)])
```
"""

from __future__ import annotations

from ..codec.hints import (
    AnyDataObject,
    BinaryEnumArrayObject,
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
    Hint,
    IntArrayObject,
    IntObject,
    LongArrayObject,
    LongObject,
    MapObject,
    Null,
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
from .cache_config import (
    AffinityFunction,
    CacheAtomicityMode,
    CacheConfiguration,
    CacheKeyConfiguration,
    CacheMode,
    FieldNameAlias,
    IndexField,
    IndexType,
    PartitionLossPolicy,
    QueryEntity,
    QueryField,
    QueryIndex,
    RebalanceMode,
    SimilarityFunction,
    WriteSynchronizationMode,
)
from .cluster_state import ClusterState
from .expiry_policy import ExpiryPolicy
from .key_value import PeekModes
from .sql import StatementType
from .transactions import TransactionConcurrency, TransactionIsolation

# The guide's predecessor had two names for many types: the bare payload and the typed value.
Byte = ByteObject
Short = ShortObject
Int = IntObject
Long = LongObject
Float = FloatObject
Double = DoubleObject
Char = CharObject
Bool = BoolObject
ByteArray = ByteArrayObject
ShortArray = ShortArrayObject
IntArray = IntArrayObject
LongArray = LongArrayObject
FloatArray = FloatArrayObject
DoubleArray = DoubleArrayObject
CharArray = CharArrayObject
BoolArray = BoolArrayObject
StringArray = StringArrayObject
DecimalArray = DecimalArrayObject
UUIDArray = UUIDArrayObject
TimestampArray = TimestampArrayObject
DateArray = DateArrayObject
TimeArray = TimeArrayObject
EnumArray = EnumArrayObject
ObjectArray = ObjectArrayObject
Map = MapObject

__all__ = [
    "AffinityFunction",
    "AnyDataObject",
    "BinaryEnumArrayObject",
    "BinaryEnumObject",
    "BinaryObject",
    "Bool",
    "BoolArray",
    "BoolArrayObject",
    "BoolObject",
    "Byte",
    "ByteArray",
    "ByteArrayObject",
    "ByteObject",
    "CacheAtomicityMode",
    "CacheConfiguration",
    "CacheKeyConfiguration",
    "CacheMode",
    "Char",
    "CharArray",
    "CharArrayObject",
    "CharObject",
    "ClusterState",
    "CollectionObject",
    "DateArray",
    "DateArrayObject",
    "DateObject",
    "DecimalArray",
    "DecimalArrayObject",
    "DecimalObject",
    "Double",
    "DoubleArray",
    "DoubleArrayObject",
    "DoubleObject",
    "EnumArray",
    "EnumArrayObject",
    "EnumObject",
    "ExpiryPolicy",
    "FieldNameAlias",
    "Float",
    "FloatArray",
    "FloatArrayObject",
    "FloatObject",
    "Hint",
    "IndexField",
    "IndexType",
    "Int",
    "IntArray",
    "IntArrayObject",
    "IntObject",
    "Long",
    "LongArray",
    "LongArrayObject",
    "LongObject",
    "Map",
    "MapObject",
    "Null",
    "ObjectArray",
    "ObjectArrayObject",
    "PartitionLossPolicy",
    "PeekModes",
    "QueryEntity",
    "QueryField",
    "QueryIndex",
    "RebalanceMode",
    "Short",
    "ShortArray",
    "ShortArrayObject",
    "ShortObject",
    "SimilarityFunction",
    "SqlDateObject",
    "StatementType",
    "String",
    "StringArray",
    "StringArrayObject",
    "TimeArray",
    "TimeArrayObject",
    "TimeObject",
    "TimestampArray",
    "TimestampArrayObject",
    "TimestampObject",
    "TransactionConcurrency",
    "TransactionIsolation",
    "UUIDArray",
    "UUIDArrayObject",
    "UUIDObject",
    "WrappedDataObject",
    "WriteSynchronizationMode",
]
