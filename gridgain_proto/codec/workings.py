"""What a codec works out from its registry: plans, writers by type, code for shapes.

All of it always comes out the same, so that keeping it changes nothing but the time that encoding
and decoding take.
"""

from __future__ import annotations

import enum
from typing import Any, Final

from ..exceptions import DecodeError, ParameterError
from . import typecodes as tc
from .declared import Declaration, Field, GenericObject, declaration_of
from .hashing import NameMapper
from .hashing import type_id as make_type_id
from .hinted import write_hinted, write_typed_array
from .hints import NUMPY_SCALARS
from .reading_objects import ReadPlan, find_plan
from .registry import TypeRegistry
from .runs import PAIRS, RUN_TYPES, WriteRun, make_run
from .shapes import MOST_SHAPES, ReadRows, rows_reader
from .shapes_objects import FLAT, ObjectReader, object_reader
from .times import Clock
from .values import EnumValue, RawObject
from .writing import Failure, Output, Write, Writing, shown, tracked, with_handles
from .writing_containers import BASES, CONTAINERS, HOLDERS, SHARED, write_tracked_tuple, write_tuple
from .writing_objects import WritePlan, constant_of, write_declared, write_enum, write_object
from .writing_scalars import WRITERS, write_buffer

#: How many shapes of one schema get code of their own, such as with this or that field null.
_SHAPES_OF_A_TYPE: Final = 4
#: How often a shape is met before it gets code of its own.
_SEEN_OFTEN: Final = 4


class Workings:
    """The part of a codec that its readers and writers use.

    Attributes:
        types: what is known of binary types.
        compact_footer: whether complex objects are written with compact footers.
        name_mapper: how the cluster makes type ids of type names.
        clock: how instants are read and written.
        max_depth: how deep values may be nested.
        handles: whether a container that occurs more than once is written once.
        classes: the Python classes to read objects as, by type id.
        writers: the writer of each Python type.
        tracked_writers: the same for messages with handles.
    """

    __slots__ = (
        "classes",
        "clock",
        "compact_footer",
        "handles",
        "max_depth",
        "name_mapper",
        "narrow_tables",
        "object_readers",
        "page_readers",
        "pair_runs",
        "plans",
        "shapes_seen",
        "tracked_writers",
        "types",
        "write_plans",
        "writers",
    )

    def __init__(
        self,
        types: TypeRegistry,
        *,
        compact_footer: bool,
        name_mapper: NameMapper,
        clock: Clock,
        max_depth: int,
        handles: bool,
    ) -> None:
        self.types = types
        self.compact_footer = compact_footer
        self.name_mapper = name_mapper
        self.clock = clock
        self.max_depth = max_depth
        self.handles = handles
        self.classes: dict[int, type[Any]] = {
            self.declared_type_id(declaration_of(cls)): cls for cls in types.classes.values()
        }
        self.plans: dict[tuple[int, tuple[int, ...]], ReadPlan] = {}
        self.object_readers: dict[tuple[int, int, int], tuple[ObjectReader, ...]] = {}
        self.shapes_seen: dict[tuple[tuple[int, int, int], tuple[int, ...]], int] = {}
        self.page_readers: dict[tuple[tuple[int, ...], str], ReadRows] = {}
        self.pair_runs: dict[tuple[type[Any], type[Any]], WriteRun | None] = dict(PAIRS)
        self.narrow_tables: dict[Any, dict[type[Any], Write]] = {}
        self.write_plans: dict[tuple[type[Any], int], tuple[Any, WritePlan]] = {}
        self.writers: dict[type[Any], Write] = {**WRITERS, **HOLDERS}
        self.tracked_writers: dict[type[Any], Write] = {**self.writers}
        for cls, write in CONTAINERS.items():
            self._add_container(cls, write)

    def inherit(self, older: Workings) -> None:
        """Take over what another codec with the same options has worked out and still holds."""
        self.page_readers = older.page_readers
        same = {
            type_id
            for type_id, _ in list(older.plans)
            if self.types.get(type_id) is older.types.get(type_id)
            and self.classes.get(type_id) is older.classes.get(type_id)
        }
        # A copy at once: another thread may be decoding with the older one.
        self.plans.update((key, plan) for key, plan in list(older.plans.items()) if key[0] in same)
        self.object_readers.update(
            (key, known) for key, known in list(older.object_readers.items()) if key[1] in same
        )

    def _add_container(self, cls: type[Any], write: Write) -> None:
        self.writers[cls] = with_handles(write) if issubclass(cls, SHARED) else write
        self.tracked_writers[cls] = write_tracked_tuple if write is write_tuple else tracked(write)

    write_hinted = staticmethod(write_hinted)
    write_typed_array = staticmethod(write_typed_array)

    find_plan = find_plan
    constant_of = constant_of
    write_declared = staticmethod(write_declared)

    def learn_shape(self, key: tuple[int, int, int], plan: ReadPlan, codes: list[int]) -> None:
        """Note the shape of an object; one that is met again and again gets code of its own."""
        known = self.object_readers.get(key, ())
        if len(known) >= _SHAPES_OF_A_TYPE or not codes:
            return
        if not key[0] & (tc.OFFSET_ONE_BYTE | tc.OFFSET_TWO_BYTES) or not FLAT.issuperset(codes):
            return
        shape = (key, tuple(codes))
        seen = self.shapes_seen.get(shape, 0) + 1
        if len(self.shapes_seen) >= MOST_SHAPES and seen == 1:
            return
        self.shapes_seen[shape] = seen
        if seen == _SEEN_OFTEN:
            made = object_reader(self.clock, plan, shape[1], key)
            self.object_readers[key] = (*known, made)

    def page_reader(self, codes: tuple[int, ...], form: str) -> ReadRows | None:
        """The reader of rows of one shape; None if there are too many shapes."""
        known = self.page_readers.get((codes, form))
        if known is None and len(self.page_readers) < MOST_SHAPES:
            known = self.page_readers[codes, form] = rows_reader(self.clock, codes, form)
        return known

    def find_writer(self, cls: type[Any], is_tracked: bool) -> Write:
        """The writer of a type met for the first time."""
        table = self.tracked_writers if is_tracked else self.writers
        if cls in table:
            return table[cls]
        declared = getattr(cls, "__gridgain__", None)
        if isinstance(declared, Declaration):
            if cls is not declared.cls and not issubclass(cls, GenericObject):
                raise Failure(f"{cls.__qualname__} is not declared, its base class is")
            write: Write = write_enum if declared.is_enum else write_object
            self.writers[cls] = write
            self.tracked_writers[cls] = write if declared.is_enum else tracked(write)
            return table[cls]
        for base, candidate in BASES:
            if issubclass(cls, base):
                write = candidate
                break
        else:
            write = self._foreign_writer(cls)
        if write in CONTAINERS.values():
            self._add_container(cls, write)
        else:
            self.writers[cls] = self.tracked_writers[cls] = write
        return table[cls]

    def narrow_writers(
        self, by_type: tuple[tuple[type, type], ...], base: dict[type[Any], Write]
    ) -> dict[type[Any], Write]:
        """The writers within a container whose elements have narrow types."""
        key = (by_type, base is self.tracked_writers)
        known = self.narrow_tables.get(key)
        if known is None:
            if len(self.narrow_tables) >= 256:  # bytes alone must not make it grow for ever
                self.narrow_tables.clear()
            known = self.narrow_tables[key] = dict(base)
            known.update((cls, _as_hinted(hint)) for cls, hint in by_type)
        return known

    def pairs_run(self, types: tuple[type[Any], type[Any]]) -> WriteRun | None:
        """What writes pairs of these types of key and value, one after the other.

        One such pair has been written: there is nothing to register for the next ones.
        """
        if types not in self.pair_runs:
            if len(self.pair_runs) >= 4096:
                self.pair_runs.clear()
            self.pair_runs[types] = self._make_pairs_run(types)
        return self.pair_runs[types]

    def _make_pairs_run(self, types: tuple[type[Any], type[Any]]) -> WriteRun | None:
        writers = []
        for one in types:
            writer = None
            if one not in RUN_TYPES:
                if self.handles or self.writers.get(one) is not write_object:
                    return None
                plan = self.write_plan(one)
                if plan.is_new or plan.write is None:
                    return None
                writer = plan.write
            writers.append(writer)
        return make_run(types, tuple(writers))

    def _foreign_writer(self, cls: type[Any]) -> Write:
        # numpy is recognised by name: it is not to be imported for those who do not use it.
        if cls.__module__ == "numpy":
            if cls.__name__ == "ndarray":
                return write_buffer
            hint = NUMPY_SCALARS.get(cls.__name__)
            if hint is not None:
                return _as_hinted(hint)
        if issubclass(cls, enum.Enum):
            raise Failure(f"the enum {cls.__qualname__} is not declared as a binary type")
        raise Failure(f"values of type {cls.__qualname__} cannot be sent")

    def type_id(self, name: str) -> int:
        """The id of a type by its name, as the cluster makes it.

        Args:
            name: the type's name.

        Raises:
            ParameterError: the name has no id.
        """
        return make_type_id(name, self.name_mapper)

    def declared_type_id(self, declared: Declaration) -> int:
        """The id of a declared type, as the cluster makes it."""
        known = declared.generated_id
        return self.type_id(declared.type_name) if known is None else known

    def is_registered(self, cls: type[Any]) -> bool:
        """Whether objects of this class are read as it."""
        declared: Declaration = cls.__gridgain__
        return declared.generated_id is not None or cls in self.classes.values()

    def is_complex(self, value: object) -> bool:
        """Whether a value is a complex object."""
        if isinstance(value, RawObject):
            return True
        declared = getattr(type(value), "__gridgain__", None)
        return isinstance(declared, Declaration) and not declared.is_enum

    def write_plan(self, cls: type[Any], fields: tuple[Field, ...] | None = None) -> WritePlan:
        """How objects of a class are written; with a schema that is not the class's, if given."""
        key = (cls, id(fields))
        known = self.write_plans.get(key)
        if known is not None:
            return known[1]
        if len(self.write_plans) >= 4096:  # schemas that come over the wire must not fill it
            self.write_plans.clear()
        declared: Declaration = cls.__gridgain__
        plan = WritePlan(self, declared, declared.fields if fields is None else fields)
        # The fields are kept with the plan: their id stays theirs.
        self.write_plans[key] = (fields, plan)
        return plan

    def field_ids(self, type_id: int, schema_id: int) -> tuple[int, ...] | None:
        """The ids of a schema's fields in order, or None if nobody has told."""
        known = self.types.schema(type_id, schema_id)
        if known is None and type_id in self.classes:
            plan = self.write_plan(self.classes[type_id])
            if plan.schema_id == schema_id:
                return plan.field_ids
        return known

    def is_named(self, type_id: int, field_ids: tuple[int, ...]) -> bool:
        """Whether the names of a type's fields are known."""
        names: set[int] = set()
        cls = self.classes.get(type_id)
        if cls is not None:
            names.update(one.field_id for one in cls.__gridgain__.fields)
        description = self.types.get(type_id)
        if description is not None:
            names.update(one.field_id for one in description.fields)
        return names.issuperset(field_ids)

    def enum_constant(
        self, type_id: int, type_name: str | None, ordinal: int, code: int
    ) -> EnumValue | enum.Enum:
        """What an enum's constant is read as."""
        known_id = type_id
        if type_name is not None:
            try:
                known_id = self.type_id(type_name)
            except ParameterError:
                raise DecodeError(f"an enum of the class {shown(type_name)}") from None
        description = self.types.get(known_id)
        name: str | None = None
        if description is not None:
            for constant, number in description.enum_constants:
                if number == ordinal:
                    name = constant
        cls = self.classes.get(known_id)
        if cls is not None and cls.__gridgain__.is_enum and type_name is None:
            for member, number in cls.__gridgain__.ordinals.items():
                if number == ordinal:
                    found: enum.Enum = cls[member]
                    return found
        return EnumValue(type_id, ordinal, name=name, type_name=type_name, code=code)


def _as_hinted(hint: type[Any]) -> Write:
    """The writer of values that have no hint, but all of them this type."""

    def write(state: Writing, out: Output, value: Any) -> None:
        write_hinted(state, out, value, hint)

    return write
