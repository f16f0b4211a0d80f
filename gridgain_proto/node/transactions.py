"""Transactions: what they have written and not committed, and the locks that they hold."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from .caches import Cache, Entry, Lifetimes
from .failures import Refusal

#: A key of a cache, as locks are held on it.
Place: TypeAlias = tuple[int, bytes]

OPTIMISTIC: Final = 0
READ_COMMITTED: Final = 0
SERIALIZABLE: Final = 2

#: The words by which clients tell the causes apart.
TIMED_OUT: Final = "Transaction is rolled back because it has timed out"
LOCK_TIMED_OUT: Final = "Failed to acquire lock within provided timeout for transaction"
CONFLICT: Final = (
    "Failed to prepare transaction (lock conflict): "
    "read/write conflict on a key that another transaction has changed"
)
ATOMIC_REFUSED: Final = (
    "Transaction spans operations on atomic cache (don't use atomic cache inside a transaction)"
)


class Locks:
    """Who holds which key, and who waits for it."""

    def __init__(self) -> None:
        self._owners: dict[Place, Transaction] = {}
        self._waiting: dict[Place, deque[Callable[[], None]]] = {}

    def owner(self, place: Place) -> Transaction | None:
        """The transaction that holds a key."""
        return self._owners.get(place)

    def acquire(self, place: Place, transaction: Transaction) -> bool:
        """Take a key, unless another transaction holds it."""
        owner = self._owners.setdefault(place, transaction)
        if owner is not transaction:
            return False
        transaction.locked[place] = None
        return True

    def wait(self, place: Place, retry: Callable[[], None]) -> None:
        """Have a function called when a key may be free."""
        self._waiting.setdefault(place, deque()).append(retry)

    def release(self, transaction: Transaction) -> None:
        """Free all keys of a transaction, and let those go on who waited for them."""
        places = list(transaction.locked)
        transaction.locked.clear()
        for place in places:
            del self._owners[place]
        for place in places:
            for retry in self._waiting.pop(place, ()):
                retry()


class TransactionState(enum.Enum):
    """Where in its life a transaction is."""

    ACTIVE = "active"
    ENDED = "ended"
    TIMED_OUT = "timed out"


class Transaction:
    """A transaction of one connection.

    Args:
        locks: the cluster's locks.
        concurrency: 0 for optimistic, pessimistic otherwise.
        isolation: 0 read committed, 1 repeatable read, 2 serializable.
        deadline: when it is rolled back; None for never.
    """

    def __init__(
        self, locks: Locks, concurrency: int, isolation: int, deadline: float | None
    ) -> None:
        self.locks = locks
        self.optimistic = concurrency == OPTIMISTIC
        self.isolation = isolation
        self.deadline = deadline
        self.state = TransactionState.ACTIVE
        self.locked: dict[Place, None] = {}
        #: Requests of this transaction that wait for a lock: called if it times out.
        self.waiting: dict[object, Callable[[Refusal], None]] = {}
        self._caches: dict[int, Cache] = {}
        self._writes: dict[Place, tuple[bytes | None, Lifetimes | None]] = {}
        self._reads: dict[Place, bytes | None] = {}
        self._versions: dict[Place, int | None] = {}

    # -- what it sees ----------------------------------------------------------------------------

    def read(self, cache: Cache, key: bytes, lifetimes: Lifetimes | None) -> bytes | None:
        """The value of a key within the transaction."""
        place = (cache.cache_id, key)
        if place in self._writes:
            return self._writes[place][0]
        if place in self._reads:
            return self._reads[place]
        self._note_version(cache, place)
        value = cache.get(key, lifetimes)
        if self.isolation != READ_COMMITTED:
            self._reads[place] = value
        return value

    def written(self, cache: Cache, key: bytes) -> bytes | None:
        """The value that the transaction has written to a key, if it has."""
        return self._writes.get((cache.cache_id, key), (None, None))[0]

    def write(
        self, cache: Cache, key: bytes, value: bytes | None, lifetimes: Lifetimes | None
    ) -> None:
        """Store a value, or None to remove it, when the transaction is committed."""
        place = (cache.cache_id, key)
        self._note_version(cache, place)
        self._caches[cache.cache_id] = cache
        self._writes[place] = (value, lifetimes)

    def _note_version(self, cache: Cache, place: Place) -> None:
        if self.optimistic and self.isolation == SERIALIZABLE and place not in self._versions:
            self._caches[cache.cache_id] = cache
            self._versions[place] = _version(cache.peek(place[1]))

    def needs_lock(self, *, writing: bool) -> bool:
        """Whether an operation takes the locks of its keys at once."""
        return not self.optimistic and (writing or self.isolation != READ_COMMITTED)

    # -- its end ---------------------------------------------------------------------------------

    def check_active(self) -> None:
        """Refuse to go on if the transaction has been rolled back.

        Raises:
            Refusal: it has timed out.
        """
        if self.state is TransactionState.TIMED_OUT:
            raise Refusal(TIMED_OUT)

    def places_to_lock(self) -> Iterable[Place]:
        """What has to be locked before it is committed."""
        return self._writes

    def commit(self) -> None:
        """Make all that was written visible. The locks are held.

        Raises:
            Refusal: another transaction has changed what this one has read.
        """
        try:
            for (cache_id, key), version in self._versions.items():
                if _version(self._caches[cache_id].peek(key)) != version:
                    raise Refusal(CONFLICT)
            for (cache_id, key), (value, lifetimes) in self._writes.items():
                cache = self._caches[cache_id]
                if value is None:
                    cache.remove(key)
                else:
                    cache.put(key, value, lifetimes)
        finally:
            self.end()

    def end(self, state: TransactionState = TransactionState.ENDED) -> None:
        """Forget what was written, and free the locks."""
        self.state = state
        self._writes.clear()
        self._reads.clear()
        self._versions.clear()
        self.locks.release(self)

    def time_out(self) -> None:
        """Roll back because the time is up."""
        waiting = list(self.waiting.values())
        self.waiting.clear()
        self.end(TransactionState.TIMED_OUT)
        for fail in waiting:
            fail(Refusal(LOCK_TIMED_OUT))


def _version(entry: Entry | None) -> int | None:
    return None if entry is None else entry.version
