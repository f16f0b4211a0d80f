"""Queries: scans and SQL, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .. import scalars
from ..exceptions import CacheError, SQLError
from ..features import Feature
from .layout import header, int64, nothing, read_bool
from .operation import Operation, Reader, Repeat, Transactional, Writer, check_int


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
        partition = check_int(options.partition, 0, 65_535, "partition")
    writer.out += b"\x65"  # no filter: that would be an object of a Java class
    writer.out += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    writer.out += scalars.INT32.pack(partition)
    writer.out += b"\x01" if options.local else b"\x00"


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


def _sql_options(writer: Writer, options: SqlOptions) -> None:
    out = writer.out
    out += scalars.encode_string(options.schema, "schema")
    out += scalars.INT32.pack(check_int(options.page_size, 1, 2**31 - 1, "page_size"))
    out += scalars.INT32.pack(check_int(options.max_rows, -(2**31), 2**31 - 1, "max_rows"))
    out += scalars.encode_string(options.statement, "statement")
    out += scalars.INT32.pack(len(options.args))
    writer.codec.write_values(out, options.args)
    out += scalars.INT8.pack(check_int(options.statement_type, 0, 2, "statement_type"))
    for flag in (
        options.distributed_joins,
        options.local,
        options.replicated_only,
        options.enforce_join_order,
        options.collocated,
        options.lazy,
    ):
        out += b"\x01" if flag else b"\x00"
    timeout = options.timeout_ms
    if Feature.DEFAULT_QUERY_TIMEOUT in writer.features:
        timeout = -1 if timeout is None else timeout
    else:  # there is no way to say "no limit" but a very long one
        timeout = 0 if timeout is None else timeout or 2**31 - 1
    out += scalars.INT64.pack(check_int(timeout, -1, 2**31 - 1, "timeout_ms"))
    out += b"\x01" if options.include_field_names else b"\x00"
    if Feature.QUERY_PARTITIONS_BATCH_SIZE in writer.features:
        out += scalars.INT32.pack(-1)  # all partitions
        out += scalars.INT32.pack(1)
    if Feature.QUERY_LABEL in writer.features:
        out += scalars.encode_string(None)


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
    writer.out += scalars.INT64.pack(page.cursor_id)


def _read_next_rows(reader: Reader) -> Page:
    return _read_rows(reader, reader.args[0].columns)


QUERY_SCAN: Final = Operation(
    name="QUERY_SCAN",
    code=2000,
    request=(header, _scan_options),
    response=_read_first_entries,
    repeat=Repeat.SAFE,
    error=CacheError,
    # It would not see what the transaction has written, so nothing is gained by sending it there.
    transactional=Transactional.OUTSIDE,
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
RESOURCE_CLOSE: Final = Operation(
    name="RESOURCE_CLOSE",
    code=0,
    request=(int64,),
    response=nothing,
    repeat=Repeat.NEVER,
    error=CacheError,
)
