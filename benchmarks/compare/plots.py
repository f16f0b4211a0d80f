"""The report's plots: SVG that can be read on a light page and on a dark one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.compare import statistics
from benchmarks.compare.formatting import significant, times
from benchmarks.compare.histogram import seconds_of
from benchmarks.compare.results import Results
from benchmarks.compare.subjects import (
    BARE,
    JAVA,
    PYGRIDGAIN,
    PYIGNITE,
    SYNC,
    SYNC_ACCELERATED,
)
from benchmarks.compare.tables import taking_part

#: A grey with about the same contrast to white and to nearly black, and colours of its lightness.
_GREY = "#7d8590"
_COLOURS = {
    "bare": _GREY,
    "bare-asyncio": _GREY,
    "gridgain_sync": "#2f81f7",
    "gridgain_sync-accelerated": "#5b6ee1",
    "gridgain_gevent": "#0f9d9d",
    "gridgain_trio": "#3fa34d",
    "gridgain_asyncio": "#5b6ee1",
    "gridgain_asyncio-uvloop": "#8a63d2",
    "java": "#d4881c",
    "java-async": "#d4881c",
    "pygridgain": "#d64f4f",
    "pygridgain-aio": "#d64f4f",
    "pyignite": "#c95aa5",
    "pyignite-aio": "#c95aa5",
}
#: Of two lines in one colour, the second is dashed.
_DASHED = ("bare-asyncio", "java-async", "pygridgain-aio", "pyignite-aio")

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",  # the same results give the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _GREY,
    "axes.labelcolor": _GREY,
    "axes.edgecolor": _GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "grid.color": _GREY,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


def draw(results: Results) -> dict[str, str]:
    """The plots for which there are results.

    Returns:
        names of files, and what is in them.
    """
    drawn = {}
    with matplotlib.rc_context(_STYLE):
        if results.titles("calls"):
            drawn["ratios.svg"] = _svg(_ratios(results))
        if results.find("get", SYNC.name):
            drawn["latency.svg"] = _svg(_latency(results))
        if results.titles("callers"):
            drawn["callers.svg"] = _svg(_callers(results))
    return drawn


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(
        file, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None}
    )
    return file.getvalue()


def _ratios(results: Results) -> Figure:
    """Bars: every client's rate by the bare socket's, case by case."""
    shown = (SYNC, SYNC_ACCELERATED, JAVA, PYGRIDGAIN, PYIGNITE)
    subjects = [subject for subject in shown if subject in taking_part(results, "calls")]
    titles = results.titles("calls")
    figure = Figure(figsize=(8, 0.2 * len(titles) * len(subjects) + 1))
    axes = figure.add_subplot()
    height = 0.8 / len(subjects)
    for index, subject in enumerate(subjects):
        for row, title in enumerate(titles):
            series, bare = results.find(title, subject.name), results.find(title, BARE.name)
            if series is None or bare is None:
                continue
            ratio = statistics.ratio(statistics.rates(series), statistics.rates(bare))
            if ratio is None:
                continue
            place = row + (index - (len(subjects) - 1) / 2) * height
            label = subject.label if row == 0 else None
            colour = _COLOURS[subject.name]
            axes.barh(place, ratio.median, height * 0.9, color=colour, label=label)
            axes.plot([ratio.low, ratio.high], [place, place], color=_GREY, linewidth=1)
            end = max(ratio.median, ratio.high)
            axes.text(end, place, f" {times(ratio.median)}", va="center", fontsize=8)
    axes.axvline(1, color=_GREY, linewidth=1, linestyle=":")
    axes.set_yticks(range(len(titles)), titles)
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("rate by that of the bare socket; thin lines: quartiles")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(subjects))
    return figure


def _latency(results: Results) -> Figure:
    """Lines: the share of calls of `get` that took no longer than so long."""
    figure = Figure(figsize=(8, 4))
    axes = figure.add_subplot()
    for subject in (BARE, SYNC, JAVA, PYGRIDGAIN, PYIGNITE):
        series = results.find("get", subject.name)
        counts = statistics.latencies(series) if series else {}
        if not counts:
            continue
        buckets = sorted(counts)
        seen = list(accumulate(counts[bucket] for bucket in buckets))
        axes.step(
            [seconds_of(bucket) * 1e6 for bucket in buckets],
            [100 * count / seen[-1] for count in seen],
            where="post",
            color=_COLOURS[subject.name],
            linestyle=":" if subject is BARE else "-",
            label=subject.label,
        )
    _log(axes, "x", [10, 20, 50, 100, 200, 500, 1000, 2000, 5000])
    axes.set_xlim(10, 5000)
    axes.set_ylim(0, 100)
    axes.set_xlabel("latency of get, one caller, in µs")
    axes.set_ylabel("% of calls")
    axes.grid()
    axes.legend(loc="lower right")
    return figure


def _callers(results: Results) -> Figure:
    """Lines: calls per second by the number of callers."""
    figure = Figure(figsize=(8, 5.5))
    axes = figure.add_subplot()
    numbers = sorted({one.callers for one in results.series if one.group == "callers"})
    for subject in taking_part(results, "callers"):
        points = []
        for series in results.series:
            spread = statistics.spread(list(statistics.rates(series).values()))
            if series.group == "callers" and series.subject == subject.name and spread:
                points.append((series.callers, spread.median))
        points.sort()
        axes.plot(
            [callers for callers, _ in points],
            [rate for _, rate in points],
            color=_COLOURS[subject.name],
            linestyle=":" if subject is BARE else "--" if subject.name in _DASHED else "-",
            linewidth=2 if subject.kind == "ours" else 1.2,
            marker="o",
            markersize=4,
            label=subject.label,
        )
    _log(axes, "x", numbers)
    _log(axes, "y", [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000])
    axes.set_xlabel("callers")
    axes.set_ylabel("calls of get per second")
    axes.grid()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _log(axes: Axes, axis: str, ticks: Sequence[float]) -> None:
    """Makes an axis logarithmic, with ticks that can be read."""
    texts = [significant(tick) if tick >= 1000 else f"{tick:g}" for tick in ticks]
    if axis == "x":
        axes.set_xscale("log")
        axes.set_xticks(ticks, texts, minor=False)
        axes.set_xticks([], minor=True)
    else:
        axes.set_yscale("log")
        axes.set_yticks(ticks, texts, minor=False)
        axes.set_yticks([], minor=True)
