"""Calls per second of ``get`` and ``put`` on one live node, beside a bare socket and the peers.

Every round runs each client once, one after the other, so that all see the same weather; the table
shows the median over the rounds and, as the figure that counts, the median of each round's ratio
to the bare socket.

Usage: python benchmarks/exchange.py [--rounds N] [--seconds S] [--json FILE] [--only NAME …]

A node is started for it, or ``--address host:port`` names one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the launcher of nodes, which belongs to the tests

from benchmarks.peers import peer_python  # noqa: E402
from tests.ignite.cluster import IgniteCluster  # noqa: E402
from tests.ignite.config import NodeOptions  # noqa: E402

WORKER = Path(__file__).with_name("exchange_worker.py")
CASES = [(operation, threads) for threads in (1, 8) for operation in ("get", "put")]


def measure(python: str, client: str, address: str, case: tuple[str, int], seconds: float) -> float:
    """Calls per second of one client in one round."""
    host, _, port = address.rpartition(":")
    operation, threads = case
    command = [python, str(WORKER), client, host, port, operation, str(threads), str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{client}, {case}:\n{run.stderr}")
    return float(run.stdout)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--address")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", nargs="+", default=["bare", "ours", "pygridgain", "pyignite"])
    args = parser.parse_args()

    pythons = {
        name: sys.executable if name in ("bare", "ours") else peer_python(name)
        for name in args.only
    }
    results: dict[tuple[str, int], dict[str, list[float]]] = {
        case: {name: [] for name in pythons} for case in CASES
    }
    with ExitStack() as stack:
        address = args.address
        if address is None:
            # With the JVM's full compiler: the node should not be what is measured.
            options = NodeOptions(jvm_options=("-XX:TieredStopAtLevel=4",), heap_mb=1024)
            address = stack.enter_context(IgniteCluster.start(1, options))[0].address
        for case in CASES:  # the node warms up too
            measure(sys.executable, "bare", address, case, 3 * args.seconds)
        for _ in range(args.rounds):
            for case in CASES:
                for name, python in pythons.items():
                    rate = measure(python, name, address, case, args.seconds)
                    results[case][name].append(rate)

    print(f"{'':16}" + "".join(f"{name:>22}" for name in pythons))
    for (operation, threads), rates in results.items():
        row = f"{operation}, {threads} thread{'s' if threads > 1 else ' '}".ljust(16)
        for name in pythons:
            ratios = [rate / base for rate, base in zip(rates[name], rates["bare"], strict=True)]
            row += f"{statistics.median(rates[name]):>12,.0f}/s {statistics.median(ratios):>6.2f}x "
        print(row)
    if args.json:
        rows = [
            {"operation": operation, "threads": threads, "calls_per_second": rates}
            for (operation, threads), rates in results.items()
        ]
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
