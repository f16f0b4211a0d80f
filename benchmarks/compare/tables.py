"""The tables of the report, each as the lines of a table in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.compare import statistics
from benchmarks.compare.formatting import (
    NOTHING,
    mebibytes,
    microseconds,
    significant,
    spread_text,
    table,
    times,
)
from benchmarks.compare.results import Results, Series, Single
from benchmarks.compare.subjects import (
    BARE,
    JAVA,
    PYGRIDGAIN,
    PYIGNITE,
    SUBJECTS,
    SYNC,
    SYNC_ACCELERATED,
    Subject,
)

_BY_NAME = {subject.name: subject for subject in SUBJECTS}

#: What stands where a client failed; the list of errors says how.
FAILED = "failed"


def taking_part(results: Results, group: str) -> list[Subject]:
    """Who has taken part in any case of a group, in the report's order."""
    names = {series.subject for series in results.series if series.group == group}
    return [subject for subject in SUBJECTS if subject.name in names]


def ratios(results: Results, subject: Subject) -> list[str]:
    """Ours by the bare socket, by Java, and by the better of the peers in Python."""
    head = [
        f"rate of {subject.label}",
        "of the bare socket",
        "of Java's",
        "of the best peer in Python",
    ]
    rows = []
    for title in results.titles("calls"):
        ours = _rates(results, title, subject)
        peers = [results.find(title, peer.name) for peer in (PYGRIDGAIN, PYIGNITE)]
        others = (
            _rates(results, title, BARE),
            _rates(results, title, JAVA),
            statistics.best(peer for peer in peers if peer is not None),
        )
        cells = [spread_text(statistics.ratio(ours, other), times) for other in others]
        rows.append([title, *cells])
    return table(head, rows)


def rate(series: Series) -> str:
    """Calls or rows per second."""
    unit = "rows/s" if series.rows > 1 else "/s"
    text = spread_text(statistics.spread(list(statistics.rates(series).values())), significant)
    return text if text == NOTHING else f"{text} {unit}"


def processor(series: Series) -> str:
    """Microseconds of the client's processor time for each call or row."""
    return spread_text(statistics.cpu(series), microseconds)


def latency(series: Series) -> str:
    """Median and 99th percentile of a call's latency, in microseconds."""
    shares = [statistics.latency(series, share) for share in (0.5, 0.99)]
    if shares == [None, None]:
        return NOTHING
    return " / ".join(NOTHING if one is None else microseconds(one) for one in shares)


def by_case(results: Results, group: str, text: Callable[[Series], str]) -> list[str]:
    """One of the above for the cases of a group, a line for each case."""
    subjects = taking_part(results, group)
    rows = []
    for title in results.titles(group):
        found = [results.find(title, subject.name) for subject in subjects]
        rows.append([title, *(_cell(one, text) for one in found)])
    return table(["", *(subject.label for subject in subjects)], rows)


def by_callers(results: Results, text: Callable[[Series], str]) -> list[str]:
    """The same for the cases of many callers, a line for each client."""
    titles = results.titles("callers")
    rows = []
    for subject in taking_part(results, "callers"):
        found = [results.find(title, subject.name) for title in titles]
        rows.append([subject.label, *(_cell(one, text) for one in found)])
    return table(["", *(title.removeprefix("get, ") for title in titles)], rows)


def per_row(results: Results) -> list[str]:
    """Microseconds for each row by the number of rows; nothing if no case has such rows."""
    subjects = [
        one
        for one in (BARE, SYNC, SYNC_ACCELERATED, JAVA, PYGRIDGAIN, PYIGNITE)
        if one in taking_part(results, "calls")
    ]
    found: dict[str, dict[str, str]] = {}
    for series in results.series:
        spread = statistics.spread(list(statistics.rates(series).values()))
        if series.group == "calls" and series.operation in ("scan", "sql") and spread:
            found.setdefault(series.case, {})[series.subject] = microseconds(1 / spread.median)
    for single in results.memory:
        if single.rows > max(series.rows for series in results.series) and not single.error:
            line = found.setdefault(f"{single.case}, once in a fresh process", {})
            line[single.subject] = microseconds(single.seconds / single.rows)
    rows = [
        [title, *(cells.get(subject.name, NOTHING) for subject in subjects)]
        for title, cells in found.items()
    ]
    if not rows:
        return []
    return table(["µs for each row", *(subject.label for subject in subjects)], rows)


def awareness(results: Results) -> list[str]:
    """Rates with partition awareness by those without."""
    subjects = taking_part(results, "routing")
    found = {
        (series.callers, series.aware, series.subject): statistics.rates(series)
        for series in results.series
        if series.group == "routing"
    }
    rows = []
    for callers in sorted({callers for callers, _, _ in found}):
        cells = []
        for subject in subjects:
            aware = found.get((callers, "yes", subject.name), {})
            other = found.get((callers, "no", subject.name), {})
            cells.append(spread_text(statistics.ratio(aware, other), times))
        rows.append([str(callers), *cells])
    return table(["callers", *(subject.label for subject in subjects)], rows)


def memory(results: Results) -> list[str]:
    """MiB above what was in use before the call, at most."""
    return _singles("MiB above the state before", results.memory, mebibytes)


def imports(results: Results) -> list[str]:
    """Milliseconds of importing."""
    return _singles("", results.imports, lambda seconds: significant(seconds * 1000))


def failures(results: Results) -> list[str]:
    """What could not be measured, and why."""
    failed: list[Series | Single] = [one for one in results.series if one.error]
    failed += [one for one in results.memory if one.error]
    lines = []
    for one in failed:
        error = one.error if len(one.error) < 300 else one.error[:300] + " …"
        lines.append(f"- {one.case}, {_BY_NAME[one.subject].label}: `{error}`")
    return lines


def _cell(series: Series | None, text: Callable[[Series], str]) -> str:
    if series is None:
        return NOTHING
    return FAILED if series.error else text(series)


def _singles(corner: str, singles: Sequence[Single], text: Callable[[float], str]) -> list[str]:
    names = {single.subject for single in singles}
    subjects = [subject for subject in SUBJECTS if subject.name in names]
    found = {(single.case, single.subject): single for single in singles}
    rows = []
    for case in dict.fromkeys(single.case for single in singles):
        cells = []
        for subject in subjects:
            single = found.get((case, subject.name))
            if single is None:
                cells.append(NOTHING)
            else:
                spread = statistics.spread(single.values)
                cells.append(FAILED if single.error else spread_text(spread, text))
        rows.append([case, *cells])
    return table([corner, *(subject.label for subject in subjects)], rows)


def _rates(results: Results, title: str, subject: Subject) -> dict[int, float]:
    series = results.find(title, subject.name)
    return {} if series is None else statistics.rates(series)
