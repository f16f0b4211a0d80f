"""The values that are written and read, made alike in every process that takes part.

Nothing but the standard library is imported: the peers run this in environments of their own, and
`java/ThinClientWorker.java` repeats it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

#: The page size of all scans and queries, of every client.
PAGE = 1024

#: The key of calls that concern one entry.
KEY = 7

#: How many keys callers go round on several nodes.
KEYS = 1000

OBJECTS = "objects"
WRITES = "writes"
WRITTEN_OBJECTS = "written-objects"
TRANSACTIONAL = "transactional"

#: The time limit of transactions, in milliseconds.
TX_TIMEOUT = 10_000

TABLE = "BENCH"

#: The name of the complex objects' type.
TYPE_NAME = "Five"


def entries_cache(rows: int) -> str:
    """The cache with so many entries: `number: text(number)`."""
    return f"entries-{rows}"


def text(number: int) -> str:
    """Twenty characters."""
    return f"value-{number:014d}"


def entries(rows: int) -> dict[int, str]:
    """The entries of a cache."""
    return {number: text(number) for number in range(rows)}


def fields(number: int) -> tuple[int, str, float, bool, int]:
    """The five fields of an object: int, String, double, boolean and long in Java."""
    return number, text(number), number * 0.5, number % 2 == 0, number << 20


def statement(rows: int) -> str:
    """The query for so many rows."""
    return f"SELECT id, label, amount, moment, ratio FROM {TABLE} WHERE id < {rows}"


def sql_row(number: int) -> list[Any]:
    """A row of the table: BIGINT, VARCHAR, DECIMAL, TIMESTAMP, DOUBLE."""
    when = datetime(2024, 1, 1) + timedelta(seconds=number)
    return [number, text(number), Decimal(number * 7 + 12345).scaleb(-2), when, number / 4]
