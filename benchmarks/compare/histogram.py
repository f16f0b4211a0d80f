"""Latencies as counts in buckets of which each is one per cent wider than the one before.

A bucket's number is the logarithm of its nanoseconds, so histograms of many turns can be added, and
a quantile is right to half a per cent. `java/ThinClientWorker.java` counts in the same buckets.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

_WIDTH = math.log(1.01)


def bucket_of(seconds: float) -> int:
    """The number of the bucket of a latency."""
    return round(math.log(max(seconds, 1e-9) * 1e9) / _WIDTH)


def seconds_of(bucket: int) -> float:
    """The middle of a bucket."""
    return math.exp(bucket * _WIDTH) * 1e-9


def histogram(latencies: Iterable[float]) -> dict[int, int]:
    """Counts latencies, which are seconds."""
    return dict(Counter(map(bucket_of, latencies)))


def merged(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """All of them as one."""
    total: Counter[int] = Counter()
    for one in histograms:
        total.update(one)
    return dict(total)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The latency below which that share of the calls lies, in seconds; None without any call."""
    wanted = share * sum(counts.values())
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return seconds_of(bucket)
    return None
