"""The client's flows, written once for every runtime."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, Unpack

from ..codec import Codec
from ..exceptions import (
    ClientClosed,
    ConnectionFailed,
    LocalProtocolError,
    OutcomeUnknown,
    ReconnectError,
    RequestTimeout,
)
from ..operations import configuration
from ..operations.operation import Request
from .cache import AsyncCache
from .endpoints import Node, parse_endpoints
from .options import ClientKeywords, check_timeout, make_options
from .runtime import Endpoint, Link, Runtime

R = TypeVar("R")
ClientT = TypeVar("ClientT", bound="AsyncClient")


class AsyncClient(abc.ABC):
    """A client of one cluster, shared by any number of callers.

    Args:
        options: see :class:`~gridgain_proto.client.options.ClientOptions`.

    Raises:
        ParameterError: an option is wrong.
    """

    def __init__(self, **options: Unpack[ClientKeywords]) -> None:
        self._options = make_options(options)
        self._runtime = self._make_runtime()
        self._dialing = self._runtime.lock()
        self._codec = Codec()
        self._endpoints: tuple[Endpoint, ...] = ()
        self._link: Link | None = None
        self._open = False

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
        """Close all connections. Calls that wait for an answer get :class:`ClientClosed`."""
        await self._shut()
        await self._runtime.checkpoint()

    async def _shut(self) -> None:
        """Close all connections, also where everything is being cancelled."""
        self._open = False
        link, self._link = self._link, None
        if link is not None:
            await link.aclose()

    def get_cache(self, name: str) -> AsyncCache[Any, Any]:
        """A cache by its name. Nothing is sent: whether there is one shows when it is used.

        Args:
            name: the cache's name.

        Raises:
            ParameterError: the name is empty or not a string.
        """
        return AsyncCache(self, name)

    async def create_cache(
        self, name: str, *, timeout: float | None = None
    ) -> AsyncCache[Any, Any]:
        """Create a cache.

        Args:
            name: the cache's name.
            timeout: seconds; the client's by default.

        Raises:
            CacheExists: there is one of that name.
            CacheError: the server refused it.
        """
        cache = self.get_cache(name)
        await self._perform(configuration.CACHE_CREATE_WITH_NAME(name), timeout)
        return cache

    async def get_or_create_cache(
        self, name: str, *, timeout: float | None = None
    ) -> AsyncCache[Any, Any]:
        """Get a cache, and create it if there is none of that name.

        Args:
            name: the cache's name.
            timeout: seconds; the client's by default.

        Raises:
            CacheError: the server refused it.
        """
        cache = self.get_cache(name)
        await self._perform(configuration.CACHE_GET_OR_CREATE_WITH_NAME(name), timeout)
        return cache

    async def get_cache_names(self, *, timeout: float | None = None) -> list[str]:
        """The names of all caches.

        Args:
            timeout: seconds; the client's by default.
        """
        return await self._perform(configuration.CACHE_GET_NAMES(), timeout)

    def __str__(self) -> str:
        link = self._link
        return link.node if link is not None and not link.closed else "no node"

    def __repr__(self) -> str:
        link = self._link
        if link is None or link.closed:
            return "<Client not connected>"
        return f"<Client connected to {link.node} ({link.features})>"

    # -- for the other flows ---------------------------------------------------------------------

    async def _perform(self, request: Request[R], timeout: float | None) -> R:
        """Carry out a request on a live node, on another one if the first is lost.

        Args:
            request: the operation with its arguments.
            timeout: seconds; None for the client's own.

        Raises:
            EncodeError: an argument cannot be sent.
            ServerError: the node answered with an error.
            RequestTimeout: the time was up.
            OutcomeUnknown: the connection was lost after the request had been sent.
            ReconnectError: no node could be reached.
            ClientClosed: the client is closed, or not yet connected.
        """
        deadline = self._deadline(timeout)
        operation = request.operation
        attempts_left = len(self._endpoints) + 1
        link = self._link
        while True:
            try:
                if link is None:
                    link = await self._connected(deadline)
                features = link.features
                payload = request.encode(self._codec, features)
            except Exception:
                await self._runtime.checkpoint()  # a loop around a call that fails is a loop, too
                raise
            try:
                reply = await link.exchange(operation.code, payload, deadline=deadline)
            except RequestTimeout as exc:
                seconds = timeout if timeout is not None else self._options.timeout
                raise RequestTimeout(f"{operation.name} within {seconds} s: {exc}") from None
            except OutcomeUnknown:
                if not self._options.retry_policy.allows(operation) or attempts_left == 0:
                    raise
            except ConnectionFailed:
                if attempts_left == 0:
                    raise
            else:
                return request.decode(reply, self._codec, features)
            attempts_left -= 1
            link = None

    def _deadline(self, timeout: float | None) -> float | None:
        if timeout is None:
            timeout = self._options.timeout
            if timeout is None:
                return None
        else:
            check_timeout(timeout)
        return self._runtime.now() + timeout

    async def _connect(self, endpoints: tuple[Endpoint, ...], timeout: float | None) -> None:
        if self._open:
            await self._runtime.checkpoint()
            raise LocalProtocolError(f"the client is already connected to {self}; close it first")
        self._endpoints = endpoints
        self._open = True
        try:
            await self._connected(self._deadline(timeout))
        except BaseException:
            self._open = False
            raise

    async def _connected(self, deadline: float | None) -> Link:
        """A live link, dialled by one of the callers who need one."""
        if not self._open:
            raise self._not_open()
        if not await self._dialing.acquire(deadline):
            raise RequestTimeout("no connection in time: another call is still connecting")
        try:
            lost = self._link
            if lost is not None:
                if not lost.closed:
                    return lost
                self._link = None
                await lost.aclose()
            link = await self._dial(deadline)
            if not self._open:  # closed in the meantime
                await link.aclose()
                raise self._not_open()
            self._link = link
            return link
        finally:
            self._dialing.release()

    async def _dial(self, deadline: float | None) -> Link:
        """A new link to the first node that can be reached."""
        failures: list[Exception] = []
        for endpoint in self._endpoints:
            try:
                addresses = await self._runtime.resolve(endpoint, deadline=deadline)
            except ConnectionFailed as exc:
                failures.append(exc)
                continue
            for address in addresses:
                config = self._options.connection_config(endpoint, address)
                try:
                    return await self._runtime.dial(address, config, deadline=deadline)
                except ConnectionFailed as exc:
                    failures.append(exc)
        reasons = "; ".join(str(exc) for exc in failures)
        raise ReconnectError(f"no node could be reached: {reasons}", failures) from failures[0]

    def _not_open(self) -> ClientClosed:
        if self._endpoints:
            return ClientClosed("the client is closed")
        return ClientClosed("the client is not connected; call connect() first")


class Connecting(Generic[ClientT]):
    """A connection to be: entering it connects, leaving it closes the client."""

    def __init__(
        self, client: ClientT, endpoints: tuple[Endpoint, ...], timeout: float | None
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._timeout = timeout
        self._scope = client._runtime.scope()

    async def __aenter__(self) -> ClientT:
        await self._scope.__aenter__()
        try:
            await self._client._connect(self._endpoints, self._timeout)
        except BaseException as exc:
            if not await self._scope.__aexit__(type(exc), exc, exc.__traceback__):
                raise
        return self._client

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._client._shut()
        finally:
            await self._scope.__aexit__(kind, exc, traceback)
