"""How a transaction locks, and what it sees."""

from __future__ import annotations

import enum

__all__ = ["TransactionConcurrency", "TransactionIsolation"]


class TransactionConcurrency(enum.IntEnum):
    """When a transaction takes its locks."""

    OPTIMISTIC = 0
    "At the commit."
    PESSIMISTIC = 1
    "With the first operation on a key."


class TransactionIsolation(enum.IntEnum):
    """What a transaction sees of others."""

    READ_COMMITTED = 0
    "Whatever is committed at the time; a second look may see another value."
    REPEATABLE_READ = 1
    "The same value at every look."
    SERIALIZABLE = 2
    "As if it ran alone; an optimistic one fails at the commit where that is not so."
