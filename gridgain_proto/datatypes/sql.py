"""Kinds of SQL statements."""

from __future__ import annotations

import enum

__all__ = ["StatementType"]


class StatementType(enum.IntEnum):
    """What a statement may be; the server refuses any other."""

    ANY = 0
    "Anything."
    SELECT = 1
    "A query."
    UPDATE = 2
    "A change: of rows, or of tables and indexes."
