"""The one-byte codes that name the type of each value on the wire."""

from __future__ import annotations

from typing import Final

BYTE: Final = 1
SHORT: Final = 2
INT: Final = 3
LONG: Final = 4
FLOAT: Final = 5
DOUBLE: Final = 6
CHAR: Final = 7
BOOLEAN: Final = 8
STRING: Final = 9
UUID: Final = 10
DATE: Final = 11
BYTE_ARRAY: Final = 12
SHORT_ARRAY: Final = 13
INT_ARRAY: Final = 14
LONG_ARRAY: Final = 15
FLOAT_ARRAY: Final = 16
DOUBLE_ARRAY: Final = 17
CHAR_ARRAY: Final = 18
BOOLEAN_ARRAY: Final = 19
STRING_ARRAY: Final = 20
UUID_ARRAY: Final = 21
DATE_ARRAY: Final = 22
OBJECT_ARRAY: Final = 23
COLLECTION: Final = 24
MAP: Final = 25
WRAPPED: Final = 27
ENUM: Final = 28
ENUM_ARRAY: Final = 29
DECIMAL: Final = 30
DECIMAL_ARRAY: Final = 31
CLASS: Final = 32
TIMESTAMP: Final = 33
TIMESTAMP_ARRAY: Final = 34
PROXY: Final = 35
TIME: Final = 36
TIME_ARRAY: Final = 37
BINARY_ENUM: Final = 38
NULL: Final = 101
HANDLE: Final = 102
OBJECT: Final = 103
#: Java calls it -2: bytes of another Java serializer, java.sql.Date among them.
OPAQUE: Final = 254

#: The component type id of ``Object[]``.
ANY_COMPONENT: Final = -1

#: Kinds of collection.
USER_SET: Final = -1
USER_COLLECTION: Final = 0
ARRAY_LIST: Final = 1
LINKED_LIST: Final = 2
HASH_SET: Final = 3
LINKED_HASH_SET: Final = 4
SINGLETON_LIST: Final = 5

#: Kinds of map.
USER_MAP: Final = 0
HASH_MAP: Final = 1
LINKED_HASH_MAP: Final = 2

#: Bits of a complex object's flags.
USER_TYPE: Final = 0x01
HAS_SCHEMA: Final = 0x02
HAS_RAW: Final = 0x04
OFFSET_ONE_BYTE: Final = 0x08
OFFSET_TWO_BYTES: Final = 0x10
COMPACT_FOOTER: Final = 0x20
DOTNET_TYPE: Final = 0x40

#: How a date of java.sql.Date begins: its payload's length, the class and the class's checksum.
SQL_DATE_PREFIX: Final = b"\x0f\x00\x00\x00\x66\x3a\xde\xd5\x40"
SQL_DATE_CHECKSUM: Final = b"\x97\x66"
