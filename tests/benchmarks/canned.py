"""Results as a run would have measured them."""

from __future__ import annotations

from benchmarks.compare.histogram import histogram
from benchmarks.compare.protocol import Outcome
from benchmarks.compare.results import Results, Series, Single


def outcome(rate: float, cpu: float = 1e-5) -> Outcome:
    """One of 400 calls that took about as long as the rate says."""
    latencies = [(1 + number % 4) / rate for number in range(400)]
    return Outcome(calls=400, rate=rate, cpu=cpu, histogram=histogram(latencies))


def series(case: str, subject: str, *rates: float, **others: object) -> Series:
    """One client in one case, with these rates in the rounds 0, 1, 2 …"""
    made = Series(case, "calls", "get", 1, 1, "", subject)
    for name, value in others.items():
        setattr(made, name, value)
    made.rounds = {number: outcome(rate) for number, rate in enumerate(rates)}
    return made


def results() -> Results:
    """A small run."""
    scan = {"operation": "scan", "rows": 1000}
    many = {"group": "callers", "callers": 8}
    routing = {"group": "routing", "callers": 8}
    nodes = "get on three nodes, 8 callers"
    return Results(
        machine={"date": "2024-01-01", "processor": "a slow one"},
        settings={"rounds": 9, "seconds": 0.4, "share": 15.0, "minutes": 1.5},
        series=[
            series("get", "bare", 1000, 2000, 4000),
            series("get", "gridgain_sync", 500, 1000, 1000),
            series("get", "java", 1000, 1000, 1000),
            series("get", "pygridgain", 100, 250, 100),
            series("get", "pyignite", 50, 500),
            series("scan 1 000", "bare", 10, 20, **scan),
            series("scan 1 000", "gridgain_sync", 5, 10, **scan),
            series("scan 1 000", "pyignite", error="ValueError: no | such cursor", **scan),
            series("get, 1 caller", "gridgain_trio", 700, group="callers"),
            series("get, 8 callers", "gridgain_trio", 7000, **many),
            series("get, 8 callers", "pyignite-aio", error="OSError: gone", **many),
            series(f"{nodes}, one connection", "gridgain_sync", 1000, 1000, aware="no", **routing),
            series(
                f"{nodes}, partition aware", "gridgain_sync", 1500, 2500, aware="yes", **routing
            ),
        ],
        memory=[
            Single("scan 1 000 000", "gridgain_sync", 1_000_000, [3 << 20], 2.0),
            Single("scan 1 000 000", "java", 1_000_000, error="no answer within 9 s"),
        ],
        imports=[Single("import", "gridgain_sync", 1, [0.1, 0.3, 0.2])],
    )
