"""Which copies of entries are meant."""

from __future__ import annotations

import enum

__all__ = ["PeekModes"]


class PeekModes(enum.IntEnum):
    """What `Cache.get_size` counts."""

    ALL = 0
    "All copies, on all nodes."
    NEAR = 1
    "Entries of near caches."
    PRIMARY = 2
    "Each entry once, where its primary copy is."
    BACKUP = 3
    "Backup copies."
    ONHEAP = 4
    "What is held on the heap of the JVM."
    OFFHEAP = 5
    "What is held outside of it."
