"""Tables over caches: which column is which part of an entry.

The cache has the truth. SQLite has a copy of each table for reading, brought up to date by the keys
that have changed since; what a statement changes goes into the cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...codec.hashing import field_id, schema_id, type_id
from ...codec.keyhash import object_root
from ...codec.registry import FieldDescription, TypeDescription
from ...exceptions import DecodeError
from ..binary_types import BinaryTypes
from ..caches import Cache
from ..failures import Refusal
from ..objects import fields_of, header_of, make_object
from ..settings import QueryEntity
from ..values import NULL
from .functions import Engine
from .kinds import BY_JAVA_CLASS, JAVA_CLASS, Cell, Kind, Wire, convert, not_supported

KEY: Final = "_KEY"
VALUE: Final = "_VAL"

#: Where the copy for reading has the whole key and the whole value.
STORED_KEY: Final = "=key"
STORED_VALUE: Final = "=value"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: its name in SQL.
        kind: its type.
        field: the name of the field that it is; None if it is the whole key or value.
        is_key: whether it belongs to the key.
        not_null: whether it may not be null.
        default: what it is if nothing else is said, as a cell.
        precision: how many digits or characters; -1 for any.
        scale: how many digits after the point; -1 for any.
    """

    name: str
    kind: Kind
    field: str | None
    is_key: bool
    not_null: bool = False
    default: Cell = None
    precision: int = -1
    scale: int = -1


class Table:
    """A table.

    Args:
        cache: where its rows are.
        entity: how they are seen.
        engine: where the copy for reading is.
        wire: how values are read and written.
        binary: what is known of complex types.

    Raises:
        Refusal: it cannot be had here.
    """

    def __init__(
        self,
        cache: Cache,
        entity: QueryEntity,
        engine: Engine,
        wire: Wire,
        binary: BinaryTypes,
    ) -> None:
        self.cache = cache
        self.entity = entity
        self.schema = _schema_name(cache)
        self.name = entity.table or entity.value_type
        self.columns = _columns_of(entity, wire)
        #: The kinds of the whole key and the whole value.
        self.key_kind = BY_JAVA_CLASS.get(entity.key_type or "", Kind.OBJECT)
        self.value_kind = BY_JAVA_CLASS.get(entity.value_type, Kind.OBJECT)
        #: The fields of the indexes, and whether they go down, by the indexes' names.
        self.indexes: dict[str, list[tuple[str, bool]]] = {}
        #: The name of the copy, quoted.
        self.stored_name = quoted(f"{self.schema}.{self.name}")

        self._engine = engine
        self._wire = wire
        self._binary = binary
        self._dirty: dict[bytes, None] = {}
        self._all_dirty = False
        self._key_type = type_id(entity.key_type) if entity.key_type else 0
        self._value_type = type_id(entity.value_type)
        self._make_copy()

    def column(self, name: str) -> Column | None:
        """The column of a name."""
        return next((one for one in self.columns if one.name == name), None)

    @property
    def shown_columns(self) -> list[Column]:
        """The columns that a statement means which names none."""
        return [one for one in self.columns if one.name not in (KEY, VALUE)]

    @property
    def key_columns(self) -> list[Column]:
        """The columns of the key."""
        return [one for one in self.columns if one.is_key]

    # -- the copy for reading --------------------------------------------------------------------

    def _make_copy(self) -> None:
        columns = [f"{quoted(STORED_KEY)} BLOB PRIMARY KEY", quoted(STORED_VALUE)]
        columns += [f"{quoted(one.name)}{declared_collation(one.kind)}" for one in self.columns]
        self._engine.execute(f"CREATE TABLE {self.stored_name} ({', '.join(columns)})", [])
        self._insert = (
            f"INSERT OR REPLACE INTO {self.stored_name} VALUES ({', '.join('?' * len(columns))})"
        )
        keys = self.key_columns
        if keys:
            self._index(f"primary key of {self.name}", [(one.name, False) for one in keys])
        for index in self.entity.indexes:
            names = {one.field: one.name for one in self.columns}
            fields = [(names.get(name, name), down) for name, down in index.fields]
            self.add_index(index.name or "", fields)

    def add_index(self, name: str, fields: list[tuple[str, bool]]) -> None:
        """Index the table."""
        self._index(name, fields)
        self.indexes[name] = fields

    def _index(self, name: str, fields: list[tuple[str, bool]]) -> None:
        parts = [
            f"{quoted(self._stored_column(one))}{' DESC' if down else ''}" for one, down in fields
        ]
        self._engine.execute(
            f"CREATE INDEX {self._index_name(name)} ON {self.stored_name} ({', '.join(parts)})",
            [],
        )

    def _stored_column(self, name: str) -> str:
        for special, stored, is_key in ((KEY, STORED_KEY, True), (VALUE, STORED_VALUE, False)):
            if name == special:
                whole = (one.name for one in self.columns if one.field is None)
                return next((one for one in whole if self._is_key(one) == is_key), stored)
        return name

    def _is_key(self, name: str) -> bool:
        return any(one.is_key for one in self.columns if one.name == name)

    def drop_index(self, name: str) -> None:
        """Drop an index."""
        del self.indexes[name]
        self._engine.execute(f"DROP INDEX {self._index_name(name)}", [])

    def _index_name(self, name: str) -> str:
        return quoted(f"{self.schema}.{self.name}.{name}")

    def drop(self) -> None:
        """Drop the copy."""
        self._engine.execute(f"DROP TABLE {self.stored_name}", [])

    def key_changed(self, key: bytes) -> None:
        """Note that an entry has changed."""
        self._dirty[key] = None

    def all_gone(self) -> None:
        """Note that the cache was cleared."""
        self._dirty.clear()
        self._all_dirty = True

    def refresh(self) -> None:
        """Bring the copy up to date."""
        self.cache.advance(self.cache.now)
        connection = self._engine.connection
        if self._all_dirty:
            connection.execute(f"DELETE FROM {self.stored_name}")
            self._all_dirty = False
        if not self._dirty:
            return
        gone: list[tuple[bytes]] = []
        rows: list[tuple[Any, ...]] = []
        for key in self._dirty:
            entry = self.cache.peek(key)
            row = None if entry is None else self._row(key, entry.value)
            if row is None:
                gone.append((key,))
            else:
                rows.append(row)
        self._dirty.clear()
        connection.execute("BEGIN")
        connection.executemany(
            f"DELETE FROM {self.stored_name} WHERE {quoted(STORED_KEY)} = ?", gone
        )
        connection.executemany(self._insert, rows)
        connection.execute("COMMIT")

    def _row(self, key: bytes, value: bytes) -> tuple[Any, ...] | None:
        """The row of an entry; None if it is of other types than the table's."""
        key_fields = self._fields(key, self.key_kind, self._key_type)
        value_fields = self._fields(value, self.value_kind, self._value_type)
        if key_fields is None or value_fields is None:
            return None
        cells: list[Any] = [key, value]
        for column in self.columns:
            if column.field is None:
                data = key if column.is_key else value
            else:
                fields = key_fields if column.is_key else value_fields
                data = self._field(fields, column.field)
            cells.append(self.to_cell(data, column))
        return tuple(cells)

    def _field(self, fields: Mapping[int, bytes], path: str) -> bytes:
        """A field, or one of an object in a field: ``address.street``."""
        name, *inner = path.split(".")
        data = fields.get(field_id(name), NULL)
        for name in inner:
            if object_root(data) is None:
                return NULL
            data = self.object_fields(data).get(field_id(name), NULL)
        return data

    def to_cell(self, data: bytes, column: Column) -> Any:
        """A value as a cell of a column."""
        return convert(self._wire.cell(data), self._wire.kind_of(data), column.kind)

    def _fields(self, data: bytes, kind: Kind, wanted: int) -> dict[int, bytes] | None:
        root = object_root(data)
        if kind is not Kind.OBJECT:
            return {} if root is None and self._wire.kind_of(data) is kind else None
        if root is None or (wanted and header_of(data, root).type_id != wanted):
            return None
        return self.object_fields(data)

    def object_fields(self, data: bytes) -> dict[int, bytes]:
        """The fields of a complex object.

        Raises:
            Refusal: it cannot be read.
        """
        root = object_root(data) or 0
        description = self._binary.types.get(header_of(data, root).type_id)
        try:
            return fields_of(data, root, {} if description is None else description.schemas)
        except DecodeError as exc:
            raise Refusal(f"Cannot read an object of the table {self.name}: {exc}") from None

    # -- entries of rows -------------------------------------------------------------------------

    def key_of(self, cells: Mapping[str, Cell]) -> bytes:
        """The key that a row's cells make."""
        if KEY in cells:
            return self._whole(cells[KEY], self.key_kind)
        columns = self.key_columns
        whole = next((one for one in columns if one.field is None), None)
        if whole is not None:
            return self._checked(whole, cells)
        if self.key_kind is not Kind.OBJECT or not columns:
            raise Refusal("Key is missing from query", sqlstate="42000")
        return self._make(self._key_type, self.entity.key_type or "", columns, cells)

    def value_of(self, cells: Mapping[str, Cell], old: bytes | None = None) -> bytes:
        """The value that a row's cells make.

        Args:
            cells: those that are given.
            old: the value that they change, if any.
        """
        if VALUE in cells:
            return self._whole(cells[VALUE], self.value_kind)
        columns = [one for one in self.columns if not one.is_key]
        whole = next((one for one in columns if one.field is None), None)
        if whole is not None:
            if old is not None and whole.name not in cells:
                return old
            return self._checked(whole, cells)
        if self.value_kind is not Kind.OBJECT:
            raise Refusal("Value for INSERT, MERGE or UPDATE must not be null", sqlstate="22004")
        return self._make(self._value_type, self.entity.value_type, columns, cells, old)

    def _whole(self, cell: Cell, kind: Kind) -> bytes:
        if cell is None:
            raise Refusal("Key or value for INSERT or MERGE must not be null", sqlstate="22004")
        return cell if isinstance(cell, bytes) else self._wire.value(cell, kind, stored=True)

    def _checked(self, column: Column, cells: Mapping[str, Cell]) -> bytes:
        cell = cells.get(column.name)
        if cell is None:
            words = f"Null value is not allowed for column '{column.name}'"
            raise Refusal(words, sqlstate="22004")
        return self._wire.value(cell, column.kind, stored=True)

    def _make(
        self,
        number: int,
        name: str,
        columns: list[Column],
        cells: Mapping[str, Cell],
        old: bytes | None = None,
    ) -> bytes:
        fields = {} if old is None else self.object_fields(old)
        for column in columns:
            if column.name not in cells:
                if column.not_null and column.default is None and old is None:
                    self._checked(column, cells)
                continue
            if column.not_null:
                self._checked(column, cells)
            if "." in (column.field or ""):
                raise not_supported("changing nested fields")
            fields[field_id(column.field or "")] = self._wire.value(
                cells[column.name], column.kind, stored=True
            )
        self._register(number, name, columns, fields)
        return make_object(number, fields)

    def _register(
        self, number: int, name: str, columns: list[Column], fields: Mapping[int, bytes]
    ) -> None:
        """Have the cluster know the type and the schema of an object that SQL makes."""
        schema = schema_id(fields)
        known = self._binary.types.get(number)
        if known is not None and schema in known.schemas:
            return
        old = {} if known is None else {one.field_id: one for one in known.fields}
        described = tuple(
            FieldDescription(one.field, JAVA_CLASS[one.kind][1], field_id(one.field))
            for one in columns
            if one.field is not None and "." not in one.field and field_id(one.field) not in old
        )
        self._binary.put(
            TypeDescription(
                number,
                name if known is None else known.name,
                None if known is None else known.affinity_key_field,
                (*old.values(), *described),
                schemas={schema: tuple(fields)},
            )
        )


def quoted(name: str) -> str:
    """A name as SQLite has it."""
    return '"' + name.replace('"', '""') + '"'


def declared_collation(kind: Kind) -> str:
    """How a kind is compared, where SQLite would do it otherwise."""
    if kind is Kind.DECIMAL:
        return " COLLATE gg_decimal"
    return " COLLATE gg_text" if kind is Kind.VARCHAR else ""


def _schema_name(cache: Cache) -> str:
    return cache.settings.schema


def _columns_of(entity: QueryEntity, wire: Wire) -> tuple[Column, ...]:
    aliases = dict(entity.aliases)
    columns = []
    seen = set()
    for one in entity.fields:
        kind = BY_JAVA_CLASS.get(one.type_name, Kind.OBJECT)
        whole = one.name in (entity.key_field, entity.value_field)
        is_key = one.is_key or one.name == entity.key_field
        default = wire.cell(one.default)
        if default is not None:
            default = convert(default, wire.kind_of(one.default), kind)
        column = Column(
            aliases.get(one.name, one.name.rpartition(".")[2].upper()),
            kind,
            None if whole else one.name,
            is_key,
            one.not_null,
            default,
            one.precision,
            one.scale,
        )
        if column.name in seen:
            raise Refusal(f"Property with the same name exists: {column.name}")
        seen.add(column.name)
        columns.append(column)
    for name, type_name, is_key in (
        (entity.key_field, entity.key_type or "", True),
        (entity.value_field, entity.value_type, False),
    ):
        alias = aliases.get(name, name.upper()) if name else None
        kind = BY_JAVA_CLASS.get(type_name, Kind.OBJECT)
        if name and alias and alias not in seen:
            seen.add(alias)
            columns.insert(0 if is_key else len(columns), Column(alias, kind, None, is_key))
        elif not name and kind is not Kind.OBJECT:
            # A simple key or value without a name is known as _KEY or _VAL only.
            columns.append(Column(KEY if is_key else VALUE, kind, None, is_key))
    return tuple(columns)
