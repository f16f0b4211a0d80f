"""Cursors: results that come page by page.

A cursor belongs to the connection that opened it, and the server keeps it open until its last page
was taken or it is closed. One that is forgotten on the way is closed with the client's next call.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..exceptions import ClientClosed, ConnectionFailed, LocalProtocolError, ServerError
from ..operations.operation import Operation
from ..operations.query import FirstPage, NextPage, Page

if TYPE_CHECKING:
    from .runtime import Link
    from .session import Session

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class AsyncCursor(Generic[T]):
    """A result that comes page by page: iterate over it once, or close it before its end.

    Iterating may raise what the query itself may raise, and:

    * `ConnectionFailed`: the connection that it was on is lost; run the query again;
    * `ClientClosed`: the cursor or the client was closed.
    """

    def __init__(
        self,
        session: Session,
        link: Link,
        first: FirstPage,
        next_page: Operation[Page],
        timeout: float | None,
    ) -> None:
        self._session = session
        self._link = link
        self._next_page = next_page
        self._timeout = timeout
        self._cursor_id = first.cursor_id
        self._columns = first.columns
        #: What is left of the page that has come.
        self.rows: Iterator[T] = iter(first.page.rows)
        self._more = first.page.more
        self._busy = False
        self._closed = False
        if self._more:
            session.keep(link, self._cursor_id)

    @property
    def closed(self) -> bool:
        """Whether it was closed before its end."""
        return self._closed

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for row in self.rows:
                return row
            if not await self.fetch():
                raise StopAsyncIteration

    async def fetch(self) -> bool:
        """Take the next page from the server, in place of what is left of the last.

        Returns:
            whether there was one.

        Raises:
            LocalProtocolError: another caller is doing so; a cursor is for one at a time.
        """
        if self._closed:
            raise ClientClosed("the cursor is closed")
        if not self._more:
            return False
        if self._busy:
            raise LocalProtocolError("the cursor is being read by another caller")
        self._busy = True
        try:
            page = await self._session.perform_on(
                self._link,
                self._next_page(NextPage(self._cursor_id, self._columns)),
                self._session.deadline(self._timeout),
            )
        except ConnectionFailed as exc:
            raise ConnectionFailed(f"the cursor is lost with its connection: {exc}") from exc
        except ServerError:
            # The server keeps a cursor open whose page has failed.
            await self.aclose()
            raise
        finally:
            self._busy = False
        self.rows = iter(page.rows)
        self._more = page.more
        if not page.more:
            self._session.release(self._link, self._cursor_id)
        return True

    async def aclose(self) -> None:
        """Close it. What is left is not read. A second time does nothing."""
        was_open = self._more and not self._closed
        self._closed = self._closed or self._more
        self._more = False
        self.rows = iter(())
        if was_open:
            self._session.close_resource(self._link, self._cursor_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # Whichever thread this runs in, nothing may be sent from here.
        if getattr(self, "_more", False):
            self._session.forget(self._link, self._cursor_id)


class AsyncScanCursor(AsyncCursor[tuple[K, V]], Generic[K, V]):
    """The entries of a cache, as pairs of key and value, in no defined order."""


class AsyncSqlCursor(AsyncCursor[list[Any]]):
    """The rows of a statement, each a list in the order of the columns.

    Attributes:
        column_names: the names of the columns.
        update_count: how many rows a change has changed; None for a query.
    """

    def __init__(
        self,
        session: Session,
        link: Link,
        first: FirstPage,
        next_page: Operation[Page],
        timeout: float | None,
        *,
        names_first: bool,
    ) -> None:
        super().__init__(session, link, first, next_page, timeout)
        self.column_names: list[str] = first.names or []
        self.update_count = first.update_count
        if names_first:
            self.rows = iter([list(self.column_names), *first.page.rows])
