"""What the cluster knows of binary types: operations 3000 to 3006."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .. import scalars
from ..codec import typecodes as tc
from ..codec.registry import TypeDescription
from ..exceptions import DecodeError
from ..features import Product
from .failures import INVALID_OPERATION, Refusal

if TYPE_CHECKING:
    from .calls import Call

_TRUE: Final = b"\x01"
_FALSE: Final = b"\x00"

#: Codes that are the same kind of field to a server.
_SAME_KIND: Final = {tc.WRAPPED: tc.OBJECT, tc.BINARY_ENUM: tc.ENUM}


class BinaryTypes:
    """The descriptions and the names of types."""

    def __init__(self) -> None:
        self.types: dict[int, TypeDescription] = {}
        self.names: dict[tuple[int, int], str] = {}

    def put(self, new: TypeDescription) -> None:
        """Add a description to what is known.

        Raises:
            Refusal: it contradicts that.
        """
        old = self.types.get(new.type_id)
        if old is None:
            self.types[new.type_id] = new
            return
        if old.name != new.name:
            raise Refusal(
                f"Two binary types have duplicate type ID [typeId={new.type_id}, "
                f"typeName1={old.name}, typeName2={new.name}]"
            )
        if old.affinity_key_field != new.affinity_key_field:
            raise Refusal(
                f"Binary type has different affinity key fields [typeName={new.name}, "
                f"affKeyFieldName1={old.affinity_key_field}, "
                f"affKeyFieldName2={new.affinity_key_field}]"
            )
        if old.is_enum != new.is_enum:
            raise Refusal(f"Binary type is an enum and is none [typeName={new.name}]")
        fields = {one.name: one for one in old.fields}
        for one in new.fields:
            known = fields.setdefault(one.name, one)
            if _kind(known.type_code) != _kind(one.type_code):
                raise Refusal(
                    f"Binary type has different field types [typeName={new.name}, "
                    f"fieldName={one.name}, fieldTypeName1={known.type_code}, "
                    f"fieldTypeName2={one.type_code}]"
                )
        constants = dict(old.enum_constants)
        for name, ordinal in new.enum_constants:
            others = {other for other, number in constants.items() if number == ordinal}
            if constants.get(name, ordinal) != ordinal or others - {name}:
                raise Refusal(
                    f"Conflicting enum values. Name '{name}' or ordinal {ordinal} is taken "
                    f"[typeName={new.name}]"
                )
            constants[name] = ordinal
        self.types[new.type_id] = replace(
            old,
            fields=tuple(fields.values()),
            enum_constants=tuple(constants.items()),
            schemas={**new.schemas, **old.schemas},
        )


def _kind(code: int) -> int:
    return _SAME_KIND.get(code, code)


def get_name(call: Call) -> None:
    """The class name of a type."""
    platform, type_id = call.reader.int8(), call.reader.int32()
    name = call.cluster.binary.names.get((platform, type_id))
    if name is None:
        words = f"Failed to resolve class name [platformId={platform}, platform=, typeId={type_id}]"
        raise Refusal(words)
    call.answer(scalars.encode_string(name))


def put_name(call: Call) -> None:
    """Register the class name of a type."""
    reader = call.reader
    platform, type_id, name = reader.int8(), reader.int32(), reader.string()
    if name is None:
        # A real cluster takes it, and later every node that joins halts on it.
        raise Refusal("The node in memory does not register null as the name of a type")
    known = call.cluster.binary.names.setdefault((platform, type_id), name)
    if known != name:
        raise Refusal(
            f"Duplicate ID [platformId={platform}, typeId={type_id}, oldCls={known}, newCls={name}]"
        )
    call.answer(_TRUE)


def get_type(call: Call) -> None:
    """The description of a type."""
    description = call.cluster.binary.types.get(call.reader.int32())
    call.answer(_FALSE if description is None else _TRUE + description.to_bytes())


def put_type(call: Call) -> None:
    """Register a type, or add to it."""
    reader = call.reader
    description, reader.pos = TypeDescription.parse(reader.data, reader.pos)
    if len(description.schemas) > 100_000:
        raise DecodeError("too many schemas")
    call.cluster.binary.put(description)
    call.answer(b"")


def get_configuration(call: Call) -> None:
    """Compact footers, and names of types as they are."""
    call.answer(b"\x01\x00")


def _gridgain_only(call: Call) -> None:
    if call.cluster.product is not Product.GRIDGAIN:
        raise Refusal(f"Invalid request op code: {call.code}", INVALID_OPERATION)


def remove_type(call: Call) -> None:
    """Forget a type (GridGain only)."""
    _gridgain_only(call)
    type_id = call.reader.int32()
    if call.cluster.binary.types.pop(type_id, None) is None:
        raise Refusal(f"Failed to remove metadata, type not found: {type_id}")
    call.answer(b"")


def get_types(call: Call) -> None:
    """All descriptions, without their schemas (GridGain only)."""
    _gridgain_only(call)
    descriptions = call.cluster.binary.types.values()
    # Without schemas their count is left out, too, which is the last field.
    parts = [replace(one, schemas={}).to_bytes()[:-4] for one in descriptions]
    call.answer(scalars.INT32.pack(len(parts)) + b"".join(parts))


HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    3000: get_name,
    3001: put_name,
    3002: get_type,
    3003: put_type,
    3004: get_configuration,
    3005: remove_type,
    3006: get_types,
}
