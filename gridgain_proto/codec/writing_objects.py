"""Writing complex objects, byte for byte as Java does."""

from __future__ import annotations

import enum
from dataclasses import replace
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from . import typecodes as tc
from .declared import KEPT, Declaration, Field, Kept
from .hashing import EMPTY_SCHEMA_ID, bytes_hash, schema_id
from .hinted import write_hinted
from .hints import BinaryObject
from .registry import TypeDescription
from .shapes_objects import WriteObject, object_writer
from .values import EnumValue
from .writing import INT, Failure, Output, Writing, shown, writer_of
from .writing_scalars import write_text

if TYPE_CHECKING:
    from .workings import Workings

HEADER: Final = Struct("<BBHiiiii")
_HEADER_SIZE: Final = HEADER.size
_PLACEHOLDER: Final = bytes(_HEADER_SIZE)
#: The most that an object's length, an i32, can say.
_MOST: Final = 0x7FFFFFFF


class WritePlan:
    """How objects of one class are written by one codec.

    Attributes:
        type_id: the type's id under the codec's name mapper.
        fields: the fields in the order of the schema.
        field_ids: their ids.
        schema_id: the id of the schema.
        description: what to register before the bytes may be sent; None if it is.
        is_new: whether there is something to register, or a class to note.
        write: writes an object that has nothing unusual; None if its fields are not all numbers or
            text.
    """

    __slots__ = ("description", "field_ids", "fields", "is_new", "schema_id", "type_id", "write")

    def __init__(self, codec: Workings, declared: Declaration, fields: tuple[Field, ...]) -> None:
        self.type_id = codec.declared_type_id(declared)
        self.fields = fields
        self.field_ids = tuple(one.field_id for one in fields)
        self.schema_id = schema_id(self.field_ids) if fields else EMPTY_SCHEMA_ID
        self.description = describe(codec, self.type_id, replace(declared, fields=fields))
        names = [one.name for one in fields]
        plain = all("." not in name and name.isidentifier() for name in names)
        self.is_new = self.description is not None or not codec.is_registered(declared.cls)
        self.write: WriteObject | None = None
        if plain and names:
            self.write = object_writer(
                names, fields, self.type_id, self.schema_id, codec.compact_footer
            )


def describe(codec: Workings, type_id: int, declared: Declaration) -> TypeDescription | None:
    """What has to be registered for a declaration, in agreement with what the cluster has."""
    if declared.generated_id is not None:
        return None  # it came from the cluster, or nobody knows its name
    wanted = declared.describe(type_id)
    known = codec.types.get(type_id)
    if known is None:
        return wanted
    if known.is_enum != wanted.is_enum:
        raise Failure(f"the cluster knows {known.name!r} as {'an' if known.is_enum else 'no'} enum")
    if wanted.is_enum:
        _agree_on_constants(known, wanted)
        if set(wanted.enum_constants) <= set(known.enum_constants):
            return None
        return known.merge(replace(wanted, name=known.name))
    there = {one.field_id: one for one in known.fields}
    fields = []
    for one in wanted.fields:
        other = there.get(one.field_id)
        if other is not None and not _agree(one.type_code, other.type_code):
            raise Failure(
                f"the cluster has the field {other.name!r} of {known.name!r} with type code "
                f"{other.type_code}, not {one.type_code}"
            )
        fields.append(other or one)
    if set(wanted.schemas) <= set(known.schemas):
        return None
    return TypeDescription(
        type_id,
        known.name,
        known.affinity_key_field,
        tuple(fields),
        schemas=wanted.schemas,
    )


def _agree(mine: int, theirs: int) -> bool:
    if mine == theirs or tc.OBJECT in (mine, theirs):
        return True
    return {mine, theirs} <= {tc.ENUM, tc.BINARY_ENUM}


def _agree_on_constants(known: TypeDescription, wanted: TypeDescription) -> None:
    ordinals = dict(known.enum_constants)
    names = {ordinal: name for name, ordinal in known.enum_constants}
    for name, ordinal in wanted.enum_constants:
        if ordinals.get(name, ordinal) != ordinal or names.get(ordinal, name) != name:
            raise Failure(
                f"the cluster has other ordinals for {known.name!r}: "
                f"{name} is not its constant number {ordinal}"
            )


def note(out: Output, description: TypeDescription) -> None:
    """Add a type to those that have to be registered before the bytes are sent."""
    types = out.new_types
    for position, one in enumerate(types):
        if one is description:
            return
        if one.type_id == description.type_id:
            types[position] = one.merge(description)
            return
    types.append(description)


def write_object(state: Writing, out: Output, value: Any) -> None:
    """A complex object of a declared or generated class."""
    codec = state.codec
    cls = type(value)
    plan = codec.write_plan(cls)
    if plan.write is not None and plan.write(out, value):
        if plan.is_new:
            _note_new(codec, out, plan, cls)
        return
    kept: Kept | None = value.__dict__.get(KEPT)
    if kept is not None and kept.shared and state.places is None and state.active is None:
        table = state.table
        state.track()
        (state.table.get(type(value)) or writer_of(state, value))(state, out, value)
        state.stop_tracking()
        state.table = table
        return
    fields = None if kept is None else kept.fields
    if fields is not None and fields != plan.fields:
        plan = _kept_plan(codec, value, fields)
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    start = len(out)
    out += _PLACEHOLDER
    type_id = plan.type_id
    type_name = None if kept is None else kept.type_name
    if type_name is not None:
        type_id = 0
        write_text(state, out, type_name)
    data_start = len(out)
    offsets = []
    attributes = value.__dict__
    table, state.table = state.table, state.base
    name = ""
    try:
        for one in plan.fields:
            name = one.name
            offsets.append(len(out) - start)
            try:
                item = attributes[name] if name in attributes else getattr(value, name)
            except AttributeError:
                raise Failure("the object has no such attribute") from None
            hint = one.hint
            # Objects within objects are written from here, with one frame of the stack for each.
            if (
                hint is None
                or type(item) is hint
                or (hint is BinaryObject and codec.is_complex(item))
            ):
                (state.table.get(type(item)) or writer_of(state, item))(state, out, item)
            else:
                write_hinted(state, out, item, hint)
    except Failure as failure:
        raise failure.inside(f".{name}" if name.isidentifier() else f"[{name!r}]") from None
    state.depth += 1
    state.table = table
    _finish(codec, out, start, data_start, type_id, offsets, plan, kept)
    is_user_type = kept is None or kept.flags is None or kept.flags & tc.USER_TYPE
    if type_id and is_user_type and plan.is_new:
        _note_new(codec, out, plan, cls)


def _note_new(codec: Workings, out: Output, plan: WritePlan, cls: type[Any]) -> None:
    """Note what the registry does not have: the schema, the class."""
    if plan.description is not None:
        note(out, plan.description)
    if not codec.is_registered(cls) and cls not in out.new_classes:
        out.new_classes.append(cls)


def _kept_plan(codec: Workings, value: Any, fields: tuple[Field, ...]) -> WritePlan:
    """The plan of an object with a schema of its own: as it was read, unless it was extended."""
    declared: Declaration = type(value).__gridgain__
    present = {one.field_id for one in fields}
    added = [
        one
        for one in declared.fields
        if one.field_id not in present and getattr(value, one.name, None) != one.absent()
    ]
    if added:
        own = {one.field_id for one in declared.fields}
        extra = tuple(one for one in fields if one.field_id not in own)
        fields = declared.fields + extra
    return codec.write_plan(type(value), fields)


def _finish(
    codec: Workings,
    out: Output,
    start: int,
    data_start: int,
    type_id: int,
    offsets: list[int],
    plan: WritePlan,
    kept: Kept | None,
) -> None:
    """Footer and header, once the fields are written."""
    flags = tc.USER_TYPE | (tc.COMPACT_FOOTER if codec.compact_footer else 0)
    schema = plan.schema_id
    raw = None
    least = 0
    if kept is not None:
        raw = kept.raw
        if kept.flags is not None:
            flags = kept.flags & (tc.USER_TYPE | tc.COMPACT_FOOTER | tc.DOTNET_TYPE)
            if not offsets:
                flags |= kept.flags & (tc.HAS_SCHEMA | tc.OFFSET_ONE_BYTE | tc.OFFSET_TWO_BYTES)
            elif not kept.flags & tc.OFFSET_ONE_BYTE:
                least = 256 if kept.flags & tc.OFFSET_TWO_BYTES else 65536
        if kept.schema_id is not None and plan.fields == (kept.fields or plan.fields):
            schema = kept.schema_id
    raw_start = len(out) - start
    if raw is not None:
        flags |= tc.HAS_RAW
        out += raw
    footer = len(out) - start
    hash_code = bytes_hash(bytes(memoryview(out)[data_start:]))
    offset = raw_start if raw is not None else _HEADER_SIZE
    if offsets or flags & tc.HAS_SCHEMA:
        offset = footer
    if offsets:
        flags |= tc.HAS_SCHEMA
        last = max(offsets[-1], least)
        if last < 256:
            flags |= tc.OFFSET_ONE_BYTE
            letter = "B"
        elif last < 65536:
            flags |= tc.OFFSET_TWO_BYTES
            letter = "H"
        else:
            letter = "i"
        if flags & tc.COMPACT_FOOTER:
            out += Struct(f"<{len(offsets)}{letter}").pack(*offsets)
        else:
            entries = [part for pair in zip(plan.field_ids, offsets, strict=True) for part in pair]
            out += Struct("<" + f"i{letter}" * len(offsets)).pack(*entries)
    if raw is not None and flags & tc.HAS_SCHEMA:
        out += INT(raw_start)
    length = len(out) - start
    if length > _MOST:
        raise Failure(f"an object of {length} bytes is too long")
    HEADER.pack_into(out, start, tc.OBJECT, 1, flags, type_id, hash_code, length, schema, offset)


def write_enum(state: Writing, out: Output, value: enum.Enum) -> None:
    """A member of a declared enum."""
    constant = constant_of(state.codec, out, value)
    out += b"\x1c"
    out += INT(constant.type_id)
    out += INT(constant.ordinal)


def constant_of(codec: Workings, out: Output, member: enum.Enum) -> EnumValue:
    """The constant that a declared enum's member stands for."""
    declared = getattr(type(member), "__gridgain__", None)
    if not isinstance(declared, Declaration):
        raise Failure(f"the enum {type(member).__qualname__} is not declared as a binary type")
    type_id = codec.declared_type_id(declared)
    description = describe(codec, type_id, declared)
    if description is not None:
        note(out, description)
    if not codec.is_registered(type(member)) and type(member) not in out.new_classes:
        out.new_classes.append(type(member))
    return EnumValue(type_id, declared.ordinals[member.name], name=member.name)


def write_declared(state: Writing, out: Output, value: Any, cls: type[Any]) -> None:
    """An object whose hint is its class."""
    if isinstance(value, EnumValue) or not isinstance(value, cls):
        raise Failure(f"{shown(value)} of type {type(value).__name__} is no {cls.__name__}")
    if isinstance(value, enum.Enum):
        write_enum(state, out, value)
        return
    (state.table.get(type(value)) or writer_of(state, value))(state, out, value)
