"""Statements that change rows: INSERT, MERGE, UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..failures import Refusal
from .kinds import INTEGERS, Kind, convert, not_supported
from .scope import Expression, Scope
from .select import QueryReader, source_of
from .tables import KEY, STORED_KEY, VALUE, Column, Table, quoted
from .tokens import TokenStream

if TYPE_CHECKING:
    from .database import Database

_CLASS_NAMES: Final = {
    Kind.TINYINT: "java.lang.Byte",
    Kind.SMALLINT: "java.lang.Short",
    Kind.INTEGER: "java.lang.Integer",
    Kind.BIGINT: "java.lang.Long",
    Kind.VARCHAR: "java.lang.String",
}


class Changes:
    """Reads and runs one statement that changes rows.

    Args:
        database: the tables.
        stream: the statement.
        kinds: the kinds of its parameters.
        values: their cells.
        schema: where tables without a schema are.
    """

    def __init__(
        self,
        database: Database,
        stream: TokenStream,
        kinds: Sequence[Kind],
        values: list[Any],
        schema: str,
    ) -> None:
        self._database = database
        self._stream = stream
        self._kinds = kinds
        self._values = values
        self._find = database.finder(schema)
        self._queries = QueryReader(stream, kinds, values, self._find)

    def _table(self) -> Table:
        table = self._find(*self._stream.qualified())
        self._database.check_changeable(table)
        return table

    # -- new rows --------------------------------------------------------------------------------

    def insert(self, *, merge: bool) -> int:
        """INSERT or MERGE; how many rows."""
        stream = self._stream
        stream.expect_word("INTO")
        table = self._table()
        columns = self._columns(table)
        if stream.next.text == "KEY" and merge:
            raise not_supported("MERGE with KEY")
        if stream.word("VALUES"):
            rows = self._rows(table, columns)
        elif stream.next.text in ("SELECT", "("):
            rows = self._selected(table, columns)
        else:
            raise stream.error("'VALUES' or 'SELECT' expected")
        stream.end()
        entries = [self._entry(table, row) for row in rows]
        present = []
        count = 0
        for key, value in entries:
            if not merge and table.cache.peek(key) is not None:
                present.append(key)
                continue
            table.cache.put(key, value)
            count += 1
        if present:
            words = f"Failed to INSERT some keys because they are already in cache [{len(present)}]"
            raise Refusal(words, sqlstate="23000" if len(entries) == 1 else "50000")
        return count

    def _columns(self, table: Table) -> list[Column]:
        stream = self._stream
        if not stream.mark("("):
            return table.shown_columns
        columns = []
        while True:
            columns.append(self._column(table, stream.identifier()))
            if not stream.mark(","):
                break
        stream.expect_mark(")")
        if len({one.name for one in columns}) < len(columns):
            raise stream.error("a column occurs twice")
        return columns

    def _column(self, table: Table, name: str) -> Column:
        column = table.column(name)
        if column is not None:
            return column
        if name in (KEY, VALUE):
            for one in table.columns:
                if one.field is None and one.is_key == (name == KEY):
                    return one
            return Column(name, Kind.OBJECT, None, name == KEY)
        raise Refusal(f'Failed to parse query. Column "{name}" not found', sqlstate="42000")

    def _rows(self, table: Table, columns: list[Column]) -> list[dict[str, Any]]:
        stream = self._stream
        rows = []
        while True:
            stream.expect_mark("(")
            items: list[Expression | None] = []
            while True:
                items.append(
                    None if stream.word("DEFAULT") else self._queries.expressions.read(Scope())
                )
                if not stream.mark(","):
                    break
            stream.expect_mark(")")
            if len(items) != len(columns):
                raise stream.error("Column count does not match")
            given = [one or Expression("NULL", Kind.NULL, "") for one in items]
            sql = f"SELECT {', '.join(one.sql for one in given)}"
            cells = self._database.engine.execute(sql, self._values)[0]
            row = {}
            for column, item, cell, one in zip(columns, items, cells, given, strict=True):
                row[column.name] = (
                    column.default if item is None else _fitting(cell, one.kind, column)
                )
            rows.append(row)
            if not stream.mark(","):
                return rows

    def _selected(self, table: Table, columns: list[Column]) -> list[dict[str, Any]]:
        parenthesis = self._stream.mark("(")
        query = self._queries.read()
        if parenthesis:
            self._stream.expect_mark(")")
        if len(query.kinds) != len(columns):
            raise self._stream.error("Column count does not match")
        return [
            {
                column.name: _fitting(cell, kind, column)
                for column, kind, cell in zip(columns, query.kinds, cells, strict=True)
            }
            for cells in self._database.engine.execute(query.sql, self._values)
        ]

    def _entry(self, table: Table, row: dict[str, Any]) -> tuple[bytes, bytes]:
        for column in table.columns:
            if column.default is not None:
                row.setdefault(column.name, column.default)
        return table.key_of(row), table.value_of(row)

    # -- changed rows ----------------------------------------------------------------------------

    def update(self) -> int:
        """UPDATE; how many rows."""
        stream = self._stream
        table, scope, text = self._target()
        stream.expect_word("SET")
        columns: list[Column] = []
        expressions: list[Expression] = []
        while True:
            stream.mark("(")
            column = self._column(table, stream.identifier())
            if column.is_key:
                words = "SQL UPDATE can't modify key or its fields directly"
                raise Refusal(words, sqlstate="42000")
            stream.expect_mark("=")
            columns.append(column)
            if stream.word("DEFAULT"):
                cell = column.default
                expressions.append(self._queries.expressions.constant(cell, column.kind, ""))
            else:
                expressions.append(self._queries.expressions.read(scope))
            if not stream.mark(","):
                break
        where = self._where(scope)
        parts = [f"t0.{quoted(STORED_KEY)}", *(one.sql for one in expressions)]
        rows = self._database.engine.execute(
            f"SELECT {', '.join(parts)} FROM {text}{where}", self._values
        )
        entries = []
        for key, *cells in rows:
            entry = table.cache.peek(key)
            if entry is not None:
                row = {
                    column.name: _fitting(cell, one.kind, column)
                    for column, one, cell in zip(columns, expressions, cells, strict=True)
                }
                entries.append((key, table.value_of(row, entry.value)))
        for key, value in entries:
            table.cache.put(key, value)
        return len(entries)

    def delete(self) -> int:
        """DELETE; how many rows."""
        stream = self._stream
        stream.expect_word("FROM")
        table, scope, text = self._target()
        missed = self._misses(table)
        where = self._where(scope)
        rows = self._database.engine.execute(
            f"SELECT t0.{quoted(STORED_KEY)} FROM {text}{where}", self._values
        )
        if missed:
            return 0
        return sum(table.cache.remove(key) is not None for (key,) in rows)

    def _misses(self, table: Table) -> bool:
        """Whether a server deletes nothing: ``WHERE pk = ?`` with a number of another width.

        It looks the key up as it came, instead of comparing.
        """
        stream = self._stream
        shape = [stream.peek(ahead) for ahead in range(5)]
        keys = table.key_columns
        if (
            len(keys) != 1
            or [token.text for token in shape[:1]] != ["WHERE"]
            or shape[1].text not in (keys[0].name, KEY)
            or shape[2].text != "="
            or shape[3].kind != "parameter"
            or shape[4].text not in ("", ";")
            or not self._kinds
        ):
            return False
        given = self._kinds[0]
        return keys[0].kind in INTEGERS and given in INTEGERS and given is not keys[0].kind

    def _target(self) -> tuple[Table, Scope, str]:
        stream = self._stream
        table = self._table()
        alias = table.name
        if stream.word("AS") or (
            stream.next.kind in ("word", "name")
            and stream.next.text not in ("SET", "WHERE", "LIMIT")
        ):
            alias = stream.identifier()
        scope = Scope()
        scope.sources.append(source_of(table, "t0", alias))
        return table, scope, f"{table.stored_name} AS t0"

    def _where(self, scope: Scope) -> str:
        where = ""
        if self._stream.word("WHERE"):
            where = f" WHERE {self._queries.expressions.condition(scope)}"
        if self._stream.next.text == "LIMIT":
            raise not_supported("LIMIT of a change")
        self._stream.end()
        return where


def _fitting(cell: Any, kind: Kind, column: Column) -> Any:
    """A cell as one of a column.

    Raises:
        Refusal: it is not what the column can hold.
    """
    if cell is None:
        return None
    if column.kind is Kind.OBJECT:
        if kind is not Kind.OBJECT:
            raise not_supported(f"{kind.value} for a column of objects")
        return cell
    try:
        result = convert(cell, kind, column.kind)
    except Refusal:
        words = (
            f"Value conversion failed [column={column.name}, "
            f"from={_CLASS_NAMES.get(kind, kind.value)}, "
            f"to={_CLASS_NAMES.get(column.kind, column.kind.value)}]"
        )
        raise Refusal(words, sqlstate="0700B") from None
    if column.kind is Kind.VARCHAR and 0 <= column.precision < len(result):
        words = (
            f"Value for a column '{column.name}' is too long. "
            f"Maximum length: {column.precision}, actual length: {len(result)}"
        )
        raise Refusal(words, sqlstate="23000")
    if column.kind is Kind.DECIMAL and column.precision >= 0:
        _check_decimal(result, column)
    return result


def _check_decimal(text: str, column: Column) -> None:
    number = Decimal(text)
    scale = max(-int(number.as_tuple().exponent), 0)
    digits = max(number.adjusted() + 1, 0) + scale
    if 0 <= column.scale < scale or digits > column.precision:
        words = (
            f"Value for a column '{column.name}' is out of range. "
            f"Maximum scale: {column.scale}, maximum precision: {column.precision}"
        )
        raise Refusal(words, sqlstate="23000")
