"""The names by which users say how a value is to travel.

::

    from gridgain_proto.datatypes import CharObject, ShortObject

    cache.put("my key", 42, value_hint=ShortObject)
    cache.remove_keys(["a", ("a", CharObject)])
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
    "Char",
    "CharArray",
    "CharArrayObject",
    "CharObject",
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
    "Float",
    "FloatArray",
    "FloatArrayObject",
    "FloatObject",
    "Hint",
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
    "Short",
    "ShortArray",
    "ShortArrayObject",
    "ShortObject",
    "SqlDateObject",
    "String",
    "StringArray",
    "StringArrayObject",
    "TimeArray",
    "TimeArrayObject",
    "TimeObject",
    "TimestampArray",
    "TimestampArrayObject",
    "TimestampObject",
    "UUIDArray",
    "UUIDArrayObject",
    "UUIDObject",
    "WrappedDataObject",
]
