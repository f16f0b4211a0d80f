"""The classes of caches, where the user guide has them. They come from a client's methods."""

from __future__ import annotations

from .client.blocking import Cache
from .client.cache import AsyncCache

__all__ = ["AsyncCache", "Cache"]
