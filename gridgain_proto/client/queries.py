"""What is read from a cache as a whole: its settings, scans, and queries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..datatypes.prop_codes import PROP_QUERY_ENTITIES
from ..datatypes.sql import StatementType
from ..exceptions import SQLError
from ..operations import configuration
from ..operations.layout import CacheHeader
from ..operations.query import (
    QUERY_SCAN,
    QUERY_SCAN_PAGE,
    QUERY_SQL,
    QUERY_SQL_PAGE,
    QUERY_VECTOR,
    QUERY_VECTOR_PAGE,
    EntriesOptions,
    ScanOptions,
    SqlOptions,
    VectorOptions,
)
from .cursors import AsyncScanCursor, AsyncSqlCursor
from .opening import Opening
from .options import check_choice
from .statements import check_arguments, check_statement, open_sql, server_limit

if TYPE_CHECKING:
    from .session import Session

K = TypeVar("K")
V = TypeVar("V")


class AsyncQueries(Generic[K, V]):
    """The part of a cache that does not go by its keys.

    Args:
        session: by which requests are carried out.
        name: the cache's name.
        header: what requests name the cache by.
    """

    def __init__(self, session: Session, name: str, header: CacheHeader) -> None:
        self._session = session
        self._name = name
        self._header = header
        self._types: list[str] | None = None

    async def settings(self, *, timeout: float | None = None) -> dict[int, Any]:
        """The cache's configuration as the cluster has it, by property codes.

        With another name in it, it can be given to ``create_cache``.

        Args:
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(
            configuration.CACHE_GET_CONFIGURATION(self._header), timeout
        )

    def scan(
        self,
        page_size: int = 1024,
        partitions: int = -1,
        local: bool = False,
        *,
        timeout: float | None = None,
    ) -> Opening[AsyncScanCursor[K, V]]:
        """Read all entries.

        It does not see what the caller's transaction has changed.

        Args:
            page_size: how many entries come at once.
            partitions: the number of the only partition wanted; -1 for all.
            local: whether only what the connected node holds is wanted.
            timeout: seconds for each page; the client's by default.

        Returns:
            the entries, as pairs of key and value, in no defined order.
        """
        return Opening(lambda: self._open_scan(page_size, partitions, local, timeout))

    async def _open_scan(
        self, page_size: int, partitions: int, local: bool, timeout: float | None
    ) -> AsyncScanCursor[K, V]:
        options = ScanOptions(page_size, None if partitions == -1 else partitions, local)
        owner = None
        if options.partition is not None and not local:
            owner = self._session.nodes.owner_of_partition(self._header.cache_id, partitions)
        first, link = await self._session.perform_keeping(
            QUERY_SCAN(self._header, options), timeout, owner
        )
        return AsyncScanCursor(self._session, link, first, QUERY_SCAN_PAGE, timeout)

    def sql(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        schema: str | None = None,
        statement_type: int = 0,
        distributed_joins: bool = False,
        local: bool = False,
        replicated_only: bool = False,
        enforce_join_order: bool = False,
        collocated: bool = False,
        lazy: bool = False,
        include_field_names: bool = False,
        max_rows: int = -1,
        timeout: float | None = None,
    ) -> Opening[AsyncSqlCursor]:
        """Run an SQL statement in the cache's schema.

        It is as the client's method of that name, but for the schema.

        Args:
            query_str: the statement, with ``?`` for its parameters.
            page_size: how many rows come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            schema: the schema's exact name; by default the cache's own, or ``PUBLIC`` for a cache
                that SQL does not see.
            statement_type: what it may be.
            distributed_joins: whether rows of different nodes are joined.
            local: whether only what the connected node holds is wanted.
            replicated_only: whether all tables are replicated.
            enforce_join_order: whether tables are joined in the order in which they stand.
            collocated: whether what is grouped lies on one node.
            lazy: whether the server produces rows as they are asked for.
            include_field_names: whether the first row is to be the names of the columns.
            max_rows: servers ignore it; use ``LIMIT``.
            timeout: seconds, also for the server; the client's by default.

        Returns:
            the rows, each a list. The statement has run when this is there.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it.
        """
        options = SqlOptions(
            statement=check_statement(query_str),
            args=check_arguments(query_args),
            schema=schema,
            page_size=page_size,
            statement_type=check_choice(StatementType, statement_type, "statement_type"),
            distributed_joins=distributed_joins,
            local=local,
            replicated_only=replicated_only,
            enforce_join_order=enforce_join_order,
            collocated=collocated,
            lazy=lazy,
            timeout_ms=server_limit(timeout),
            max_rows=max_rows,
        )
        return Opening(lambda: self._open_sql(options, timeout, include_field_names))

    async def _open_sql(
        self, options: SqlOptions, timeout: float | None, names_first: bool
    ) -> AsyncSqlCursor:
        if options.schema is None and not await self._value_types(timeout):
            options = replace(options, schema="PUBLIC")  # servers refuse to find one by themselves
        return await open_sql(
            self._session, self._header, options, timeout, names_first=names_first
        )

    async def _value_types(self, timeout: float | None) -> list[str]:
        """The names of the types that SQL sees in the cache. They never change."""
        if self._types is None:
            entities = (await self.settings(timeout=timeout))[PROP_QUERY_ENTITIES]
            self._types = [entity["value_type_name"] for entity in entities]
        return self._types

    def select_row(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        distributed_joins: bool = False,
        replicated_only: bool = False,
        local: bool = False,
        timeout: float | None = None,
    ) -> Opening[AsyncScanCursor[K, V]]:
        """Read the entries that an SQL condition holds for.

        Args:
            query_str: what stands behind ``WHERE``, or a whole ``SELECT *``.
            page_size: how many entries come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            distributed_joins: whether rows of different nodes are joined.
            replicated_only: whether all tables are replicated.
            local: whether only what the connected node holds is wanted.
            timeout: seconds, also for the server; the client's by default.

        Returns:
            the entries, as pairs of key and value.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it, or SQL sees nothing in this cache.
        """
        options = EntriesOptions(
            type_name="",
            statement=check_statement(query_str),
            args=check_arguments(query_args),
            page_size=page_size,
            distributed_joins=distributed_joins,
            local=local,
            replicated_only=replicated_only,
            timeout_ms=server_limit(timeout) or 0,
        )
        return Opening(lambda: self._open_entries(options, timeout))

    async def _open_entries(
        self, options: EntriesOptions, timeout: float | None
    ) -> AsyncScanCursor[K, V]:
        types = await self._value_types(timeout)
        if not types:
            raise SQLError(f"SQL sees nothing in the cache {self._name!r}")
        # Servers want the class's own name, without its package.
        simple_name = re.split(r"[.$]", types[0])[-1]
        request = QUERY_SQL(self._header, replace(options, type_name=simple_name))
        first, link = await self._session.perform_keeping(request, timeout)
        return AsyncScanCursor(self._session, link, first, QUERY_SQL_PAGE, timeout)

    def vector(
        self,
        type_name: str,
        field: str,
        clause_vector: Sequence[float],
        k: int,
        threshold: float = -1.0,
        page_size: int = 1024,
        *,
        timeout: float | None = None,
    ) -> Opening[AsyncScanCursor[K, V]]:
        """Read the entries whose vectors are nearest to a vector. GridGain only.

        Args:
            type_name: the values' type.
            field: the field that has the vectors, with a vector index.
            clause_vector: the vector.
            k: how many neighbours are wanted.
            threshold: how similar they have to be; -1 for any.
            page_size: how many entries come at once.
            timeout: seconds for each page; the client's by default.

        Raises:
            ParameterError: an argument is wrong.
            NotSupportedByClusterError: the node has no vectors.
        """
        options = VectorOptions(type_name, field, clause_vector, k, threshold, page_size)
        return Opening(lambda: self._open_vector(options, timeout))

    async def _open_vector(
        self, options: VectorOptions, timeout: float | None
    ) -> AsyncScanCursor[K, V]:
        first, link = await self._session.perform_keeping(
            QUERY_VECTOR(self._header, options), timeout
        )
        return AsyncScanCursor(self._session, link, first, QUERY_VECTOR_PAGE, timeout)

    def __aiter__(self) -> AsyncIterator[K]:
        """The keys, by a scan."""
        return _Keys(self)


class _Keys(Generic[K]):
    """The keys of a cache. No generator: where that is abandoned, its cursor would be, too."""

    def __init__(self, cache: AsyncQueries[K, Any]) -> None:
        self._cache = cache
        self._entries: AsyncScanCursor[K, Any] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> K:
        if self._entries is None:
            self._entries = await self._cache.scan()
        return (await self._entries.__anext__())[0]
