"""Calls per second on three live nodes, with partition awareness and without, in one run.

Each round measures both, one after the other; the table shows the median over the rounds and the
median of each round's ratio.

Usage: python benchmarks/routing.py [--rounds N] [--seconds S]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the launcher of nodes is the tests'

import gridgain_asyncio
import gridgain_sync
from tests.ignite.cluster import IgniteCluster
from tests.ignite.config import NodeOptions

KEYS = 1000
WARM_UP = 2.0


def with_threads(addresses: list[str], aware: bool, callers: int, seconds: float) -> float:
    """Calls per second of ``get`` by threads on one client."""
    counts = [0] * callers
    with gridgain_sync.Client(timeout=30, partition_aware=aware).connect(addresses) as client:
        cache = client.get_or_create_cache("routing")
        cache.put_all(dict.fromkeys(range(KEYS), "a value of twenty ch"))
        end_of_warm_up = time.monotonic() + WARM_UP
        while time.monotonic() < end_of_warm_up:
            cache.get(1)
        began = time.perf_counter()
        end = began + seconds

        def call(caller: int) -> None:
            key = caller
            while time.perf_counter() < end:
                key = (key * 31 + 7) % KEYS
                cache.get(key)
                counts[caller] += 1

        threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.perf_counter() - began)


def with_tasks(addresses: list[str], aware: bool, callers: int, seconds: float) -> float:
    """Calls per second of ``get`` by asyncio's tasks on one client."""

    async def main() -> float:
        count = 0
        client = gridgain_asyncio.Client(timeout=30, partition_aware=aware)
        async with client.connect(addresses):
            cache = await client.get_or_create_cache("routing")
            await cache.put_all(dict.fromkeys(range(KEYS), "a value of twenty ch"))
            end_of_warm_up = time.monotonic() + WARM_UP
            while time.monotonic() < end_of_warm_up:
                await cache.get(1)
            began = time.perf_counter()
            end = began + seconds

            async def call(caller: int) -> None:
                nonlocal count
                key = caller
                while time.perf_counter() < end:
                    key = (key * 31 + 7) % KEYS
                    await cache.get(key)
                    count += 1

            await asyncio.gather(*(call(caller) for caller in range(callers)))
            return count / (time.perf_counter() - began)

    return asyncio.run(main())


CASES = {
    "1 thread": (with_threads, 1),
    "8 threads": (with_threads, 8),
    "64 tasks": (with_tasks, 64),
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
    options = NodeOptions(jvm_options=("-XX:TieredStopAtLevel=4",))
    with IgniteCluster.start(3, options) as cluster:
        addresses = [node.address for node in cluster]
        for _ in range(args.rounds):
            for name, (measure, callers) in CASES.items():
                without = measure(addresses, False, callers, args.seconds)
                aware = measure(addresses, True, callers, args.seconds)
                rates[name].append((without, aware))
    print(f"{'get':12}{'one connection':>18}{'partition aware':>18}{'ratio':>8}")
    for name, pairs in rates.items():
        without = statistics.median(pair[0] for pair in pairs)
        aware = statistics.median(pair[1] for pair in pairs)
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        print(f"{name:12}{without:>16,.0f}/s{aware:>16,.0f}/s{ratio:>8.2f}")


if __name__ == "__main__":
    main()
