"""Scenarios in trio."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, Unpack

import trio

from gridgain_proto.client.options import ClientKeywords
from gridgain_trio import Client

from .harness import Cancelled, Harness, Scenario, Task
from .stepping import cancelled_at

T = TypeVar("T")


class TrioTask(Task[T]):
    """A task of trio's, with a scope of its own."""

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self._over = trio.Event()
        self._value: T
        self._error: Exception | None = None

    async def run(self, function: Callable[..., Coroutine[Any, Any, T]], args: Any) -> None:
        """Its life."""
        try:
            with self.scope:
                self._value = await function(*args)
            if self.scope.cancelled_caught:
                self._error = Cancelled()
        except Exception as exc:
            self._error = exc
        finally:
            self._over.set()

    @property
    def done(self) -> bool:
        return self._over.is_set()

    async def result(self) -> T:
        await self._over.wait()
        if self._error is not None:
            raise self._error
        return self._value

    def cancel(self) -> None:
        self.scope.cancel()


class TrioHarness(Harness):
    """trio."""

    name = "trio"
    blocking = False
    cancels = True

    def run(self, scenario: Scenario) -> None:
        async def main() -> None:
            async with trio.open_nursery() as self._nursery:
                await scenario(self)
                left = self.tasks_alive()
            assert not left, f"{left} tasks are left over"

        trio.run(main)

    def client(self, **options: Unpack[ClientKeywords]) -> Client:
        return Client(**options)

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> TrioTask[T]:
        task: TrioTask[T] = TrioTask()
        self._nursery.start_soon(task.run, function, args)
        return task

    def stepped(self, function: Callable[..., Coroutine[Any, Any, T]], step: int) -> Task[T]:
        task: TrioTask[T] = TrioTask()

        async def run() -> T:
            return await cancelled_at(function(), step, task.scope.cancel)

        self._nursery.start_soon(task.run, run, ())
        return task

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    def now(self) -> float:
        return trio.current_time()

    def tasks_alive(self) -> int:
        return len(self._nursery.child_tasks)
