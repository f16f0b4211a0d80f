"""Instructions that single steps of a call cost, counted by callgrind: the same on a busy machine.

The client is connected to a node in memory; then its transport is replaced by one that answers at
once, so that neither a network nor a server is in what is counted. Each step is run twice in a
process under callgrind, a few times and many times; the difference belongs to the calls.

Usage: python benchmarks/instructions.py [--calls N] [STEP …]

Needs valgrind.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gridgain_proto.client.runtime import run_blocking
from gridgain_proto.client.shared_link import SharedLink
from gridgain_proto.operations.cache import CACHE_GET
from gridgain_proto.scalars import INT32
from gridgain_sync import Client
from gridgain_sync.node import EmbeddedNode

_KEY = 7
_VALUE = "a value of twenty ch"
_WARM_UP = 500

STEPS = {
    "get": "a whole get, from the call to the value",
    "put": "a whole put",
    "perform": "a get without the two outermost layers, facade and flow",
    "link": "one exchange of ready bytes over the link that threads share",
    "core": "the same bytes through the connection alone, without any I/O",
    "encode": "making the bytes of the request",
    "decode": "making the value of the answer",
    "coroutine": "running a coroutine that does nothing",
    "mutex": "taking a free lock and giving it back",
    "nothing": "calling a function that does nothing",
}


class Echo:
    """A transport whose node answers each request at once, and always the same.

    Args:
        answer: what follows the header of an answer.
    """

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self._request_id = b""

    def send(self, data: bytes | memoryview, counts: list[int]) -> None:
        """Take a request."""
        counts.append(len(data))
        self._request_id = bytes(data[6:14])

    def receive(self, chunks: list[bytes], timeout: float | None) -> bool:
        """Give its answer."""
        chunks.append(self.frame(self._request_id))
        return True

    def frame(self, request_id: bytes) -> bytes:
        """The answer to a request."""
        return INT32.pack(10 + len(self.answer)) + request_id + b"\0\0" + self.answer

    def wait_writable(self, timeout: float | None, *, or_readable: bool) -> bool:
        """It can always be sent."""
        return or_readable

    def shutdown(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def _nothing() -> None:
    pass


async def _coroutine() -> None:
    pass


def step(name: str) -> Callable[[], object]:
    """A function that does the step once.

    Args:
        name: one of `STEPS`.
    """
    node = EmbeddedNode()
    node.start()
    client = Client(timeout=30)
    client.connect(*node.address)
    cache = client.get_or_create_cache("instructions")
    cache.put(_KEY, _VALUE)
    session = client._flows._session
    link = session.link
    assert isinstance(link, SharedLink)
    codec, features, mutex = session.types.codec, link.features, link._mutex
    request = CACHE_GET(cache._flows._header, (_KEY, None))
    payload = request.encode(codec, features)
    echo = Echo(b"" if name == "put" else codec.encode(_VALUE))
    link._transport = echo
    reply = run_blocking(link.exchange(1000, payload, deadline=None))
    connection = link._exchanges.connection

    def core() -> None:
        request_id = connection.send_request(1000, payload, now=1.0)
        connection.data_to_send()
        connection.receive_data(echo.frame(request_id.to_bytes(8, "little")), now=1.0)
        while connection.next_event() is not None:
            pass

    def take_mutex() -> None:
        with mutex:
            pass

    steps: dict[str, Callable[[], object]] = {
        "get": lambda: cache.get(_KEY),
        "put": lambda: cache.put(_KEY, _VALUE),
        "perform": lambda: run_blocking(session.perform(request, None)),
        "link": lambda: run_blocking(link.exchange(1000, payload, deadline=None)),
        "core": core,
        "encode": lambda: request.encode(codec, features),
        "decode": lambda: request.decode(reply, codec, features),
        "coroutine": lambda: run_blocking(_coroutine()),
        "mutex": take_mutex,
        "nothing": _nothing,
    }
    return steps[name]


def _count(name: str, calls: int) -> int:
    """The instructions of a whole process that does a step so many times."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         sys.executable, __file__, "--run", name, "--calls", str(calls)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise SystemExit(f"callgrind said nothing of what it counted:\n{done.stderr}")
    return int(found[1])


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--run", choices=STEPS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        call = step(args.run)
        for _ in range(_WARM_UP + args.calls):
            call()
        return
    if shutil.which("valgrind") is None:
        raise SystemExit("this needs valgrind")
    names = args.steps or list(STEPS)
    with ThreadPoolExecutor(2) as pool:
        few = [pool.submit(_count, name, 0) for name in names]
        many = [pool.submit(_count, name, args.calls) for name in names]
    for name, first, second in zip(names, few, many, strict=True):
        count = (second.result() - first.result()) / args.calls
        print(f"{name:10} {count:>9,.0f}  {STEPS[name]}")


if __name__ == "__main__":
    main()
