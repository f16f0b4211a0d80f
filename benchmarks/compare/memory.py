"""Peaks of memory: one call in a process that has made no such call before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from benchmarks.compare.cases import title_of
from benchmarks.compare.nodes import Nodes
from benchmarks.compare.protocol import Failed, Turn
from benchmarks.compare.results import Single
from benchmarks.compare.subjects import BARE, JAVA, PYGRIDGAIN, PYIGNITE, SYNC, Subject
from benchmarks.compare.workers import Worker

_SUBJECTS = (BARE, SYNC, JAVA, PYGRIDGAIN, PYIGNITE)
#: The others would take from half a minute up for what these take.
_FAST = (BARE, SYNC, JAVA)
_LONG = {("sql", 100_000), ("scan", 1_000_000)}
_KIND = {"VmHWM": re.compile(r"VmHWM:\s+(\d+) kB"), "VmRSS": re.compile(r"VmRSS:\s+(\d+) kB")}


def peaks(
    nodes: Nodes,
    calls: list[tuple[str, int]],
    limit: float,
    say: Callable[[str], None],
) -> list[Single]:
    """Measures all of them.

    Args:
        nodes: the cluster.
        calls: operations and their rows.
        limit: seconds after which a call is given up.
        say: is told what goes on.
    """
    found = []
    for operation, rows in calls:
        say(f"memory: {title_of(operation, rows)}")
        subjects = _FAST if (operation, rows) in _LONG else _SUBJECTS
        found += [_peak(nodes, subject, operation, rows, limit) for subject in subjects]
    return found


def _peak(nodes: Nodes, subject: Subject, operation: str, rows: int, limit: float) -> Single:
    single = Single(title_of(operation, rows), subject.name, rows)
    with Worker(subject) as worker:
        try:
            # What a first small call loads is not the large call's.
            worker.run(Turn(operation="get", addresses=nodes.addresses), limit)
            status = Path(f"/proc/{worker.pid}/status")
            Path(f"/proc/{worker.pid}/clear_refs").write_text("5")  # the peak begins anew
            before = _bytes(status, "VmRSS")
            turn = Turn(operation=operation, rows=rows, addresses=nodes.addresses)
            single.seconds = 1 / worker.run(turn, limit).rate
            single.values.append(max(0, _bytes(status, "VmHWM") - before))
        except (Failed, OSError) as exc:
            single.error = str(exc)
    return single


def _bytes(status: Path, kind: str) -> int:
    """A line of what Linux says of a process's memory.

    `ru_maxrss` would not do: a process inherits it from the one that started it.
    """
    found = _KIND[kind].search(status.read_text("ascii"))
    if found is None:
        raise OSError(f"no {kind} in {status}")
    return int(found[1]) * 1024
