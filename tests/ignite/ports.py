"""Free ports that stay free."""

from __future__ import annotations

import random
import socket
import threading

# Below the range from which systems give ports to outgoing connections: a port from here can still
# be had when its node is started again, however many connections come and go meanwhile.
_FIRST, _LAST = 12_000, 31_999

# Its own source of chance: tests that seed the common one would all begin with the same ports.
_random = random.SystemRandom()
_given: set[int] = set()
_lock = threading.Lock()


def free_ports(count: int) -> list[int]:
    """Picks ports on which nothing on this machine listens.

    Args:
        count: How many.

    Returns:
        As many ports, none of them given out before.

    Raises:
        OSError: There are none.
    """
    found: list[int] = []
    with _lock:
        for _ in range(1000 + count):
            if len(found) == count:
                return found
            port = _random.randint(_FIRST, _LAST)
            if port not in _given and _is_free(port):
                _given.add(port)
                found.append(port)
    raise OSError("no free ports found")


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((host, port))
        except OSError:
            if family == socket.AF_INET:
                return False
    return True
