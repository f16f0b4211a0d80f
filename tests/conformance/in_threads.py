"""Scenarios in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, Unpack

from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords
from gridgain_sync import Client

from .blocking import coloured, run_blocking
from .harness import Harness, Scenario, Task

T = TypeVar("T")


class ThreadTask(Task[T]):
    """A thread."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._value: T
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = run_blocking(self._coroutine)
        except BaseException as exc:
            self._error = exc

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    async def result(self) -> T:
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._value

    def cancel(self) -> None:
        raise NotImplementedError("threads cannot be cancelled")


class ThreadHarness(Harness):
    """Threads and blocking sockets."""

    name = "sync"
    blocking = True
    cancels = False

    def run(self, scenario: Scenario) -> None:
        before = self.tasks_alive()
        run_blocking(scenario(self))
        # What was going on in the background ends soon, but not at once.
        run_blocking(self.until(lambda: self.tasks_alive() <= before, "all threads end"))

    def client(self, **options: Unpack[ClientKeywords]) -> AsyncClient:
        return coloured(Client(**options))

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> ThreadTask[T]:
        return ThreadTask(function(*args))

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def now(self) -> float:
        return time.monotonic()

    def tasks_alive(self) -> int:
        return threading.active_count()
