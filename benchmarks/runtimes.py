"""Calls per second of ``get`` in every runtime, by the number of callers over one connection.

Beside them: the peers' clients, and bare scripts that keep as many requests on their way without
looking at the answers. Every round runs each client once, one after the other, so that all see
the same weather; the table shows the medians over the rounds.

Usage: python benchmarks/runtimes.py [--rounds N] [--seconds S] [--callers N …] [--json FILE]
       [--only NAME …] [--address host:port]

A node is started for it, or ``--address`` names one.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the launcher of nodes, which belongs to the tests

from benchmarks.peers import PEERS, peer_python  # noqa: E402
from gridgain_sync import Client  # noqa: E402
from tests.ignite.cluster import IgniteCluster  # noqa: E402
from tests.ignite.config import NodeOptions  # noqa: E402

from benchmarks.runtimes_worker import CACHE, CLIENTS, KEY, VALUE  # noqa: E402, isort: skip

WORKER = Path(__file__).with_name("runtimes_worker.py")
OURS = ("trio", "asyncio", "uvloop", "sync", "gevent")


def python_of(name: str) -> str:
    """The interpreter that has a client."""
    peer = name.removesuffix("-aio")
    return peer_python(peer) if peer in PEERS else sys.executable


def measure(python: str, name: str, address: str, callers: int, seconds: float) -> float:
    """Calls per second of one client in one round."""
    host, _, port = address.rpartition(":")
    command = [python, str(WORKER), name, host, port, str(callers), str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{name} with {callers} callers:\n{run.stderr}")
    return float(run.stdout)


def table(rates: Mapping[str, Mapping[int, float]], callers: list[int]) -> str:
    """The medians, and for the most telling number of callers the ratios."""
    column = 64 if 64 in callers else callers[-1]
    lines = ["callers".ljust(16) + "".join(f"{number:>12}" for number in callers)]
    peers = [rates[name][column] for name in rates if name.endswith("-aio")]
    for name, row in rates.items():
        line = name.ljust(16) + "".join(f"{row[number]:>10,.0f}/s" for number in callers)
        if name in OURS and "bare" in rates:
            line += f"   with {column}: {row[column] / rates['bare'][column]:.2f} of bare"
            if peers:
                line += f", {row[column] / max(peers):.1f}x the best AioClient"
        lines.append(line)
    return "\n".join(lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 8, 64, 512])
    parser.add_argument("--only", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--address")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()

    names = [name for name in args.only if name != "uvloop" or importlib.util.find_spec("uvloop")]
    pythons = {name: python_of(name) for name in names}
    results: dict[str, dict[int, list[float]]] = {
        name: {number: [] for number in args.callers} for name in names
    }
    with ExitStack() as stack:
        address = args.address
        if address is None:
            # With the JVM's full compiler: the node should not be what is measured.
            options = NodeOptions(jvm_options=("-XX:TieredStopAtLevel=4",), heap_mb=1024)
            address = stack.enter_context(IgniteCluster.start(1, options))[0].address
        with Client().connect(address) as client:
            client.get_or_create_cache(CACHE).put(KEY, VALUE)
        for number in args.callers:  # the node warms up too
            measure(sys.executable, "bare", address, number, 3 * args.seconds)
        for _ in range(args.rounds):
            for number in args.callers:
                for name, python in pythons.items():
                    rate = measure(python, name, address, number, args.seconds)
                    results[name][number].append(rate)

    medians = {
        name: {number: statistics.median(rates) for number, rates in row.items()}
        for name, row in results.items()
    }
    print(table(medians, args.callers))
    if args.json:
        rows = [
            {"client": name, "callers": number, "calls_per_second": rates}
            for name, row in results.items()
            for number, rates in row.items()
        ]
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
