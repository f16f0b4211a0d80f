"""Ports that stand for those that pages speak of."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final, TypeAlias

#: What stands for 10800 and for those after it.
Ports: TypeAlias = Mapping[int, int]

#: The first that pages speak of.
FIRST: Final = 10800

_COUNT: Final = 20
#: A source of chance of its own: tests that seed the common one would all try the same ports.
_random: Final = random.SystemRandom()


def free_range(count: int) -> Ports:
    """Find ports in a row, for pages may show a range, of which the first are free.

    Args:
        count: how many have to be free.
    """
    while True:
        first = _random.randrange(12_000, 30_000)
        with ExitStack() as listening:
            try:
                for port in range(first, first + count):
                    listening.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return {FIRST + number: first + number for number in range(_COUNT)}


def real_ports(text: str, ports: Ports) -> str:
    """A text with the ports that there are in place of those that are written."""
    return re.sub(r"\b108\d\d\b", lambda port: str(ports.get(int(port[0]), port[0])), text)
