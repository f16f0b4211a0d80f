"""The codec: Python values to data objects and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from struct import Struct
from typing import Any, Final

from ..exceptions import DecodeError, EncodeError, ParameterError
from . import typecodes as tc
from .handles import TrackedReading
from .hashing import NameMapper, lower_hash, plain_hash
from .hinted import write_hinted
from .keyhash import AFFINITY_FIELDS, UnstableHash, field_hash, hash_value, object_root
from .reading import HandleFound, Reading, pairs_at, value_at, values_at
from .registry import TypeDescription, TypeRegistry
from .shapes import rows_at
from .times import Clock
from .workings import Workings
from .writing import Failure, Output, Writing, shown, write_value
from .writing_scalars import WRITERS

__all__ = ["Codec", "Output"]

#: The most that the default recursion limit of Python leaves room for.
DEFAULT_MAX_DEPTH: Final = 512

_INT: Final = Struct("<i").unpack_from
_LONG: Final = Struct("<q").unpack_from
#: Type id and schema id, from the fifth byte of an object's header on.
OBJECT_IDS: Final = Struct("<i8xi").unpack_from


class Codec(Workings):
    """Encodes and decodes; a pure function of the values or bytes and of a registry of types.

    Args:
        types: what is known of binary types; None for nothing.
        compact_footer: whether complex objects are written with compact footers, as the cluster
            says (operation 3004). Keys of the other kind are different keys.
        name_mapper: how the cluster makes type ids of type names.
        sql_timezone: the zone of naive ``datetime``, ``date`` and ``time`` values; that of the
            server's JVM makes them what SQL shows. None for the process's own.
        timezone: the zone of the ``datetime`` values handed back; None for naive ones.
        max_depth: how deep values may be nested, both ways.
        handles: whether a container that occurs more than once in a value, as the same object, is
            written once and then referred to. Needed for structures that contain themselves.
            Values read with handles are written with them anyway.
    """

    __slots__ = ("_flat", "_options")

    def __init__(
        self,
        types: TypeRegistry | None = None,
        *,
        compact_footer: bool = True,
        name_mapper: NameMapper = NameMapper.FULL,
        sql_timezone: tzinfo | None = None,
        timezone: tzinfo | None = None,
        max_depth: int = DEFAULT_MAX_DEPTH,
        handles: bool = False,
    ) -> None:
        if max_depth < 1:
            raise ParameterError(f"max_depth must be at least 1, not {max_depth}")
        self._options: dict[str, Any] = {
            "compact_footer": compact_footer,
            "name_mapper": name_mapper,
            "sql_timezone": sql_timezone,
            "timezone": timezone,
            "max_depth": max_depth,
            "handles": handles,
        }
        super().__init__(
            types if types is not None else TypeRegistry(),
            compact_footer=compact_footer,
            name_mapper=NameMapper(name_mapper),
            clock=Clock(sql_timezone, timezone),
            max_depth=max_depth,
            handles=handles,
        )
        # For values that hold no others: of the state they use nothing but the codec.
        self._flat = Writing(self)

    def with_types(self, types: TypeRegistry) -> Codec:
        """A codec that differs in nothing but what it knows of types.

        Args:
            types: the new snapshot.
        """
        other = Codec(types, **self._options)
        other.inherit(self)
        return other

    def with_options(self, **options: Any) -> Codec:
        """A codec with other options and the same types.

        Args:
            options: keyword arguments of the constructor.
        """
        return Codec(self.types, **{**self._options, **options})

    # --- values and bytes ----------------------------------------------------------------------

    def encode(self, value: object, hint: type[Any] | None = None) -> bytes:
        """One data object, with its type code.

        Args:
            value: the value, or a pair ``(value, hint)``.
            hint: as which type it is to be written; None to go by its Python type.

        Raises:
            EncodeError: the value, or something in it, cannot be written without being changed.
        """
        out = Output()
        self.write(out, value, hint)
        return bytes(out)

    def decode(self, data: bytes | bytearray | memoryview) -> Any:
        """The value of exactly one data object.

        Args:
            data: its bytes.

        Raises:
            DecodeError: the bytes are no value, or there are more of them.
            UnknownType: a complex object's schema has to be fetched first.
        """
        if not isinstance(data, bytes):
            data = bytes(data)
        value, end = self.read(data, 0)
        if end != len(data):
            raise DecodeError(f"{len(data) - end} bytes are left over after the value")
        return value

    def hash_code(self, value: object, hint: type[Any] | None = None) -> int:
        """The 32-bit hash code by which the server places a key.

        Args:
            value: the key.
            hint: as which type it is written.

        Raises:
            EncodeError: the key cannot be written, or Java does not hash it by its content.
        """
        if hint is None:
            known = plain_hash(value)
            if known is not None:
                return known
        data = self.encode(value, hint)
        try:
            return hash_value(data)
        except UnstableHash as exc:
            raise EncodeError(f"{shown(value)} has no stable hash code: {exc}") from None

    def routing_hash(
        self,
        value: object,
        hint: type[Any] | None = None,
        affinity_fields: Mapping[int, int] | None = None,
    ) -> int | None:
        """The hash code that decides a key's partition: that of its affinity field, if it has one.

        Args:
            value: the key.
            hint: as which type it is written.
            affinity_fields: the cache's key configuration: field id by type id. Types that are not
                in it go by their description.

        Returns:
            The hash code; None if no client can know the key's place.

        Raises:
            EncodeError: the key cannot be written.
        """
        if hint is None:
            known = plain_hash(value)
            if known is not None:
                return known
        out = Output()
        self.write(out, value, hint)
        data = bytes(out)
        try:
            root = object_root(data)
            if root is not None:
                found = self._affinity_hash(data, root, out.new_types, affinity_fields or {})
                if found is not None:
                    return found
            return hash_value(data)
        except UnstableHash:
            return None

    def _affinity_hash(
        self,
        data: bytes,
        root: int,
        new_types: Iterable[TypeDescription],
        affinity_fields: Mapping[int, int],
    ) -> int | None:
        type_id, schema_id = OBJECT_IDS(data, root + 4)
        if type_id == 0:
            size = int.from_bytes(data[root + 25 : root + 29], "little")
            type_id = self.type_id(data[root + 29 : root + 29 + size].decode())
        description = self.types.get(type_id)
        schema = self.field_ids(type_id, schema_id)
        for one in new_types:
            if one.type_id == type_id:
                description = one
                schema = one.schemas.get(schema_id, schema)
        field_id = affinity_fields.get(type_id, AFFINITY_FIELDS.get(type_id))
        if field_id is None and description is not None and description.affinity_key_field:
            field_id = lower_hash(description.affinity_key_field)
        return None if field_id is None else field_hash(data, root, field_id, schema)

    # --- for requests --------------------------------------------------------------------------

    def write(self, out: Output, value: object, hint: type[Any] | None = None) -> None:
        """Append one data object.

        Args:
            out: where to; it is left as it was if this fails.
            value: the value, or a pair ``(value, hint)``.
            hint: as which type it is to be written; None to go by its Python type.

        Raises:
            EncodeError: the value, or something in it, cannot be written without being changed.
        """
        start = len(out)
        write = WRITERS.get(type(value)) if hint is None else None
        try:
            if write is not None:
                write(self._flat, out, value)
                return
            state = Writing(self)
            if hint is None:
                write_value(state, out, value)
            else:
                write_hinted(state, out, value, hint)
        except Failure as failure:
            del out[start:]
            raise self._refusal(failure, "value", value, hint) from None
        except RecursionError:
            del out[start:]
            raise EncodeError("value: nested too deeply for the stack that is left") from None
        except BaseException:  # from code of the value's own; nothing of it is to be sent
            del out[start:]
            raise

    def _refusal(
        self, failure: Failure, root: str, value: object, hint: type[Any] | None
    ) -> EncodeError:
        if failure.too_deep:
            state = Writing(self)
            state.look_for_cycle()
            try:
                write_hinted(state, Output(), value, hint)
            except Failure as other:
                failure = other
            except RecursionError:
                pass
        return EncodeError(failure.text(root))

    def write_values(
        self, out: Output, values: Iterable[object], hint: type[Any] | None = None
    ) -> None:
        """Append data objects, without a count.

        Args:
            out: where to; it is left as it was if this fails.
            values: each a value, or a pair ``(value, hint)``.
            hint: of those values that have none of their own.

        Raises:
            EncodeError: one of them cannot be written without being changed.
        """
        start = len(out)
        position = -1
        value: object = None
        state = Writing(self)
        try:
            for value in values:
                position += 1
                if self.handles:  # each value has its own
                    state = Writing(self)
                if hint is None:
                    write_value(state, out, value)
                else:
                    write_hinted(state, out, value, hint)
        except Failure as failure:
            del out[start:]
            raise self._refusal(failure, f"values[{position}]", value, hint) from None
        except RecursionError:
            del out[start:]
            raise EncodeError(
                f"values[{position}]: nested too deeply for the stack that is left"
            ) from None
        except BaseException:  # from code of the value's own; nothing of it is to be sent
            del out[start:]
            raise

    def write_pairs(
        self,
        out: Output,
        pairs: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
    ) -> None:
        """Append keys and values alternately, without a count.

        Args:
            out: where to; it is left as it was if this fails.
            pairs: a mapping, or pairs; each key and each value may be a pair ``(value, hint)``.

        Raises:
            EncodeError: one of them cannot be written without being changed.
        """
        start = len(out)
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        key: Any = None
        current: Any = None
        where = "key"
        state = Writing(self)
        rest = iter(items)
        try:
            for key, value in rest:
                while True:
                    if self.handles:  # each value has its own
                        state = Writing(self)
                    where, current = "key", key
                    write_value(state, out, key)
                    where, current = "value of", value
                    if self.handles:
                        state = Writing(self)
                    write_value(state, out, value)
                    run = self.pairs_run((type(key), type(value)))
                    other = None if run is None else run(out, rest)
                    if other is None:
                        break
                    key, value = other[0]
        except Failure as failure:
            del out[start:]
            root = f"{where} {shown(key)}"
            raise self._refusal(failure, root, current, None) from None
        except RecursionError:
            del out[start:]
            raise EncodeError(
                f"{where} {shown(key)}: nested too deeply for the stack that is left"
            ) from None
        except BaseException:  # from code of the value's own; nothing of it is to be sent
            del out[start:]
            raise

    # --- for responses -------------------------------------------------------------------------

    def read(self, data: bytes, pos: int) -> tuple[Any, int]:
        """Read the data object at a position.

        Args:
            data: the whole message; handles in it count positions.
            pos: where the object begins.

        Returns:
            The value and the position after it.

        Raises:
            DecodeError: there is no value.
            UnknownType: a complex object's schema has to be fetched first.
        """
        size = len(data) - pos
        if size >= 9 and pos >= 0:
            if data[pos] == tc.LONG:
                return _LONG(data, pos + 1)[0], pos + 9
            if data[pos] == tc.STRING and 0 <= (length := _INT(data, pos + 1)[0]) <= size - 5:
                try:
                    return data[pos + 5 : pos + 5 + length].decode(), pos + 5 + length
                except UnicodeDecodeError:
                    pass
        try:
            try:
                return value_at(Reading(self, data), data, pos)
            except HandleFound:
                return value_at(TrackedReading(self, data), data, pos)
        except RecursionError:
            raise _no_stack() from None

    def read_values(self, data: bytes, pos: int, count: int) -> tuple[list[Any], int]:
        """Read a number of data objects.

        Args:
            data: the whole message; handles in it count positions.
            pos: where the first begins.
            count: how many there are.

        Returns:
            The values and the position after them.

        Raises:
            DecodeError: there are no such values.
            UnknownType: a complex object's schema has to be fetched first.
        """
        self._check(data, pos, count)
        try:
            try:
                return values_at(Reading(self, data), data, pos, count)
            except HandleFound:
                return values_at(TrackedReading(self, data), data, pos, count)
        except RecursionError:
            raise _no_stack() from None

    def read_pairs(self, data: bytes, pos: int, count: int) -> tuple[list[tuple[Any, Any]], int]:
        """Read keys and values that alternate.

        Args:
            data: the whole message; handles in it count positions.
            pos: where the first key begins.
            count: how many pairs there are.

        Returns:
            The pairs and the position after them.

        Raises:
            DecodeError: there are no such values.
            UnknownType: a complex object's schema has to be fetched first.
        """
        self._check(data, pos, 2 * count)
        try:
            try:
                return pairs_at(Reading(self, data), data, pos, count)
            except HandleFound:
                return pairs_at(TrackedReading(self, data), data, pos, count)
        except RecursionError:
            raise _no_stack() from None

    def read_rows(
        self, data: bytes, pos: int, rows: int, columns: int
    ) -> tuple[list[list[Any]], int]:
        """Read a page of rows.

        Args:
            data: the whole message; handles in it count positions.
            pos: where the first row begins.
            rows: how many rows there are.
            columns: how many values a row has.

        Returns:
            The rows and the position after them.

        Raises:
            DecodeError: there are no such values.
            UnknownType: a complex object's schema has to be fetched first.
        """
        self._check(data, pos, rows * max(columns, 1) if rows >= 0 <= columns else -1)
        if columns == 0:
            return [[] for _ in range(rows)], pos
        try:
            try:
                return rows_at(Reading(self, data), data, pos, rows, columns, "list")
            except HandleFound:
                result = []
                state = TrackedReading(self, data)
                for _ in range(rows):
                    row, pos = values_at(state, data, pos, columns)
                    result.append(row)
                return result, pos
        except RecursionError:
            raise _no_stack() from None

    def _check(self, data: bytes, pos: int, count: int) -> None:
        if pos < 0 or not 0 <= count <= len(data) - pos:
            raise DecodeError(f"{count} values do not fit the {len(data) - pos} bytes left")


def _no_stack() -> DecodeError:
    return DecodeError("values nested too deeply for the stack that is left")
