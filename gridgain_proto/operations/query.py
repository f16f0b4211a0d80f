"""Queries: scans and SQL, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple

from .. import scalars
from ..codec.hints import FloatArrayObject
from ..exceptions import CacheError, NotSupportedByClusterError, ParameterError, SQLError
from ..features import Feature, Product
from .layout import header, int64, nothing, read_bool
from .operation import Operation, Reader, Repeat, Request, Transactional, Writer, check_int

#: No cache has more partitions.
_LAST_PARTITION: Final = 64_999
_FLOAT: Final = Struct("<f")

#: As many cursors are open on the connection as the server allows.
STATUS_TOO_MANY_CURSORS: Final = 1010


class Page(NamedTuple):
    """A part of a query's result."""

    rows: list[Any]
    "The entries as pairs, or the rows as lists."
    more: bool
    "Whether there is more. If not, the server has closed the cursor already."


class FirstPage(NamedTuple):
    """The beginning of a query's result."""

    cursor_id: int
    "What the rest is asked for by, on the same connection."
    page: Page
    columns: int = 2
    "How many columns there are; entries have two."
    names: list[str] | None = None
    "The names of the columns, if they were asked for."

    @property
    def update_count(self) -> int | None:
        """How many rows a change has changed; None for a query."""
        rows = self.page.rows
        if self.names != ["UPDATED"] or len(rows) != 1 or self.page.more:
            return None
        count = rows[0][0]
        return count if isinstance(count, int) else None


class NextPage(NamedTuple):
    """What a further page is asked for by."""

    cursor_id: int
    columns: int = 2


class ScanOptions(NamedTuple):
    """What of a cache is scanned.

    Attributes:
        page_size: how many entries come at once.
        partition: the number of the only partition wanted, or None for all.
        local: whether only what the connected node holds is wanted.
    """

    page_size: int = 1024
    partition: int | None = None
    local: bool = False


def _scan_options(writer: Writer, options: ScanOptions) -> None:
    partition = -1
    if options.partition is not None:
        partition = check_int(options.partition, 0, _LAST_PARTITION, "partition")
    writer += b"\x65"  # no filter: that would be an object of a Java class
    writer += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    writer += scalars.INT32.pack(partition)
    writer += b"\x01" if options.local else b"\x00"


@dataclass(frozen=True, slots=True)
class SqlOptions:
    """A statement and how it is carried out.

    Attributes:
        statement: the SQL.
        args: the values of its parameters; each may be ``(value, hint)``.
        schema: the schema's exact name, or None for the cache's own.
        page_size: how many rows come at once.
        statement_type: 0 any, 1 only a query, 2 only a change.
        distributed_joins: whether rows of different nodes are joined.
        local: whether only what the connected node holds is wanted.
        replicated_only: whether all tables are replicated.
        enforce_join_order: whether tables are joined in the order in which they stand.
        collocated: whether what is grouped lies on one node.
        lazy: whether the server produces rows as they are asked for.
        timeout_ms: how long the server may take; None for the server's default, 0 for no limit.
        include_field_names: whether the columns' names are wanted.
        max_rows: kept for the protocol; servers ignore it.
        partitions: the numbers of the only partitions that are looked at, or None for all.
        update_batch_size: how many rows a change is sent to other nodes at once.
        label: a name by which GridGain shows the query.
    """

    statement: str
    args: Sequence[Any] = ()
    schema: str | None = "PUBLIC"
    page_size: int = 1024
    statement_type: int = 0
    distributed_joins: bool = False
    local: bool = False
    replicated_only: bool = False
    enforce_join_order: bool = False
    collocated: bool = False
    lazy: bool = False
    timeout_ms: int | None = None
    include_field_names: bool = True
    max_rows: int = -1
    partitions: Sequence[int] | None = None
    update_batch_size: int = 1
    label: str | None = None


def _sql_options(writer: Writer, options: SqlOptions) -> None:
    writer += scalars.encode_string(options.schema, "schema")
    writer += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    writer += scalars.INT32.pack(check_int(options.max_rows, -(2**31), 2**31 - 1, "max_rows"))
    writer += scalars.encode_string(options.statement, "statement")
    writer += scalars.INT32.pack(len(options.args))
    writer.codec.write_values(writer, options.args)
    writer += scalars.INT8.pack(check_int(options.statement_type, 0, 2, "statement_type"))
    for flag in (
        options.distributed_joins,
        options.local,
        options.replicated_only,
        options.enforce_join_order,
        options.collocated,
        options.lazy,
    ):
        writer += b"\x01" if flag else b"\x00"
    timeout = options.timeout_ms
    if Feature.DEFAULT_QUERY_TIMEOUT in writer.features:
        timeout = -1 if timeout is None else timeout
    else:  # there is no way to say "no limit" but a very long one
        timeout = 0 if timeout is None else timeout or 2**31 - 1
    writer += scalars.INT64.pack(check_int(timeout, -1, 2**31 - 1, "timeout_ms"))
    writer += b"\x01" if options.include_field_names else b"\x00"
    if Feature.QUERY_PARTITIONS_BATCH_SIZE in writer.features:
        _partitions(writer, options.partitions)
        batch = check_int(options.update_batch_size, 1, 2**31 - 1, "update_batch_size")
        writer += scalars.INT32.pack(batch)
    elif options.partitions is not None or options.update_batch_size != 1:
        raise NotSupportedByClusterError(
            f"partitions, update_batch_size: the node does not know them ({writer.features})"
        )
    if Feature.QUERY_LABEL in writer.features:
        writer += scalars.encode_string(options.label, "label")
    elif options.label is not None:
        raise NotSupportedByClusterError(f"label: the node does not know it ({writer.features})")


def _partitions(writer: Writer, partitions: Sequence[int] | None) -> None:
    if partitions is None:
        writer += scalars.INT32.pack(-1)
        return
    if not partitions or len(set(partitions)) != len(partitions):
        raise ParameterError(f"partitions: {partitions!r} is empty, or names one twice")
    writer += scalars.INT32.pack(len(partitions))
    for number in partitions:
        writer += scalars.INT32.pack(check_int(number, 0, _LAST_PARTITION, "partitions"))


@dataclass(frozen=True, slots=True)
class EntriesOptions:
    """A query by SQL for whole entries.

    Attributes:
        type_name: the simple name of the values' type.
        statement: the SQL, or what stands behind its WHERE.
        args: the values of its parameters; each may be ``(value, hint)``.
        page_size: how many entries come at once.
        distributed_joins: whether rows of different nodes are joined.
        local: whether only what the connected node holds is wanted.
        replicated_only: whether all tables are replicated.
        timeout_ms: how long the server may take; 0 for its default.
    """

    type_name: str
    statement: str
    args: Sequence[Any] = ()
    page_size: int = 1024
    distributed_joins: bool = False
    local: bool = False
    replicated_only: bool = False
    timeout_ms: int = 0


def _entries_options(writer: Writer, options: EntriesOptions) -> None:
    writer += scalars.encode_string(options.type_name, "type_name")
    writer += scalars.encode_string(options.statement, "statement")
    writer += scalars.INT32.pack(len(options.args))
    writer.codec.write_values(writer, options.args)
    for flag in (options.distributed_joins, options.local, options.replicated_only):
        writer += b"\x01" if flag else b"\x00"
    writer += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    writer += scalars.INT64.pack(check_int(options.timeout_ms, 0, 2**31 - 1, "timeout_ms"))


class VectorOptions(NamedTuple):
    """A query for the nearest neighbours of a vector.

    Attributes:
        type_name: the values' type.
        field: the field that has the vectors.
        vector: whose neighbours are wanted.
        k: how many.
        threshold: how similar they have to be; -1 for any.
        page_size: how many entries come at once.
    """

    type_name: str
    field: str
    vector: Sequence[float]
    k: int
    threshold: float = -1.0
    page_size: int = 1024


def _vector_options(writer: Writer, options: VectorOptions) -> None:
    if writer.features.product is Product.IGNITE:
        raise NotSupportedByClusterError(f"only GridGain has vectors, this is {writer.features}")
    writer += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    writer += scalars.encode_string(options.type_name, "type_name")
    writer += scalars.encode_string(options.field, "field")
    writer.codec.write(writer, options.vector, FloatArrayObject)
    writer += scalars.INT32.pack(check_int(options.k, 1, 2**31 - 1, "k"))
    writer += _FLOAT.pack(options.threshold)


def _read_entries(reader: Reader) -> Page:
    count, pos = scalars.read_count(reader.data, reader.pos, 2, "entries")
    rows, reader.pos = reader.codec.read_pairs(reader.data, pos, count)
    return Page(rows, read_bool(reader))


def _read_rows(reader: Reader, columns: int) -> Page:
    count, pos = scalars.read_count(reader.data, reader.pos, columns, "rows")
    rows, reader.pos = reader.codec.read_rows(reader.data, pos, count, columns)
    return Page(rows, read_bool(reader))


def _read_first_entries(reader: Reader) -> FirstPage:
    cursor_id, reader.pos = scalars.read_int64(reader.data, reader.pos)
    return FirstPage(cursor_id, _read_entries(reader))


def _read_first_rows(reader: Reader) -> FirstPage:
    options: SqlOptions = reader.args[1]
    data = reader.data
    cursor_id, pos = scalars.read_int64(data, reader.pos)
    columns, pos = scalars.read_count(data, pos, 0, "columns")
    names = None
    if options.include_field_names:
        names = []
        for _ in range(columns):
            name, pos = scalars.read_string(data, pos)
            names.append(name or "")
    reader.pos = pos
    return FirstPage(cursor_id, _read_rows(reader, columns), columns, names)


def _next_page(writer: Writer, page: NextPage) -> None:
    writer += scalars.INT64.pack(page.cursor_id)


def _read_next_rows(reader: Reader) -> Page:
    return _read_rows(reader, reader.args[0].columns)


def _close_cursor(reader: Reader) -> Request[None]:
    return RESOURCE_CLOSE(scalars.read_int64(reader.data, reader.pos)[0])


QUERY_SCAN: Final = Operation(
    name="QUERY_SCAN",
    code=2000,
    request=(header, _scan_options),
    response=_read_first_entries,
    repeat=Repeat.SAFE,
    error=CacheError,
    # It would not see what the transaction has written, so nothing is gained by sending it there.
    transactional=Transactional.OUTSIDE,
    undo=_close_cursor,
)
QUERY_SCAN_PAGE: Final = Operation(
    name="QUERY_SCAN_CURSOR_GET_PAGE",
    code=2001,
    request=(_next_page,),
    response=_read_entries,
    repeat=Repeat.NEVER,
    error=CacheError,
    sqlstate=True,
)
QUERY_SQL: Final = Operation(
    name="QUERY_SQL",
    code=2002,
    request=(header, _entries_options),
    response=_read_first_entries,
    repeat=Repeat.SAFE,
    error=SQLError,
    sqlstate=True,
    undo=_close_cursor,
)
QUERY_SQL_PAGE: Final = Operation(
    name="QUERY_SQL_CURSOR_GET_PAGE",
    code=2003,
    request=(_next_page,),
    response=_read_entries,
    repeat=Repeat.NEVER,
    error=SQLError,
    sqlstate=True,
)
QUERY_VECTOR: Final = Operation(
    name="QUERY_VECTOR",
    code=30000,
    request=(header, _vector_options),
    response=_read_first_entries,
    repeat=Repeat.SAFE,
    error=CacheError,
    undo=_close_cursor,
)
QUERY_VECTOR_PAGE: Final = Operation(
    name="QUERY_VECTOR_CURSOR_GET_PAGE",
    code=30001,
    request=(_next_page,),
    response=_read_entries,
    repeat=Repeat.NEVER,
    error=CacheError,
    sqlstate=True,
)
QUERY_SQL_FIELDS: Final = Operation(
    name="QUERY_SQL_FIELDS",
    code=2004,
    request=(header, _sql_options),
    response=_read_first_rows,
    repeat=Repeat.NEVER,
    error=SQLError,
    sqlstate=True,
    # A change would not be part of the transaction: the server has to see the id to refuse it.
    transactional=Transactional.JOINS,
    undo=_close_cursor,
)
QUERY_SQL_FIELDS_PAGE: Final = Operation(
    name="QUERY_SQL_FIELDS_CURSOR_GET_PAGE",
    code=2005,
    request=(_next_page,),
    response=_read_next_rows,
    repeat=Repeat.NEVER,
    error=SQLError,
    sqlstate=True,
)
RESOURCE_CLOSE: Final[Operation[None]] = Operation(
    name="RESOURCE_CLOSE",
    code=0,
    request=(int64,),
    response=nothing,
    repeat=Repeat.NEVER,
    error=CacheError,
)
