"""Complex objects of one class, schema and shape: straight-line code to read and to write them.

As for pages of rows, the code is generated from type codes, ids and positions. Names of fields,
which may have come over the wire, get into it only where they are plain ASCII identifiers.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Any, Final

from . import typecodes as tc
from .declared import Field
from .hashing import bytes_hash
from .scalars import decode_decimal, make_uuid
from .shapes import Line, unpackers

if TYPE_CHECKING:
    from .reading import Reading
    from .reading_objects import ReadPlan
    from .times import Clock
    from .writing import Output

#: Reads the fields between two positions of an object that begins at a third; None if the object
#: has another shape.
ReadFields = Callable[["Reading", bytes, int, int, int], Any]
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
def read_fields(state, data, p, end, start):
    readers = state.readers
    try:
        {statements}
    except (StructError, UnicodeDecodeError):
        return None
    if p != end or unpack_footer(data, end) != ({footer}):
        return None
    {width}
    value = new(cls)
    {attributes}
    return value
"""


def fields_reader(
    clock: Clock, plan: ReadPlan, codes: tuple[int, ...], flags: int
) -> tuple[ReadFields, int]:
    """The reader of objects of one class, schema and shape, and the size of their footer.

    Args:
        clock: how instants are read.
        plan: the class and the fields.
        codes: the type code of each field.
        flags: the flags of the objects' headers.
    """
    line = Line(codes, "return None", marks=True)
    letter = "B" if flags & tc.OFFSET_ONE_BYTE else "H"
    if flags & tc.COMPACT_FOOTER:
        layout = f"<{len(codes)}{letter}"
        footer = [f"o{n} - start" for n in range(len(codes))]
    else:
        layout = "<" + f"i{letter}" * len(codes)
        footer = [
            part
            for n, one in enumerate(plan.fields)
            for part in (str(one.field_id), f"o{n} - start")
        ]
    namespace: dict[str, Any] = {
        "StructError": StructError,
        "make_uuid": make_uuid,
        "decode_decimal": decode_decimal,
        "read_date": clock.read_date,
        "read_time": clock.read_time,
        "read_timestamp": clock.read_timestamp,
        "unpack_footer": Struct(layout).unpack_from,
        "new": _new,
        "cls": plan.cls,
        **unpackers(line.layouts),
    }
    attributes = []
    for n, name in enumerate(plan.names):
        if _is_attribute(plan.cls, name):
            attributes.append(f"value.{name} = v{n}")
        else:
            namespace[f"name{n}"] = name
            attributes.append(f"value.__dict__[name{n}] = v{n}")
    last = f"o{len(codes) - 1} - start"
    source = _READ.format(
        statements="\n        ".join(line.statements),
        footer=", ".join(footer) + ",",
        width="" if letter == "B" else f"if {last} < 256: return None",
        attributes="\n    ".join(attributes),
    )
    exec(compile(source, f"<objects of {codes}>", "exec"), namespace)
    reader: ReadFields = namespace["read_fields"]
    return reader, Struct(layout).size


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
    if {last} > 255:
        return False
    end = 24 + len(body)
    out += pack_header(
        103, 1, {flags}, {type_id}, bytes_hash(body), end + {footer_size}, {schema_id}, end
    )
    out += body
    out += pack_footer({footer})
    return True
"""
_HEADER: Final = Struct("<BBHiiiii").pack
_CODE_SIZE: Final = Struct("<BI").pack


def object_writer(
    values: Callable[[Any], tuple[Any, ...]],
    fields: tuple[Field, ...],
    type_id: int,
    schema_id: int,
    compact_footer: bool,
) -> WriteObject | None:
    """The writer of objects of one class, if all its fields are numbers or text; else None.

    Args:
        values: gets the values of all fields of an object, and what it keeps.
        fields: the fields in the order of the schema.
        type_id: the type's id.
        schema_id: the schema's id.
        compact_footer: whether the footer has offsets alone.
    """
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

    for n, one in enumerate(fields):
        code = one.written_code
        inside = Struct("<" + layout).size
        offsets.append(f"o{n} = {position} + {inside}")
        if code in _NUMBERS:
            item, kind = _NUMBERS[code]
            layout += "B" + item
            arguments += [str(code), f"v{n}"]
            tests.append(f"type(v{n}) is not {kind}")
            if code == tc.DOUBLE:
                tests.append(f"v{n} != v{n}")
        elif code == tc.STRING:
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
        else:
            return None
    flush()
    count = len(fields)
    footer = [
        part
        for n, one in enumerate(fields)
        for part in ([] if compact_footer else [str(one.field_id)]) + [f"o{n}"]
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
        "values": values,
        "bytes_hash": bytes_hash,
        "pack_header": _HEADER,
        "pack_size": _CODE_SIZE,
        "pack_footer": footer_layout.pack,
        **{f"pack{n}": Struct(one).pack for n, one in enumerate(layouts)},
    }
    exec(compile(source, f"<objects of {count} fields>", "exec"), namespace)
    writer: WriteObject = namespace["write_object"]
    return writer
