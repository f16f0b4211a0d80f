"""SQL over caches: a part of what H2 has in GridGain and Apache Ignite, run by SQLite.

Statements are read here, with all types worked out as H2 does, and SQLite gets what it cannot
understand otherwise. What is not known to give the server's own answer is refused with SQLSTATE
0A000.
"""

from __future__ import annotations

from .database import Database, Result

__all__ = ["Database", "Result"]
