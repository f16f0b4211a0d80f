"""Clients for the guide's tests, and names that no other test uses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from gridgain_sync import Client
from tests.ignite import Node

_numbers = itertools.count(1)


def host_and_port(node: Node) -> tuple[str, int]:
    host, _, port = node.address.rpartition(":")
    return host, int(port)


@pytest.fixture
def client(ignite_node: Node) -> Iterator[Client]:
    """A client of the plain node."""
    with Client(timeout=30).connect(*host_and_port(ignite_node)) as connected:
        yield connected


@pytest.fixture
def name() -> str:
    """A name for a cache or a table."""
    return f"GUIDE_{next(_numbers)}"
