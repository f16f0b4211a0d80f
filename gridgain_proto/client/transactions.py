"""Transactions, bound to their client, their connection, and the caller who began them."""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from ..exceptions import (
    ConnectionFailed,
    GridGainError,
    OutcomeUnknown,
    RequestTimeout,
    ServerError,
    TransactionError,
    TransactionLost,
)
from ..operations.operation import Request, Transactional
from ..operations.transaction import TX_END, explained

if TYPE_CHECKING:
    from .runtime import Link
    from .session import Session

R = TypeVar("R")


class AsyncTransaction:
    """A transaction: its changes become visible together, or not at all.

    It is bound to the thread or task that began it; other threads and tasks of the same client are
    not part of it. Leaving its block without `commit` rolls it back.
    """

    def __init__(self, session: Session, link: Link, tx_id: int, owner: Hashable) -> None:
        self._session = session
        self._link = link
        self._tx_id = tx_id
        self._owner = owner
        self._closed = False
        self._doubt: str | None = None  # why it can only be rolled back
        self._kind = TransactionError  # and what kind of error that is

    @property
    def tx_id(self) -> int:
        """Its number on the connection that it belongs to."""
        return self._tx_id

    @property
    def link(self) -> Link:
        """The connection that it belongs to."""
        return self._link

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._closed

    async def commit(self, *, timeout: float | None = None) -> None:
        """Make everything visible at once.

        Args:
            timeout: seconds; the client's by default.

        Raises:
            TransactionConflict, TransactionDeadlock, TransactionTimeout, TransactionLost: it was
                rolled back instead.
            TransactionError: so it was, for another reason; or it has ended before.
            OutcomeUnknown: the connection was lost before the answer, or the time was up; it may
                be committed or not.
        """
        if self._closed:
            raise TransactionError("the transaction has ended already")
        if self._doubt is not None:
            await self.rollback(timeout=timeout)
            raise self._kind(f"the transaction was rolled back: {self._doubt}")
        if self._link.closed:
            self._end()
            raise self._lost()
        # The server forgets it whatever the outcome, so there is no second try.
        self._end()
        try:
            await self._session.perform_on(
                self._link, TX_END(self._tx_id, True), self._session.deadline(timeout)
            )
        except (OutcomeUnknown, RequestTimeout) as exc:
            raise OutcomeUnknown(f"the transaction may be committed or not: {exc}") from exc
        except ServerError as exc:
            raise explained(exc) from None
        except ConnectionFailed as exc:
            raise self._lost() from exc

    async def rollback(self, *, timeout: float | None = None) -> None:
        """Undo everything. After the end of the transaction it does nothing.

        Args:
            timeout: seconds; the client's by default.
        """
        if self._closed:
            return
        self._end()
        if self._link.closed:
            return  # the server has done so when the connection went
        try:
            await self._session.perform_on(
                self._link, TX_END(self._tx_id, False), self._session.deadline(timeout)
            )
        except ConnectionFailed:
            return
        except BaseException:
            # Cancelled, or out of time: say it once more without waiting, or locks stay held.
            self._session.post(self._link, TX_END(self._tx_id, False))
            raise

    async def close(self) -> None:
        """Roll back unless it has ended."""
        await self.rollback()

    async def aclose(self) -> None:
        """Roll back unless it has ended."""
        await self.rollback()

    async def perform(self, request: Request[R], timeout: float | None) -> R:
        """Carry out a request as part of this transaction.

        Raises:
            TransactionError: it cannot be part of one, or the transaction is over.
        """
        operation = request.operation
        if operation.transactional is Transactional.REFUSED:
            raise TransactionError(
                f"{operation.name} takes effect at once and is not rolled back; "
                "do it outside of the transaction, or remove keys instead"
            )
        if self._doubt is not None:
            raise self._kind(f"the transaction can only be rolled back: {self._doubt}")
        if self._link.closed:
            raise self._lost()
        try:
            return await self._session.perform_on(
                self._link, request, self._session.deadline(timeout), self._tx_id
            )
        except ConnectionFailed as exc:
            raise self._lost() from exc
        except ServerError as exc:
            error = explained(exc)
            if isinstance(error, TransactionError):
                self._doubt, self._kind = str(error), type(error)
            raise error from None
        except RequestTimeout:
            self._doubt = f"{operation.name} was not answered in time"
            raise
        except GridGainError:
            raise
        except BaseException:
            # It may still be carried out, and after that a commit would make only a part visible.
            self._doubt = f"{operation.name} was cancelled before its answer"
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.rollback()

    def __repr__(self) -> str:
        state = "ended" if self._closed else "open"
        return f"<Transaction {self._tx_id} on {self._link.node}, {state}>"

    def _end(self) -> None:
        self._closed = True
        self._session.end_transaction(self._owner, self)

    def _lost(self) -> TransactionLost:
        return TransactionLost(
            f"the connection to {self._link.node} that the transaction was on is lost, "
            "and with it the transaction: it is rolled back"
        )
