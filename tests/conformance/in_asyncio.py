"""Scenarios in asyncio, with its own event loop or with uvloop's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, Unpack

from gridgain_asyncio import Client
from gridgain_proto.client.options import ClientKeywords

from .harness import Cancelled, Harness, Scenario, Task
from .stepping import cancelled_at

T = TypeVar("T")


class AsyncioTask(Task[T]):
    """A task of asyncio's."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._task = asyncio.create_task(coroutine)

    @property
    def done(self) -> bool:
        return self._task.done()

    async def result(self) -> T:
        await asyncio.wait([self._task])
        if self._task.cancelled():
            raise Cancelled
        return self._task.result()

    def cancel(self) -> None:
        self._task.cancel()


class AsyncioHarness(Harness):
    """asyncio."""

    name = "asyncio"
    blocking = False
    cancels = True

    def run(self, scenario: Scenario) -> None:
        async def main() -> None:
            await scenario(self)
            left = self.tasks_alive()
            assert not left, f"{left} tasks are left over"

        with asyncio.Runner(loop_factory=self._loop_factory()) as runner:
            runner.run(main())

    def client(self, **options: Unpack[ClientKeywords]) -> Client:
        return Client(**options)

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> AsyncioTask[T]:
        return AsyncioTask(function(*args))

    def stepped(self, function: Callable[..., Coroutine[Any, Any, T]], step: int) -> Task[T]:
        async def run() -> T:
            task = asyncio.current_task()
            assert task is not None
            return await cancelled_at(function(), step, task.cancel)

        return AsyncioTask(run())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def tasks_alive(self) -> int:
        return len(asyncio.all_tasks()) - 1

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        return None


class UvloopHarness(AsyncioHarness):
    """asyncio over uvloop."""

    name = "asyncio over uvloop"

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        import uvloop

        return uvloop.new_event_loop
