"""Our clients for threads and gevent, and the peers' blocking clients."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeAlias

from benchmarks.compare.protocol import Outcome, Turn
from benchmarks.compare.worker.libraries import client_options, send_at_once
from benchmarks.compare.worker.operations import Operations
from benchmarks.compare.worker.timing import Measurement

Calls: TypeAlias = list[Callable[[], object]]
Together: TypeAlias = Callable[[Measurement, Calls], None]
Run: TypeAlias = Callable[[Turn], Outcome]


def shared(library: str, together: Together) -> Run:
    """What runs turns of a client that all callers share.

    Args:
        library: the client's package.
        together: runs callers at the same time.
    """

    def run(turn: Turn) -> Outcome:
        client = importlib.import_module(library).Client(**client_options(turn))
        with client.connect(turn.nodes()):
            callers = [Operations(library, client, turn, number) for number in range(turn.callers)]
            return _measured(turn, callers, together)

    return run


def pooled(library: str) -> Run:
    """What runs turns of a client that threads cannot share: each has one of its own."""
    send_at_once()

    def run(turn: Turn) -> Outcome:
        make = importlib.import_module(library).Client
        with ExitStack() as stack:
            callers = []
            for number in range(turn.callers):
                client = make(**client_options(turn))
                stack.enter_context(client.connect(turn.nodes()))
                callers.append(Operations(library, client, turn, number))
            return _measured(turn, callers, in_threads)

    return run


def _measured(turn: Turn, callers: list[Operations], together: Together) -> Outcome:
    if turn.check:
        callers[0].check(turn.operation)
    measurement = Measurement(turn)
    calls = [caller.of(turn.operation) for caller in callers]
    if len(calls) == 1:
        measurement.repeat(calls[0])
    else:
        together(measurement, calls)
    return measurement.outcome()


def in_threads(measurement: Measurement, calls: Calls) -> None:
    """One thread for each caller."""
    failures: list[BaseException] = []

    def caller(call: Callable[[], object]) -> None:
        try:
            measurement.repeat(call)
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=caller, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def in_greenlets(measurement: Measurement, calls: Calls) -> None:
    """One greenlet for each caller."""
    import gevent

    greenlets = [gevent.spawn(measurement.repeat, call) for call in calls]
    gevent.joinall(greenlets, raise_error=True)
