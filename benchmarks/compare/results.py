"""What a run has measured, as it is kept in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.compare.cases import Case
from benchmarks.compare.protocol import Outcome
from benchmarks.compare.subjects import Subject

FORMAT = 1


@dataclass
class Series:
    """One client in one case.

    Attributes:
        case: the case's title.
        group: the case's group.
        operation: the call.
        rows: how many rows one call concerns.
        callers: how many call at the same time.
        aware: `yes` or `no` for partition awareness; empty for the client's default.
        subject: the client's name.
        rounds: its outcome in each round in which it took part.
        error: why it takes part no longer; empty if it does.
    """

    case: str
    group: str
    operation: str
    rows: int
    callers: int
    aware: str
    subject: str
    rounds: dict[int, Outcome] = field(default_factory=dict)
    error: str = ""

    @classmethod
    def of(cls, case: Case, subject: Subject) -> Series:
        """An empty one."""
        return cls(
            case=case.title,
            group=case.group,
            operation=case.operation,
            rows=case.rows,
            callers=case.callers,
            aware=case.aware,
            subject=subject.name,
        )


@dataclass
class Single:
    """What is not a matter of rounds: a peak of memory, or a time of importing.

    Attributes:
        case: what was measured.
        subject: the client's name.
        rows: how many rows it concerned.
        values: what came of it: bytes, or seconds.
        seconds: how long the call took.
        error: why there is none; empty if there is.
    """

    case: str
    subject: str
    rows: int = 1
    values: list[float] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""


@dataclass
class Results:
    """A whole run.

    Attributes:
        machine: where and with what, as names and values.
        settings: how, as names and values.
        series: every client in every case.
        memory: peaks of memory above what was in use before the call, in bytes.
        imports: times of importing, in seconds.
    """

    machine: dict[str, str]
    settings: dict[str, Any]
    series: list[Series] = field(default_factory=list)
    memory: list[Single] = field(default_factory=list)
    imports: list[Single] = field(default_factory=list)

    def in_case(self, title: str) -> list[Series]:
        """Every client in one case."""
        return [series for series in self.series if series.case == title]

    def titles(self, group: str) -> list[str]:
        """The cases of a group, in their order."""
        return list(dict.fromkeys(one.case for one in self.series if one.group == group))

    def find(self, title: str, subject: str) -> Series | None:
        """One client in one case; None if it does not take part."""
        for series in self.in_case(title):
            if series.subject == subject:
                return series
        return None

    def to_json(self) -> str:
        """The text of a file of results."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Results:
        """What `to_json` has written.

        Raises:
            ValueError: it is of another format.
        """
        read = json.loads(path.read_text("utf-8"))
        if read.get("format") != FORMAT:
            raise ValueError(f"{path} is not of format {FORMAT}")
        return cls(
            machine=read["machine"],
            settings=read["settings"],
            series=[_series(one) for one in read["series"]],
            memory=[Single(**one) for one in read["memory"]],
            imports=[Single(**one) for one in read["imports"]],
        )


def _series(read: dict[str, Any]) -> Series:
    rounds = {int(number): _outcome(outcome) for number, outcome in read.pop("rounds").items()}
    return Series(**read, rounds=rounds)


def _outcome(read: dict[str, Any]) -> Outcome:
    counts: Iterable[tuple[str, int]] = read.pop("histogram").items()
    return Outcome(**read, histogram={int(bucket): count for bucket, count in counts})
