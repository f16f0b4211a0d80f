"""The thin-client protocol of GridGain 8 and Apache Ignite 2, without any I/O.

Users of a client import an adapter (``gridgain_sync``, ``gridgain_trio``, ``gridgain_gevent``,
``gridgain_asyncio``). This package is what the adapters share, and what others can embed in a
framework of their own.
"""

from ._version import __version__

__all__ = ["__version__"]
