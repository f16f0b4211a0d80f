"""Statements about tables themselves: CREATE, DROP and ALTER."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ...datatypes import prop_codes as props
from ..failures import Refusal
from ..settings import QueryEntity, QueryField, complete
from .expressions import ExpressionReader, read_type
from .kinds import JAVA_CLASS, Kind, convert, not_supported
from .scope import Scope
from .select import Query
from .tables import Table
from .tokens import TokenStream

if TYPE_CHECKING:
    from .database import Database

_PUBLIC: Final = "PUBLIC"
_ATOMICITY: Final = {"TRANSACTIONAL": 0, "ATOMIC": 1}
_SYNCHRONIZATION: Final = {"FULL_SYNC": 0, "FULL_ASYNC": 1, "PRIMARY_SYNC": 2}
_TRUTHS: Final = {"TRUE": True, "FALSE": False, "": True}


class Definitions:
    """Reads and runs one statement about tables.

    Args:
        database: the tables.
        stream: the statement.
        schema: where tables without a schema are.
    """

    def __init__(self, database: Database, stream: TokenStream, schema: str) -> None:
        self._database = database
        self._stream = stream
        self._schema = schema

    def create(self) -> None:
        """CREATE TABLE or INDEX."""
        stream = self._stream
        if stream.word("TABLE"):
            self._create_table()
        elif stream.word("INDEX"):
            self._create_index()
        elif stream.next.text in ("SPATIAL", "FULLTEXT", "VIEW", "USER", "SCHEMA", "UNIQUE"):
            raise not_supported(f"CREATE {stream.next.text}")
        else:
            raise stream.error("'TABLE' or 'INDEX' expected")

    def drop(self) -> None:
        """DROP TABLE or INDEX."""
        stream = self._stream
        if stream.word("TABLE"):
            lenient = stream.words("IF", "EXISTS")
            schema, name = stream.qualified()
            stream.end()
            table = self._database.find(schema or self._schema, name)
            if table is None:
                if not lenient:
                    raise Refusal(f"Table doesn't exist: {name}", sqlstate="42000")
            elif not self._database.made_by_sql(table):
                words = (
                    f"Only cache created with CREATE TABLE may be removed with DROP TABLE: {name}"
                )
                raise Refusal(words, sqlstate="0A000")
            else:
                self._database.cluster.destroy_cache(table.cache)
        elif stream.word("INDEX"):
            lenient = stream.words("IF", "EXISTS")
            schema, name = stream.qualified()
            stream.end()
            table = self._database.table_of_index(schema or self._schema, name)
            if table is None:
                if not lenient:
                    raise Refusal(f"Index doesn't exist: {name}", sqlstate="42000")
                return
            table.drop_index(name)
        else:
            raise not_supported(f"DROP {stream.next.text}")

    # -- tables ----------------------------------------------------------------------------------

    def _create_table(self) -> None:
        stream = self._stream
        lenient = stream.words("IF", "NOT", "EXISTS")
        schema, name = stream.qualified()
        if (schema or self._schema) != _PUBLIC:
            words = f"CREATE TABLE can only be executed on {_PUBLIC} schema."
            raise Refusal(words, sqlstate="0A000")
        fields, keys = self._table_columns()
        options = self._options()
        stream.end()
        if self._database.find(_PUBLIC, name) is not None:
            if lenient:
                return
            raise Refusal(f"Table already exists: {name}", sqlstate="42000")
        if not keys:
            raise Refusal("No PRIMARY KEY defined for CREATE TABLE", sqlstate="42000")
        if len(keys) == len(fields):
            words = "Table must have at least one non PRIMARY KEY column."
            raise Refusal(words, sqlstate="0A000")
        self._make_table(name, fields, keys, options)

    def _table_columns(self) -> tuple[list[QueryField], list[str]]:
        stream = self._stream
        stream.expect_mark("(")
        fields: list[QueryField] = []
        keys: list[str] = []
        while True:
            if stream.words("PRIMARY", "KEY"):
                stream.expect_mark("(")
                keys.append(stream.identifier())
                while stream.mark(","):
                    keys.append(stream.identifier())
                stream.expect_mark(")")
            elif stream.next.text in ("CONSTRAINT", "UNIQUE", "CHECK", "FOREIGN"):
                raise not_supported(stream.next.text)
            else:
                one, is_key = self._table_column()
                fields.append(one)
                if is_key:
                    keys.append(one.name)
            if not stream.mark(","):
                break
        stream.expect_mark(")")
        names = [one.name for one in fields]
        if len(set(names)) < len(names):
            raise Refusal("Duplicate column name", sqlstate="42000")
        for key in keys:
            if key not in names:
                raise Refusal(f"PRIMARY KEY column is not defined: {key}", sqlstate="42000")
        return [replace(one, is_key=one.name in keys) for one in fields], keys

    def _table_column(self) -> tuple[QueryField, bool]:
        stream = self._stream
        name = stream.identifier()
        kind, size, scale, _ = read_type(stream)
        if kind is Kind.OBJECT:
            raise not_supported("columns of type OTHER")
        not_null = is_key = False
        default = b"\x65"
        while True:
            if stream.words("NOT", "NULL"):
                not_null = True
            elif stream.words("PRIMARY", "KEY"):
                is_key = True
            elif stream.word("DEFAULT"):
                default = self._default(kind)
            elif not stream.word("NULL"):
                break
        sized = kind in (Kind.DECIMAL, Kind.VARCHAR)
        return (
            QueryField(
                name,
                JAVA_CLASS[kind][0],
                is_key,
                not_null,
                default,
                size if sized else -1,
                max(scale, 0) if kind is Kind.DECIMAL and size >= 0 else -1,
            ),
            is_key,
        )

    def _default(self, kind: Kind) -> bytes:
        values: list[Any] = []

        def no_query(_: Scope) -> Query:
            raise not_supported("a query as the default of a column")

        reader = ExpressionReader(self._stream, (), values, no_query)
        one = reader._primary(Scope()) if self._stream.next.text != "-" else reader._unary(Scope())
        cell = self._database.engine.execute(f"SELECT {one.sql}", values)[0][0]
        return self._database.wire.value(convert(cell, one.kind, kind), kind, stored=True)

    def _options(self) -> dict[str, str]:
        stream = self._stream
        if not stream.word("WITH"):
            return {}
        token = stream.take()
        if token.kind in ("name", "string"):
            text = token.text
        else:
            text = token.text
            while stream.next.kind != "end" and stream.next.text != ";":
                text += stream.take().text
        options = {}
        for part in text.split(","):
            key, _, value = part.strip().partition("=")
            if key:
                options[key.strip().upper()] = value.strip()
        return options

    def _make_table(
        self, name: str, fields: list[QueryField], keys: list[str], options: dict[str, str]
    ) -> None:
        cluster = self._database.cluster
        cache_name = options.pop("CACHE_NAME", "") or f"SQL_{_PUBLIC}_{name}"
        self._database.tables_made += 1
        stem = f"SQL_{_PUBLIC}_{name}_{self._database.tables_made:08x}"
        value_type = options.pop("VALUE_TYPE", "") or stem
        key_type = options.pop("KEY_TYPE", "") or f"{stem}_KEY"
        wrap_key = _TRUTHS.get(options.pop("WRAP_KEY", "FALSE").upper(), False)
        if not _TRUTHS.get(options.pop("WRAP_VALUE", "TRUE").upper(), True):
            raise not_supported("WRAP_VALUE=false")
        values: dict[int, Any] = {
            props.PROP_NAME: cache_name,
            props.PROP_SQL_SCHEMA: f'"{_PUBLIC}"',
            props.PROP_WRITE_SYNCHRONIZATION_MODE: 0,
            props.PROP_SQL_ESCAPE_ALL: True,
        }
        affinity_key = self._take_options(options, values)
        wrapped = wrap_key or len(keys) > 1
        key_field = None if wrapped else keys[0]
        if not wrapped:
            java_class = next(one.type_name for one in fields if one.name == keys[0])
            key_type = java_class
        elif affinity_key:
            values[props.PROP_CACHE_KEY_CONFIGURATION] = [(key_type, affinity_key)]
        entity = QueryEntity(key_type, value_type, name, key_field, None, tuple(fields))
        values[props.PROP_QUERY_ENTITIES] = [entity]
        settings = complete(values, cluster.product)
        cluster.create_cache(settings)
        self._database.note_made_by_sql(cache_name)

    def _take_options(self, options: dict[str, str], values: dict[int, Any]) -> str | None:
        """Put the options into the properties of the cache; the affinity key, if any."""
        affinity_key = None
        for key, text in options.items():
            try:
                if key == "TEMPLATE":
                    values[props.PROP_CACHE_MODE] = {"PARTITIONED": 2, "REPLICATED": 1}[
                        text.upper()
                    ]
                elif key == "BACKUPS":
                    values[props.PROP_BACKUPS_NUMBER] = int(text)
                elif key == "ATOMICITY":
                    values[props.PROP_CACHE_ATOMICITY_MODE] = _ATOMICITY[text.upper()]
                elif key == "WRITE_SYNCHRONIZATION_MODE":
                    values[props.PROP_WRITE_SYNCHRONIZATION_MODE] = _SYNCHRONIZATION[text.upper()]
                elif key in ("CACHEGROUP", "CACHE_GROUP"):
                    values[props.PROP_GROUP_NAME] = text
                elif key == "DATA_REGION":
                    values[props.PROP_DATA_REGION_NAME] = text
                elif key in ("AFFINITYKEY", "AFFINITY_KEY"):
                    affinity_key = text.strip("'").upper()
                elif key == "PARALLELISM":
                    values[props.PROP_QUERY_PARALLELISM] = int(text)
                else:
                    raise KeyError(key)
            except (KeyError, ValueError):
                words = f"Invalid or unsupported parameter of CREATE TABLE: {key}={text}"
                raise Refusal(words, sqlstate="42000") from None
        return affinity_key

    # -- indexes ---------------------------------------------------------------------------------

    def _create_index(self) -> None:
        stream = self._stream
        lenient = stream.words("IF", "NOT", "EXISTS")
        name = None if stream.next.text == "ON" else stream.identifier()
        stream.expect_word("ON")
        schema, table_name = stream.qualified()
        stream.expect_mark("(")
        fields: list[tuple[str, bool]] = []
        while True:
            column = stream.identifier()
            down = stream.word("ASC", "DESC") == "DESC"
            fields.append((column, down))
            if not stream.mark(","):
                break
        stream.expect_mark(")")
        if stream.word("INLINE_SIZE", "PARALLEL"):
            stream.integer()
        stream.end()
        schema = schema or self._schema
        table = self._database.find(schema, table_name)
        if table is None:
            raise Refusal(f"Table doesn't exist: {table_name}", sqlstate="42000")
        for column, _ in fields:
            if table.column(column) is None:
                raise Refusal(f"Column doesn't exist: {column}", sqlstate="42000")
        if name is None:
            parts = [f"{one}_{'DESC' if down else 'ASC'}" for one, down in fields]
            name = f"{table.name}_{'_'.join(parts)}_IDX"
        if self._database.table_of_index(schema, name) is not None:
            if lenient:
                return
            raise Refusal(f"Index already exists: {name}", sqlstate="42000")
        table.add_index(name, fields)

    # -- changes of tables -----------------------------------------------------------------------

    def alter(self) -> None:
        """ALTER TABLE, adding or dropping columns."""
        stream = self._stream
        stream.expect_word("TABLE")
        lenient = stream.words("IF", "EXISTS")
        schema, name = stream.qualified()
        table = self._database.find(schema or self._schema, name)
        if table is None:
            if lenient:
                return
            raise Refusal(f"Table doesn't exist: {name}", sqlstate="42000")
        if not self._database.made_by_sql(table):
            raise not_supported("ALTER of a table that was not made by CREATE TABLE")
        word = stream.word("ADD", "DROP")
        if word is None:
            raise not_supported(f"ALTER TABLE {stream.next.text}")
        stream.word("COLUMN")
        fields = self._added(table) if word == "ADD" else self._left(table)
        stream.end()
        entity = replace(table.entity, fields=tuple(fields))
        entity = replace(entity, aliases=tuple((one.name, one.name) for one in fields))
        self._database.replace_table(table, entity)

    def _added(self, table: Table) -> list[QueryField]:
        stream = self._stream
        lenient = stream.words("IF", "NOT", "EXISTS")
        parenthesis = stream.mark("(")
        fields = list(table.entity.fields)
        while True:
            one, is_key = self._table_column()
            if is_key or one.not_null:
                raise not_supported("adding such a column")
            if table.column(one.name) is not None:
                if not lenient:
                    raise Refusal(f"Column already exists: {one.name}", sqlstate="42000")
            else:
                fields.append(one)
            if not stream.mark(","):
                break
        if parenthesis:
            stream.expect_mark(")")
        return fields

    def _left(self, table: Table) -> list[QueryField]:
        stream = self._stream
        lenient = stream.words("IF", "EXISTS")
        parenthesis = stream.mark("(")
        gone = [stream.identifier()]
        while stream.mark(","):
            gone.append(stream.identifier())
        if parenthesis:
            stream.expect_mark(")")
        for name in gone:
            column = table.column(name)
            if column is None and not lenient:
                raise Refusal(f"Column doesn't exist: {name}", sqlstate="42000")
            if column is not None and column.is_key:
                words = f"Cannot drop column because it is a part of a cache key: {name}"
                raise Refusal(words, sqlstate="42000")
        fields = [one for one in table.entity.fields if one.name not in gone]
        if all(one.is_key for one in fields):
            raise Refusal("Cannot drop the last column of the value", sqlstate="42000")
        return fields
