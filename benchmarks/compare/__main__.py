"""Measures this client beside its peers on live nodes: `python -m benchmarks.compare`.

It makes the peers' environments, starts nodes and a worker for each client, and lets all clients
take turns: in every round each of them once in every case, in an order that is shuffled anew.
Answers are compared with what they should be before anything is timed. What comes of it is printed;
`--json` keeps it, and `--report` writes `docs/benchmarks.md` and its plots.

The whole takes less than a quarter of an hour, `--short` two minutes.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.compare.cases import Case, all_cases, short_cases
from benchmarks.compare.imports import import_times
from benchmarks.compare.machine import machine
from benchmarks.compare.memory import peaks
from benchmarks.compare.nodes import Place, running
from benchmarks.compare.report import markdown, write_report
from benchmarks.compare.results import Results
from benchmarks.compare.rounds import Pace, Rounds
from benchmarks.compare.subjects import ROOT, SUBJECTS

_SHORT = Pace(
    fewest=2,
    rounds=3,
    seconds=0.25,
    warm_up=0.05,
    first_warm_up=0.1,
    java_warm_up=0.8,
    share=4.0,
)

#: Seconds for everything that is measured on one kind of cluster, but the peaks of memory.
_BUDGETS = {Place.ONE: 600.0, Place.TLS: 50.0, Place.THREE: 110.0}
_SHORT_BUDGETS = {Place.ONE: 75.0}

_MEMORY = [("get_all", 1000), ("scan", 100_000), ("sql", 100_000), ("scan", 1_000_000)]
_SHORT_MEMORY = [("get_all", 1000)]


def main() -> int:
    """Runs the command."""
    arguments = _arguments()
    results = Results.read(arguments.source) if arguments.source else _measure(arguments)
    if arguments.json:
        arguments.json.write_text(results.to_json(), "utf-8")
    if arguments.report:
        write_report(results, ROOT / "docs")
    else:
        print(markdown(results))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--short", action="store_true", help="fewer rounds and fewer cases")
    add("--only", default="", metavar="TEXT", help="only the cases whose titles contain this")
    add("--rounds", type=int, help="how many rounds, however long they take")
    add("--seconds", type=float, help="how long each turn measures")
    add("--seed", type=int, help="of the order of turns (default: another each time)")
    add("--json", type=Path, metavar="FILE", help="where the results go")
    add("--from", type=Path, dest="source", metavar="FILE", help="measure nothing, read these")
    add("--report", action="store_true", help="write docs/benchmarks.md and its plots")
    return parser.parse_args()


def _measure(arguments: argparse.Namespace) -> Results:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    for subject in SUBJECTS:
        subject.command()  # installs and compiles what is missing, before any clock runs
    short, only = arguments.short, arguments.only
    pace = _pace(arguments)
    cases = [case for case in (short_cases() if short else all_cases()) if only in case.title]
    budgets = _SHORT_BUDGETS if short else _BUDGETS
    memory = [] if only else _SHORT_MEMORY if short else _MEMORY
    seed = random.randrange(1 << 32) if arguments.seed is None else arguments.seed
    order = random.Random(seed)
    results = Results(machine(), {"short": short, "seed": seed, **vars(pace)})
    for place in Place:
        here = [case for case in cases if case.place is place]
        if not here:
            continue
        say(f"starting {place.value}")
        calls = memory if place is Place.ONE else []
        with running(place, *_stored(here, calls)) as nodes:
            until = time.monotonic() + budgets[place]
            results.series += Rounds(nodes, here, pace, say).run(order, until)
            results.memory += peaks(nodes, calls, pace.limit, say)
    if not only:
        say("imports")
        results.imports = import_times(3 if short else 15, order)
    results.settings["minutes"] = round((time.monotonic() - began) / 60, 1)
    say("done")
    return results


def _stored(cases: list[Case], memory: list[tuple[str, int]]) -> tuple[list[int], int]:
    """The sizes of the caches, and of the table, that are read from."""
    read = [*((case.operation, case.rows) for case in cases), *memory]
    entries = [rows for operation, rows in read if operation == "scan"]
    return entries, max((rows for operation, rows in read if operation == "sql"), default=0)


def _pace(arguments: argparse.Namespace) -> Pace:
    pace = _SHORT if arguments.short else Pace()
    if arguments.rounds:
        pace = replace(pace, rounds=arguments.rounds, fewest=arguments.rounds)
    if arguments.seconds:
        pace = replace(pace, seconds=arguments.seconds)
    return pace


if __name__ == "__main__":
    sys.exit(main())
