"""What is measured: which calls, on which nodes, and who takes part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.compare.nodes import Place
from benchmarks.compare.subjects import (
    ASYNCIO,
    BARE,
    JAVA,
    PYGRIDGAIN,
    PYGRIDGAIN_AIO,
    PYIGNITE,
    PYIGNITE_AIO,
    SUBJECTS,
    SYNC,
    SYNC_ACCELERATED,
    TRIO,
    Subject,
)

_TITLES = {
    "get": "get",
    "put": "put",
    "get_all": "get_all",
    "put_all": "put_all",
    "scan": "scan",
    "sql": "SQL, 5 columns,",
    "get_object": "get, complex object",
    "put_object": "put, complex object",
    "scan_objects": "scan, complex objects,",
    "transaction": "transaction of 2 puts",
    "get_around": "get on three nodes",
}

_PARTITION_AWARE = {"": "", "yes": ", partition aware", "no": ", one connection"}

#: Opening the connections of a larger pool takes longer than a whole round.
_LARGEST_POOL = 64

#: More rows than this are not read again only to warm up.
_MANY = 10_000


def title_of(operation: str, rows: int) -> str:
    """What the report calls a call."""
    number = f" {rows:,}".replace(",", " ") if rows > 1 else ""
    return _TITLES[operation] + number


@dataclass(frozen=True)
class Case:
    """One line of the report.

    Attributes:
        group: which table it belongs to: `calls`, `tasks`, `callers` or `routing`.
        operation: the call, by the worker's name for it.
        subjects: who takes part.
        rows: how many entries or rows one call concerns.
        callers: how many call at the same time.
        place: on what nodes.
        aware: `yes` or `no` for partition awareness; empty for each client's default.
    """

    group: str
    operation: str
    subjects: tuple[Subject, ...]
    rows: int = 1
    callers: int = 1
    place: Place = Place.ONE
    aware: str = ""

    @property
    def title(self) -> str:
        """What the report calls it."""
        title = title_of(self.operation, self.rows)
        if self.place is Place.TLS:
            title += ", TLS"
        if self.group in ("callers", "routing"):
            title += f", {self.callers} caller{'s' if self.callers > 1 else ''}"
        return title + _PARTITION_AWARE[self.aware]

    @property
    def is_long(self) -> bool:
        """Whether one call is as good as many, and takes as long."""
        return self.rows > _MANY


_BLOCKING = tuple(
    subject
    for subject in (BARE, SYNC, SYNC_ACCELERATED, JAVA, PYGRIDGAIN, PYIGNITE)
    if subject in SUBJECTS
)
#: What is compiled has to do with values, and nothing with callers.
_CALLERS = tuple(subject for subject in SUBJECTS if subject is not SYNC_ACCELERATED)
#: Those that all callers share.
_SHARED = tuple(subject for subject in _CALLERS if subject not in (PYGRIDGAIN, PYIGNITE))
_TASKS = (BARE, ASYNCIO, TRIO, PYGRIDGAIN_AIO, PYIGNITE_AIO)
_ROUTING = (SYNC, JAVA, PYGRIDGAIN, PYIGNITE)


def all_cases() -> list[Case]:
    """What the whole run measures."""
    return [*_calls(), *_tasks(), *_callers((1, 8, 64, 512)), *_tls(), *_routing()]


def short_cases() -> list[Case]:
    """What a short run measures: one kind of node, and nothing that takes the slow ones long."""
    calls = []
    for case in _calls():
        if case.is_long:
            fast = tuple(one for one in case.subjects if one not in (PYGRIDGAIN, PYIGNITE))
            calls.append(replace(case, subjects=fast))
        elif case.operation not in ("put_all", "get_object"):
            calls.append(case)
    return [*calls, *(replace(case, subjects=_SHARED) for case in _callers((64,)))]


def _calls() -> Iterator[Case]:
    for operation, rows in (
        ("get", 1),
        ("put", 1),
        ("get_all", 1000),
        ("put_all", 1000),
        ("scan", 1000),
        ("scan", 100_000),
        ("sql", 1000),
        ("sql", 100_000),
        ("get_object", 1),
        ("put_object", 1),
        ("scan_objects", 1000),
        ("transaction", 1),
    ):
        yield Case("calls", operation, _BLOCKING, rows)


def _tls() -> Iterator[Case]:
    yield Case("calls", "get", _BLOCKING, place=Place.TLS)
    yield Case("calls", "get_all", _BLOCKING, 1000, place=Place.TLS)


def _tasks() -> Iterator[Case]:
    for operation, rows in (("get_all", 1000), ("scan", 1000), ("sql", 1000)):
        yield Case("tasks", operation, _TASKS, rows)


def _callers(numbers: tuple[int, ...]) -> Iterator[Case]:
    for number in numbers:
        subjects = _CALLERS if number <= _LARGEST_POOL else _SHARED
        yield Case("callers", "get", subjects, callers=number)


def _routing() -> Iterator[Case]:
    for callers in (1, 8):
        for aware in ("no", "yes"):
            yield Case(
                "routing", "get_around", _ROUTING, callers=callers, place=Place.THREE, aware=aware
            )
