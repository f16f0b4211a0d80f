"""The thin-client protocol of GridGain 8 and Apache Ignite 2, without any I/O.

Users of a client import an adapter (``gridgain_sync``, ``gridgain_trio``, ``gridgain_gevent``,
``gridgain_asyncio``). This package is what the adapters share, and what others can embed in a
framework of their own, beginning with `Connection`.
"""

from ._version import __version__
from .connection import Connection, ConnectionConfig, State
from .events import (
    ConnectionTerminated,
    Event,
    HandshakeCompleted,
    NotificationReceived,
    ResponseReceived,
    TopologyChanged,
)
from .features import Feature, Features, Product, ProtocolVersion
from .handshake import HandshakeConfig
from .tls import TLSConfig

__all__ = [
    "Connection",
    "ConnectionConfig",
    "ConnectionTerminated",
    "Event",
    "Feature",
    "Features",
    "HandshakeCompleted",
    "HandshakeConfig",
    "NotificationReceived",
    "Product",
    "ProtocolVersion",
    "ResponseReceived",
    "State",
    "TLSConfig",
    "TopologyChanged",
    "__version__",
]
