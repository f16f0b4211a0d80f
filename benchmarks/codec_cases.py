"""The values of the codec's benchmark, made alike in every process that takes part.

Nothing but the standard library is imported: the peer runs this in an environment of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

ROWS = 1000
VECTORS = 100
DIMENSIONS = 1536


class Case(NamedTuple):
    """One line of the table.

    Attributes:
        name: what the table shows.
        kind: what is encoded or decoded: pairs, rows, values, or one value.
        decode: whether it is decoding that is measured.
        rows: how many rows, pairs or values there are.
        target: how many times faster than the peer it is to be; None if no figure was set.
    """

    name: str
    kind: str
    decode: bool
    rows: int
    target: float | None = None


CASES = (
    Case("put_all 1000 int→str", "int_str", False, ROWS, 25),
    Case("get_all 1000 int→str", "int_str", True, ROWS, 25),
    Case("scan page 1000 int→int", "int_int", True, ROWS, 25),
    Case("scan page 1000 int→str", "int_str", True, ROWS, 25),
    Case("scan page 1000 int→object", "int_object", True, ROWS, 30),
    Case("put_all 1000 int→object", "int_object", False, ROWS, 30),
    Case("SQL page 1000 × 5", "sql", True, ROWS, 15),
    Case("SQL page 20000 × 5", "sql", True, 20 * ROWS, 15),
    Case("100 vectors of 1536 floats, out", "floats", False, VECTORS),
    Case("100 vectors of 1536 floats, in", "floats", True, VECTORS),
    Case("1 MiB of bytes, out", "mebibyte", False, 1),
    Case("1 MiB of bytes, in", "mebibyte", True, 1),
    Case("decimal of 1700 digits, out", "decimal", False, 1),
    Case("decimal of 1700 digits, in", "decimal", True, 1),
    Case("one short str, out", "str", False, 1),
    Case("one short str, in", "str", True, 1),
    Case("one int, out", "int", False, 1),
    Case("one int, in", "int", True, 1),
)


def text(number: int) -> str:
    """Twenty characters."""
    return f"value-{number:014d}"


def fields(number: int) -> tuple[int, str, float, bool, int]:
    """The five fields of an object."""
    return number, text(number), number * 0.5, number % 2 == 0, number << 20


def sql_row(number: int) -> list[Any]:
    """A row of a SQL page."""
    when = datetime(2024, 1, 1) + timedelta(seconds=number, milliseconds=number % 1000)
    return [number, text(number), Decimal(number * 7 + 12345).scaleb(-2), when, number / 3]


def values(kind: str, rows: int) -> Any:
    """The values of a case; objects as tuples of their fields."""
    random = Random(1)
    if kind == "int_int":
        return [(n, n * n) for n in range(rows)]
    if kind == "int_str":
        return [(n, text(n)) for n in range(rows)]
    if kind == "int_object":
        return [(n, fields(n)) for n in range(rows)]
    if kind == "sql":
        return [sql_row(n) for n in range(rows)]
    if kind == "floats":
        return [[random.random() for _ in range(DIMENSIONS)] for _ in range(rows)]
    if kind == "mebibyte":
        return random.randbytes(1 << 20)
    if kind == "decimal":
        return Decimal("".join(str(n % 10) for n in range(1, 1701)) + "E-850")
    if kind == "str":
        return text(1)
    return 123456789
