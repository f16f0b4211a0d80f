"""The Python clients: what they are called, and how each is told where and how to connect.

Their calls have the same names and arguments, so one set of operations serves them all.
"""

from __future__ import annotations

import importlib
import socket
import ssl
from collections import OrderedDict
from typing import Any

from benchmarks.compare import data
from benchmarks.compare.protocol import Turn

#: Where each package keeps its hints of types.
_DATATYPES = {"pygridgain": "pygridgain.datatypes", "pyignite": "pyignite.datatypes"}


def client_options(turn: Turn) -> dict[str, Any]:
    """The options of a client of any library; what is not said here is left at its defaults."""
    options: dict[str, Any] = {}
    if turn.ca:
        options |= {
            "use_ssl": True,
            "ssl_ca_certfile": turn.ca,
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
        }
    if turn.aware:
        options["partition_aware"] = turn.aware == "yes"
    return options


def object_class(library: str) -> Any:
    """The class of the complex objects, declared as the library wants it."""
    metaclass = importlib.import_module(library).GenericObjectMeta
    types = importlib.import_module(_DATATYPES.get(library, "gridgain_proto.datatypes"))
    schema = OrderedDict(
        [
            ("a", types.IntObject),
            ("b", types.String),
            ("c", types.DoubleObject),
            ("d", types.BoolObject),
            ("e", types.LongObject),
        ]
    )
    return metaclass(data.TYPE_NAME, (), {}, type_name=data.TYPE_NAME, schema=schema)


class _UndelayedSocket(socket.socket):
    """A socket that sends at once, as those of all other clients do."""

    def connect(self, address: Any) -> None:
        """Connects, and turns the delay of small packets off."""
        super().connect(address)
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def send_at_once() -> None:
    """Gives the peers' blocking clients TCP_NODELAY, which they do not set themselves."""
    socket.socket = _UndelayedSocket  # type: ignore[misc]
