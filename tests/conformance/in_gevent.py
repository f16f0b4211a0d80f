"""Scenarios in greenlets. Imported by the worker only: gevent stays out of the tests' process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, Unpack

import gevent

from gridgain_gevent import Client
from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords

from .blocking import coloured, run_blocking
from .harness import Cancelled, Harness, Scenario, Task

T = TypeVar("T")


class GreenletTask(Task[T]):
    """A greenlet."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._value: T
        self._error: BaseException | None = None
        self.greenlet = gevent.spawn(self._run)

    def _run(self) -> None:
        try:
            self._value = run_blocking(self._coroutine)
        except gevent.GreenletExit:
            self._error = Cancelled()
        except BaseException as exc:
            self._error = exc

    @property
    def done(self) -> bool:
        return self.greenlet.dead

    async def result(self) -> T:
        self.greenlet.join()
        self._coroutine.close()  # killed before it began
        if self._error is not None:
            raise self._error
        if not hasattr(self, "_value"):
            raise Cancelled
        return self._value

    def cancel(self) -> None:
        self.greenlet.kill(block=False)


class GreenletHarness(Harness):
    """gevent."""

    name = "gevent"
    blocking = True
    cancels = True

    def run(self, scenario: Scenario) -> None:
        run_blocking(scenario(self))

    def client(self, **options: Unpack[ClientKeywords]) -> AsyncClient:
        return coloured(Client(**options))

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> GreenletTask[T]:
        return GreenletTask(function(*args))

    async def sleep(self, seconds: float) -> None:
        gevent.sleep(seconds)

    def now(self) -> float:
        return time.monotonic()

    def tasks_alive(self) -> int:
        return sum(
            isinstance(found, gevent.Greenlet) and not found.dead for found in gc.get_objects()
        )
