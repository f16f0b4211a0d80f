"""What a scenario sees of a runtime: the same for all of them.

A scenario is one ``async def`` that takes a `Harness`. In trio and asyncio it is awaited; in
threads and greenlets its coroutine never suspends, because everything in it blocks.
"""

from __future__ import annotations

import abc
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar, Unpack

from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords
from gridgain_proto.connection import Connection

T = TypeVar("T")

#: Enough for whatever has to happen, on a machine that is busy with other things.
PATIENCE = 10.0


class Cancelled(Exception):
    """What `Task.result` raises for a task that was cancelled."""


class Task(abc.ABC, Generic[T]):
    """Something that runs beside the scenario."""

    @property
    @abc.abstractmethod
    def done(self) -> bool:
        """Whether it is over."""

    @abc.abstractmethod
    async def result(self) -> T:
        """Wait for its end; what it returned or raised."""

    @abc.abstractmethod
    def cancel(self) -> None:
        """Have it cancelled where it waits, by whatever the runtime's way is."""


class Traits:
    """What kind of runtime it is."""

    #: How the runtime is called.
    name: str
    #: Whether there are no background tasks, so that nothing happens while nobody waits.
    blocking: bool
    #: Whether a task that waits can be cancelled.
    cancels: bool


class Harness(Traits, abc.ABC):
    """One runtime, for one scenario.

    Args:
        facts: what the scenario was given to know about live nodes.
    """

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.facts = facts

    @abc.abstractmethod
    def run(self, scenario: Scenario) -> None:
        """Run a scenario from beginning to end."""

    @abc.abstractmethod
    def client(self, **options: Unpack[ClientKeywords]) -> AsyncClient:
        """A new client of this runtime, coloured async if it is not."""

    @abc.abstractmethod
    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> Task[T]:
        """Run a function beside the scenario."""

    @abc.abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Let time pass."""

    @abc.abstractmethod
    def now(self) -> float:
        """The time."""

    @abc.abstractmethod
    def tasks_alive(self) -> int:
        """How many tasks, threads or greenlets there are."""

    def stepped(self, function: Callable[..., Coroutine[Any, Any, T]], step: int) -> Task[T]:
        """Run a function beside the scenario, and cancel it as it suspends for the n-th time.

        Args:
            function: what to run.
            step: at which suspension it is cancelled, from 0.
        """
        raise NotImplementedError(f"{self.name} cannot be cancelled step by step")

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to become true.

        Raises:
            AssertionError: it does not.
        """
        limit = self.now() + PATIENCE
        while not condition():
            if self.now() > limit:
                raise AssertionError(f"it did not happen within {PATIENCE} s: {what or condition}")
            await self.sleep(0.002)

    async def raised(self, awaitable: Awaitable[object]) -> BaseException:
        """The exception that comes out of this.

        Raises:
            AssertionError: none does.
        """
        try:
            result = await awaitable
        except Exception as exc:
            return exc
        raise AssertionError(f"nothing was raised, but {result!r} came")


def connection_of(client: AsyncClient) -> Connection:
    """The protocol's side of a client's one connection, to look into."""
    blocking: Any = getattr(client, "_blocking", None)
    flows: Any = client if blocking is None else blocking._flows
    connection: Connection = flows._session.link._exchanges.connection
    return connection


#: A scenario.
Scenario: TypeAlias = Callable[[Harness], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Listed:
    """A scenario in the list of all."""

    function: Scenario
    live: str | None
    "The fixture of the live node that it needs."
    only_if: Callable[[type[Traits]], bool]
    "Whether it has a meaning in a runtime."
    basic: bool
    "Whether a minimal adapter has to pass it."

    @property
    def name(self) -> str:
        """Its name."""
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}.{self.function.__name__}"


@dataclass
class Scenarios:
    """The list of all scenarios, which a decorator fills."""

    listed: dict[str, Listed] = field(default_factory=dict)

    def __call__(
        self,
        *,
        live: str | None = None,
        only_if: Callable[[type[Traits]], bool] = lambda harness: True,
        basic: bool = False,
    ) -> Callable[[Scenario], Scenario]:
        """List the function that follows as a scenario.

        Args:
            live: the fixture of the live node that it needs.
            only_if: in which runtimes it has a meaning.
            basic: whether a minimal adapter has to pass it.
        """

        def enter(function: Scenario) -> Scenario:
            listed = Listed(function, live, only_if, basic)
            if listed.name in self.listed:
                raise ValueError(f"two scenarios are called {listed.name}")
            self.listed[listed.name] = listed
            return function

        return enter


scenario = Scenarios()
