"""What is known of the cluster's binary types: an immutable snapshot.

Complex objects on the wire have ids in place of names, and with compact footers not even the ids
of their fields. The cluster keeps a description of every type; the client fetches and registers
them, and gives the codec a new snapshot each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from struct import Struct
from struct import error as StructError
from types import MappingProxyType
from typing import Any, Final

from ..exceptions import DecodeError, EncodeError, ParameterError
from . import typecodes as tc

__all__ = ["FieldDescription", "TypeDescription", "TypeRegistry"]

_INT: Final = Struct("<i")
_CODE_LENGTH: Final = Struct("<BI")


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field of a type.

    Attributes:
        name: its name.
        type_code: the code of its declared kind, such as 3 for int and 103 for Object.
        field_id: its id.
    """

    name: str
    type_code: int
    field_id: int


@dataclass(frozen=True, slots=True)
class TypeDescription:
    """What the cluster knows of one type.

    Attributes:
        type_id: the type's id.
        name: the type's name, as the cluster's name mapper has it.
        affinity_key_field: the field that places a key of this type, if any.
        fields: all fields of all schemas, in no particular order.
        is_enum: whether it is an enum.
        enum_constants: name and ordinal of each constant.
        schemas: the ids of the fields of each schema, in order.
    """

    type_id: int
    name: str
    affinity_key_field: str | None = None
    fields: tuple[FieldDescription, ...] = ()
    is_enum: bool = False
    enum_constants: tuple[tuple[str, int], ...] = ()
    schemas: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def merge(self, newer: TypeDescription) -> TypeDescription:
        """Add what a newer description of the same type says; where both speak, it is right.

        Args:
            newer: the other description.
        """
        fields = {known.field_id: known for known in self.fields}
        fields.update((known.field_id, known) for known in newer.fields)
        constants = dict(self.enum_constants)
        constants.update(newer.enum_constants)
        return TypeDescription(
            type_id=newer.type_id,
            name=newer.name,
            affinity_key_field=newer.affinity_key_field,
            fields=tuple(fields.values()),
            is_enum=newer.is_enum,
            enum_constants=tuple(constants.items()),
            schemas={**self.schemas, **newer.schemas},
        )

    @classmethod
    def parse(cls, data: bytes, pos: int = 0) -> tuple[TypeDescription, int]:
        """Read a description as operations 3002 and 3003 carry it.

        Args:
            data: the bytes.
            pos: where in them it begins.

        Returns:
            The description and the position after it.

        Raises:
            DecodeError: the bytes are no such description.
        """
        reader = _Cursor(data, pos)
        try:
            type_id = reader.integer()
            name = reader.text()
            affinity = reader.optional_text()
            fields = tuple(
                FieldDescription(reader.text(), reader.integer(), reader.integer())
                for _ in range(reader.count(13))
            )
            is_enum = reader.byte() == 1
            constants: tuple[tuple[str, int], ...] = ()
            if is_enum:
                constants = tuple((reader.text(), reader.integer()) for _ in range(reader.count(9)))
            schemas = {}
            for _ in range(reader.count(8)):
                schema = reader.integer()
                schemas[schema] = tuple(reader.integer() for _ in range(reader.count(4)))
        except (StructError, IndexError, UnicodeDecodeError) as exc:
            raise DecodeError(f"type description cut short or damaged: {exc}") from None
        description = cls(type_id, name, affinity, fields, is_enum, constants, schemas)
        return description, reader.pos

    def to_bytes(self) -> bytes:
        """Write the description as operations 3002 and 3003 carry it.

        Raises:
            EncodeError: a name cannot be written.
        """
        parts = [_INT.pack(self.type_id), _text(self.name)]
        affinity = self.affinity_key_field
        parts.append(b"\x65" if affinity is None else _text(affinity))
        parts.append(_INT.pack(len(self.fields)))
        for known in self.fields:
            parts += [_text(known.name), _INT.pack(known.type_code), _INT.pack(known.field_id)]
        parts.append(b"\x01" if self.is_enum else b"\x00")
        if self.is_enum:
            parts.append(_INT.pack(len(self.enum_constants)))
            for name, ordinal in self.enum_constants:
                parts += [_text(name), _INT.pack(ordinal)]
        parts.append(_INT.pack(len(self.schemas)))
        for schema, field_ids in self.schemas.items():
            parts += [_INT.pack(schema), _INT.pack(len(field_ids))]
            parts += map(_INT.pack, field_ids)
        return b"".join(parts)


def _text(value: str) -> bytes:
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise EncodeError(f"the name {value!r} has a lone surrogate") from None
    return _CODE_LENGTH.pack(tc.STRING, len(data)) + data


class _Cursor:
    """A position in bytes; past the end it raises what the standard library raises."""

    __slots__ = ("data", "pos")

    def __init__(self, data: bytes, pos: int) -> None:
        self.data = data
        self.pos = pos

    def byte(self) -> int:
        self.pos += 1
        return self.data[self.pos - 1]

    def integer(self) -> int:
        value: int = _INT.unpack_from(self.data, self.pos)[0]
        self.pos += 4
        return value

    def count(self, least: int) -> int:
        value = self.integer()
        if not 0 <= value * least <= len(self.data) - self.pos:
            raise DecodeError(f"a count of {value} does not fit the bytes that are left")
        return value

    def text(self) -> str:
        value = self.optional_text()
        if value is None:
            raise DecodeError("null in place of a name")
        return value

    def optional_text(self) -> str | None:
        code = self.byte()
        if code == tc.NULL:
            return None
        if code != tc.STRING:
            raise DecodeError(f"type code {code} in place of a name")
        size = self.count(1)
        self.pos += size
        return self.data[self.pos - size : self.pos].decode()


class TypeRegistry:
    """An immutable snapshot of descriptions, and of the Python classes to read objects as.

    Attributes:
        types: the descriptions by type id.
        classes: the Python classes by the name of their type.
    """

    __slots__ = ("_missing", "classes", "types")

    def __init__(
        self, types: Iterable[TypeDescription] = (), classes: Iterable[type[Any]] = ()
    ) -> None:
        known: dict[int, TypeDescription] = {}
        for description in types:
            old = known.get(description.type_id)
            known[description.type_id] = old.merge(description) if old else description
        self.types: Mapping[int, TypeDescription] = MappingProxyType(known)
        self.classes: Mapping[str, type[Any]] = MappingProxyType(
            {_declared_name(cls): cls for cls in classes}
        )
        self._missing: frozenset[tuple[int, int]] = frozenset()

    def _copy(self, **changes: Any) -> TypeRegistry:
        other = TypeRegistry.__new__(TypeRegistry)
        other.types = changes.get("types", self.types)
        other.classes = changes.get("classes", self.classes)
        other._missing = changes.get("missing", self._missing)
        return other

    def __contains__(self, type_id: object) -> bool:
        return type_id in self.types

    def get(self, type_id: int) -> TypeDescription | None:
        """The description of a type, or None.

        Args:
            type_id: the type's id.
        """
        return self.types.get(type_id)

    def schema(self, type_id: int, schema_id: int) -> tuple[int, ...] | None:
        """The ids of a schema's fields in order, or None if it is not known.

        Args:
            type_id: the type's id.
            schema_id: the schema's id.
        """
        description = self.types.get(type_id)
        return None if description is None else description.schemas.get(schema_id)

    def is_missing(self, type_id: int, schema_id: int) -> bool:
        """Whether the cluster was asked for this schema and does not know it.

        Args:
            type_id: the type's id.
            schema_id: the schema's id.
        """
        return (type_id, schema_id) in self._missing

    def with_types(self, *descriptions: TypeDescription) -> TypeRegistry:
        """A registry that knows these descriptions too; they add to what is known of their types.

        Args:
            descriptions: as fetched from the cluster, or as accepted by it.
        """
        types = dict(self.types)
        found: set[tuple[int, int]] = set()
        for description in descriptions:
            old = types.get(description.type_id)
            types[description.type_id] = old.merge(description) if old else description
            found.update((description.type_id, schema) for schema in description.schemas)
        return self._copy(types=MappingProxyType(types), missing=self._missing - found)

    def without_type(self, type_id: int) -> TypeRegistry:
        """A registry that has forgotten a type, as after it was removed from the cluster.

        Args:
            type_id: the type's id.
        """
        types = {key: known for key, known in self.types.items() if key != type_id}
        return self._copy(types=MappingProxyType(types))

    def with_missing(self, type_id: int, schema_id: int) -> TypeRegistry:
        """A registry that knows that the cluster does not have this schema.

        Objects of it are read as far as they can be without: as a
        `RawObject` if need be.

        Args:
            type_id: the type's id.
            schema_id: the schema's id.
        """
        return self._copy(missing=self._missing | {(type_id, schema_id)})

    def without_missing(self) -> TypeRegistry:
        """A registry that will ask again for every schema that was missing."""
        return self._copy(missing=frozenset())

    def with_classes(self, *classes: type[Any]) -> TypeRegistry:
        """A registry that reads objects of these classes' types as the classes.

        Args:
            classes: complex classes, dataclasses and enums that were declared for the codec.

        Raises:
            ParameterError: a class was not declared.
        """
        known = dict(self.classes)
        known.update((_declared_name(cls), cls) for cls in classes)
        return self._copy(classes=MappingProxyType(known))


def _declared_name(cls: type[Any]) -> str:
    declared = cls.__dict__.get("__gridgain__")
    if declared is None:
        raise ParameterError(f"{cls!r} is not declared as a binary type")
    name: str = declared.type_name
    return name


def with_schema(
    description: TypeDescription, schema_id: int, field_ids: tuple[int, ...]
) -> TypeDescription:
    """The description with one more schema."""
    return replace(description, schemas={**description.schemas, schema_id: field_ids})
