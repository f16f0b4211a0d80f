"""Errors within transactions, told apart by what servers say."""

from __future__ import annotations

import pytest

from gridgain_proto.exceptions import (
    CacheError,
    TransactionConflict,
    TransactionDeadlock,
    TransactionError,
    TransactionTimeout,
)
from gridgain_proto.operations.transaction import explained


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (1022, "Cache transaction timed out", TransactionTimeout),
        (1, "Cache transaction timed out", TransactionTimeout),
        (1, "Failed to acquire lock within provided timeout", TransactionTimeout),
        (1, "Deadlock detected; the transaction timed out", TransactionDeadlock),
        (1, "Failed to prepare transaction, read/write conflict", TransactionConflict),
        (1, "Failed to prepare transaction (lock conflict)", TransactionConflict),
    ],
)
def test_by_words_and_status(status: int, words: str, kind: type[TransactionError]) -> None:
    error = explained(CacheError(words, status))
    assert type(error) is kind
    assert error.status == status
    assert str(error) == words


def test_what_does_not_end_the_transaction_stays_as_it_is() -> None:
    error = CacheError("Cache does not exist", 1000)
    assert explained(error) is error
