"""Hints: how the caller says as which type a value is to travel.

A hint is a class that is never instantiated. It is given beside a value (``value_hint=``), or in a
pair ``(element, hint)`` wherever an element may stand, or as the type of a complex object's field.
"""

from __future__ import annotations

from typing import ClassVar, Final

from . import typecodes as tc
from .typecodes import ANY_COMPONENT

__all__ = [
    "AnyDataObject",
    "BinaryEnumArrayObject",
    "BinaryEnumObject",
    "BinaryObject",
    "BoolArrayObject",
    "BoolObject",
    "ByteArrayObject",
    "ByteObject",
    "CharArrayObject",
    "CharObject",
    "CollectionObject",
    "DateArrayObject",
    "DateObject",
    "DecimalArrayObject",
    "DecimalObject",
    "DoubleArrayObject",
    "DoubleObject",
    "EnumArrayObject",
    "EnumObject",
    "FloatArrayObject",
    "FloatObject",
    "Hint",
    "HintType",
    "IntArrayObject",
    "IntObject",
    "LongArrayObject",
    "LongObject",
    "MapObject",
    "Null",
    "ObjectArrayObject",
    "ShortArrayObject",
    "ShortObject",
    "SqlDateObject",
    "String",
    "StringArrayObject",
    "TimeArrayObject",
    "TimeObject",
    "TimestampArrayObject",
    "TimestampObject",
    "UUIDArrayObject",
    "UUIDObject",
    "WrappedDataObject",
]


class HintType(type):
    """The metaclass of hints: what tells a hint from every other class."""

    def __repr__(cls) -> str:
        return cls.__name__


class Hint(metaclass=HintType):
    """The base of every hint.

    Attributes:
        type_code: the code that the value gets on the wire.
        field_code: the code under which a field of this type is described to the cluster.
        element: the hint of each element, for a container; None to go by the Python types.
        key: the hint of each key, for a map; None to go by the Python types.
        by_type: in a container that was read: what the values of a Python type in it were, where
            that is not what they are without a hint.
    """

    type_code: ClassVar[int] = 0
    field_code: ClassVar[int] = 0
    element: ClassVar[type | None] = None
    key: ClassVar[type | None] = None
    by_type: ClassVar[tuple[tuple[type, type], ...]] = ()

    def __init_subclass__(cls) -> None:
        if "field_code" not in cls.__dict__:
            cls.field_code = cls.type_code


class AnyDataObject(Hint):
    """No hint: the value's Python type decides. As a field it is described as an Object."""

    type_code = 0
    field_code = tc.OBJECT


class Null(Hint):
    """Nothing but ``None``."""

    type_code = tc.NULL
    field_code = tc.OBJECT


class ByteObject(Hint):
    """A number of 8 bits, from -128 to 127."""

    type_code = tc.BYTE


class ShortObject(Hint):
    """A number of 16 bits."""

    type_code = tc.SHORT


class IntObject(Hint):
    """A number of 32 bits."""

    type_code = tc.INT


class LongObject(Hint):
    """A number of 64 bits; what ``int`` is without a hint."""

    type_code = tc.LONG


class FloatObject(Hint):
    """A number of single precision: the value is rounded to the nearest one."""

    type_code = tc.FLOAT


class DoubleObject(Hint):
    """A number of double precision; what ``float`` is without a hint."""

    type_code = tc.DOUBLE


class CharObject(Hint):
    """One UTF-16 unit: a string of one character, none of the supplementary ones."""

    type_code = tc.CHAR


class BoolObject(Hint):
    """True or false."""

    type_code = tc.BOOLEAN


class String(Hint):
    """Text."""

    type_code = tc.STRING


class UUIDObject(Hint):
    """A UUID."""

    type_code = tc.UUID


class DecimalObject(Hint):
    """An exact decimal number; ``int`` is accepted too."""

    type_code = tc.DECIMAL


class DateObject(Hint):
    """java.util.Date: an instant in milliseconds. Takes a ``datetime`` or a ``date``."""

    type_code = tc.DATE


class SqlDateObject(Hint):
    """java.sql.Date: what DATE columns hold; what ``date`` is without a hint."""

    type_code = tc.OPAQUE
    #: The servers describe such a field as Object; with anything else SQL cannot use it.
    field_code = tc.OBJECT


class TimestampObject(Hint):
    """java.sql.Timestamp. Takes a ``datetime``, or ``(datetime, nanoseconds in the ms)``."""

    type_code = tc.TIMESTAMP


class TimeObject(Hint):
    """java.sql.Time, in milliseconds. Takes a ``time``, or a ``timedelta`` since midnight."""

    type_code = tc.TIME


class EnumObject(Hint):
    """A Java enum's constant: a registered enum's member, or ``(type id, ordinal)``."""

    type_code = tc.ENUM


class BinaryEnumObject(Hint):
    """As `EnumObject`, with the code of enums that the server holds in binary form."""

    type_code = tc.BINARY_ENUM
    field_code = tc.ENUM


class ByteArrayObject(Hint):
    """``byte[]``: bytes, or numbers from -128 to 255."""

    type_code = tc.BYTE_ARRAY


class ShortArrayObject(Hint):
    """``short[]``."""

    type_code = tc.SHORT_ARRAY


class IntArrayObject(Hint):
    """``int[]``."""

    type_code = tc.INT_ARRAY


class LongArrayObject(Hint):
    """``long[]``."""

    type_code = tc.LONG_ARRAY


class FloatArrayObject(Hint):
    """``float[]``: items are rounded to single precision."""

    type_code = tc.FLOAT_ARRAY


class DoubleArrayObject(Hint):
    """``double[]``."""

    type_code = tc.DOUBLE_ARRAY


class CharArrayObject(Hint):
    """``char[]``: a string, or strings of one character."""

    type_code = tc.CHAR_ARRAY


class BoolArrayObject(Hint):
    """``boolean[]``."""

    type_code = tc.BOOLEAN_ARRAY


class StringArrayObject(Hint):
    """``String[]``; items may be ``None``, as in every array of objects."""

    type_code = tc.STRING_ARRAY


class UUIDArrayObject(Hint):
    """``UUID[]``."""

    type_code = tc.UUID_ARRAY


class DateArrayObject(Hint):
    """``java.util.Date[]``."""

    type_code = tc.DATE_ARRAY


class DecimalArrayObject(Hint):
    """``BigDecimal[]``."""

    type_code = tc.DECIMAL_ARRAY


class TimestampArrayObject(Hint):
    """``java.sql.Timestamp[]``."""

    type_code = tc.TIMESTAMP_ARRAY


class TimeArrayObject(Hint):
    """``java.sql.Time[]``."""

    type_code = tc.TIME_ARRAY


class EnumArrayObject(Hint):
    """An array of one enum: members, or ``(type id, [members or ordinals])``."""

    type_code = tc.ENUM_ARRAY


class BinaryEnumArrayObject(EnumArrayObject):
    """Another name of `EnumArrayObject`."""

    type_code = tc.ENUM_ARRAY


class ObjectArrayObject(Hint):
    """``Object[]``: items, or ``(component type id, items)``."""

    type_code = tc.OBJECT_ARRAY
    OBJECT: ClassVar[int] = ANY_COMPONENT


class CollectionObject(Hint):
    """A Java collection: items, or ``(kind, items)``."""

    type_code = tc.COLLECTION
    USER_SET: ClassVar[int] = tc.USER_SET
    USER_COL: ClassVar[int] = tc.USER_COLLECTION
    ARR_LIST: ClassVar[int] = tc.ARRAY_LIST
    LINKED_LIST: ClassVar[int] = tc.LINKED_LIST
    HASH_SET: ClassVar[int] = tc.HASH_SET
    LINKED_HASH_SET: ClassVar[int] = tc.LINKED_HASH_SET
    SINGLETON_LIST: ClassVar[int] = tc.SINGLETON_LIST


class MapObject(Hint):
    """A Java map: a mapping or pairs, or ``(kind, mapping or pairs)``."""

    type_code = tc.MAP
    USER_MAP: ClassVar[int] = tc.USER_MAP
    HASH_MAP: ClassVar[int] = tc.HASH_MAP
    LINKED_HASH_MAP: ClassVar[int] = tc.LINKED_HASH_MAP


class BinaryObject(Hint):
    """A complex object, written as it is."""

    type_code = tc.OBJECT


class WrappedDataObject(Hint):
    """A complex object, wrapped as the servers return it. They accept both alike."""

    type_code = tc.WRAPPED
    field_code = tc.OBJECT


#: Hints by the code that they write; for fields whose description gives nothing but the code.
BY_CODE: Final[dict[int, type[Hint]]] = {
    hint.type_code: hint
    for hint in (
        ByteObject,
        ShortObject,
        IntObject,
        LongObject,
        FloatObject,
        DoubleObject,
        CharObject,
        BoolObject,
        String,
        UUIDObject,
        DecimalObject,
        DateObject,
        SqlDateObject,
        TimestampObject,
        TimeObject,
        EnumObject,
        BinaryEnumObject,
        ByteArrayObject,
        ShortArrayObject,
        IntArrayObject,
        LongArrayObject,
        FloatArrayObject,
        DoubleArrayObject,
        CharArrayObject,
        BoolArrayObject,
        StringArrayObject,
        UUIDArrayObject,
        DateArrayObject,
        DecimalArrayObject,
        TimestampArrayObject,
        TimeArrayObject,
        EnumArrayObject,
        ObjectArrayObject,
        CollectionObject,
        MapObject,
        BinaryObject,
        WrappedDataObject,
    )
}

#: What numpy's scalars are, by the names of their types; its double is a ``float`` anyway.
NUMPY_SCALARS: Final[dict[str, type[Hint]]] = {
    "int8": ByteObject,
    "int16": ShortObject,
    "int32": IntObject,
    "int64": LongObject,
    "float32": FloatObject,
    "bool": BoolObject,
    "bool_": BoolObject,
}
