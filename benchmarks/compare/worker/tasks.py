"""Our clients for trio and asyncio, and the peers' for asyncio."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from benchmarks.compare import data
from benchmarks.compare.protocol import Outcome, Turn
from benchmarks.compare.worker.libraries import client_options
from benchmarks.compare.worker.operations import expect, plain_row
from benchmarks.compare.worker.timing import Measurement

Calls: TypeAlias = list[Callable[[], Awaitable[object]]]
Together: TypeAlias = Callable[[Measurement, Calls], Awaitable[None]]


class TaskOperations:
    """The calls of one task, as `Operations` has them for blocking clients.

    Args:
        client: a connected client.
        cache: its cache.
        turn: what is to be done.
        caller: the task's number.
    """

    def __init__(self, client: Any, cache: Any, turn: Turn, caller: int) -> None:
        self._client = client
        self._cache = cache
        self._rows = turn.rows
        self._key = caller
        self._many = data.entries(turn.rows) if turn.operation == "get_all" else {}
        self._keys = list(self._many)
        self._statement = data.statement(turn.rows)

    async def get(self) -> object:
        """One entry."""
        return await self._cache.get(data.KEY)

    async def get_around(self) -> object:
        """One entry, of another node each time."""
        self._key = (self._key * 31 + 7) % data.KEYS
        return await self._cache.get(self._key)

    async def get_all(self) -> object:
        """Many entries at once."""
        return await self._cache.get_all(self._keys)

    async def scan(self) -> object:
        """All entries of a cache, one after the other."""
        rows = 0
        async with self._cache.scan(page_size=data.PAGE) as pairs:
            async for _key, _value in pairs:
                rows += 1
        expect(rows, self._rows)
        return rows

    async def sql(self) -> object:
        """A query's rows, one after the other."""
        rows = 0
        async with self._client.sql(self._statement, page_size=data.PAGE) as cursor:
            async for _row in cursor:
                rows += 1
        expect(rows, self._rows)
        return rows

    async def check(self, name: str) -> None:
        """Makes the call of that name once and compares every value.

        Raises:
            WrongAnswer: it is not right.
        """
        if name == "get":
            expect(await self.get(), data.text(data.KEY))
        elif name == "get_around":
            answer = await self.get_around()
            expect(answer, data.text(self._key))
        elif name == "get_all":
            expect(await self.get_all(), self._many)
        elif name == "scan":
            async with self._cache.scan(page_size=data.PAGE) as pairs:
                expect({key: value async for key, value in pairs}, data.entries(self._rows))
        else:
            async with self._client.sql(self._statement, page_size=data.PAGE) as cursor:
                found = sorted([plain_row(row) async for row in cursor])
            expect(found, [data.sql_row(number) for number in range(self._rows)])


async def _run(client: Any, turn: Turn, together: Together) -> Outcome:
    async with client.connect(turn.nodes()):
        cache = client.get_cache(data.entries_cache(max(turn.rows, data.KEYS)))
        if inspect.isawaitable(cache):
            cache = await cache
        callers = [TaskOperations(client, cache, turn, n) for n in range(turn.callers)]
        if turn.check:
            await callers[0].check(turn.operation)
        measurement = Measurement(turn)
        await together(measurement, [getattr(caller, turn.operation) for caller in callers])
        return measurement.outcome()


async def _gather(measurement: Measurement, calls: Calls) -> None:
    await asyncio.gather(*map(measurement.repeat_async, calls))


def in_asyncio(library: str, client: str = "Client") -> Callable[[Turn], Outcome]:
    """What runs turns of a client for asyncio.

    Args:
        library: its package.
        client: its class.
    """

    def run(turn: Turn) -> Outcome:
        make = getattr(importlib.import_module(library), client)

        async def main() -> Outcome:
            return await _run(make(**client_options(turn)), turn, _gather)

        return asyncio.run(main())

    return run


def in_uvloop(turn: Turn) -> Outcome:
    """Our client for asyncio, over uvloop."""
    import uvloop

    from gridgain_asyncio import Client

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(Client(**client_options(turn)), turn, _gather))


def in_trio(turn: Turn) -> Outcome:
    """Our client for trio."""
    import trio

    from gridgain_trio import Client

    async def together(measurement: Measurement, calls: Calls) -> None:
        async with trio.open_nursery() as nursery:
            for call in calls:
                nursery.start_soon(measurement.repeat_async, call)

    return trio.run(_run, Client(**client_options(turn)), turn, together)
