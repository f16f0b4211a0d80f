"""Cancelling a coroutine at one of its suspensions, whichever event loop it belongs to."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


@types.coroutine
def cancelled_at(
    coroutine: Coroutine[Any, Any, T], step: int, cancel: Callable[[], object]
) -> Generator[Any, Any, T]:
    """Run a coroutine, and have it cancelled as it suspends for the n-th time.

    Args:
        coroutine: what to run.
        step: at which suspension, from 0.
        cancel: cancels the task in which this runs.
    """
    resume = coroutine.send
    value: Any = None
    while True:
        try:
            trap = resume(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if step == 0:
            cancel()
        step -= 1
        try:
            value = yield trap
            resume = coroutine.send
        except BaseException as exc:
            value = exc
            resume = coroutine.throw
