"""One client's share of ``exchange.py``: runs in the client's own environment.

Usage: exchange_worker.py CLIENT HOST PORT OPERATION THREADS SECONDS

Prints the number of calls per second. ``bare`` sends the same bytes over a plain socket and reads
what comes, without looking at it: what is left when a client does nothing.
"""

from __future__ import annotations

import importlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable

Call = Callable[[], object]

KEY = 7
VALUE = "a value of twenty ch"
CACHE = "exchange"


def bare(host: str, port: int, operation: str) -> Call:
    """A function that does one exchange over a socket of its own."""
    sock = socket.create_connection((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(bytes.fromhex("0f00000001010007000000020c02000000fecb"))
    sock.recv(4096)
    cache_id = 0
    for char in CACHE:
        cache_id = (31 * cache_id + ord(char)) & 0xFFFFFFFF
    payload = struct.pack("<IBBq", cache_id, 1, 4, KEY)
    if operation == "put":
        payload += struct.pack("<BI", 9, len(VALUE)) + VALUE.encode()
    code = {"get": 1000, "put": 1001}[operation]
    frame = struct.pack("<ihq", 10 + len(payload), code, 1) + payload

    def exchange() -> None:
        sock.sendall(frame)
        sock.recv(65536)

    return exchange


def ours(host: str, port: int, operation: str) -> Call:
    """A function that does one call of the one client that all threads share."""
    from gridgain_sync import Client

    client = Client(timeout=30)
    client.connect(host, port)
    cache = client.get_or_create_cache(CACHE)
    cache.put(KEY, VALUE)
    return (lambda: cache.get(KEY)) if operation == "get" else (lambda: cache.put(KEY, VALUE))


def peer(module: str) -> Callable[[str, int, str], Call]:
    """A function that does one call of a client of its own: the peers cannot share one."""

    def make(host: str, port: int, operation: str) -> Call:
        client = importlib.import_module(module).Client()
        client.connect(host, port)
        cache = client.get_or_create_cache(CACHE)
        cache.put(KEY, VALUE)
        return (lambda: cache.get(KEY)) if operation == "get" else (lambda: cache.put(KEY, VALUE))

    return make


def main() -> None:
    """Measure and print."""
    name, host, port, operation, callers, duration = sys.argv[1:]
    threads, seconds = int(callers), float(duration)
    make = {"bare": bare, "ours": ours}.get(name) or peer(name)
    if name == "ours":
        calls = [make(host, int(port), operation)] * threads
    else:
        calls = [make(host, int(port), operation) for _ in range(threads)]
    counts = [0] * threads
    began = time.perf_counter() + 0.5  # after warming up
    end = began + seconds

    def run(index: int) -> None:
        call = calls[index]
        while time.perf_counter() < began:
            call()
        count = 0
        while time.perf_counter() < end:
            call()
            count += 1
        counts[index] = count

    workers = [threading.Thread(target=run, args=(index,)) for index in range(1, threads)]
    for worker in workers:
        worker.start()
    run(0)
    for worker in workers:
        worker.join()
    print(sum(counts) / seconds)


if __name__ == "__main__":
    main()
