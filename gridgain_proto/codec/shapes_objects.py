"""Complex objects of one class, schema and shape: straight-line code to read and to write them.

As for pages of rows, the code is generated from type codes, ids and positions. Names of fields,
which may have come over the wire, get into it only where they are plain ASCII identifiers.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from operator import attrgetter
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import typecodes as tc
from .accelerated import accelerated
from .declared import KEPT, Field
from .hashing import bytes_hash
from .scalars import decode_decimal, make_uuid
from .shapes import Line, unpackers

if TYPE_CHECKING:
    from .reading import Reading
    from .reading_objects import ReadPlan
    from .times import Clock
    from .writing import Output

#: Reads an object from the first byte after its header; None if it has another shape.
ReadObject = Callable[["Reading", bytes, int, int, int], Any]
#: Reads a wrapped object; None if it has another shape.
ReadWrapped = Callable[["Reading", bytes, int], "tuple[Any, int] | None"]
#: Writes an object; False if it has another shape.
WriteObject = Callable[["Output", Any], bool]

#: Field types whose values hold no others.
FLAT: Final = frozenset(
    (*range(tc.BYTE, tc.STRING_ARRAY), tc.DECIMAL, tc.TIMESTAMP, tc.TIME, tc.NULL, tc.OPAQUE)
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
_new: Final = object.__new__


def _is_attribute(cls: type[Any], name: str) -> bool:
    """Whether a field can be set by a statement that names it."""
    if any("__setattr__" in base.__dict__ for base in cls.__mro__[:-1]):
        return False
    if not _IDENTIFIER.match(name):
        return False
    if keyword.iskeyword(name):
        return False
    return not hasattr(type(getattr(cls, name, None)), "__set__")


_READ: Final = """\
def read_object(state, data, p, length, offset):
    readers = state.readers
    end = state.end
    start = p - 24
    try:
        {statements}
    except (StructError, UnicodeDecodeError):
        return None
    if (
        p != start + offset
        or offset + {footer_size} != length
        or unpack_footer(data, p) != ({footer},)
    ):
        return None
    {width}
    value = new(cls)
    {attributes}
    return value


def read_wrapped(state, data, p):
    if state.depth < 2:
        return None
    readers = state.readers
    end = state.end
    start = p + 4
    try:
        {wrapped_statements}
        if (
            p != start + offset
            or offset + {footer_size} != length
            or size != length
            or p + {footer_size} + 4 > end
            or unpack_wrapped_footer(data, p) != ({footer}, 0)
        ):
            return None
    except (StructError, UnicodeDecodeError):
        return None
    {width}
    value = new(cls)
    {attributes}
    return value, p + {footer_size} + 4
"""
#: The length of what is wrapped, and the header of the object that it begins with.
_WRAPPED_LAYOUT: Final = "i8s4xiii"


class ObjectReader(NamedTuple):
    """Reads objects of one class, schema and shape.

    Attributes:
        bare: reads an object from the first byte after its header.
        wrapped: reads a wrapped object from the byte after the type code of the wrapper.
    """

    bare: ReadObject
    wrapped: ReadWrapped


def object_reader(
    clock: Clock, plan: ReadPlan, codes: tuple[int, ...], key: tuple[int, int, int]
) -> ObjectReader:
    """The reader of objects of one class, schema and shape.

    Args:
        clock: how instants are read.
        plan: the class and the fields.
        codes: the type code of each field.
        key: flags, type id and schema id in the objects' headers.
    """
    are_attributes = tuple(_is_attribute(plan.cls, name) for name in plan.names)
    field_ids = tuple(one.field_id for one in plan.fields)
    return make_reader(clock, plan.cls, plan.names, are_attributes, field_ids, codes, key)


@accelerated
def make_reader(
    clock: Clock,
    cls: type[Any],
    names: tuple[str, ...],
    are_attributes: tuple[bool, ...],
    field_ids: tuple[int, ...],
    codes: tuple[int, ...],
    key: tuple[int, int, int],
) -> ObjectReader:
    """The reader of objects, of what has been worked out about its fields."""
    flags, type_id, schema_id = key
    line = Line(codes, "return None", marks=True)
    head = (
        _WRAPPED_LAYOUT,
        ["size", "head", "length", "schema", "offset"],
        ["head != expected_head", f"schema != {schema_id}"],
    )
    wrapped_line = Line(codes, "return None", marks=True, head=head)
    letter = "B" if flags & tc.OFFSET_ONE_BYTE else "H"
    footer = []
    layout = "<"
    for n, field_id in enumerate(field_ids):
        if not flags & tc.COMPACT_FOOTER:
            layout += "i"
            footer.append(str(field_id))
        layout += letter
        footer.append(line.offsets[n])
    namespace: dict[str, Any] = {
        "StructError": StructError,
        "make_uuid": make_uuid,
        "decode_decimal": decode_decimal,
        "read_date": clock.read_date,
        "read_time": clock.read_time,
        "read_timestamp": clock.read_timestamp,
        "unpack_footer": Struct(layout).unpack_from,
        "unpack_wrapped_footer": Struct(layout + "i").unpack_from,
        "new": _new,
        "cls": cls,
        "expected_head": Struct("<BBHi").pack(tc.OBJECT, 1, flags, type_id),
        **unpackers(line.layouts, "unpack"),
        **unpackers(wrapped_line.layouts, "unpack_wrapped"),
    }
    attributes = []
    for n, name in enumerate(names):
        if are_attributes[n]:
            attributes.append(f"value.{name} = v{n}")
        else:
            namespace[f"name{n}"] = name
            attributes.append(f"value.__dict__[name{n}] = v{n}")
    wide = f"if {line.offsets[-1]} < 256: return None"
    source = _READ.format(
        statements="\n        ".join(line.statements),
        wrapped_statements="\n        ".join(wrapped_line.statements).replace(
            "unpack", "unpack_wrapped"
        ),
        footer=", ".join(footer),
        footer_size=Struct(layout).size,
        width="" if letter == "B" else wide,
        attributes="\n    ".join(attributes),
    )
    exec(compile(source, f"<objects of {codes}>", "exec"), namespace)
    return ObjectReader(namespace["read_object"], namespace["read_wrapped"])


# --- writing -------------------------------------------------------------------------------------

#: What a field's value has to be, and how it lies after its type code, by the code of its hint.
_NUMBERS: Final = {
    tc.BYTE: ("b", "int"),
    tc.SHORT: ("h", "int"),
    tc.INT: ("i", "int"),
    tc.LONG: ("q", "int"),
    tc.DOUBLE: ("d", "float"),
    tc.BOOLEAN: ("?", "bool"),
}

_WRITE: Final = """\
def write_object(out, value):
    try:
        {names}, kept = values(value)
    except AttributeError:
        return False
    if kept is not None or {tests}:
        return False
    try:
        {statements}
        body = {body}
    except (StructError, UnicodeEncodeError):
        return False
    {offsets}
    end = 24 + len(body)
    if {last} > 255 or end > 0x7FFFFFFF - {footer_size}:
        return False
    out += pack_header(
        103, 1, {flags}, {type_id}, bytes_hash(body), end + {footer_size}, {schema_id}, end
    )
    out += body
    out += pack_footer({footer})
    return True
"""
#: With more fields the last one's offset is past 255, even if all are null.
_MOST_FIELDS: Final = 232
_HEADER: Final = Struct("<BBHiiiii").pack
_CODE_SIZE: Final = Struct("<BI").pack


def object_writer(
    names: list[str],
    fields: tuple[Field, ...],
    type_id: int,
    schema_id: int,
    compact_footer: bool,
) -> WriteObject | None:
    """The writer of objects of one class, if all its fields are numbers or text; else None.

    Args:
        names: the names of the fields.
        fields: the fields in the order of the schema.
        type_id: the type's id.
        schema_id: the schema's id.
        compact_footer: whether the footer has offsets alone.
    """
    codes = tuple(one.written_code for one in fields)
    if not all(code in _NUMBERS or code == tc.STRING for code in codes):
        return None
    field_ids = tuple(one.field_id for one in fields)
    return make_writer((*names, KEPT), codes, field_ids, type_id, schema_id, compact_footer)


@accelerated
def make_writer(
    names: tuple[str, ...],
    codes: tuple[int, ...],
    field_ids: tuple[int, ...],
    type_id: int,
    schema_id: int,
    compact_footer: bool,
) -> WriteObject | None:
    """The writer of objects, of what has been worked out about its fields.

    Args:
        names: the attributes that hold the fields, and the one that holds what an object keeps.
        codes: the type code that each field is written with: of a number or of text.
        field_ids: the fields' ids.
        type_id: the type's id.
        schema_id: the schema's id.
        compact_footer: whether the footer has offsets alone.

    Returns:
        The writer; None if objects of so many fields cannot have offsets of one byte.
    """
    if len(codes) > _MOST_FIELDS:
        return None
    tests, statements, body, offsets = [], [], [], []
    layouts: list[str] = []
    layout = ""
    arguments: list[str] = []
    position = "24"

    def flush() -> None:
        nonlocal layout, arguments, position
        if layout:
            body.append(f"pack{len(layouts)}({', '.join(arguments)})")
            layouts.append("<" + layout)
            position += f" + {Struct('<' + layout).size}"
            layout, arguments = "", []

    for n, code in enumerate(codes):
        inside = Struct("<" + layout).size
        offsets.append(f"o{n} = {position} + {inside}")
        if code in _NUMBERS:
            item, kind = _NUMBERS[code]
            layout += "B" + item
            arguments += [str(code), f"v{n}"]
            tests.append(f"type(v{n}) is not {kind}")
            if code == tc.DOUBLE:
                tests.append(f"v{n} != v{n}")
        else:
            flush()
            tests.append(f"type(v{n}) is not str and v{n} is not None")
            statements += [
                f"if v{n} is None: t{n} = b'e'",
                "else:",
                f"    t{n} = v{n}.encode()",
                f"    t{n} = pack_size(9, len(t{n})) + t{n}",
            ]
            body.append(f"t{n}")
            position += f" + len(t{n})"
    flush()
    count = len(codes)
    footer = [
        part
        for n, field_id in enumerate(field_ids)
        for part in ([] if compact_footer else [str(field_id)]) + [f"o{n}"]
    ]
    footer_layout = Struct(f"<{count}B" if compact_footer else "<" + "iB" * count)
    flags = tc.USER_TYPE | tc.HAS_SCHEMA | tc.OFFSET_ONE_BYTE
    source = _WRITE.format(
        names=", ".join(f"v{n}" for n in range(count)),
        tests=" or ".join(tests),
        statements="\n        ".join(statements) or "pass",
        body=" + ".join(body),
        offsets="\n    ".join(offsets),
        last=f"o{count - 1}",
        flags=flags | (tc.COMPACT_FOOTER if compact_footer else 0),
        type_id=type_id,
        schema_id=schema_id,
        footer_size=footer_layout.size,
        footer=", ".join(footer),
    )
    namespace: dict[str, Any] = {
        "StructError": StructError,
        "values": attrgetter(*names),
        "bytes_hash": bytes_hash,
        "pack_header": _HEADER,
        "pack_size": _CODE_SIZE,
        "pack_footer": footer_layout.pack,
        **{f"pack{n}": Struct(one).pack for n, one in enumerate(layouts)},
    }
    exec(compile(source, f"<objects of {count} fields>", "exec"), namespace)
    writer: WriteObject = namespace["write_object"]
    return writer
