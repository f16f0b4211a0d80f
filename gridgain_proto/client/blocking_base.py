"""What the blocking classes have that cannot be written from the flows' signatures.

That is where the colours differ: connecting, iterating, entering and leaving blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from .cache import AsyncCache
from .client import AsyncClient
from .cursors import AsyncCursor, AsyncScanCursor, AsyncSqlCursor
from .endpoints import Node, parse_endpoints
from .runtime import run_blocking
from .transactions import AsyncTransaction

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
ClientT = TypeVar("ClientT", bound="ClientBase")


class ClientBase:
    """How a blocking client connects."""

    _flows: AsyncClient

    def connect(
        self,
        host: Node | Iterable[Node] | None = None,
        port: int | None = None,
        *,
        timeout: float | None = None,
    ) -> Connected[Self]:
        """Connect to a cluster, at once.

        Args:
            host: a host's name or address, or several nodes as ``(host, port)`` or
                ``"host:port"``; this machine by default.
            port: the port of a single host; 10800 by default.
            timeout: how long it may take, in seconds; the client's by default.

        Returns:
            a context manager that gives the client and closes it at the end of the block; it can
            as well be ignored.

        Raises:
            ParameterError: an address is wrong.
            AuthenticationError: user name or password refused.
            ReconnectError: no node could be reached; it says why for each.
            RequestTimeout: the time was up before a node answered.
        """
        run_blocking(self._flows._session.connect(parse_endpoints(host, port), timeout))
        return Connected(self)


class Connected(Generic[ClientT]):
    """A connected client: entering it gives the client, leaving it closes the client."""

    def __init__(self, client: ClientT) -> None:
        self._client = client

    def __enter__(self) -> ClientT:
        return self._client

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        run_blocking(self._client._flows.close())


class CacheBase(Generic[K, V]):
    """What of a blocking cache looks like a mapping.

    It has no length: counting goes to the cluster, and whether a cache is true would depend on it.
    """

    _flows: AsyncCache[K, V]

    @property
    def settings(self) -> dict[int, Any]:
        """The cache's configuration as the cluster has it, by property codes.

        With another name in it, it can be given to ``create_cache``.
        """
        return run_blocking(self._flows.settings())

    def __contains__(self, key: object) -> bool:
        return run_blocking(self._flows.contains_key(cast("K", key)))

    def __iter__(self) -> Iterator[K]:
        """The keys, by a scan."""
        with ScanCursor(run_blocking(self._flows.scan().open())) as entries:
            for key, _ in entries:
                yield key


class TransactionBase:
    """How a blocking transaction ends with its block."""

    _flows: AsyncTransaction

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        run_blocking(self._flows.rollback())


class Cursor(Generic[T]):
    """A result that comes page by page: iterate over it once, or close it before its end.

    Iterating may raise what the query itself may raise, and:

    * `ConnectionFailed`: the connection that it was on is lost; run the query again;
    * `ClientClosed`: the cursor or the client was closed.
    """

    def __init__(self, flows: AsyncCursor[T]) -> None:
        self._flows = flows

    @property
    def closed(self) -> bool:
        """Whether it was closed before its end."""
        return self._flows.closed

    def __iter__(self) -> Iterator[T]:
        # Page by page: a row costs nothing but being handed over.
        while True:
            yield from self._flows.rows
            if not run_blocking(self._flows.fetch()):
                return

    def __next__(self) -> T:
        while True:
            for row in self._flows.rows:
                return row
            if not run_blocking(self._flows.fetch()):
                raise StopIteration

    def close(self) -> None:
        """Close it. What is left is not read. A second time does nothing."""
        run_blocking(self._flows.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class ScanCursor(Cursor[tuple[K, V]], Generic[K, V]):
    """The entries of a cache, as pairs of key and value, in no defined order."""

    def __init__(self, flows: AsyncScanCursor[K, V]) -> None:
        super().__init__(flows)


class SqlCursor(Cursor[list[Any]]):
    """The rows of a statement, each a list in the order of the columns.

    Attributes:
        column_names: the names of the columns.
        update_count: how many rows a change has changed; None for a query.
    """

    def __init__(self, flows: AsyncSqlCursor) -> None:
        super().__init__(flows)
        self.column_names = flows.column_names
        self.update_count = flows.update_count
