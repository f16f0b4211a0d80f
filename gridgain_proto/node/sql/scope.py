"""Expressions while they are being compiled, and what names mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ..failures import Refusal
from .kinds import NUMBERS, Kind, not_supported


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    Attributes:
        sql: what SQLite is given.
        kind: what it gives.
        name: how a column with it is called.
        column: what column it is, if it is just one.
        columns: the columns in it outside of aggregates.
        aggregate: whether there is an aggregate in it.
        scale: how many digits after the point a sum has at least.
    """

    sql: str
    kind: Kind
    name: str
    column: str | None = None
    columns: frozenset[str] = frozenset()
    aggregate: bool = False
    scale: int = -1

    @property
    def same_as(self) -> tuple[str, frozenset[str]]:
        """Equal for expressions that say the same; constants have different places in SQLite."""
        return self.name, self.columns

    def compared(self) -> str:
        """The same, compared and sorted as its kind is."""
        if self.kind is Kind.DECIMAL:
            return f"({self.sql} COLLATE gg_decimal)"
        if self.kind is Kind.VARCHAR and self.column is None:
            return f"({self.sql} COLLATE gg_text)"
        return self.sql

    def as_kind(self, kind: Kind) -> Expression:
        """The same, converted."""
        if self.kind is kind or self.kind is Kind.NULL:
            return replace(self, kind=kind)
        sql = f"gg_cast('{self.kind.value}', '{kind.value}', -1, -1, {self.sql})"
        return replace(self, sql=sql, kind=kind, column=None)


def combined(sql: str, kind: Kind, name: str, *parts: Expression) -> Expression:
    """An expression made of others."""
    columns = frozenset[str]().union(*(part.columns for part in parts))
    return Expression(sql, kind, name, None, columns, any(part.aggregate for part in parts))


@dataclass(frozen=True, slots=True)
class Source:
    """Something after FROM: its alias, and its columns by name.

    Attributes:
        alias: how it is called.
        columns: what its columns are.
        hidden: those that ``*`` does not mean.
        keys: the columns of the key, as SQLite has them.
    """

    alias: str
    columns: dict[str, Expression]
    hidden: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


class Scope:
    """What names mean in a query.

    Args:
        parent: what they mean around it.
    """

    def __init__(self, parent: Scope | None = None) -> None:
        self.sources: list[Source] = []
        self.parent = parent

    def find(self, qualifier: str | None, name: str) -> Expression | None:
        """The column of a name.

        Raises:
            Refusal: it is ambiguous.
        """
        found = [
            source.columns[name]
            for source in self.sources
            if name in source.columns and qualifier in (None, source.alias)
        ]
        if len(found) > 1:
            raise Refusal(f'Ambiguous column name "{name}"', sqlstate="42000")
        if found:
            return found[0]
        if self.parent is None:
            return None
        outer = self.parent.find(qualifier, name)
        # What comes from around a subquery does not change in it.
        return None if outer is None else replace(outer, columns=frozenset())


def common_kind(one: Kind, other: Kind) -> Kind:
    """The kind as which values of two kinds are compared or calculated with.

    Raises:
        Refusal: H2 would do it in a way that is not known here.
    """
    if one is other or other is Kind.NULL:
        return one
    if one is Kind.NULL:
        return other
    if one in NUMBERS and other in NUMBERS:
        return max(one, other, key=NUMBERS.index)
    for text, kind in ((one, other), (other, one)):
        if text is Kind.VARCHAR and kind is not Kind.OBJECT:
            return kind
    if {one, other} == {Kind.DATE, Kind.TIMESTAMP}:
        return Kind.TIMESTAMP
    raise not_supported(f"{one.value} together with {other.value}; use CAST")


def result_kind(kinds: list[Kind]) -> Kind:
    """The kind of what is chosen among values of several kinds.

    Raises:
        Refusal: they do not go together.
    """
    kind = Kind.NULL
    for one in kinds:
        if Kind.VARCHAR in (kind, one) and kind is not one and Kind.NULL not in (kind, one):
            raise not_supported(f"a choice of {kind.value} and {one.value}; use CAST")
        kind = common_kind(kind, one)
    return kind


#: Words that cannot be names without quotes.
RESERVED: Final = frozenset(
    (
        "ALL", "AND", "ANY", "AS", "BETWEEN", "BY",
        "CASE", "CAST", "CROSS", "DISTINCT", "ELSE", "END",
        "EXCEPT", "EXISTS", "FALSE", "FETCH", "FOR", "FROM",
        "FULL", "GROUP", "HAVING", "IN", "INNER", "INTERSECT",
        "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "MINUS",
        "NATURAL", "NOT", "NULL", "OFFSET", "ON", "OR",
        "ORDER", "OUTER", "RIGHT", "SELECT", "SET", "THEN",
        "TRUE", "UNION", "UNIQUE", "USING", "VALUES", "WHEN",
        "WHERE", "WINDOW", "WITH", "QUALIFY",
    )
)  # fmt: skip
