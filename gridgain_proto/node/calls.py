"""Requests being carried out."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from ..exceptions import DecodeError
from ..features import Features
from .caches import Cache, Lifetimes
from .failures import Refusal
from .reading import RequestReader
from .settings import unknown_cache
from .transactions import Place, Transaction, TransactionState

if TYPE_CHECKING:
    from .cluster import Cluster
    from .connection import NodeConnection

_HEADER: Final = Struct("<ib")
_WITH_TRANSACTION: Final = 0x02
_WITH_EXPIRY: Final = 0x04

#: The operations whose errors begin with an SQLSTATE.
_WITH_SQLSTATE: Final = frozenset((2001, 2002, 2003, 2004, 2005, 2009))


class CacheHeader(NamedTuple):
    """What operations on a cache begin with."""

    cache_id: int
    lifetimes: Lifetimes | None
    transaction_id: int | None


class Call:
    """One request on one connection.

    Attributes:
        connection: where it came from.
        cluster: what it is about.
        code: the operation.
        request_id: what the answer bears.
        reader: the payload.
        done: whether it has been answered.
    """

    __slots__ = ("cluster", "code", "connection", "done", "reader", "request_id")

    def __init__(
        self, connection: NodeConnection, code: int, request_id: int, reader: RequestReader
    ) -> None:
        self.connection = connection
        self.cluster: Cluster = connection.cluster
        self.code = code
        self.request_id = request_id
        self.reader = reader
        self.done = False

    @property
    def features(self) -> Features:
        """What was agreed on the connection."""
        return self.connection.features

    def answer(self, payload: bytes) -> None:
        """Answer with success."""
        if not self.done:
            self.done = True
            self.connection.respond(self, payload, None)

    def fail(self, refusal: Refusal) -> None:
        """Answer with an error."""
        if not self.done:
            self.done = True
            if self.code in _WITH_SQLSTATE:
                words = f"{refusal.sqlstate}: {refusal.message}"
                refusal = Refusal(words, refusal.status, refusal.sqlstate)
            self.connection.respond(self, b"", refusal)

    def header(self, *, with_transaction: bool = True) -> CacheHeader:
        """Read a cache's header.

        Args:
            with_transaction: whether the operation reads the id of a transaction.
        """
        reader = self.reader
        cache_id, flags = reader.int32(), reader.int8()
        lifetimes = None
        transaction_id = None
        if flags & _WITH_EXPIRY:
            lifetimes = (reader.int64(), reader.int64(), reader.int64())
            if min(lifetimes) < -2:
                raise DecodeError(f"lifetimes {lifetimes}")
        if with_transaction and flags & _WITH_TRANSACTION:
            transaction_id = reader.int32()
        return CacheHeader(cache_id, lifetimes, transaction_id)

    def cache(self, header: CacheHeader) -> Cache:
        """The cache that a header names.

        Raises:
            Refusal: there is none, or the cluster is not active.
        """
        cache = self.cluster.caches.get(header.cache_id)
        if cache is None:
            raise unknown_cache(header.cache_id)
        self.cluster.check_active()
        cache.advance(self.cluster.now)
        return cache

    def transaction(self, header: CacheHeader) -> Transaction | None:
        """The transaction that a header names; None if this connection has none of that id.

        A server carries a request with an unknown id out as if there were none.
        """
        if header.transaction_id is None:
            return None
        return self.connection.transactions.get(header.transaction_id)


def when_free(
    call: Call,
    transaction: Transaction | None,
    places: list[Place],
    perform: Callable[[], bytes],
    *,
    locking: bool,
) -> None:
    """Carry a request out as soon as no other transaction holds its keys.

    Args:
        call: the request; it is answered.
        transaction: what it is part of.
        places: its keys.
        perform: what to do; gives the answer.
        locking: whether the keys are to be locked for the transaction.
    """
    locks = call.cluster.locks

    def attempt() -> None:
        if call.done or call.connection.closed:
            return
        if transaction is not None:
            transaction.waiting.pop(call, None)
            if transaction.state is not TransactionState.ACTIVE:
                call.fail(Refusal("Transaction has ended"))
                return
        for place in places:
            if locking and transaction is not None:
                free = locks.acquire(place, transaction)
            else:
                free = locks.owner(place) in (None, transaction)
            if not free:
                locks.wait(place, attempt)
                if transaction is not None:
                    transaction.waiting[call] = call.fail
                return
        try:
            call.answer(perform())
        except Refusal as refusal:
            call.fail(refusal)

    attempt()
