"""Turns: in every round every client takes part in every case once, in another order each time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.compare.cases import Case
from benchmarks.compare.nodes import Nodes
from benchmarks.compare.protocol import Failed, Turn
from benchmarks.compare.results import Series
from benchmarks.compare.subjects import Subject
from benchmarks.compare.workers import Worker


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long things take.

    Attributes:
        fewest: how many rounds there are in any case.
        rounds: how many there are if they fit into the time.
        seconds: of each turn's measurement.
        warm_up: seconds before it.
        first_warm_up: seconds of the first, unmeasured turn.
        java_warm_up: the same for Java, whose compiler needs calls to learn from.
        limit: seconds after which a turn is given up.
        share: seconds that a client may take for a case in all rounds; one round it always has.
    """

    fewest: int = 3
    rounds: int = 9
    seconds: float = 0.3
    warm_up: float = 0.1
    first_warm_up: float = 0.3
    java_warm_up: float = 2.0
    limit: float = 60.0
    share: float = 15.0


class Rounds:
    """All rounds on one cluster.

    Args:
        nodes: the cluster.
        cases: what is measured.
        pace: how long things take.
        say: is told what goes on.
    """

    def __init__(
        self, nodes: Nodes, cases: Sequence[Case], pace: Pace, say: Callable[[str], None]
    ) -> None:
        self._nodes = nodes
        self._cases = cases
        self._pace = pace
        self._say = say
        self._series = {
            (case, subject): Series.of(case, subject) for case in cases for subject in case.subjects
        }
        self._turns_left = dict.fromkeys(self._series, pace.rounds)
        self._workers: dict[Subject, Worker] = {}

    def run(self, order: random.Random, until: float) -> list[Series]:
        """Goes round.

        Args:
            order: shuffles the clients.
            until: when the last round should be over, by `time.monotonic`.
        """
        pace = self._pace
        with ExitStack() as stack:
            for subject in dict.fromkeys(subject for _, subject in self._series):
                self._workers[subject] = stack.enter_context(Worker(subject))
            self._say("answers are checked, everything warms up")
            for case, subject in self._series:
                self._take(case, subject, None)
            last = 0.0
            for number in range(pace.rounds):
                began = time.monotonic()
                if number >= pace.fewest and began + last > until:
                    break
                self._say(f"round {number + 1}")
                for case in self._cases:
                    for subject in order.sample(case.subjects, len(case.subjects)):
                        self._take(case, subject, number)
                last = time.monotonic() - began
        return list(self._series.values())

    def _take(self, case: Case, subject: Subject, number: int | None) -> None:
        """One turn; without a number it is the first one, in which nothing is measured."""
        series = self._series[case, subject]
        if series.error or not self._turns_left[case, subject]:
            return
        pace = self._pace
        began = time.monotonic()
        try:
            outcome = self._workers[subject].run(self._turn(case, subject, number), pace.limit)
        except Failed as failed:
            series.error = str(failed)
            self._say(f"{case.title}: {subject.label}: {failed}")
            return
        if number is None:
            turns = max(1, int(pace.share / (time.monotonic() - began)))
            self._turns_left[case, subject] = min(pace.rounds, turns)
        else:
            self._turns_left[case, subject] -= 1
            series.rounds[number] = outcome

    def _turn(self, case: Case, subject: Subject, number: int | None) -> Turn:
        return Turn(
            operation=case.operation,
            rows=case.rows,
            callers=case.callers,
            addresses=self._nodes.addresses,
            ca=self._nodes.ca,
            aware=case.aware,
            warm_up=self._warm_up(case, subject, first=number is None),
            seconds=self._pace.seconds,
            check=number is None,
        )

    def _warm_up(self, case: Case, subject: Subject, *, first: bool) -> float:
        if first and subject.kind == "java":
            return self._pace.java_warm_up
        if case.is_long:
            return 0.0
        return self._pace.first_warm_up if first else self._pace.warm_up
