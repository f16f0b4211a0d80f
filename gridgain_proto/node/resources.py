"""What a connection holds open: cursors and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, Protocol

from .. import scalars
from ..features import Product
from .caches import Cache, Change
from .failures import Refusal
from .values import NULL

_TRUE: Final = b"\x01"
_FALSE: Final = b"\x00"


class Resource(Protocol):
    """Something that a connection holds open."""

    def close(self) -> None:
        """Let go of it."""


class Cursor:
    """A query's result, page by page.

    Args:
        rows: the rows, each as the bytes of its values.
        page_size: how many come at once.
    """

    def __init__(self, rows: Iterator[bytes], page_size: int) -> None:
        self._rows = rows
        self._page_size = page_size
        self._next: bytes | None = next(rows, None)

    def page(self) -> tuple[bytes, bool]:
        """The next page, and whether there is more after it.

        Raises:
            Refusal: the rest cannot be had.
        """
        rows: list[bytes] = []
        if self._next is not None:
            rows.append(self._next)
            rows += islice(self._rows, self._page_size - 1)
            self._next = next(self._rows, None)
        more = self._next is not None
        body = scalars.INT32.pack(len(rows)) + b"".join(rows) + (_TRUE if more else _FALSE)
        return body, more

    def close(self) -> None:
        """Let go of the rows."""
        self._rows = iter(())
        self._next = None


class Notified(Protocol):
    """A connection, as far as a subscription needs it."""

    def notify(self, resource_id: int, code: int, payload: bytes) -> None:
        """Send something that was not asked for."""


_EVENT: Final = 2007


class Subscription:
    """A continuous query.

    Args:
        connection: whom to tell.
        cache: about what.
        include_expired: whether also what has expired.
        product: whose server this is.
    """

    def __init__(
        self, connection: Notified, cache: Cache, include_expired: bool, product: Product
    ) -> None:
        self.resource_id = 0
        self._connection = connection
        self._cache = cache
        self._include_expired = include_expired
        self._repeats_old = product is Product.GRIDGAIN
        cache.listeners.append(self)

    def changed(self, key: bytes, old: bytes | None, new: bytes | None, change: Change) -> None:
        """Tell of a change."""
        if change is Change.EXPIRED and not self._include_expired:
            return
        if new is None and self._repeats_old:
            new = old
        event = key + (old or NULL) + (new or NULL) + scalars.INT8.pack(change)
        self._connection.notify(self.resource_id, _EVENT, scalars.INT32.pack(1) + event)

    def close(self) -> None:
        """Tell no more."""
        if self in self._cache.listeners:
            self._cache.listeners.remove(self)


def cursor_of(resource: Resource, resource_id: int) -> Cursor:
    """A resource that is a cursor.

    Raises:
        Refusal: it is none.
    """
    if not isinstance(resource, Cursor):
        raise Refusal(f"Resource is not a cursor: {resource_id}")
    return resource
