"""What a cluster allows."""

from __future__ import annotations

import enum

__all__ = ["ClusterState"]


class ClusterState(enum.IntEnum):
    """What a cluster allows."""

    INACTIVE = 0
    "Nothing. What is held in memory only is lost on the way there."
    ACTIVE = 1
    "Everything."
    ACTIVE_READ_ONLY = 2
    "Reading."
