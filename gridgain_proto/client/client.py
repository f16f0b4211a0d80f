"""The client's flows, written once for every runtime."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar, Unpack

from ..codec import TypeDescription
from ..datatypes.cache_config import CacheConfiguration
from ..datatypes.prop_codes import PROP_NAME
from ..datatypes.sql import StatementType
from ..datatypes.transactions import TransactionConcurrency, TransactionIsolation
from ..exceptions import ParameterError
from ..operations import configuration
from ..operations.cache_properties import checked_settings
from ..operations.layout import CacheHeader
from ..operations.query import SqlOptions
from ..operations.transaction import TX_START
from . import binary_types
from .cache import AsyncCache, id_of_cache
from .cluster import AsyncCluster
from .cursors import AsyncSqlCursor
from .endpoints import Node, parse_endpoints
from .opening import Opening
from .options import ClientKeywords, check_choice, check_milliseconds, make_options
from .runtime import Endpoint, Runtime
from .session import Session, WatchedSession
from .statements import check_arguments, check_statement, open_sql, server_limit
from .transactions import AsyncTransaction

#: A cache's name, its settings by property codes, or their typed form.
CacheSettings: TypeAlias = str | Mapping[int, Any] | CacheConfiguration

ClientT = TypeVar("ClientT", bound="AsyncClient")


class Identified(Protocol):
    """A cache of any colour."""

    @property
    def cache_id(self) -> int:
        """The number by which the protocol knows it."""


class AsyncClient(abc.ABC):
    """A client of one cluster, shared by any number of callers.

    Args:
        options: see `gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def __init__(self, **options: Unpack[ClientKeywords]) -> None:
        known = make_options(options)
        kind = WatchedSession if known.listeners.of_queries else Session
        self._session = kind(self._make_runtime(), known)

    @abc.abstractmethod
    def _make_runtime(self) -> Runtime:
        """The runtime that this client lives in."""

    def connect(
        self,
        host: Node | Iterable[Node] | None = None,
        port: int | None = None,
        *,
        timeout: float | None = None,
    ) -> Connecting[Self]:
        """Connect to a cluster: ``async with client.connect(host, port) as client``.

        Args:
            host: a host's name or address, or several nodes as ``(host, port)`` or
                ``"host:port"``; this machine by default.
            port: the port of a single host; 10800 by default.
            timeout: how long it may take, in seconds; the client's by default.

        Returns:
            what to enter; leaving it closes the client.

        Raises:
            ParameterError: an address is wrong.
            AuthenticationError: user name or password refused.
            ReconnectError: no node could be reached; it says why for each.
            RequestTimeout: the time was up before a node answered.
        """
        return Connecting(self, parse_endpoints(host, port), timeout)

    async def close(self) -> None:
        """Close all connections. Calls that wait for an answer get `ClientClosed`."""
        await self._session.close()
        await self._session.runtime.checkpoint()

    def get_cache(self, settings: CacheSettings) -> AsyncCache[Any, Any]:
        """A cache by its name. Nothing is sent: whether there is one shows when it is used.

        Args:
            settings: the cache's name, or settings with its name among them.

        Raises:
            ParameterError: the name or another property is wrong.
        """
        name, _ = _name_and_settings(settings)
        return AsyncCache(self._session, name)

    async def create_cache(
        self, settings: CacheSettings, *, timeout: float | None = None
    ) -> AsyncCache[Any, Any]:
        """Create a cache.

        Args:
            settings: the cache's name, a dictionary by the codes of `prop_codes`, or a
                `CacheConfiguration`.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: a property is unknown, or not what it can be.
            NotSupportedByClusterError: the node does not know a property.
            CacheExists: there is one of that name.
            CacheError: the server refused it.
        """
        name, properties = _name_and_settings(settings)
        await self._session.perform(
            configuration.CACHE_CREATE_WITH_NAME(name)
            if properties is None
            else configuration.CACHE_CREATE_WITH_CONFIGURATION(properties),
            timeout,
        )
        return AsyncCache(self._session, name)

    async def get_or_create_cache(
        self, settings: CacheSettings, *, timeout: float | None = None
    ) -> AsyncCache[Any, Any]:
        """Get a cache, and create it if there is none of that name.

        One that exists stays as it is, whatever the settings say.

        Args:
            settings: as for `create_cache`.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: a property is unknown, or not what it can be.
            NotSupportedByClusterError: the node does not know a property.
            CacheError: the server refused it.
        """
        name, properties = _name_and_settings(settings)
        await self._session.perform(
            configuration.CACHE_GET_OR_CREATE_WITH_NAME(name)
            if properties is None
            else configuration.CACHE_GET_OR_CREATE_WITH_CONFIGURATION(properties),
            timeout,
        )
        return AsyncCache(self._session, name)

    async def get_cache_names(self, *, timeout: float | None = None) -> list[str]:
        """The names of all caches.

        Args:
            timeout: seconds; the client's by default.
        """
        return await self._session.perform(configuration.CACHE_GET_NAMES(), timeout)

    def sql(
        self,
        query_str: str,
        page_size: int = 1024,
        query_args: Sequence[Any] | None = None,
        schema: str | None = "PUBLIC",
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
        cache: Identified | str | int | None = None,
        *,
        partitions: Sequence[int] | None = None,
        update_batch_size: int = 1,
        label: str | None = None,
    ) -> Opening[AsyncSqlCursor]:
        """Run an SQL statement.

        Args:
            query_str: the statement, with ``?`` for its parameters.
            page_size: how many rows come at once.
            query_args: the values of the parameters, each may be ``(value, hint)``.
            schema: the schema's exact name.
            statement_type: what it may be, see `StatementType`.
            distributed_joins: whether rows of different nodes are joined.
            local: whether only what the connected node holds is wanted.
            replicated_only: whether all tables are replicated.
            enforce_join_order: whether tables are joined in the order in which they stand.
            collocated: whether what is grouped lies on one node.
            lazy: whether the server produces rows as they are asked for.
            include_field_names: whether the first row is to be the names of the columns.
            max_rows: servers ignore it; use ``LIMIT``.
            timeout: seconds, also for the server; the client's by default.
            cache: a cache, its name or its id; then its own schema is meant.
            partitions: the numbers of the only partitions that are looked at.
            update_batch_size: how many rows a change is sent to other nodes at once.
            label: a name by which GridGain shows the query.

        Returns:
            the rows, each a list. The statement has run when this is there.

        Raises:
            ParameterError: an argument is wrong.
            SQLError: the server refused it.
        """
        header = CacheHeader(0 if cache is None else _cache_id(cache))
        options = SqlOptions(
            statement=check_statement(query_str),
            args=check_arguments(query_args),
            schema=schema if cache is None else None,
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
            partitions=partitions,
            update_batch_size=update_batch_size,
            label=label,
        )
        return Opening(
            lambda: open_sql(
                self._session, header, options, timeout, names_first=include_field_names
            )
        )

    def tx_start(
        self,
        concurrency: TransactionConcurrency | None = None,
        isolation: TransactionIsolation | None = None,
        timeout: int | None = None,
        label: str | None = None,
    ) -> Opening[AsyncTransaction]:
        """Begin a transaction, bound to this thread or task.

        What this thread or task does with transactional caches of this client is then part of it,
        until it is committed or rolled back.

        Args:
            concurrency: when locks are taken; by default as the client's option
                ``tx_concurrency`` says.
            isolation: what it sees of others; by default as ``tx_isolation`` says.
            timeout: milliseconds after which the server rolls it back, 0 for no limit; by default
                as ``tx_timeout`` says.
            label: a name by which it can be found on the server.

        Returns:
            the transaction. Leaving its block without a commit rolls it back.

        Raises:
            ParameterError: an argument is wrong.
            TransactionError: one was begun here and has not ended, or the server refused it.
        """
        return Opening(lambda: self._begin(concurrency, isolation, timeout, label))

    async def _begin(
        self,
        concurrency: TransactionConcurrency | None,
        isolation: TransactionIsolation | None,
        timeout: int | None,
        label: str | None,
    ) -> AsyncTransaction:
        options = self._session.options
        concurrency = options.tx_concurrency if concurrency is None else concurrency
        isolation = options.tx_isolation if isolation is None else isolation
        timeout = options.tx_timeout if timeout is None else timeout
        if label is not None and not isinstance(label, str):
            raise ParameterError(f"label: {label!r} is not a string")
        request = TX_START(
            check_choice(TransactionConcurrency, concurrency, "concurrency"),
            check_choice(TransactionIsolation, isolation, "isolation"),
            check_milliseconds(timeout, "timeout"),
            label,
        )
        self._session.check_no_transaction()
        tx_id, link = await self._session.perform_keeping(request, None)
        return self._session.begin_transaction(link, tx_id)

    def get_cluster(self) -> AsyncCluster:
        """The cluster as a whole: its state."""
        return AsyncCluster(self._session)

    async def get_binary_type(
        self, binary_type: str | int, *, timeout: float | None = None
    ) -> TypeDescription | None:
        """What the cluster knows of a type; None if nothing.

        Args:
            binary_type: the type's name or id.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: it is neither.
        """
        return await binary_types.describe(self._session, binary_type, timeout)

    async def put_binary_type(
        self,
        type_name: str,
        affinity_key_field: str | None = None,
        is_enum: bool = False,
        schema: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> TypeDescription:
        """Have the cluster know a type.

        Values of declared classes do so by themselves.

        Args:
            type_name: the type's name.
            affinity_key_field: the field that places a key of this type.
            is_enum: whether it is an enum.
            schema: the hints of the fields by their names; of an enum the ordinals.
            timeout: seconds; the client's by default.

        Returns:
            the type as the cluster has it now.

        Raises:
            ParameterError: an argument is wrong.
            BinaryTypeError, EncodeError: the cluster has another type of that name.
        """
        return await binary_types.put(
            self._session, type_name, affinity_key_field, is_enum, schema, timeout
        )

    async def register_binary_type(
        self,
        data_class: type[Any],
        affinity_key_field: str | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Have the cluster know a declared class, and read objects of its type as it.

        Args:
            data_class: the class.
            affinity_key_field: the field that places a key of this type.
            timeout: seconds; the client's by default.

        Raises:
            ParameterError: the class is not declared, or has no such field.
            BinaryTypeError, EncodeError: the cluster has another type of that name.
        """
        await binary_types.register(self._session, data_class, affinity_key_field, timeout)

    async def query_binary_type(
        self, binary_type: str | int, *, timeout: float | None = None
    ) -> dict[int, type[Any]]:
        """The classes that objects of a type are read as.

        Args:
            binary_type: the type's name or id.
            timeout: seconds; the client's by default.

        Returns:
            a class for each of the type's schemas, by the schema's id.
        """
        return await binary_types.classes(self._session, binary_type, timeout)

    async def unwrap_binary(self, value: Any, *, timeout: float | None = None) -> Any:
        """The value of bytes that were taken from the cluster as they are.

        Args:
            value: the bytes, or a pair of bytes and the offset of an object in them. Anything else
                is returned as it is: this client leaves no objects wrapped.
            timeout: seconds; the client's by default.
        """
        return await binary_types.unwrap(self._session, value, timeout)

    def __str__(self) -> str:
        link = self._session.link
        return "no node" if link is None else link.node

    def __repr__(self) -> str:
        link = self._session.link
        if link is None:
            return "<Client not connected>"
        return f"<Client connected to {link.node} ({link.features})>"


class Connecting(Generic[ClientT]):
    """A connection to be: entering it connects, leaving it closes the client."""

    def __init__(
        self, client: ClientT, endpoints: tuple[Endpoint, ...], timeout: float | None
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._timeout = timeout

    async def __aenter__(self) -> ClientT:
        session = self._client._session
        scope = session.runtime.scope()
        await scope.__aenter__()
        try:
            await session.connect(self._endpoints, self._timeout)
        except BaseException as exc:
            if not await scope.__aexit__(type(exc), exc, exc.__traceback__):
                raise
        self._scope = scope
        return self._client

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._client._session.close()
        finally:
            await self._scope.__aexit__(kind, exc, traceback)


def _name_and_settings(settings: object) -> tuple[str, dict[int, Any] | None]:
    if isinstance(settings, str):
        id_of_cache(settings)
        return settings, None
    properties = checked_settings(settings)
    return properties[PROP_NAME], properties


def _cache_id(cache: Any) -> int:
    if isinstance(cache, str):
        return id_of_cache(cache)
    if isinstance(cache, int):
        return cache
    number = getattr(cache, "cache_id", None)
    if not isinstance(number, int):
        raise ParameterError(f"cache: {cache!r} is not a cache, a name or an id")
    return number
