"""Decorators that declare existing classes as binary types: dataclasses and enums."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, TypeVar
from uuid import UUID

from ..exceptions import ParameterError
from .declared import Declaration, declare, make_field, value_hash
from .hashing import is_reserved, type_id
from .hints import (
    AnyDataObject,
    BoolObject,
    ByteArrayObject,
    CollectionObject,
    DecimalObject,
    DoubleObject,
    Hint,
    HintType,
    LongObject,
    MapObject,
    ObjectArrayObject,
    SqlDateObject,
    String,
    TimeObject,
    TimestampObject,
    UUIDObject,
)

__all__ = ["binary_enum", "binary_type"]

T = TypeVar("T")

# --- dataclasses ---------------------------------------------------------------------------------


class ArrayOfAny(ObjectArrayObject):
    """``Object[]`` of the items of a tuple: an int and a list are no component id and items."""

    element = AnyDataObject


_BY_PYTHON_TYPE: Final[Mapping[Any, type[Hint]]] = {
    bool: BoolObject,
    int: LongObject,
    float: DoubleObject,
    str: String,
    bytes: ByteArrayObject,
    UUID: UUIDObject,
    Decimal: DecimalObject,
    datetime: TimestampObject,
    date: SqlDateObject,
    time: TimeObject,
    timedelta: TimeObject,
    list: CollectionObject,
    set: CollectionObject,
    frozenset: CollectionObject,
    dict: MapObject,
    tuple: ObjectArrayObject,
}


def binary_type(
    cls: type[T] | None = None,
    /,
    *,
    type_name: str | None = None,
    affinity_key_field: str | None = None,
) -> Any:
    """Declare a dataclass as a binary type, with the hints that its annotations carry.

    ```python
    from dataclasses import dataclass
    from typing import Annotated

    from gridgain_proto.codec import binary_type
    from gridgain_proto.datatypes import IntObject


    @binary_type(type_name="demo.Person")
    @dataclass
    class Person:
        id: Annotated[int, IntObject]
        name: str | None = None
    ```

    Args:
        cls: the dataclass.
        type_name: the name of the binary type; the class's own name if it is None.
        affinity_key_field: the field that places a key of this type.

    Returns:
        The class itself, or a decorator.

    Raises:
        ParameterError: it is no dataclass, or has fields that cannot be described.
    """

    def decorate(cls: type[T]) -> type[T]:
        if not dataclasses.is_dataclass(cls):
            raise ParameterError(f"{cls!r} is no dataclass")
        if "__slots__" in cls.__dict__:
            raise ParameterError(
                f"{cls!r} has slots: there is no room for the fields that it does not know"
            )
        annotations = typing.get_type_hints(cls, include_extras=True)
        fields = []
        for one in dataclasses.fields(cls):
            made = make_field(one.name, _annotated(annotations[one.name], one.name))
            if one.default is not dataclasses.MISSING:
                made = dataclasses.replace(made, default=one.default)
            elif one.default_factory is not dataclasses.MISSING:
                made = dataclasses.replace(made, factory=one.default_factory)
            fields.append(made)
        declare(cls, type_name or cls.__name__, tuple(fields), affinity_key_field)
        if cls.__hash__ is None:
            cls.__hash__ = value_hash
        return cls

    return decorate if cls is None else decorate(cls)


def _annotated(annotation: Any, name: str) -> Any:
    """The hint that an annotation stands for; None if there is none."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        hints = [one for one in arguments[1:] if isinstance(one, (HintType, type))]
        if len(hints) > 1:
            raise ParameterError(f"the field {name!r} has more than one hint")
        return hints[0] if hints else _annotated(arguments[0], name)
    if origin in (typing.Union, UnionType):
        members = [one for one in arguments if one is not NoneType]
        return _annotated(members[0], name) if len(members) == 1 else None
    base = origin or annotation
    if base in (list, set, frozenset) and arguments:
        return _of(CollectionObject, None, _annotated(arguments[0], name))
    if base is dict and arguments:
        key, element = (_annotated(one, name) for one in arguments)
        return _of(MapObject, key, element)
    if base is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _of(ArrayOfAny, None, _annotated(arguments[0], name))
    known = _BY_PYTHON_TYPE.get(base)
    if known is not None:
        return ArrayOfAny if known is ObjectArrayObject else known
    return base if isinstance(base, type) and "__gridgain__" in base.__dict__ else None


def _of(container: type[Hint], key: Any, element: Any) -> type[Hint]:
    """The hint of a container whose elements have hints that their Python types do not imply."""
    key = None if key in _IMPLIED else key
    element = None if element in _IMPLIED else element
    if key is None and element is None:
        return container
    made: Any = HintType(container.__name__, (container,), {"key": key, "element": element})
    return typing.cast(type[Hint], made)


_IMPLIED: Final = frozenset(_BY_PYTHON_TYPE.values())

# --- enums ---------------------------------------------------------------------------------------


def binary_enum(
    cls: type[Any] | None = None,
    /,
    *,
    type_name: str | None = None,
    ordinals: Mapping[str, int] | None = None,
) -> Any:
    """Declare an enum as a binary type; members have the ordinals of their order.

    ```python
    import enum

    from gridgain_proto.codec import binary_enum


    @binary_enum(type_name="demo.Color")
    class Color(enum.Enum):
        RED = "r"
        GREEN = "g"
    ```

    Args:
        cls: the enum.
        type_name: the name of the binary type; the class's own name if it is None.
        ordinals: the ordinal of each member by its name, if it is not that of the order.

    Returns:
        The class itself, or a decorator.

    Raises:
        ParameterError: it is no enum, or an ordinal is missing or occurs twice.
    """

    def decorate(cls: type[Any]) -> type[Any]:
        if not isinstance(cls, enum.EnumMeta):
            raise ParameterError(f"{cls!r} is no enum")
        members = [member.name for member in cls]
        numbers = (
            {name: position for position, name in enumerate(members)}
            if ordinals is None
            else {name: ordinals[name] for name in members if name in ordinals}
        )
        if len(numbers) != len(members) or len(set(numbers.values())) != len(members):
            raise ParameterError(f"each member of {cls!r} needs an ordinal of its own")
        name = type_name or cls.__name__
        if is_reserved(name):
            raise ParameterError(
                f"the servers would take the type name {name!r} for a type of Java's own"
            )
        type_id(name)
        type.__setattr__(
            cls,
            "__gridgain__",
            Declaration(cls, name, is_enum=True, ordinals=numbers),
        )
        return cls

    return decorate if cls is None else decorate(cls)
