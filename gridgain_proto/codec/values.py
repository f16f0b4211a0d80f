"""Values that Python has no type of its own for, and containers that remember what they were.

Reading gives plain Python values wherever those say everything: ``list``, ``set``, ``dict``,
``tuple``. Where something more has to be known to write the value back as it came, such as that a
list was a LinkedList, a subclass carries it; it equals the plain value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from . import typecodes as tc

__all__ = [
    "ClassReference",
    "EnumValue",
    "JavaDict",
    "JavaList",
    "JavaSet",
    "MapItems",
    "ObjectArray",
    "ObjectArrayItems",
    "OpaqueValue",
    "ProxyValue",
    "RawDate",
    "RawObject",
    "RawTime",
    "RawTimestamp",
    "SqlDate",
    "Timestamp",
]


class JavaList(list[Any]):
    """A collection that is no ArrayList, or a set with elements that Python cannot hash.

    Attributes:
        kind: the kind of collection, as in `CollectionObject`.
        shared: whether it was written with references to containers that occur more than once.
    """

    __slots__ = ("kind", "shared")

    def __init__(
        self, items: Iterable[Any] = (), kind: int = tc.ARRAY_LIST, *, shared: bool = False
    ) -> None:
        super().__init__(items)
        self.kind = kind
        self.shared = shared


class JavaSet(set[Any]):
    """A set that is no HashSet; it iterates in the order in which it was read.

    Attributes:
        kind: the kind of collection, as in `CollectionObject`.
        shared: whether it was written with references to containers that occur more than once.
    """

    __slots__ = ("_order", "kind", "shared")

    def __init__(
        self, items: Iterable[Any] = (), kind: int = tc.LINKED_HASH_SET, *, shared: bool = False
    ) -> None:
        self._order = tuple(items)
        super().__init__(self._order)
        self.kind = kind
        self.shared = shared

    def __iter__(self) -> Iterator[Any]:
        seen = set()
        for item in self._order:
            if item in self and item not in seen:
                seen.add(item)
                yield item
        for item in super().__iter__():
            if item not in seen:
                yield item


class JavaDict(dict[Any, Any]):
    """A map that is no LinkedHashMap.

    Attributes:
        kind: the kind of map, as in `MapObject`.
        shared: whether it was written with references to containers that occur more than once.
    """

    __slots__ = ("kind", "shared")

    def __init__(
        self,
        items: Iterable[tuple[Any, Any]] = (),
        kind: int = tc.HASH_MAP,
        *,
        shared: bool = False,
    ) -> None:
        super().__init__(items)
        self.kind = kind
        self.shared = shared


class MapItems(list[tuple[Any, Any]]):
    """The pairs of a map whose keys Python cannot hash, or cannot tell apart (1 and 1.0).

    Attributes:
        kind: the kind of map, as in `MapObject`.
        shared: whether it was written with references to containers that occur more than once.
    """

    __slots__ = ("kind", "shared")

    def __init__(
        self,
        items: Iterable[tuple[Any, Any]] = (),
        kind: int = tc.LINKED_HASH_MAP,
        *,
        shared: bool = False,
    ) -> None:
        super().__init__(items)
        self.kind = kind
        self.shared = shared


class ObjectArray(tuple[Any, ...]):
    """An array of objects that is no plain ``Object[]``.

    Attributes:
        code: the type code: an array of strings, of dates, of enums, of objects …
        type_id: the component type's id, for arrays of objects and of enums; else 0.
        type_name: the component's class, if it was written by name; its id is then 0.
        shared: whether it was written with references to containers that occur more than once.
    """

    code: int
    type_id: int
    type_name: str | None
    shared: bool

    def __new__(
        cls,
        items: Iterable[Any] = (),
        code: int = tc.OBJECT_ARRAY,
        type_id: int = 0,
        type_name: str | None = None,
        *,
        shared: bool = False,
    ) -> Self:
        """Make an array of these items."""
        self = super().__new__(cls, items)
        self.code = code
        self.type_id = type_id
        self.type_name = type_name
        self.shared = shared
        return self


class ObjectArrayItems(list[Any]):
    """The items of an array of objects that contains itself, which no tuple can.

    Attributes:
        type_id: the component type's id.
        type_name: the component's class, if it was written by name; its id is then 0.
        shared: always true.
    """

    __slots__ = ("shared", "type_id", "type_name")

    def __init__(
        self,
        items: Iterable[Any] = (),
        type_id: int = tc.ANY_COMPONENT,
        type_name: str | None = None,
    ) -> None:
        super().__init__(items)
        self.type_id = type_id
        self.type_name = type_name
        self.shared = True


class EnumValue(tuple[int, int]):
    """A constant of an enum that no Python class was registered for: ``(type id, ordinal)``.

    Attributes:
        name: the constant's name, if the cluster has described the type; else None.
        type_name: the enum's class, if it was written by name; its id is then 0.
        code: the type code that it was read with.
    """

    name: str | None
    type_name: str | None
    code: int

    def __new__(
        cls,
        type_id: int,
        ordinal: int,
        *,
        name: str | None = None,
        type_name: str | None = None,
        code: int = tc.ENUM,
    ) -> Self:
        """Make a constant by its type's id and its ordinal."""
        self = super().__new__(cls, (type_id, ordinal))
        self.name = name
        self.type_name = type_name
        self.code = code
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[int, int], dict[str, Any]]:
        names = {"name": self.name, "type_name": self.type_name, "code": self.code}
        return (self.type_id, self.ordinal), names

    @property
    def type_id(self) -> int:
        """The enum's type id."""
        return self[0]

    @property
    def ordinal(self) -> int:
        """The constant's position in its enum."""
        return self[1]

    def __repr__(self) -> str:
        shown = f" {self.name}" if self.name is not None else ""
        return f"<enum {self.type_name or self.type_id}, ordinal {self.ordinal}{shown}>"


class OpaqueValue(bytes):
    """The bytes of a Java class that only Java can read (type code -2). They go back as they came.

    The server needs the class to store such a value outside a complex object.
    """

    def __repr__(self) -> str:
        return f"OpaqueValue({super().__repr__()})"


@dataclass(frozen=True, slots=True)
class ClassReference:
    """A Java class as a value.

    Attributes:
        type_id: the class's id; 0 if it was written by name.
        type_name: the class's name, or None.
    """

    type_id: int
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class ProxyValue:
    """A Java dynamic proxy.

    Attributes:
        interfaces: what it implements.
        handler: the value behind it.
    """

    interfaces: tuple[ClassReference, ...]
    handler: Any


@dataclass(frozen=True, slots=True)
class RawDate:
    """A java.util.Date, or java.sql.Date, outside the years that Python's dates have.

    Attributes:
        milliseconds: since 1970 in UTC.
        sql: whether it is a java.sql.Date.
        checksum: the class's checksum, for java.sql.Date.
    """

    milliseconds: int
    sql: bool = False
    checksum: bytes = tc.SQL_DATE_CHECKSUM


@dataclass(frozen=True, slots=True)
class RawTimestamp:
    """A java.sql.Timestamp outside the years that Python's ``datetime`` has.

    Attributes:
        milliseconds: since 1970 in UTC.
        nanoseconds: within that millisecond.
    """

    milliseconds: int
    nanoseconds: int = 0


@dataclass(frozen=True, slots=True)
class RawTime:
    """A java.sql.Time that is no time of day.

    Attributes:
        milliseconds: since 1970 in UTC.
    """

    milliseconds: int


@dataclass(frozen=True, slots=True)
class RawObject:
    """A complex object that nobody can describe any more: the cluster does not know its schema.

    It can be compared, used as a key and written back; its fields cannot be reached.

    Attributes:
        type_id: the id of its type.
        schema_id: the id of its schema.
        hash_code: the hash code in its header.
        data: its bytes, from the type code on.
    """

    type_id: int
    schema_id: int
    hash_code: int
    data: bytes

    def __hash__(self) -> int:
        return self.hash_code


class Timestamp(datetime):
    """A ``datetime`` with the digits below the microsecond.

    Attributes:
        nanosecond: nanoseconds within the microsecond, 0 to 999.
    """

    nanosecond: int

    @classmethod
    def of(cls, when: datetime, nanosecond: int) -> Self:
        """Add the digits below the microsecond to a ``datetime``.

        Args:
            when: the ``datetime``.
            nanosecond: nanoseconds within its microsecond, 0 to 999.

        Raises:
            ValueError: the nanoseconds are out of range.
        """
        if not 0 <= nanosecond <= 999:
            raise ValueError(f"nanosecond must be in 0..999, not {nanosecond}")
        self = cls(
            when.year,
            when.month,
            when.day,
            when.hour,
            when.minute,
            when.second,
            when.microsecond,
            when.tzinfo,
            fold=when.fold,
        )
        self.nanosecond = nanosecond
        return self

    def __eq__(self, other: object) -> bool:
        if not super().__eq__(other):
            return False
        return self._below_microsecond() == getattr(other, "nanosecond", 0)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def _below_microsecond(self) -> int:
        # Arithmetic and replace() make instances without the digits.
        return getattr(self, "nanosecond", 0)

    def __reduce_ex__(self, protocol: Any) -> Any:
        plain = datetime.combine(self.date(), self.timetz())
        return Timestamp.of, (plain, self._below_microsecond())

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, nanosecond={self._below_microsecond()})"


class SqlDate(date):
    """A java.sql.Date that is not midnight in the client's ``sql_timezone``.

    It is the day that contains the instant. It goes back with the very instant that it came with.

    Attributes:
        milliseconds: since 1970 in UTC.
        checksum: the class's checksum, two bytes.
    """

    milliseconds: int
    checksum: bytes

    @classmethod
    def of(cls, day: date, milliseconds: int, checksum: bytes = tc.SQL_DATE_CHECKSUM) -> Self:
        """Make one from a day and the instant that stands for it.

        Args:
            day: the day.
            milliseconds: since 1970 in UTC.
            checksum: the class's checksum, two bytes.
        """
        self = cls(day.year, day.month, day.day)
        self.milliseconds = milliseconds
        self.checksum = checksum
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        day = date(self.year, self.month, self.day)
        return SqlDate.of, (day, self.milliseconds, self.checksum)
