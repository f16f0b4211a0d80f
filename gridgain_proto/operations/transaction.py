"""Transactions: beginning and ending them.

A transaction belongs to the connection that began it. The server runs a request with an id that
the connection does not know outside any transaction, so nothing of a transaction may ever be sent
on another one.
"""

from __future__ import annotations

from typing import Final

from .. import scalars
from ..exceptions import (
    ServerError,
    TransactionConflict,
    TransactionDeadlock,
    TransactionError,
    TransactionTimeout,
)
from .layout import boolean, int8, int32, int64, nothing, string
from .operation import Operation, Reader, Repeat

STATUS_TRANSACTION_LIMIT: Final = 1020
STATUS_TRANSACTION_NOT_FOUND: Final = 1021
STATUS_TRANSACTION_TIMED_OUT: Final = 1022


#: Servers say why a transaction has failed only in words, the first that fit first.
_BY_WORDS: Final[tuple[tuple[str, type[TransactionError]], ...]] = (
    ("deadlock", TransactionDeadlock),
    ("read/write conflict", TransactionConflict),
    ("lock conflict", TransactionConflict),
    ("timed out", TransactionTimeout),
    ("failed to acquire lock within provided timeout", TransactionTimeout),
)


def explained(exc: ServerError) -> ServerError:
    """An error within a transaction as the class that says what has happened to it.

    Args:
        exc: the error as the operation has raised it.

    Returns:
        the same error if nothing has happened to the transaction.
    """
    if exc.status == STATUS_TRANSACTION_TIMED_OUT:
        return TransactionTimeout(str(exc), exc.status)
    words = str(exc).lower()
    for part, kind in _BY_WORDS:
        if part in words:
            return kind(str(exc), exc.status)
    return exc


def _read_id(reader: Reader) -> int:
    number, reader.pos = scalars.read_int32(reader.data, reader.pos)
    return number


#: Concurrency, isolation, the server's time limit in milliseconds (0 for none), label.
TX_START: Final = Operation(
    name="TX_START",
    code=4000,
    request=(int8, int8, int64, string),
    response=_read_id,
    repeat=Repeat.SAFE,
    error=TransactionError,
    undo=lambda reader: TX_END(_read_id(reader), False),
)
#: The transaction's id, and whether to commit.
TX_END: Final[Operation[None]] = Operation(
    name="TX_END",
    code=4001,
    request=(int32, boolean),
    response=nothing,
    repeat=Repeat.NEVER,
    error=TransactionError,
)
