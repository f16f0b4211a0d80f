"""Queries: scans, SQL, continuous queries, and the pages of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from .. import scalars
from ..exceptions import DecodeError
from ..features import Feature
from .failures import Refusal
from .resources import Cursor, Subscription, cursor_of
from .values import is_null

if TYPE_CHECKING:
    from .caches import Cache
    from .calls import Call


def _check_no_filter(call: Call) -> bool:
    """Read a filter, which is an object of a Java class; whether there is one."""
    if is_null(call.reader.value()):
        return False
    call.reader.int8()
    return True


_NO_FILTERS: Final = "The node in memory runs no filters: they are Java classes"


def scan(call: Call) -> None:
    """The entries of a cache."""
    reader = call.reader
    header = call.header()
    filtered = _check_no_filter(call)
    page_size, partition, local = reader.int32(), reader.int32(), reader.boolean()
    cache = call.cache(header)
    if filtered:
        raise Refusal(_NO_FILTERS)
    if page_size <= 0:
        raise Refusal("Ouch! Argument is invalid: Page size must be above zero.")
    if partition >= cache.partitions:
        raise Refusal(f"Invalid partition number: {partition}")
    call.connection.check_cursors()
    rows = _entries(call, cache, partition if partition >= 0 else None, local)
    call.answer(open_cursor(call, Cursor(rows, page_size)))


def _entries(call: Call, cache: Cache, partition: int | None, local: bool) -> Iterator[bytes]:
    cluster, member = call.cluster, call.connection.member
    everywhere = cache.settings.replicated or len(cluster.members) == 1
    for key, entry in cache.items():
        if partition is not None or (local and not everywhere):
            number = cache.partition(key)
            if partition is not None and number != partition:
                continue
            if local and not everywhere and not cluster.is_primary(member, cache, number):
                continue
        if cluster.caches.get(cache.cache_id) is not cache:
            raise Refusal(f"Cache has been destroyed: {cache.settings.name}")
        yield key + entry.value


def open_cursor(call: Call, cursor: Cursor, columns: bytes = b"") -> bytes:
    """The beginning of a result: the cursor's id, the columns if any, and the first page."""
    page, more = cursor.page()
    connection = call.connection
    number = connection.open_resource(cursor) if more else connection.take_resource_id()
    return scalars.INT64.pack(number) + columns + page


def next_page(call: Call) -> None:
    """The next page of any query."""
    number = call.reader.int64()
    connection = call.connection
    cursor = cursor_of(connection.resource(number), number)
    page, more = cursor.page()
    if not more:
        connection.close_resource(number)
    call.answer(page)


def close_resource(call: Call) -> None:
    """Close a cursor or a subscription."""
    call.connection.close_resource(call.reader.int64())
    call.answer(b"")


def sql(call: Call) -> None:
    """A statement of SQL."""
    reader = call.reader
    header = call.header()
    schema, page_size = reader.string(), reader.int32()
    reader.int32()  # the most rows, which servers do not look at
    statement = reader.required("statement")
    args = reader.values()
    kind = reader.int8()
    for _ in range(6):
        reader.boolean()  # how to join, and the like: there is one place only here
    reader.int64()  # the time limit: statements here are short
    with_names = reader.boolean()
    partitions, batch_size = -1, 1
    if Feature.QUERY_PARTITIONS_BATCH_SIZE in call.features:
        partitions = reader.int32()
        if partitions > reader.left // 4:
            raise DecodeError(f"{partitions} partitions")
        for _ in range(max(partitions, 0)):
            reader.int32()
        batch_size = reader.int32()
    if Feature.QUERY_LABEL in call.features:
        reader.string()
    if page_size <= 0:
        raise DecodeError(f"a page size of {page_size}")
    cluster = call.cluster
    cache = call.cache(header) if header.cache_id else None
    cluster.check_active()
    if batch_size < 1:
        raise Refusal("Ouch! Argument is invalid: updateBatchSize cannot be lower than 1")
    if partitions >= 0:
        raise Refusal("The node in memory runs no SQL on chosen partitions", sqlstate="0A000")
    call.connection.check_cursors()
    result = cluster.database.execute(
        statement,
        args,
        schema=schema,
        cache=cache,
        kind=kind,
        transaction=call.transaction(header),
    )
    columns = scalars.INT32.pack(len(result.names))
    if with_names:
        columns += b"".join(map(scalars.encode_string, result.names))
    call.answer(open_cursor(call, Cursor(result.rows, page_size), columns))


def legacy_sql(call: Call) -> None:
    """A query for entries, as old clients ask for them."""
    reader = call.reader
    header = call.header()
    value_type, statement = reader.string(), reader.required("statement")
    args = reader.values()
    for _ in range(3):
        reader.boolean()
    page_size, timeout = reader.int32(), reader.int64()
    if page_size <= 0 or timeout < 0:
        raise DecodeError(f"page size {page_size}, timeout {timeout}")
    cache = call.cache(header)
    call.connection.check_cursors()
    result = call.cluster.database.entries(statement, args, cache=cache, value_type=value_type)
    call.answer(open_cursor(call, Cursor(result.rows, page_size)))


def subscribe(call: Call) -> None:
    """A continuous query."""
    reader = call.reader
    header = call.header(with_transaction=False)
    page_size, interval, include_expired = reader.int32(), reader.int64(), reader.boolean()
    filtered = _check_no_filter(call)
    if page_size <= 0 or interval < 0:
        raise DecodeError(f"page size {page_size}, interval {interval}")
    cache = call.cache(header)
    if filtered:
        raise Refusal(_NO_FILTERS)
    connection = call.connection
    connection.check_cursors()
    subscription = Subscription(connection, cache, include_expired, call.cluster.product)
    subscription.resource_id = connection.open_resource(subscription)
    call.answer(scalars.INT64.pack(subscription.resource_id))


def refuse(what: str) -> Callable[[Call], None]:
    """A handler that refuses an operation which the node does not have."""

    def handle(call: Call) -> None:
        raise Refusal(f"The node in memory has no {what}", sqlstate="0A000")

    return handle


HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    0: close_resource,
    2000: scan,
    2001: next_page,
    2002: legacy_sql,
    2003: next_page,
    2004: sql,
    2005: next_page,
    2006: subscribe,
    2008: refuse("index queries"),
    2009: next_page,
}
