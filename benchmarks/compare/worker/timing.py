"""Repeating a call, and what is measured meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter, process_time

from benchmarks.compare.histogram import histogram
from benchmarks.compare.protocol import Outcome, Turn


class Measurement:
    """What all callers of one turn have measured.

    It begins for all when the warm-up is over and each of them has called once: a client's first
    call does what later ones need not do. Every caller's call that is on its way when the time is
    over is its last one and still counts.

    Args:
        turn: how long to warm up and to measure.
    """

    def __init__(self, turn: Turn) -> None:
        self._warm = perf_counter() + turn.warm_up
        # One for each caller that has to make its first call; nobody has to without a warm-up.
        self._cold = [None] * turn.callers if turn.warm_up else []
        self._seconds = turn.seconds
        self._only_warm = turn.check
        self._began: float | None = None
        self._ended = 0.0
        self._cpu_before = 0.0
        self._cpu_after = 0.0
        self._latencies: list[list[float]] = []

    def repeat(self, call: Callable[[], object]) -> None:
        """One caller of a blocking client: calls until the time is over."""
        if self._cold:
            try:
                call()
            finally:
                self._cold.pop()
        while self._cold or perf_counter() < self._warm:
            call()
        if self._only_warm:
            return
        latencies: list[float] = []
        last, end = self._begin()
        while True:
            call()
            now = perf_counter()
            latencies.append(now - last)
            last = now
            if now >= end:
                break
        self._end(latencies, last)

    async def repeat_async(self, call: Callable[[], Awaitable[object]]) -> None:
        """The same for a client whose calls are awaited."""
        if self._cold:
            try:
                await call()
            finally:
                self._cold.pop()
        while self._cold or perf_counter() < self._warm:
            await call()
        if self._only_warm:
            return
        latencies: list[float] = []
        last, end = self._begin()
        while True:
            await call()
            now = perf_counter()
            latencies.append(now - last)
            last = now
            if now >= end:
                break
        self._end(latencies, last)

    def _begin(self) -> tuple[float, float]:
        now = perf_counter()
        if self._began is None:
            self._began = now
            self._cpu_before = process_time()
        return now, self._began + self._seconds

    def _end(self, latencies: list[float], last: float) -> None:
        self._cpu_after = process_time()
        self._ended = max(self._ended, last)
        self._latencies.append(latencies)

    def outcome(self) -> Outcome:
        """What it comes to, when the last caller has ended."""
        latencies = [latency for caller in self._latencies for latency in caller]
        if not latencies:
            return Outcome(calls=0, rate=0.0, cpu=0.0)
        return Outcome(
            calls=len(latencies),
            rate=len(latencies) / (self._ended - (self._began or 0.0)),
            cpu=(self._cpu_after - self._cpu_before) / len(latencies),
            histogram=histogram(latencies),
        )
