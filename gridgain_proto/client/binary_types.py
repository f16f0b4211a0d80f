"""Asking for binary types and registering them, beyond what happens by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..codec import GenericObjectMeta
from ..codec.declared import Field, declaration_of, generated_class
from ..codec.hashing import schema_id
from ..codec.hints import BY_CODE
from ..codec.registry import TypeDescription
from ..exceptions import ParameterError, UnknownType
from ..operations.binary_types import BINARY_TYPE_GET

if TYPE_CHECKING:
    from .session import Session


def id_of_type(session: Session, binary_type: object) -> int:
    """A type's id, by its name or its id.

    Raises:
        ParameterError: it is neither.
    """
    if isinstance(binary_type, str) and binary_type:
        return session.types.codec.type_id(binary_type)
    if isinstance(binary_type, int) and -(2**31) <= binary_type < 2**31:
        return binary_type
    raise ParameterError(f"binary_type: {binary_type!r} is not a type's name or id")


async def describe(
    session: Session, binary_type: object, timeout: float | None
) -> TypeDescription | None:
    """What the cluster knows of a type."""
    request = BINARY_TYPE_GET(id_of_type(session, binary_type))
    return await session.perform(request, timeout)


async def put(
    session: Session,
    type_name: str,
    affinity_key_field: str | None,
    is_enum: bool,
    schema: Mapping[str, Any] | None,
    timeout: float | None,
) -> TypeDescription:
    """Register a type by its name and its fields."""
    if not isinstance(type_name, str) or not type_name:
        # A type without a name keeps every node out that wants to join later.
        raise ParameterError(f"type_name: {type_name!r} is not the name of a type")
    type_id = id_of_type(session, type_name)
    if is_enum:
        constants = tuple((schema or {}).items())
        if any(not isinstance(ordinal, int) for _, ordinal in constants):
            raise ParameterError("schema: an enum has its ordinals by their names")
        described = TypeDescription(type_id, type_name, is_enum=True, enum_constants=constants)
    else:
        cls = GenericObjectMeta(type_name, (), {}, type_name=type_name, schema=schema or {})
        described = _described(cls, type_id, affinity_key_field)
    return await session.types.put(described, timeout)


async def register(
    session: Session, data_class: type[Any], affinity_key_field: str | None, timeout: float | None
) -> None:
    """Register a declared class, and read objects of its type as it."""
    declared = declaration_of(data_class)
    type_id = session.types.codec.declared_type_id(declared)
    described = _described(data_class, type_id, affinity_key_field)
    await session.types.put(described, timeout, data_class)


def _described(cls: type[Any], type_id: int, affinity_key_field: str | None) -> TypeDescription:
    described = declaration_of(cls).describe(type_id)
    if affinity_key_field is None:
        return described
    if affinity_key_field not in {field.name for field in described.fields}:
        raise ParameterError(f"affinity_key_field: there is no field {affinity_key_field!r}")
    return TypeDescription(
        type_id,
        described.name,
        affinity_key_field,
        described.fields,
        described.is_enum,
        described.enum_constants,
        described.schemas,
    )


async def classes(
    session: Session, binary_type: object, timeout: float | None
) -> dict[int, type[Any]]:
    """The class that objects of each of a type's schemas are read as."""
    described = await describe(session, binary_type, timeout)
    if described is None:
        return {}
    declared = session.types.codec.types.classes.get(described.name)
    by_id = {field.field_id: field for field in described.fields}
    result: dict[int, type[Any]] = {}
    for number, field_ids in described.schemas.items():
        fields = tuple(
            Field(by_id[one].name, BY_CODE.get(by_id[one].type_code), by_id[one].type_code, one)
            for one in field_ids
        )
        result[number] = generated_class(described.type_id, described.name, fields)
    if declared is not None:
        ids = tuple(field.field_id for field in declaration_of(declared).fields)
        result[schema_id(ids)] = declared
    return result


async def unwrap(session: Session, value: object, timeout: float | None) -> Any:
    """A value that may still be bytes, with the offset of the object in them."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], bytes):
        data = value[0][value[1] :]
    elif isinstance(value, bytes):
        data = value
    else:
        return value
    deadline = session.deadline(timeout)
    codec = session.types.codec
    while True:
        try:
            return codec.decode(data)
        except UnknownType as exc:
            link = await session.nodes.connected(deadline)
            codec = await session.types.learn(codec, link, exc.type_id, exc.schema_id, deadline)
