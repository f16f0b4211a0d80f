"""Medians and their spread, over rounds; ratios, within rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.compare.histogram import merged, quantile
from benchmarks.compare.results import Series

#: A 99th percentile of fewer calls would be one of the very slowest and no more.
_CALLS_FOR_P99 = 300


@dataclass(frozen=True)
class Spread:
    """A median with the quartiles around it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread | None:
    """The median and the quartiles; None of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median(values), low, high)


def rates(series: Series) -> dict[int, float]:
    """Calls per second in each round, of rows if a call concerns many."""
    return {number: outcome.rate * series.rows for number, outcome in series.rounds.items()}


def best(several: Iterable[Series]) -> dict[int, float]:
    """The best rate of any of them in each round in which all took part that still can."""
    left = [rates(series) for series in several if series.rounds and not series.error]
    if not left:
        return {}
    common = set.intersection(*(set(one) for one in left))
    return {number: max(one[number] for one in left) for number in sorted(common)}


def ratio(ours: Mapping[int, float], others: Mapping[int, float]) -> Spread | None:
    """How many times the others' rate ours is, within each round that both took part in."""
    return spread([ours[number] / others[number] for number in ours if number in others])


def cpu(series: Series) -> Spread | None:
    """Processor time of the client for one call, or for one row if a call concerns many."""
    return spread([outcome.cpu / series.rows for outcome in series.rounds.values()])


def latency(series: Series, share: float) -> float | None:
    """The latency below which that share of all rounds' calls lies, in seconds.

    None if there are too few calls to say so.
    """
    counts = latencies(series)
    if share > 0.9 and sum(counts.values()) < _CALLS_FOR_P99:
        return None
    return quantile(counts, share)


def latencies(series: Series) -> dict[int, int]:
    """All rounds' calls by latency."""
    return merged(outcome.histogram for outcome in series.rounds.values())
