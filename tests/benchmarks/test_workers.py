"""The workers' turns, on a node in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.compare import cases, subjects
from benchmarks.compare.nodes import Nodes, Place, fill
from benchmarks.compare.protocol import Failed, Turn
from benchmarks.compare.worker.__main__ import CLIENTS
from benchmarks.compare.worker.operations import WrongAnswer, expect
from benchmarks.compare.workers import Worker
from gridgain_sync.node import EmbeddedNode

OURS = [subject for subject in subjects.SUBJECTS if subject.kind in ("bare", "ours")]
CASES = {
    (case.group, case.operation, subject.name): (case, subject)
    for case in cases.all_cases()
    for subject in case.subjects
    if subject in OURS and case.rows <= 1000 and case.callers <= 8 and case.place is not Place.TLS
}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A node with everything that turns read."""
    with EmbeddedNode() as node:
        filled = Nodes(f"{node.host}:{node.port}")
        fill(filled, [], 1000)
        yield filled


@pytest.mark.parametrize("name", CASES, ids=" ".join)
def test_a_client_takes_its_turns(nodes: Nodes, name: tuple[str, str, str]) -> None:
    case, subject = CASES[name]
    turn = Turn(
        operation=case.operation,
        rows=case.rows,
        callers=case.callers,
        addresses=nodes.addresses,
        aware=case.aware,
        warm_up=0.01,
    )
    run = CLIENTS[subject.name]()
    assert run(replace(turn, check=True)).calls == 0
    outcome = run(turn)
    assert outcome.calls >= case.callers
    assert outcome.rate > 0
    assert outcome.cpu > 0
    pipelined = subject.kind == "bare" and case.group == "callers"
    assert sum(outcome.histogram.values()) == (0 if pipelined else outcome.calls)


def test_a_wrong_answer_is_noticed(nodes: Nodes) -> None:
    with pytest.raises(WrongAnswer, match="1 instead of 2"):
        expect(1, 2)
    run = CLIENTS["gridgain_sync"]()
    with pytest.raises(WrongAnswer, match="1000 instead of 5"):
        run(Turn(operation="scan", rows=5, addresses=nodes.addresses))


def test_a_worker_says_what_failed_and_goes_on(nodes: Nodes) -> None:
    with Worker(subjects.SYNC) as worker:
        with pytest.raises(Failed, match="AttributeError: .*no_such_call"):
            worker.run(Turn(operation="no_such_call", addresses=nodes.addresses), 30)
        pid = worker.pid
        assert worker.run(Turn(operation="get", addresses=nodes.addresses), 30).calls == 1
        assert worker.pid == pid


def test_a_worker_that_takes_too_long_is_ended(nodes: Nodes) -> None:
    turn = Turn(operation="get", addresses=nodes.addresses)
    with Worker(subjects.SYNC) as worker:
        pid = worker.pid
        with pytest.raises(Failed, match="no answer within 0.01 s"):
            worker.run(turn, 0.01)
        assert worker.run(turn, 30).calls == 1
        assert worker.pid != pid


def test_a_worker_that_ends_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = subjects.Subject("nobody", "nobody", "ours")
    with Worker(unknown) as worker, pytest.raises(Failed, match="exit code 1: KeyError: 'nobody'"):
        worker.run(Turn(operation="get", addresses="127.0.0.1:1"), 30)
