"""What has to hold in every runtime. Importing this package lists all scenarios."""

from ..harness import scenario
from . import (
    calls,
    cancelling,
    closing,
    connecting,
    crowds,
    deadlines,
    heartbeats,
    losing,
    security,
    slowness,
)

__all__ = [
    "calls",
    "cancelling",
    "closing",
    "connecting",
    "crowds",
    "deadlines",
    "heartbeats",
    "losing",
    "scenario",
    "security",
    "slowness",
]
