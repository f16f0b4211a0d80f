"""The classes of transactions. They come from a client's ``tx_start``."""

from __future__ import annotations

from .client.blocking import Transaction
from .client.transactions import AsyncTransaction

__all__ = ["AsyncTransaction", "Transaction"]
