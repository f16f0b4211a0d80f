"""What the environment says about live tests."""

from __future__ import annotations

import os

from tests.ignite.errors import LauncherError
from tests.ignite.node import Node


def given_nodes() -> list[Node]:
    """The nodes that ``GRIDGAIN_ADDRESSES`` names (``host:port,host:port``), if it is set."""
    text = os.environ.get("GRIDGAIN_ADDRESSES", "")
    return [_node(part.strip()) for part in text.split(",") if part.strip()]


def live_tests_are_required() -> bool:
    """Whether this is CI, where a live test that cannot run is a failure."""
    return os.environ.get("CI", "").lower() == "true"


def _node(address: str) -> Node:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise LauncherError(f"GRIDGAIN_ADDRESSES has {address!r}, which is not host:port")
    return Node(host.removeprefix("[").removesuffix("]"), int(port))
