"""The server's side of the protocol, in memory.

An honest small node: it keeps caches, runs transactions and SQL, and spreads partitions over as
many nodes as there are. What it does not have it refuses with the server's own status. It does no
I/O; ``gridgain_sync.node`` serves it on a port.
"""

from __future__ import annotations

from .cluster import Cluster, Member, NodeConfig
from .connection import NodeConnection
from .failures import Refusal
from .faults import Cut, Delay, Drop, Fail, Fault, Interceptor, Kill, Received

__all__ = [
    "Cluster",
    "Cut",
    "Delay",
    "Drop",
    "Fail",
    "Fault",
    "Interceptor",
    "Kill",
    "Member",
    "NodeConfig",
    "NodeConnection",
    "Received",
    "Refusal",
]
