"""Numbers as text, and tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from benchmarks.compare.statistics import Spread

#: What stands where there is nothing.
NOTHING = "–"
_NARROW_SPACE = "\u202f"
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")


def significant(value: float) -> str:
    """Three digits, and thousands apart."""
    if value >= 1000:
        step = 10 ** (len(str(int(value))) - 3)
        return f"{round(value / step) * step:,}".replace(",", _NARROW_SPACE)
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def times(value: float) -> str:
    """A ratio."""
    return significant(value) if value >= 0.1 or value == 0 else f"{value:.3f}"


def microseconds(seconds: float) -> str:
    """A duration in microseconds."""
    return significant(seconds * 1e6)


def mebibytes(count: float) -> str:
    """An amount of memory in MiB."""
    return f"{count / 2**20:.1f}"


def spread_text(spread: Spread | None, text: Callable[[float], str]) -> str:
    """A median, and the quartiles in brackets where they are others."""
    if spread is None:
        return NOTHING
    middle, low, high = text(spread.median), text(spread.low), text(spread.high)
    return middle if low == high else f"{middle} ({low}–{high})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, whose first column is text and whose others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return [_THOUSANDS.sub(_NARROW_SPACE, f"| {' | '.join(line)} |") for line in lines]
