"""Reading complex objects: header, fields in the order of their schema, raw data, footer.

What is known of a type and a schema is worked out once, into a `ReadPlan`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, cast

from ..exceptions import DecodeError, ParameterError, UnknownType
from . import typecodes as tc
from .declared import KEPT, NARROW, Declaration, Field, Kept, generated_class
from .handles import TRACKED, TrackedReading
from .hashing import schema_id
from .hints import BY_CODE, Hint, HintType
from .reading import READERS, Read, Reading, class_name_at, length_at, short
from .values import RawObject

if TYPE_CHECKING:
    from .registry import TypeDescription
    from .workings import Workings

HEADER_SIZE: Final = 24
#: Version, flags, type id, hash code, length, schema id, offset of the footer or of the raw data.
HEADER: Final = Struct("<BHiiiii").unpack_from
#: Flags, type id and schema id of an object, from its wrapper's length on.
_WRAPPED_KEY: Final = Struct("<6xHi8xi").unpack_from
_INT: Final = Struct("<i").unpack_from
#: Makes an object without running code of its class.
new: Final = object.__new__

#: Codes whose values are written back with the same code by their Python type alone; described
#: fields of them have no need of a hint.
_BY_TYPE: Final = frozenset(
    (
        tc.OBJECT,
        tc.WRAPPED,
        tc.COLLECTION,
        tc.MAP,
        tc.OBJECT_ARRAY,
        tc.ENUM,
        tc.ENUM_ARRAY,
        tc.CLASS,
    )
)

#: Fields of Java's own types, which no cluster describes: names by type id and field id.
_JAVA_FIELDS: Final = {
    -482343881: ("AffinityKey", {106079: "key", -1420595746: "affKey"}),
}


#: What Python does not tell apart, by Python type: the plain code first, then the narrow ones.
_ALIKE: Final = (
    (int, tc.LONG, (tc.BYTE, tc.SHORT, tc.INT)),
    (float, tc.DOUBLE, (tc.FLOAT,)),
    (str, tc.STRING, (tc.CHAR,)),
    (datetime, tc.TIMESTAMP, (tc.DATE,)),
)

#: Containers whose elements do not have to be of one type.
_MIXED: Final = frozenset((tc.COLLECTION, tc.MAP, tc.OBJECT_ARRAY))


def _noting(readers: list[Read]) -> list[Read]:
    """Readers for a container within an object: they note which of the codes alike they meet."""

    def note(bit: int, read: Read) -> Read:
        def read_noting(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
            state.noted |= bit
            return read(state, data, pos)

        return read_noting

    table = list(readers)
    for _, plain, narrow in _ALIKE:
        for code in (plain, *narrow):
            table[code] = note(1 << code, readers[code])
    return table


@lru_cache(maxsize=1024)
def _remembered(code: int, noted: int) -> type[Hint] | None:
    """The hint of a container whose elements had narrow types, all ints the same and so on."""
    by_type = []
    for python_type, plain, narrow in _ALIKE:
        met = [one for one in (plain, *narrow) if noted >> one & 1]
        if len(met) == 1 and met[0] != plain:
            by_type.append((python_type, BY_CODE[met[0]]))
    if not by_type:
        return None
    base = BY_CODE[code]
    made: Any = HintType(base.__name__, (base,), {"by_type": tuple(by_type)})
    return cast(type[Hint], made)


class ReadPlan:
    """How objects of one type and schema become Python objects.

    Attributes:
        cls: the class.
        names: the fields' names in the order of the wire.
        fields: the fields in the order of the wire.
        schema_id: the id of the schema.
        own_schema: whether that is the class's own schema.
        missing: fields of the class that the schema does not have.
        codes: the type code that each field is written back with; 0 if its value decides.
    """

    __slots__ = (
        "_observed",
        "cls",
        "codes",
        "fields",
        "missing",
        "names",
        "own_schema",
        "schema_id",
    )

    def __init__(self, cls: type[Any], fields: tuple[Field, ...]) -> None:
        declared: Declaration = cls.__gridgain__
        self.cls = cls
        self.fields = fields
        self.names = tuple(one.name for one in fields)
        self.schema_id = schema_id(one.field_id for one in fields)
        self.own_schema = fields == declared.fields
        present = set(self.names)
        self.missing = tuple(one for one in declared.fields if one.name not in present)
        self.codes = tuple(one.written_code for one in fields)
        self._observed: dict[tuple[int, ...], tuple[Field, ...] | None] = {}

    def observed(self, codes: list[int]) -> tuple[Field, ...] | None:
        """The fields with hints for what was read, if the plan's would write other codes."""
        key = tuple(codes)
        if key in self._observed:
            return self._observed[key]
        fields = list(self.fields)
        for position, (noted, written) in enumerate(zip(codes, self.codes, strict=True)):
            found = noted & 0xFF
            hint = fields[position].hint
            if found in _MIXED and getattr(hint, "element", None) is None:
                remembered = _remembered(found, noted >> 8)
                if remembered is not None:
                    fields[position] = replace(fields[position], hint=remembered)
                    continue
            if found == written or found == tc.NULL or (not written and found not in NARROW):
                continue
            fields[position] = replace(fields[position], hint=NARROW.get(found))
        result = tuple(fields)
        if len(self._observed) >= 1024:  # bytes alone must not make it grow for ever
            self._observed.clear()
        changed = self._observed[key] = None if result == self.fields else result
        return changed


def make_plan(codec: Workings, type_id: int, field_ids: tuple[int, ...]) -> ReadPlan:
    """Work out how objects of a type with these fields are read."""
    if len(set(field_ids)) != len(field_ids):
        raise DecodeError(f"a schema of the type {type_id} names a field twice")
    description = codec.types.get(type_id)
    cls = codec.classes.get(type_id)
    if cls is None:
        fields = tuple(_described(type_id, field_ids, description))
        name = description.name if description else _java_name(type_id)
        return ReadPlan(generated_class(type_id, name, fields), fields)
    declared: Declaration = cls.__gridgain__
    by_id = {one.field_id: one for one in declared.fields}
    used = {one.name for one in declared.fields}
    unknown = tuple(one for one in field_ids if one not in by_id)
    for one in _described(type_id, unknown, description):
        name = one.name if one.name not in used else _unnamed(one.field_id)
        by_id[one.field_id] = replace(one, name=name)
    return ReadPlan(cls, tuple(by_id[one] for one in field_ids))


def _java_name(type_id: int) -> str:
    known = _JAVA_FIELDS.get(type_id)
    return known[0] if known else f"type_{type_id & 0xFFFFFFFF:08x}"


def _unnamed(field_id: int) -> str:
    return f"field_{field_id & 0xFFFFFFFF:08x}"


def _described(
    type_id: int, field_ids: tuple[int, ...], description: TypeDescription | None
) -> list[Field]:
    known = {one.field_id: one for one in description.fields} if description else {}
    java = _JAVA_FIELDS.get(type_id, ("", {}))[1]
    used: set[str] = {KEPT}
    fields = []
    for field_id in field_ids:
        described = known.get(field_id)
        name = described.name if described else java.get(field_id, _unnamed(field_id))
        if name in used:
            name = _unnamed(field_id)
        used.add(name)
        code = described.type_code if described else tc.OBJECT
        hint = None if code in _BY_TYPE else BY_CODE.get(code)
        fields.append(Field(name, hint, code, field_id))
    return fields


def _layout(
    data: bytes, start: int, at: int, end: int, flags: int, offset: int
) -> tuple[list[int], list[int] | None, int, bytes | None]:
    """Footer and raw data: the fields' offsets, their ids if given, where they end, raw bytes."""
    if not flags & tc.HAS_SCHEMA:
        if not flags & tc.HAS_RAW:
            return [], None, at, None
        raw_start = start + offset
        if raw_start != at:
            raise DecodeError(f"the object at {start} has raw data at {offset}")
        return [], None, at, data[raw_start:end]
    footer = start + offset
    raw: bytes | None = None
    footer_end = end
    if flags & tc.HAS_RAW:
        footer_end -= 4
    if not at <= footer <= footer_end:
        raise DecodeError(f"the object at {start} has a footer at {offset}")
    fields_end = footer
    if flags & tc.HAS_RAW:
        fields_end = start + _INT(data, footer_end)[0]
        if not at <= fields_end <= footer:
            raise DecodeError(f"the object at {start} has raw data at {fields_end - start}")
        raw = data[fields_end:footer]
    if flags & tc.OFFSET_ONE_BYTE:
        width, letter = 1, "B"
    elif flags & tc.OFFSET_TWO_BYTES:
        width, letter = 2, "H"
    else:
        width, letter = 4, "i"
    entry = width if flags & tc.COMPACT_FOOTER else width + 4
    count, rest = divmod(footer_end - footer, entry)
    if rest:
        raise DecodeError(f"the object at {start} has a footer of {footer_end - footer} bytes")
    if flags & tc.COMPACT_FOOTER:
        return list(Struct(f"<{count}{letter}").unpack_from(data, footer)), None, fields_end, raw
    entries = Struct("<" + f"i{letter}" * count).unpack_from(data, footer)
    return list(entries[1::2]), list(entries[::2]), fields_end, raw


def _odd(
    codec: Workings, flags: int, name: str | None, schema: int, plan: ReadPlan, raw: bytes | None
) -> Kept | None:
    """What of the header the codec would not write by itself."""
    usual = tc.USER_TYPE | (tc.COMPACT_FOOTER if codec.compact_footer else 0)
    free = tc.HAS_SCHEMA | tc.HAS_RAW | tc.OFFSET_ONE_BYTE | tc.OFFSET_TWO_BYTES
    odd = flags & ~free != usual or (not plan.fields and flags & tc.HAS_SCHEMA)
    own = plan.schema_id
    if not odd and raw is None and name is None and schema == own:
        return None
    return Kept(
        raw=raw,
        flags=flags if odd else None,
        schema_id=schema if schema != own else None,
        type_name=name,
    )


def _wide(flags: int, offsets: list[int]) -> bool:
    """Whether offsets have more bytes than they need, as other clients write them."""
    if not offsets or flags & tc.OFFSET_ONE_BYTE:
        return False
    return offsets[-1] < (256 if flags & tc.OFFSET_TWO_BYTES else 65536)


def _install(readers: list[Read]) -> None:
    """Add complex objects to a table of readers, with or without track of handles."""
    readers[tc.WRAPPED] = _wrapped
    noting = _noting(readers)

    def read(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        start = pos - 1
        if start + HEADER_SIZE > state.end:
            short(state, start, HEADER_SIZE)
        version, flags, type_id, hash_code, length, schema, offset = HEADER(data, pos)
        end = start + length
        if not HEADER_SIZE <= length <= state.end - start:
            raise DecodeError(f"the object at {start} has a length of {length}")
        codec = state.codec
        if version == 1 and state.depth > 0 and readers is READERS:
            for known in codec.object_readers.get((flags, type_id, schema), ()):
                made = known.bare(state, data, pos + 23, length, offset)
                if made is not None:
                    return made, end
        if version != 1:
            raise DecodeError(f"the object at {start} is of version {version}")
        if state.depth <= 0:
            state.too_deep()
        at = start + HEADER_SIZE
        name = None
        if type_id == 0:
            name, at = class_name_at(state, data, at)
            try:
                type_id = codec.type_id(name)
            except ParameterError as exc:
                raise DecodeError(str(exc)) from None
            if at > end:
                raise DecodeError(f"the object at {start} ends within its class name")
        offsets, ids, fields_end, raw = _layout(data, start, at, end, flags, offset)
        plan = codec.find_plan(type_id, schema, flags, offsets, ids)
        if plan is None:
            value = RawObject(type_id, schema, hash_code, data[start:end])
            if isinstance(state, TrackedReading):
                state.done[start] = (value, end)
            return value, end
        obj = new(plan.cls)
        if isinstance(state, TrackedReading):
            state.start(start, obj)
        else:
            state.depth -= 1
        outer_readers, outer_end, outer_noted = state.readers, state.end, state.noted
        state.readers = readers
        state.end = fields_end
        values = []
        codes = []
        for expected in offsets:
            if at - start != expected or at >= fields_end:
                raise DecodeError(
                    f"the object at {start} has a field at {at - start}, its footer says {expected}"
                )
            code = data[at]
            if code in _MIXED:
                state.readers, state.noted = noting, 0
                value, at = noting[code](state, data, at + 1)
                state.readers = readers
                code |= state.noted << 8
            else:
                value, at = readers[code](state, data, at + 1)
            values.append(value)
            codes.append(code)
        if at != fields_end and (offsets or raw is None):
            raise DecodeError(f"the object at {start} has {fields_end - at} bytes after its fields")
        state.readers, state.end, state.noted = outer_readers, outer_end, outer_noted
        kept = _odd(codec, flags, name, schema, plan, raw)
        fields = plan.observed(codes)
        if fields is not None or not plan.own_schema:
            kept = kept or Kept()
            kept.fields = fields or plan.fields
        if _wide(flags, offsets):
            kept = kept or Kept()
            kept.flags = flags
        attributes = obj.__dict__
        attributes.update(zip(plan.names, values, strict=True))
        for one in plan.missing:
            attributes[one.name] = one.absent()
        if isinstance(state, TrackedReading):
            kept = kept or Kept()
            kept.shared = True
            attributes[KEPT] = kept
            return state.finish(start, obj, end)
        if kept is not None:
            attributes[KEPT] = kept
        state.depth += 1
        if kept is None and not plan.missing and readers is READERS:
            codec.learn_shape((flags, type_id, schema), plan, codes)
        return obj, end

    def read_once(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        if isinstance(state, TrackedReading):
            known = state.done.get(pos - 1)
            if known is not None:
                return known
        return read(state, data, pos)

    readers[tc.OBJECT] = noting[tc.OBJECT] = read_once if readers is TRACKED else read


def _wrapped(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 28 <= state.end and state.readers is READERS:
        flags, type_id, schema = _WRAPPED_KEY(data, pos)
        for known in state.codec.object_readers.get((flags, type_id, schema), ()):
            made = known.wrapped(state, data, pos)
            if made is not None:
                state.wrapped = known.wrapped
                return made
    size, start = length_at(state, data, pos, 1)
    end = start + size
    if end + 4 > state.end:
        short(state, pos, size + 8)
    offset: int = _INT(data, end)[0]
    if not 0 <= offset < size or data[start + offset] != tc.OBJECT:
        raise DecodeError(f"the wrapped value at {pos - 1} has its root at {offset}")
    if state.depth <= 0:
        state.too_deep()
    base, outer_end = state.base, state.end
    state.base, state.end = start, end
    state.depth -= 1
    value, _ = state.readers[tc.OBJECT](state, data, start + offset + 1)
    state.depth += 1
    state.base, state.end = base, outer_end
    return value, end + 4


def find_plan(
    codec: Workings,
    type_id: int,
    schema: int,
    flags: int,
    offsets: list[int],
    ids: list[int] | None,
) -> ReadPlan | None:
    """The plan of an object.

    Returns:
        The plan, or None if nobody knows the schema.

    Raises:
        UnknownType: the cluster has not been asked for it.
        DecodeError: the schema is not that of the object.
    """
    count = len(offsets)
    missing = codec.types.is_missing(type_id, schema)
    field_ids: tuple[int, ...]
    if ids is not None:
        field_ids = tuple(ids)
    elif count == 0:
        field_ids = ()
    else:
        known = codec.field_ids(type_id, schema)
        if known is None:
            if missing:
                return None
            raise UnknownType(type_id, schema)
        field_ids = known
        if len(field_ids) != count:
            raise DecodeError(
                f"an object of the type {type_id} has {count} fields, its schema {len(field_ids)}"
            )
    plan = codec.plans.get((type_id, field_ids))
    if plan is None:
        if flags & tc.USER_TYPE and not missing and not codec.is_named(type_id, field_ids):
            raise UnknownType(type_id, schema)
        if len(codec.plans) >= 4096:  # bytes alone must not make it grow for ever
            codec.plans.clear()
        plan = codec.plans[type_id, field_ids] = make_plan(codec, type_id, field_ids)
    return plan


_install(READERS)
_install(TRACKED)
