"""The results as a page of documentation."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from benchmarks.compare import data, tables
from benchmarks.compare.formatting import table
from benchmarks.compare.results import Results
from benchmarks.compare.subjects import SYNC, SYNC_ACCELERATED

#: Room for tables on the site.
_WIDE = "---\nhide: [navigation]\n---\n\n"

_HEAD = """\
# Benchmarks

This client beside its peers, end to end, on live nodes of Apache Ignite. This page is written by
`python -m benchmarks.compare --report`, which measures all of it in one run on one machine; no
number is copied by hand. Another machine, or another day, gives other rates; what can be relied on
are the ratios within a run.
"""

_METHOD = """\
## How it is measured

- **The nodes and the clients share the machine's cores.** So a rate is that of both, and a client
  that needs more processor time slows its node down as well. The client's own share is in the
  tables of processor time.
- Every client runs in a process of its own: the peers in Python in environments of their own, the
  Java thin client of the nodes' release with the JVM's own defaults. The **bare socket** is a
  Python script that sends prepared bytes, waits until as many bytes have come as should, and looks
  at none of them: what is left of a client that does nothing. For many callers it keeps as many
  requests on their way.
- All clients take turns. In every round each takes part once in each case, in an order that is
  shuffled anew. A turn connects, warms up, and measures. Shown are medians over the rounds with the
  quartiles in brackets; ratios are taken within each round first.
- Before the rounds each client's answers are compared with what is stored, value by value. That
  turn also warms up the nodes, and the Java client's compiler.
- The page size is {page}; values and types on the wire are the same; TCP_NODELAY is on for all (the
  peers' blocking clients do not set it themselves). All else is at each client's defaults.
- Scans and queries are read row by row; one field is read of each complex object. Where a call
  concerns many rows, rates and processor times are those of a row.
- pygridgain and pyignite cannot be shared by threads, so there each caller has a client and a
  connection of its own, up to 64: opening more takes longer than a whole round. Their `AioClient`
  is shared by all tasks, and so are our clients and Java's.
- A client whose turns are long, for it is slow or has to open many connections, takes part in fewer
  rounds: in as many as {share:g} s allow, and in one at least.
"""

_MEMORY = """\
The peak of a process in which one call is made, above what it used before. Rows are read one by one
and not kept. A JVM takes what its heap allows before it looks what it needs.
"""

_LATENCY = "Latency of a call in µs, median / 99th percentile:"
_PROCESSOR = "Processor time of the client in µs for each call, or for each row:"


def write_report(results: Results, docs: Path) -> None:
    """Writes the page and its plots.

    Args:
        results: a run.
        docs: the folder of the documentation.
    """
    from benchmarks.compare.plots import draw  # only here is matplotlib needed

    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    plots = draw(results)
    for name, svg in plots.items():
        (folder / name).write_text(svg, "utf-8")
    (docs / "benchmarks.md").write_text(_WIDE + markdown(results, plots), "utf-8")


def markdown(results: Results, plots: Collection[str] = ()) -> str:
    """The page.

    Args:
        results: a run.
        plots: the names of the plots that it shows.
    """
    method = _METHOD.format(page=data.PAGE, **results.settings)
    parts = [_HEAD, *_machine(results), "", method]
    parts += _calls(results, plots)
    parts += _many_callers(results, plots)
    parts += _rest(results)
    return "\n".join(parts).rstrip() + "\n"


def _machine(results: Results) -> list[str]:
    settings = results.settings
    most = max((len(series.rounds) for series in results.series), default=0)
    rounds = f"up to {most} of {settings['seconds']:g} s a turn"
    facts = {**results.machine, "rounds": rounds, "duration": f"{settings['minutes']} minutes"}
    return table(["", ""], facts.items())


def _image(name: str, text: str, plots: Collection[str]) -> list[str]:
    return [f"![{text}](benchmarks/{name})", ""] if name in plots else []


def _calls(results: Results, plots: Collection[str]) -> list[str]:
    if not results.titles("calls"):
        return []
    return [
        "## Calls",
        "",
        *_image("ratios.svg", "Rates as a share of the bare socket's", plots),
        "One caller, blocking calls. Rates of `gridgain_sync` by those of the others:",
        "",
        *tables.ratios(results, SYNC),
        "",
        *_accelerated(results),
        "Rates:",
        "",
        *tables.by_case(results, "calls", tables.rate),
        "",
        _LATENCY,
        "",
        *tables.by_case(results, "calls", tables.latency),
        "",
        *_image("latency.svg", "Share of calls of get by latency", plots),
        _PROCESSOR,
        "",
        *tables.by_case(results, "calls", tables.processor),
        "",
        *_per_row(results),
    ]


def _accelerated(results: Results) -> list[str]:
    if SYNC_ACCELERATED not in tables.taking_part(results, "calls"):
        return []
    return [
        "The same with the codec's [compiled twin](how-to/accelerator.md), which is optional:",
        "",
        *tables.ratios(results, SYNC_ACCELERATED),
        "",
    ]


def _per_row(results: Results) -> list[str]:
    lines = tables.per_row(results)
    return ["What a row costs, by the number of rows:", "", *lines, ""] if lines else []


def _many_callers(results: Results, plots: Collection[str]) -> list[str]:
    parts: list[str] = []
    if results.titles("tasks"):
        parts += ["## Clients for tasks", "", "One caller. Rates:", ""]
        parts += [*tables.by_case(results, "tasks", tables.rate), "", _PROCESSOR, ""]
        parts += [*tables.by_case(results, "tasks", tables.processor), ""]
    if results.titles("callers"):
        parts += ["## Many callers", ""]
        parts += _image("callers.svg", "Calls per second by the number of callers", plots)
        parts += ["`get` by many callers at the same time. Rates:", ""]
        parts += [*tables.by_callers(results, tables.rate), "", _LATENCY, ""]
        parts += [*tables.by_callers(results, tables.latency), "", _PROCESSOR, ""]
        parts += [*tables.by_callers(results, tables.processor), ""]
    if results.titles("routing"):
        parts += ["## Partition awareness", "", "Three nodes, one key after the other. Rates:", ""]
        parts += [*tables.by_case(results, "routing", tables.rate), ""]
        parts += ["Rates with partition awareness by those without:", ""]
        parts += [*tables.awareness(results), ""]
    return parts


def _rest(results: Results) -> list[str]:
    parts: list[str] = []
    if results.memory:
        parts += [
            "## Memory",
            "",
            _MEMORY,
            *tables.memory(results),
            "",
        ]
    if results.imports:
        parts += ["## Importing", "", "Milliseconds in a fresh interpreter:", ""]
        parts += [*tables.imports(results), ""]
    if failures := tables.failures(results):
        parts += ["## What failed", "", *failures, ""]
    return parts
