"""Queries: SELECT, compiled for SQLite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .expressions import ExpressionReader
from .kinds import INTEGERS, Kind, not_supported
from .scope import RESERVED, Expression, Scope, Source
from .tables import KEY, STORED_KEY, STORED_VALUE, VALUE, Table, quoted
from .tokens import TokenStream

#: Finds a table by schema and name, brought up to date.
FindTable = Callable[[str | None, str], Table]

_MAX_NESTED: Final = 16


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled query.

    Attributes:
        sql: what SQLite is given.
        kinds: the kinds of its columns.
        names: their names.
        scales: how many digits after the point each has at least.
    """

    sql: str
    kinds: list[Kind]
    names: list[str]
    scales: list[int]


@dataclass(slots=True)
class _Item:
    """One of what is selected."""

    expression: Expression
    name: str
    aliased: bool


class QueryReader:
    """Reads queries.

    Args:
        stream: the statement.
        kinds: the kinds of the parameters.
        values: their cells; constants are added to them.
        find_table: finds tables.
    """

    def __init__(
        self,
        stream: TokenStream,
        kinds: Sequence[Kind],
        values: list[Any],
        find_table: FindTable,
    ) -> None:
        self._stream = stream
        self._find_table = find_table
        self.expressions = ExpressionReader(stream, kinds, values, self.read)
        self._sources = 0
        self._depth = 0

    def read(self, parent: Scope | None = None) -> Query:
        """A query, with its UNIONs, order and limit."""
        stream = self._stream
        self._depth += 1
        if self._depth > _MAX_NESTED:
            raise not_supported("queries nested so deeply")
        if stream.next.text == "WITH":
            raise not_supported("WITH")
        query, items, scope, distinct = self._select(parent)
        united = False
        while word := stream.word("UNION", "EXCEPT", "INTERSECT", "MINUS"):
            if word != "UNION":
                raise not_supported(word)
            kept = " ALL" if stream.word("ALL") else ""
            other, *_ = self._select(parent)
            if other.kinds != query.kinds:
                raise not_supported("UNION of columns of different types; use CAST")
            query = replace(query, sql=f"{query.sql} UNION{kept} {other.sql}")
            united = True
        sql = query.sql
        if stream.words("ORDER", "BY"):
            sql += f" ORDER BY {self._order(items, scope, by_place=united or distinct)}"
        sql += self._limit()
        self._depth -= 1
        return replace(query, sql=sql)

    def _select(self, parent: Scope | None) -> tuple[Query, list[_Item], Scope, bool]:
        stream = self._stream
        stream.expect_word("SELECT")
        distinct = stream.word("DISTINCT") is not None
        if not distinct:
            stream.word("ALL")
        if stream.next.text == "TOP":
            raise not_supported("TOP; use LIMIT")
        scope = Scope(parent)
        # What is selected can only be understood after FROM: come back for it.
        start = stream.position
        self._skip_items()
        text = ""
        if stream.word("FROM"):
            text = f" FROM {self._from(scope)}"
        rest = stream.position
        stream.position = start
        items = self._items(scope)
        stream.position = rest
        if stream.word("WHERE"):
            text += f" WHERE {self.expressions.condition(scope)}"
        grouped = self._group(scope, items)
        if grouped is not None:
            text += f" GROUP BY {', '.join(one.compared() for one in grouped)}"
        if stream.word("HAVING"):
            having = self.expressions.read(scope)
            self._check_grouped([having], grouped or [], scope)
            text += f" HAVING {having.as_kind(Kind.BOOLEAN).sql}"
        expressions = [item.expression for item in items]
        if grouped is not None or any(one.aggregate for one in expressions):
            self._check_grouped(expressions, grouped or [], scope)
        columns = ", ".join(
            f"{one.compared()} AS c{position}" for position, one in enumerate(expressions)
        )
        query = Query(
            f"SELECT {'DISTINCT ' if distinct else ''}{columns}{text}",
            [one.kind for one in expressions],
            [item.name for item in items],
            [one.scale if one.aggregate else -1 for one in expressions],
        )
        return query, items, scope, distinct

    # -- what is selected ------------------------------------------------------------------------

    def _skip_items(self) -> None:
        depth = 0
        stream = self._stream
        while stream.next.kind != "end":
            token = stream.next
            if token.kind == "mark":
                depth += (token.text == "(") - (token.text == ")")
                if depth < 0 or (token.text == ";" and not depth):
                    return
            if not depth and token.kind == "word" and token.text in _AFTER_ITEMS:
                return
            stream.take()

    def _items(self, scope: Scope) -> list[_Item]:
        items: list[_Item] = []
        while True:
            items += self._item(scope)
            if not self._stream.mark(","):
                return items

    def _item(self, scope: Scope) -> list[_Item]:
        stream = self._stream
        if stream.mark("*"):
            if not scope.sources:
                raise stream.error("an expression expected")
            return [item for source in scope.sources for item in self._star(source)]
        if stream.peek(1).text == "." and stream.peek(2).text == "*":
            alias = stream.identifier()
            stream.take()
            stream.take()
            found = [source for source in scope.sources if source.alias == alias]
            if not found:
                raise stream.error(f"unknown table {alias}")
            return self._star(found[0])
        expression = self.expressions.read(scope)
        given = self._alias()
        return [_Item(expression, given or expression.name, given is not None)]

    def _star(self, source: Source) -> list[_Item]:
        shown = [
            _Item(one, name, False)
            for name, one in source.columns.items()
            if name not in source.hidden
        ]
        if not shown:
            raise not_supported("* of a table without columns; select _KEY and _VAL")
        return shown

    def _alias(self) -> str | None:
        stream = self._stream
        if stream.word("AS"):
            return stream.identifier()
        token = stream.next
        if token.kind == "name" or (token.kind == "word" and token.text not in RESERVED):
            return stream.take().text
        return None

    # -- where it comes from ---------------------------------------------------------------------

    def _from(self, scope: Scope) -> str:
        stream = self._stream
        text = self._source(scope)
        while True:
            if stream.mark(","):
                text += f" CROSS JOIN {self._source(scope)}"
                continue
            if stream.word("CROSS"):
                stream.expect_word("JOIN")
                text += f" CROSS JOIN {self._source(scope)}"
                continue
            if stream.next.text in ("RIGHT", "FULL", "NATURAL"):
                raise not_supported(f"{stream.next.text} JOIN")
            left = stream.word("LEFT")
            if left:
                stream.word("OUTER")
            inner = stream.word("INNER")
            if not stream.word("JOIN"):
                if left or inner:
                    raise stream.error("'JOIN' expected")
                return text
            text += f" {'LEFT' if left else 'INNER'} JOIN {self._source(scope)}"
            if stream.next.text == "USING":
                raise not_supported("USING; use ON")
            if stream.word("ON"):
                text += f" ON {self.expressions.condition(scope)}"
            elif left:
                raise stream.error("'ON' expected")

    def _source(self, scope: Scope) -> str:
        stream = self._stream
        self._sources += 1
        handle = f"t{self._sources}"
        if stream.mark("("):
            if stream.next.text != "SELECT":
                raise not_supported("joins in parentheses")
            query = self.read(scope.parent)
            stream.expect_mark(")")
            alias = self._alias() or handle
            columns = {
                name: _column(f"{handle}.c{position}", kind, name)
                for position, (name, kind) in enumerate(zip(query.names, query.kinds, strict=True))
            }
            scope.sources.append(Source(alias, columns))
            return f"({query.sql}) AS {handle}"
        if stream.next.text == "SYSTEM_RANGE" and stream.peek(1).text == "(":
            return self._range(scope, handle)
        table = self._find_table(*stream.qualified())
        alias = self._alias() or table.name
        scope.sources.append(source_of(table, handle, alias))
        return f"{table.stored_name} AS {handle}"

    def _range(self, scope: Scope, handle: str) -> str:
        """H2's table of numbers from one to another."""
        stream = self._stream
        stream.take()
        stream.take()
        first = self.expressions.read(Scope()).as_kind(Kind.BIGINT).sql
        stream.expect_mark(",")
        last = self.expressions.read(Scope()).as_kind(Kind.BIGINT).sql
        stream.expect_mark(")")
        column = _column(f"{handle}.x", Kind.BIGINT, "X")
        scope.sources.append(Source(self._alias() or "SYSTEM_RANGE", {"X": column}))
        return (
            f"(WITH RECURSIVE r(x) AS (SELECT {first} WHERE {first} <= {last} "
            f"UNION ALL SELECT x + 1 FROM r WHERE x < {last}) SELECT x FROM r) AS {handle}"
        )

    # -- groups and order ------------------------------------------------------------------------

    def _group(self, scope: Scope, items: list[_Item]) -> list[Expression] | None:
        stream = self._stream
        if not stream.words("GROUP", "BY"):
            return None
        grouped = [self._named(scope, items)]
        while stream.mark(","):
            grouped.append(self._named(scope, items))
        if any(one.aggregate for one in grouped):
            raise stream.error("an aggregate in GROUP BY")
        return grouped

    def _named(self, scope: Scope, items: list[_Item]) -> Expression:
        """An expression, or the alias of what is selected."""
        stream = self._stream
        token, following = stream.next, stream.peek(1)
        if token.kind in ("word", "name") and following.text not in (".", "("):
            for item in items:
                if (
                    item.aliased
                    and item.name == token.text
                    and scope.find(None, token.text) is None
                ):
                    stream.take()
                    return item.expression
        return self.expressions.read(scope)

    def _check_grouped(
        self, expressions: list[Expression], grouped: list[Expression], scope: Scope
    ) -> None:
        """Refuse columns that differ within a group."""
        whole = {one.same_as for one in grouped}
        columns = {one.column for one in grouped if one.column is not None}
        for source in scope.sources:
            # What the whole key decides is one and the same within the group.
            if source.keys and source.keys <= columns:
                columns |= {one.sql for one in source.columns.values()}
        for one in expressions:
            if one.same_as in whole or one.columns <= columns:
                continue
            words = f'Column "{one.name}" must be in the GROUP BY list'
            raise self._stream.error(words)

    def _order(self, items: list[_Item], scope: Scope, *, by_place: bool) -> str:
        stream = self._stream
        terms = []
        while True:
            term = self._order_term(items, scope, by_place=by_place)
            if stream.word("DESC"):
                term += " DESC"
            else:
                stream.word("ASC")
            if stream.word("NULLS"):
                where = stream.word("FIRST", "LAST")
                if where is None:
                    raise stream.error("'FIRST' or 'LAST' expected")
                term += f" NULLS {where}"
            terms.append(term)
            if not stream.mark(","):
                return ", ".join(terms)

    def _order_term(self, items: list[_Item], scope: Scope, *, by_place: bool) -> str:
        stream = self._stream
        token, following = stream.next, stream.peek(1)
        ends = following.kind == "end" or following.text in _AFTER_TERM
        if token.kind == "number" and ends:
            place = stream.integer()
            if not 1 <= place <= len(items):
                raise stream.error(f"no column {place}")
            return str(place)
        if token.kind in ("word", "name") and ends:
            for position, item in enumerate(items):
                if item.name == token.text:
                    stream.take()
                    return str(position + 1)
        expression = self.expressions.read(scope)
        for position, item in enumerate(items):
            if item.expression.same_as == expression.same_as:
                return str(position + 1)
        if by_place:
            words = f'Order by expression "{expression.name}" must be in the result list'
            raise stream.error(words)
        return expression.compared()

    def _limit(self) -> str:
        stream = self._stream
        text = ""
        if stream.word("LIMIT"):
            text = f" LIMIT {self._whole_number()}"
        if stream.word("OFFSET"):
            if not text:
                text = " LIMIT -1"
            text += f" OFFSET {self._whole_number()}"
            stream.word("ROWS", "ROW")
        if stream.next.text in ("FETCH", "FOR"):
            raise not_supported(stream.next.text)
        return text

    def _whole_number(self) -> str:
        expression = self.expressions.read(Scope())
        if expression.kind not in INTEGERS:
            raise not_supported(f"a limit of {expression.kind.value}")
        return expression.sql


_AFTER_ITEMS: Final = frozenset(
    ("FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "UNION", "EXCEPT", "INTERSECT")
)
_AFTER_TERM: Final = frozenset((",", ")", ";", "ASC", "DESC", "NULLS", "LIMIT", "OFFSET", "FETCH"))


def _column(sql: str, kind: Kind, name: str, scale: int = -1) -> Expression:
    return Expression(sql, kind, name, sql, frozenset((sql,)), scale=scale)


def source_of(table: Table, handle: str, alias: str) -> Source:
    """A table after FROM.

    Args:
        table: the table.
        handle: how SQLite knows it in the query.
        alias: how the query calls it.
    """
    columns = {
        one.name: _column(
            f"{handle}.{quoted(one.name)}",
            one.kind,
            one.name,
            one.scale if one.kind is Kind.DECIMAL else -1,
        )
        for one in table.columns
    }
    keys = frozenset(columns[one.name].sql for one in table.key_columns)
    for name, stored, is_key in ((KEY, STORED_KEY, True), (VALUE, STORED_VALUE, False)):
        whole = next(
            (one for one in table.columns if one.field is None and one.is_key == is_key), None
        )
        if whole is not None:
            columns[name] = replace(columns[whole.name], name=name)
        else:
            columns[name] = _column(f"{handle}.{quoted(stored)}", Kind.OBJECT, name)
    return Source(alias, columns, frozenset((KEY, VALUE)), keys)
