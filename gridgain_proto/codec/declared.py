"""What is known of a Python class that stands for a binary type, and classes of generic objects.

A class is declared by the metaclass `GenericObjectMeta` of the user guide, by one of the
decorators in ``decorators.py``, or not at all: reading makes a class for a type that nobody has
declared.
"""

from __future__ import annotations

import dataclasses
import keyword
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from reprlib import recursive_repr
from typing import Any, Final

from ..exceptions import ParameterError
from . import typecodes as tc
from .hashing import field_id, is_reserved, schema_id, type_id
from .hints import BY_CODE, AnyDataObject, Hint, HintType
from .registry import FieldDescription, TypeDescription

__all__ = ["Declaration", "Field", "GenericObject", "GenericObjectMeta"]

#: What a field of a primitive type is in an object that was written without it.
_DEFAULTS: Final[Mapping[int, Any]] = {
    tc.BYTE: 0,
    tc.SHORT: 0,
    tc.INT: 0,
    tc.LONG: 0,
    tc.FLOAT: 0.0,
    tc.DOUBLE: 0.0,
    tc.BOOLEAN: False,
}

#: Codes that a value does not keep by its Python type: a field that was read with one keeps it.
NARROW: Final[Mapping[int, type[Hint]]] = {
    code: BY_CODE[code]
    for code in (
        tc.BYTE,
        tc.SHORT,
        tc.INT,
        tc.FLOAT,
        tc.CHAR,
        tc.DATE,
        tc.BINARY_ENUM,
        tc.WRAPPED,
    )
}


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field of a complex class.

    Attributes:
        name: its name.
        hint: as which type it is written: a hint, a declared class, or None for the Python type's.
        type_code: the code under which it is described to the cluster.
        field_id: its id.
        default: what it is in an object that was written without it.
        factory: makes that, if each object is to have its own.
    """

    name: str
    hint: type[Any] | None
    type_code: int
    field_id: int
    default: Any = None
    factory: Callable[[], Any] | None = None

    def absent(self) -> Any:
        """What the field is in an object that was written without it."""
        return self.default if self.factory is None else self.factory()

    @property
    def written_code(self) -> int:
        """The type code with which the hint has it written; 0 if the value decides."""
        hint = self.hint
        if hint is None:
            return 0
        if isinstance(hint, HintType):
            code: int = hint.type_code
            return code
        return tc.ENUM if declaration_of(hint).is_enum else tc.OBJECT


@dataclasses.dataclass(frozen=True, slots=True)
class Declaration:
    """How a class travels; it is the class's attribute ``__gridgain__``.

    Attributes:
        cls: the class.
        type_name: the name of the binary type.
        fields: the fields in the order of the schema.
        affinity_key_field: the field that places a key of this type.
        is_enum: whether it is an enum.
        ordinals: the ordinal of each of an enum's members, by the member's name.
        generated_id: the type id, of a class that was made while reading; else the name gives it.
    """

    cls: type[Any]
    type_name: str
    fields: tuple[Field, ...] = ()
    affinity_key_field: str | None = None
    is_enum: bool = False
    ordinals: Mapping[str, int] = dataclasses.field(default_factory=dict)
    generated_id: int | None = None

    def describe(self, type_id: int) -> TypeDescription:
        """The description under which the cluster is to know the type.

        Args:
            type_id: the type's id under the cluster's name mapper.
        """
        ids = tuple(one.field_id for one in self.fields)
        return TypeDescription(
            type_id=type_id,
            name=self.type_name,
            affinity_key_field=self.affinity_key_field,
            fields=tuple(
                FieldDescription(one.name, one.type_code, one.field_id) for one in self.fields
            ),
            is_enum=self.is_enum,
            enum_constants=tuple(self.ordinals.items()),
            schemas={} if self.is_enum else {schema_id(ids): ids},
        )


def declaration_of(cls: type[Any]) -> Declaration:
    """The declaration of a class.

    Raises:
        ParameterError: it has none.
    """
    found = getattr(cls, "__gridgain__", None)
    if not isinstance(found, Declaration):
        raise ParameterError(f"{cls!r} is not declared as a binary type")
    return found


@dataclasses.dataclass(slots=True)
class Kept:
    """What an object read from the cluster has beyond its class, so that it goes back as it came.

    Attributes:
        fields: its own schema, if that is not the class's.
        raw: its raw data, if it has any.
        flags: the flags of its header.
        schema_id: the schema id in its header, if that is not the fields' own.
        type_name: the class's name, if it was written by name in place of the type id.
        shared: whether it was written with handles.
    """

    fields: tuple[Field, ...] | None = None
    raw: bytes | None = None
    flags: int | None = None
    schema_id: int | None = None
    type_name: str | None = None
    shared: bool = False


class GenericObjectMeta(type):
    """The metaclass of complex classes.

    ```python
    from collections import OrderedDict

    from gridgain_proto.codec import GenericObjectMeta
    from gridgain_proto.datatypes import IntObject


    class PersonKey(
        metaclass=GenericObjectMeta,
        type_name="PersonKey",
        schema=OrderedDict([("personId", IntObject), ("companyId", IntObject)]),
    ):
        pass


    key = PersonKey(personId=1, companyId=1)
    ```

    The class gets ``type_name``, ``type_id``, ``schema`` and ``schema_id``, unless it has fields of
    these names. Objects are equal by value, hashable, and give each field as an attribute and,
    whatever its name, as an item: ``key["class"]``.

    A class statement takes ``type_name``, the name of the binary type (by default the class's own),
    ``schema``, the hints of the fields by their names, in order, and ``affinity_key_field``, the
    field that places a key of this type.
    """

    __gridgain__: Declaration
    type_name: str
    type_id: int
    schema: Mapping[str, Any]
    schema_id: int

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        type_name: str | None = None,
        schema: Mapping[str, Any] | None = None,
        affinity_key_field: str | None = None,
    ) -> GenericObjectMeta:
        """Make a class, and declare it if it is given a type's name or a schema."""
        if not any(isinstance(base, GenericObjectMeta) for base in bases) and name != _BASE:
            bases = (*(base for base in bases if base is not object), GenericObject)
        cls = super().__new__(mcs, name, bases, namespace)
        if type_name is None and schema is None:
            return cls
        fields = tuple(make_field(field, hint) for field, hint in (schema or {}).items())
        declare(cls, type_name or name, fields, affinity_key_field)
        return cls

    def __init__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(name, bases, namespace)


_BASE: Final = "GenericObject"


def declare(
    cls: type[Any], type_name: str, fields: tuple[Field, ...], affinity_key_field: str | None
) -> None:
    """Attach a declaration to a class, with the attributes by which users know it."""
    if is_reserved(type_name):
        raise ParameterError(
            f"the servers would take the type name {type_name!r} for a type of Java's own"
        )
    seen: dict[int, str] = {}
    for one in fields:
        other = seen.setdefault(one.field_id, one.name)
        if other != one.name:
            raise ParameterError(f"the fields {other!r} and {one.name!r} have the same id")
    if affinity_key_field is not None and field_id(affinity_key_field) not in seen:
        raise ParameterError(f"there is no affinity key field {affinity_key_field!r}")
    cls.__gridgain__ = Declaration(cls, type_name, fields, affinity_key_field)
    cls._gridgain = None
    own = cls.__dict__
    attributes = {
        "type_name": type_name,
        "type_id": type_id(type_name),
        "schema": {one.name: one.hint or AnyDataObject for one in fields},
        "schema_id": schema_id(one.field_id for one in fields),
    }
    names = {one.name for one in fields}
    for attribute, value in attributes.items():
        if attribute not in own and attribute not in names:
            setattr(cls, attribute, value)


def make_field(name: str, hint: Any) -> Field:
    """A field of a class that is being declared.

    Args:
        name: its name.
        hint: how its values are written: a hint, a declared class or enum; None to go by the value.

    Raises:
        ParameterError: name or hint is none.
    """
    if not isinstance(name, str):
        raise ParameterError(f"a field's name is a string, not {name!r}")
    if name == KEPT:
        raise ParameterError(f"a field cannot be named {name!r}")
    code = tc.OBJECT
    if isinstance(hint, type) and issubclass(hint, Hint):
        code = hint.field_code
        if hint is AnyDataObject:
            hint = None
    elif isinstance(hint, type) and "__gridgain__" in hint.__dict__:
        code = tc.ENUM if declaration_of(hint).is_enum else tc.OBJECT
    elif hint is not None:
        raise ParameterError(f"the field {name!r} has {hint!r} for a hint")
    written = getattr(hint, "type_code", 0)
    return Field(name, hint, code, field_id(name), _DEFAULTS.get(written))


#: The attribute that holds what an object keeps beyond its fields.
KEPT: Final = "_gridgain"


class GenericObject(metaclass=GenericObjectMeta):
    """The base of complex objects: fields as attributes and as items.

    Args:
        args: values of the first fields, in the order of the schema.
        kwargs: values of fields by name; those not given are null, or 0 if they are numbers.

    Raises:
        TypeError: there is no such field.
    """

    _gridgain: Kept | None = None

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        fields = declaration_of(type(self)).fields
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} has {len(fields)} fields, not {len(args)}")
        values = self.__dict__
        for position, one in enumerate(fields):
            if position < len(args):
                if one.name in kwargs:
                    raise TypeError(f"the field {one.name!r} is given twice")
                values[one.name] = args[position]
            else:
                values[one.name] = kwargs.pop(one.name) if one.name in kwargs else one.absent()
        if kwargs:
            unknown = ", ".join(map(repr, kwargs))
            raise TypeError(f"{type(self).__name__} has no field {unknown}")

    def __getitem__(self, name: str) -> Any:
        if name == KEPT:
            raise KeyError(name)
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self:
            raise KeyError(name)
        self.__dict__[name] = value

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__ and name != KEPT

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.__dict__ if name != KEPT)

    def keys(self) -> list[str]:
        """The names of the fields, so that ``dict(obj)`` gives them with their values."""
        return list(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, GenericObject):
            return NotImplemented
        mine, theirs = declaration_of(type(self)), declaration_of(type(other))
        if mine.type_name != theirs.type_name:
            return False
        return _state(self) == _state(other)

    def __hash__(self) -> int:
        return value_hash(self)

    @recursive_repr()
    def __repr__(self) -> str:
        names = {
            name: name if name.isidentifier() and not keyword.iskeyword(name) else repr(name)
            for name in self
        }
        shown = ", ".join(f"{names[name]}={self.__dict__[name]!r}" for name in names)
        return f"{type(self).__name__}({shown})"


def _state(value: GenericObject) -> tuple[dict[str, Any], bytes | None]:
    kept = value._gridgain
    fields = value.__dict__
    if kept is None:
        return fields, None
    return {name: item for name, item in fields.items() if name != KEPT}, kept.raw


def value_hash(value: Any) -> int:
    """A hash of an object's fields, which may hold lists and maps."""
    fields = {name: item for name, item in value.__dict__.items() if name != KEPT}
    return hash((declaration_of(type(value)).type_name, _frozen(fields, set())))


def _frozen(value: Any, seen: set[int]) -> Any:
    """What hashes like the value and equals it, for values that cannot be hashed themselves."""
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        if id(value) in seen:
            return None
        seen = seen | {id(value)}
        if isinstance(value, dict):
            return frozenset(
                (_frozen(key, seen), _frozen(item, seen)) for key, item in value.items()
            )
        if isinstance(value, (set, frozenset)):
            return frozenset(value)
        return tuple(_frozen(item, seen) for item in value)
    if isinstance(value, GenericObject):
        if id(value) in seen:
            return None
        return _frozen(_state(value)[0], seen | {id(value)})
    if value.__hash__ is None:
        return None
    return value


@lru_cache(maxsize=4096)
def generated_class(type_id: int, type_name: str, fields: tuple[Field, ...]) -> type[GenericObject]:
    """The class as which objects of a type are read that nobody has declared."""
    name = "".join(c if c.isalnum() else "_" for c in type_name.rsplit(".", 1)[-1]) or "Object"
    cls = GenericObjectMeta(name, (GenericObject,), {"__module__": __name__})
    cls.__gridgain__ = Declaration(cls, type_name, fields, generated_id=type_id)
    names = {one.name for one in fields}
    for attribute, value in (
        ("type_name", type_name),
        ("type_id", type_id),
        ("schema", {one.name: one.hint or AnyDataObject for one in fields}),
        ("schema_id", schema_id(one.field_id for one in fields)),
    ):
        if attribute not in names:
            setattr(cls, attribute, value)
    return typing.cast(type[GenericObject], cls)
