"""How requests are carried out: connecting, sending, sending again, transactions, types.

The client's API is in `client`; this is what stands behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from functools import partial
from typing import TypeVar

from ..codec import Codec
from ..events import ResponseReceived
from ..exceptions import (
    ConnectionFailed,
    DecodeError,
    GridGainError,
    OutcomeUnknown,
    RequestTimeout,
    ServerError,
    TransactionError,
    UnknownType,
)
from ..failover import STATUS_INVALID_NODE_STATE, is_topology_failure, may_repeat
from ..monitoring import logger
from ..operations.operation import Request, Transactional
from ..operations.query import RESOURCE_CLOSE, STATUS_TOO_MANY_CURSORS
from .nodes import Nodes
from .options import ClientOptions, check_timeout
from .runtime import Endpoint, Link, Runtime
from .transactions import AsyncTransaction
from .types import Types
from .watching import RequestWatch

R = TypeVar("R")


class Session:
    """A client's connections, and what is bound to them.

    Args:
        runtime: what the adapter provides.
        options: the client's options.
    """

    def __init__(self, runtime: Runtime, options: ClientOptions) -> None:
        self.runtime = runtime
        self.options = options
        codec = Codec(sql_timezone=options.sql_timezone, timezone=options.timezone)
        self.types = Types(self, codec)
        self.nodes = Nodes(self)
        self._transactions: dict[Hashable, AsyncTransaction] = {}
        self._cursors: set[tuple[Link, int]] = set()  # that are open on the server
        # Requests that close what nobody holds any more, each with its connection.
        self._forgotten: deque[tuple[Link, Request[None]]] = deque()

    @property
    def link(self) -> Link | None:
        """The connection in use, if there is a live one."""
        link = self.nodes.main
        return None if link is None or link.closed else link

    # -- the whole -------------------------------------------------------------------------------

    async def connect(self, endpoints: tuple[Endpoint, ...], timeout: float | None) -> None:
        """Connect to the first node that can be reached; the others follow in the background."""
        await self.nodes.connect(endpoints, self.deadline(timeout))

    async def close(self) -> None:
        """Close all connections, also where everything is being cancelled."""
        self._transactions.clear()
        self._forgotten.clear()
        self._cursors.clear()
        await self.nodes.close()

    def deadline(self, timeout: float | None) -> float | None:
        """The time at which a call gives up that may take that many seconds.

        Raises:
            ParameterError: it is not a time.
        """
        if timeout is None:
            timeout = self.options.timeout
            if timeout is None:
                return None
        else:
            check_timeout(timeout)
        return self.runtime.now() + timeout

    # -- requests --------------------------------------------------------------------------------

    async def perform(self, request: Request[R], timeout: float | None) -> R:
        """Carry out a request: in the caller's transaction if there is one, else on any node.

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
            TransactionError: it cannot be part of the transaction.
        """
        if self._transactions and request.operation.transactional is not Transactional.OUTSIDE:
            transaction = self.transaction()
            if transaction is not None:
                return await transaction.perform(request, timeout)
        nodes = self.nodes
        deadline = self.deadline(timeout)
        if nodes.due or nodes.due_at is not None or self._forgotten:
            self._look_after()
        link = None
        if request.operation.key is not None:
            link = nodes.owner(request)
        if link is None:
            link = nodes.main or await nodes.connected(deadline)
        try:
            return await self.perform_on(link, request, deadline)
        except (ConnectionFailed, ServerError) as exc:
            self._check_repeatable(request, exc, 1)
        return (await self._perform_elsewhere(request, deadline))[0]

    async def perform_keeping(
        self, request: Request[R], timeout: float | None, link: Link | None = None
    ) -> tuple[R, Link]:
        """As `perform`, for what goes on afterwards on the same connection.

        Args:
            request: the operation with its arguments.
            timeout: seconds; None for the client's own.
            link: the connection to take if there is no transaction; None for any.

        Returns:
            the result, and the connection that it came by.
        """
        if request.operation.transactional is Transactional.JOINS:
            transaction = self.transaction()
            if transaction is not None:
                return await transaction.perform(request, timeout), transaction.link
        return await self._perform_anywhere(request, timeout, link)

    async def _perform_anywhere(
        self, request: Request[R], timeout: float | None, link: Link | None = None
    ) -> tuple[R, Link]:
        """Carry out a request on a live node; the result, and the connection that it came by."""
        nodes = self.nodes
        deadline = self.deadline(timeout)
        if nodes.due or nodes.due_at is not None or self._forgotten:
            self._look_after()
        link = link or nodes.main or await nodes.connected(deadline)
        try:
            return await self.perform_on(link, request, deadline), link
        except (ConnectionFailed, ServerError) as exc:
            if not self._is_full(link, exc):
                self._check_repeatable(request, exc, 1)
        return await self._perform_elsewhere(request, deadline)

    async def _perform_elsewhere(
        self, request: Request[R], deadline: float | None
    ) -> tuple[R, Link]:
        """Carry out a request whose connection, or whose node, was lost."""
        attempt = 1
        while True:
            link = await self.nodes.connected(deadline)
            attempt += 1
            try:
                return await self.perform_on(link, request, deadline), link
            except (ConnectionFailed, ServerError) as exc:
                if not self._is_full(link, exc):
                    self._check_repeatable(request, exc, attempt)
                if attempt > self.nodes.count + 1:
                    raise

    def _check_repeatable(
        self, request: Request[object], exc: ConnectionFailed | ServerError, attempt: int
    ) -> None:
        """Raise the failure unless the request may be sent again."""
        operation = request.operation
        if isinstance(exc, ServerError):
            if not is_topology_failure(exc.status, str(exc)):
                raise exc
            if exc.status == STATUS_INVALID_NODE_STATE:
                return  # the node is stopping, and has refused to begin
        elif not isinstance(exc, OutcomeUnknown):
            return  # nothing of it was sent
        if not may_repeat(self.options.retry_policy, operation, attempt, exc):
            raise exc

    def _is_full(self, link: Link, exc: Exception) -> bool:
        """Whether a connection has as many cursors open as it may; then it is replaced.

        Nothing was carried out. On Apache Ignite every query that fails while it runs takes one of
        the places for good, so this may happen to a client that closes all of its cursors.
        """
        if not isinstance(exc, ServerError) or exc.status != STATUS_TOO_MANY_CURSORS:
            return False
        logger.warning("no more cursors can be opened by %s: it is replaced", link.node)
        self.nodes.retire(link)
        return True

    def is_used(self, link: Link) -> bool:
        """Whether something goes on on a connection that cannot go on elsewhere."""
        return not link.closed and (
            link.in_flight > 0
            or any(owner is link for owner, _ in list(self._cursors))
            or any(transaction.link is link for transaction in list(self._transactions.values()))
        )

    def _look_after(self) -> None:
        """Start what is due besides the call at hand."""
        if self._forgotten:
            self._close_forgotten()
        nodes = self.nodes
        if nodes.due or (nodes.due_at is not None and self.runtime.now() >= nodes.due_at):
            nodes.look_after()

    async def perform_on(
        self,
        link: Link,
        request: Request[R],
        deadline: float | None,
        transaction_id: int | None = None,
    ) -> R:
        """Carry out a request on that connection, types included, once.

        Raises:
            ConnectionFailed: the connection is lost, and the request was not sent.
            OutcomeUnknown: the connection is lost, and the request had been sent.
            EncodeError, ServerError, RequestTimeout, ClientClosed: as `perform` does.
        """
        types = self.types
        features = link.features
        try:
            payload = request.encode(types.codec, features, transaction_id)
        except Exception:
            await self.runtime.checkpoint()  # a loop around a call that fails is a loop, too
            raise
        if payload.new_types:
            await types.register(link, payload, deadline)
        operation = request.operation
        try:
            if operation.undo is None:
                reply = await link.exchange(operation.code, payload, deadline=deadline)
            else:
                reply = await link.exchange(
                    operation.code,
                    payload,
                    deadline=deadline,
                    when_late=partial(self._undo_later, link, request),
                )
        except RequestTimeout as exc:
            raise _named(request, exc) from None
        codec = types.codec
        while True:
            try:
                return request.decode(reply, codec, features)
            except UnknownType as exc:
                try:
                    codec = await types.learn(codec, link, exc.type_id, exc.schema_id, deadline)
                except BaseException:
                    self._undo_later(link, request, reply)
                    raise
            except DecodeError:
                self._undo_later(link, request, reply)
                raise

    async def exchange(self, link: Link, request: Request[R], deadline: float | None) -> R:
        """Carry out a request in which no user's types occur."""
        codec = self.types.codec
        payload = request.encode(codec, link.features)
        try:
            reply = await link.exchange(request.operation.code, payload, deadline=deadline)
        except RequestTimeout as exc:
            raise _named(request, exc) from None
        return request.decode(reply, codec, link.features)

    def post(self, link: Link, request: Request[object]) -> None:
        """Send a request whose answer nobody waits for; nothing happens if that cannot be done."""
        try:
            payload = request.encode(self.types.codec, link.features)
            link.post(request.operation.code, payload)
        except GridGainError:
            return  # the connection is gone, and with it what was to be closed

    # -- cursors ---------------------------------------------------------------------------------

    def keep(self, link: Link, resource_id: int) -> None:
        """A cursor is open on the server."""
        self._cursors.add((link, resource_id))

    def release(self, link: Link, resource_id: int) -> None:
        """The server has closed a cursor."""
        self._cursors.discard((link, resource_id))

    def close_resource(self, link: Link, resource_id: int) -> None:
        """Have the server close a cursor; whether it does is not waited for."""
        self.release(link, resource_id)
        self.post(link, RESOURCE_CLOSE(resource_id))

    def forget(self, link: Link, resource_id: int) -> None:
        """A cursor was lost by its owner. It is closed with the next call."""
        self.release(link, resource_id)
        self._forgotten.append((link, RESOURCE_CLOSE(resource_id)))

    def _undo_later(self, link: Link, request: Request[object], reply: ResponseReceived) -> None:
        """Something was opened for a caller who has gone. It is closed with the next call."""
        closing = request.undone(reply, self.types.codec, link.features)
        if closing is not None:
            self._forgotten.append((link, closing))

    def _close_forgotten(self) -> None:
        while self._forgotten:
            try:
                link, closing = self._forgotten.popleft()
            except IndexError:
                return  # another thread was faster
            if not link.closed:
                self.post(link, closing)

    # -- transactions ----------------------------------------------------------------------------

    def transaction(self) -> AsyncTransaction | None:
        """The caller's open transaction, if there is one."""
        return self._transactions.get(self.runtime.caller())

    def begin_transaction(self, link: Link, tx_id: int) -> AsyncTransaction:
        """Bind a transaction to the caller."""
        owner = self.runtime.caller()
        transaction = AsyncTransaction(self, link, tx_id, owner)
        self._transactions[owner] = transaction
        return transaction

    def check_no_transaction(self) -> None:
        """Refuse to begin a second transaction in one thread or task.

        Raises:
            TransactionError: there is one.
        """
        transaction = self.transaction()
        if transaction is not None:
            raise TransactionError(f"{transaction!r} was begun here and has not ended")

    def end_transaction(self, owner: Hashable, transaction: AsyncTransaction) -> None:
        """The caller is not in the transaction any more."""
        if self._transactions.get(owner) is transaction:
            del self._transactions[owner]


class WatchedSession(Session):
    """A session that tells listeners of every request."""

    async def perform_on(
        self,
        link: Link,
        request: Request[R],
        deadline: float | None,
        transaction_id: int | None = None,
    ) -> R:
        """As it is done anyway, and tell."""
        watch = self._watch(link, request)
        try:
            result = await super().perform_on(link, request, deadline, transaction_id)
        except BaseException as exc:
            watch.failed(exc)
            raise
        watch.succeeded()
        return result

    async def exchange(self, link: Link, request: Request[R], deadline: float | None) -> R:
        """As it is done anyway, and tell."""
        watch = self._watch(link, request)
        try:
            result = await super().exchange(link, request, deadline)
        except BaseException as exc:
            watch.failed(exc)
            raise
        watch.succeeded()
        return result

    def _watch(self, link: Link, request: Request[object]) -> RequestWatch:
        return RequestWatch(self.options.listeners, self.runtime.now, link, request.operation)


def _named(request: Request[object], exc: RequestTimeout) -> RequestTimeout:
    """The same, saying what it was that took too long."""
    return RequestTimeout(f"{request.operation.name}: {exc}")
