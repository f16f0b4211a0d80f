"""The classes of cursors. They come from ``scan``, ``sql`` and their siblings."""

from __future__ import annotations

from .client.blocking_base import ScanCursor, SqlCursor
from .client.cursors import AsyncScanCursor, AsyncSqlCursor

__all__ = ["AsyncScanCursor", "AsyncSqlCursor", "ScanCursor", "SqlCursor"]
