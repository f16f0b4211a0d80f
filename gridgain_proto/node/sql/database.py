"""The tables of a cluster, and running statements on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ...features import Product
from ..caches import Cache
from ..failures import Refusal
from ..settings import QueryEntity
from ..transactions import Transaction
from .changes import Changes
from .definitions import Definitions
from .functions import Engine
from .kinds import EXACT, Kind, Wire, not_supported
from .select import FindTable, Query, QueryReader
from .tables import Table
from .tokens import TokenStream, syntax_error

if TYPE_CHECKING:
    from ..cluster import Cluster

_PUBLIC: Final = "PUBLIC"

#: What a client may say that it expects.
_ANY, _SELECT, _UPDATE = range(3)

_COMMANDS: Final = frozenset(
    (
        "BEGIN", "COMMIT", "ROLLBACK", "SET", "SHOW", "KILL",
        "COPY", "EXPLAIN", "CALL", "GRANT", "REVOKE", "ANALYZE",
        "REFRESH", "TRUNCATE", "START", "WITH", "VALUES",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gives.

    Attributes:
        names: the names of the columns.
        rows: the rows, each as the bytes of its values.
    """

    names: list[str]
    rows: Iterator[bytes]


class Database:
    """The tables of a cluster.

    Args:
        cluster: the cluster.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.engine = Engine()
        self.wire = Wire(
            cluster.config.timezone, dates_as_opaque=cluster.product is not Product.GRIDGAIN
        )
        #: How many tables have been made by statements.
        self.tables_made = 0
        self._tables: dict[tuple[str, str], Table] = {}
        self._made_by_sql: set[str] = set()

    # -- tables ----------------------------------------------------------------------------------

    def add_cache(self, cache: Cache) -> None:
        """Make the tables of a new cache.

        Raises:
            Refusal: there can be none like that.
        """
        made: list[Table] = []
        try:
            for entity in cache.settings.entities:
                place = (cache.settings.schema, entity.table or entity.value_type)
                if place in self._tables:
                    raise Refusal(f"Table already exists: {place[1]}", sqlstate="42000")
                table = Table(cache, entity, self.engine, self.wire, self.cluster.binary)
                made.append(table)
                self._tables[place] = table
        except Refusal:
            for table in made:
                self._remove(table)
            raise
        self._follow(cache)

    def _follow(self, cache: Cache) -> None:
        tables = [table for table in self._tables.values() if table.cache is cache]

        def key_changed(key: bytes) -> None:
            for table in tables:
                table.key_changed(key)

        def all_gone() -> None:
            for table in tables:
                table.all_gone()

        cache.on_write, cache.on_clear = key_changed, all_gone

    def remove_cache(self, cache: Cache) -> None:
        """Drop the tables of a cache."""
        for table in [one for one in self._tables.values() if one.cache is cache]:
            self._remove(table)
        self._made_by_sql.discard(cache.settings.name)

    def _remove(self, table: Table) -> None:
        table.drop()
        del self._tables[table.schema, table.name]

    def replace_table(self, table: Table, entity: QueryEntity) -> None:
        """Give a table other columns; what is stored stays as it is.

        Raises:
            Refusal: an index is on a column that goes.
        """
        names = {one.name for one in entity.fields}
        for index, fields in table.indexes.items():
            for name, _ in fields:
                if name not in names and name not in ("_KEY", "_VAL"):
                    words = f"Cannot drop column because an index exists: {index}"
                    raise Refusal(words, sqlstate="42000")
        self._remove(table)
        other = Table(table.cache, entity, self.engine, self.wire, self.cluster.binary)
        for index, fields in table.indexes.items():
            other.add_index(index, fields)
        self._tables[other.schema, other.name] = other
        table.cache.settings.entities_replaced(entity)
        for key, _ in table.cache.items():
            other.key_changed(key)
        self._follow(table.cache)

    def find(self, schema: str, name: str) -> Table | None:
        """A table by its name."""
        return self._tables.get((schema, name))

    def finder(self, schema: str) -> FindTable:
        """Finds tables, and brings them up to date, as they stand in statements."""

        def find(given: str | None, name: str) -> Table:
            table = self.find(given or schema, name)
            if table is None:
                words = f'Failed to parse query. Table "{name}" not found'
                raise Refusal(words, sqlstate="42000")
            table.cache.advance(self.cluster.now)
            table.refresh()
            return table

        return find

    def table_of_index(self, schema: str, name: str) -> Table | None:
        """The table that has an index."""
        for table in self._tables.values():
            if table.schema == schema and name in table.indexes:
                return table
        return None

    def note_made_by_sql(self, cache_name: str) -> None:
        """Remember that a cache was made by CREATE TABLE."""
        self._made_by_sql.add(cache_name)

    def made_by_sql(self, table: Table) -> bool:
        """Whether a table was made by CREATE TABLE."""
        return table.cache.settings.name in self._made_by_sql

    def check_changeable(self, table: Table) -> None:
        """Refuse to change a table within a transaction.

        Raises:
            Refusal: there is a transaction.
        """
        self.cluster.check_writable()
        if self._in_transaction and table.cache.settings.transactional:
            raise Refusal(
                "DML statements are not allowed inside a transaction over cache(s) with "
                "TRANSACTIONAL atomicity mode"
            )

    # -- statements ------------------------------------------------------------------------------

    _in_transaction = False

    def execute(
        self,
        statement: str,
        args: list[bytes],
        *,
        schema: str | None,
        cache: Cache | None,
        kind: int,
        transaction: Transaction | None,
    ) -> Result:
        """Run a statement.

        Args:
            statement: the statement.
            args: the values of its parameters.
            schema: where tables without a schema are; None for the cache's, or PUBLIC.
            cache: the cache that the request names.
            kind: what the client expects: 0 for anything, 1 for a query, else for a change.
            transaction: the transaction that it is sent in.

        Raises:
            Refusal: it cannot be run.
        """
        if schema is None:
            schema = _PUBLIC if cache is None else cache.settings.schema
        elif schema != _PUBLIC and not any(place[0] == schema for place in self._tables):
            words = f"Failed to set schema for DB connection for thread [schema={schema}]"
            raise Refusal(words)
        if not statement.strip():
            raise Refusal("Index 0 out of bounds for length 0")
        stream = TokenStream(statement)
        is_query = stream.next.text in ("SELECT", "(")
        if kind != _ANY and is_query != (kind == _SELECT):
            words = "Given statement type does not match that declared by JDBC driver"
            raise Refusal(words, sqlstate="42000")
        if len(args) < stream.parameters:
            raise Refusal(
                "Invalid number of query parameters "
                f"[expected={stream.parameters}, actual={len(args)}]"
            )
        given = [self.wire.argument(arg) for arg in args[: stream.parameters]]
        kinds = [kind for _, kind in given]
        values: list[Any] = [cell for cell, _ in given]
        self._in_transaction = transaction is not None
        if is_query:
            reader = QueryReader(stream, kinds, values, self.finder(schema))
            query = reader.read()
            stream.end()
            return Result(query.names, self._rows(query, values))
        return _updated(self._change(stream, kinds, values, schema))

    def entries(
        self, statement: str, args: list[bytes], *, cache: Cache, value_type: str | None
    ) -> Result:
        """Run a query for entries: the end of a statement, or a whole one with ``*``.

        Args:
            statement: the query.
            args: the values of its parameters.
            cache: the cache.
            value_type: the simple name of the values' type.

        Raises:
            Refusal: it cannot be run.
        """
        for table in self._tables.values():
            simple = table.entity.value_type.rpartition(".")[2].rpartition("$")[2]
            if table.cache is cache and simple == value_type:
                break
        else:
            raise Refusal(f"Failed to find SQL table for type: {value_type}")
        stream = TokenStream(statement)
        head, second = stream.next.text, stream.peek(1).text
        if head == "SELECT":
            if second != "*":
                raise not_supported("queries for entries that select anything but *")
            rest = statement.lstrip()[len("SELECT") :].lstrip()[1:]
        else:
            where = "" if head in ("WHERE", "ORDER", "LIMIT", "") else " WHERE"
            rest = statement if head == "FROM" else f' FROM "{table.name}"{where} {statement}'
        return self.execute(
            f"SELECT _KEY, _VAL {rest}",
            args,
            schema=table.schema,
            cache=cache,
            kind=_SELECT,
            transaction=None,
        )

    def _rows(self, query: Query, values: list[Any]) -> Iterator[bytes]:
        rows = self.engine.execute(query.sql, values)
        encoders = [
            self._encoder(kind, scale)
            for kind, scale in zip(query.kinds, query.scales, strict=True)
        ]
        return (
            b"".join([encode(cell) for encode, cell in zip(encoders, row, strict=True)])
            for row in rows
        )

    def _encoder(self, kind: Kind, scale: int) -> Callable[[Any], bytes]:
        value = self.wire.value

        def encode(cell: Any) -> bytes:
            if scale >= 0 and cell is not None and kind is Kind.DECIMAL:
                number = Decimal(cell)
                if -int(number.as_tuple().exponent) < scale:
                    cell = str(number.quantize(Decimal((0, (1,), -scale)), context=EXACT))
            return value(cell, kind)

        return encode

    def _change(
        self, stream: TokenStream, kinds: list[Kind], values: list[Any], schema: str
    ) -> int:
        word = stream.take()
        if word.kind != "word":
            raise syntax_error(stream.statement, "a statement expected")
        if word.text in ("INSERT", "MERGE", "UPDATE", "DELETE"):
            changes = Changes(self, stream, kinds, values, schema)
            if word.text in ("INSERT", "MERGE"):
                return changes.insert(merge=word.text == "MERGE")
            return changes.update() if word.text == "UPDATE" else changes.delete()
        if word.text in ("CREATE", "DROP", "ALTER"):
            self.cluster.check_writable()
            definitions = Definitions(self, stream, schema)
            {"CREATE": definitions.create, "DROP": definitions.drop, "ALTER": definitions.alter}[
                word.text
            ]()
            return 0
        if word.text == "COMMIT" and self.cluster.product is Product.GRIDGAIN:
            return 0  # there is never anything to commit
        if word.text in _COMMANDS:
            raise not_supported(word.text)
        raise syntax_error(stream.statement, f"Syntax error at {word.text!r}")


def _updated(count: int) -> Result:
    """The answer to a change: one row, one column."""
    return Result(["UPDATED"], iter((b"\x04" + count.to_bytes(8, "little"),)))
