"""What has to hold in every runtime. Importing this package lists all scenarios."""

from ..harness import scenario
from . import (
    calls,
    cancelling,
    closing,
    connecting,
    crowds,
    cursors,
    deadlines,
    greenlets,
    guide,
    heartbeats,
    losing,
    many_nodes,
    security,
    slowness,
    transactions,
)

__all__ = [
    "calls",
    "cancelling",
    "closing",
    "connecting",
    "crowds",
    "cursors",
    "deadlines",
    "greenlets",
    "guide",
    "heartbeats",
    "losing",
    "many_nodes",
    "scenario",
    "security",
    "slowness",
    "transactions",
]
