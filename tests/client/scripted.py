"""A runtime without sockets or clocks: what each node answers is written down beforehand."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Callable, Coroutine, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack
from uuid import UUID

from gridgain_proto.client.client import AsyncClient
from gridgain_proto.client.options import ClientKeywords
from gridgain_proto.client.runtime import Address, Endpoint, run_blocking
from gridgain_proto.connection import ConnectionConfig
from gridgain_proto.events import ResponseReceived
from gridgain_proto.exceptions import ConnectionFailed
from gridgain_proto.failover import Health
from gridgain_proto.features import V1_7_0, Feature, Features, Product

IGNITE = Features(Product.IGNITE, V1_7_0, frozenset({Feature.BINARY_CONFIGURATION}))

#: What a link does with a request: gives the answer's payload, or raises.
Script: TypeAlias = Callable[[int, bytes], bytes | ResponseReceived]


def answer(payload: bytes = b"") -> Script:
    """Always the same answer."""
    return lambda op_code, request: payload


def failure(exc: Exception) -> Script:
    """Always the same exception."""

    def fail(op_code: int, request: bytes) -> bytes:
        raise exc

    return fail


@dataclass(eq=False)
class ScriptedLink:
    """A link that answers by its script; an exception of the network's kind closes it."""

    node: str
    script: Script
    node_id: UUID | None = None
    features: Features = IGNITE
    topology: tuple[int, int] | None = None
    closed: bool = False
    failure: Exception | None = None
    in_flight: int = 0
    on_topology: Callable[[tuple[int, int]], None] | None = None
    requests: list[tuple[int, bytes, float | None]] = field(default_factory=list)
    posted: list[tuple[int, bytes]] = field(default_factory=list)

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: Callable[[ResponseReceived], None] | None = None,
    ) -> ResponseReceived:
        """Answer by the script; what a client asks at first is answered before that."""
        if self.closed:
            raise ConnectionFailed(f"the connection to {self.node} is closed")
        if op_code == 3004:
            return ResponseReceived(0, 0, None, b"\x01\x00", 0)
        self.requests.append((op_code, bytes(payload), deadline))
        try:
            reply = self.script(op_code, bytes(payload))
        except ConnectionFailed:
            self.closed = True
            raise
        if isinstance(reply, ResponseReceived):
            return reply
        return ResponseReceived(len(self.requests), 0, None, reply, 0)

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        """Keep it."""
        self.posted.append((op_code, bytes(payload)))

    async def aclose(self) -> None:
        """Close it."""
        self.closed = True


@dataclass
class ScriptedBackground:
    """A flow that runs when the test says so."""

    flow: Callable[[], Coroutine[Any, Any, None]]
    done: bool = False

    def run(self) -> None:
        """Run it to its end."""
        if not self.done:
            self.done = True
            run_blocking(self.flow())

    async def wait(self) -> None:
        """Run it now, if it has not been."""
        if not self.done:
            self.done = True
            await self.flow()

    def cancel(self) -> None:
        """It is not run any more."""
        self.done = True


class ScriptedLock:
    """A lock that nobody else wants."""

    async def acquire(self, deadline: float | None) -> bool:
        """Always at once."""
        return True

    def release(self) -> None:
        """Nothing to do."""


@dataclass
class ScriptedRuntime:
    """A runtime whose dialling gives the next of the links, or raises the next of the errors."""

    dialled: list[Script | Exception]
    time: float = 100.0
    current: str = "somebody"
    links: list[ScriptedLink] = field(default_factory=list)
    configs: list[ConnectionConfig] = field(default_factory=list)
    spawned: list[ScriptedBackground] = field(default_factory=list)

    def now(self) -> float:
        """The time that the test has set."""
        return self.time

    def lock(self) -> ScriptedLock:
        """A lock."""
        return ScriptedLock()

    def mutex(self) -> contextlib.AbstractContextManager[object]:
        """Nobody else is there."""
        return contextlib.nullcontext()

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> ScriptedBackground:
        """Keep the flow until the test runs it."""
        background = ScriptedBackground(flow)
        self.spawned.append(background)
        return background

    @contextlib.asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        """There are no background tasks."""
        yield

    def caller(self) -> str:
        """Whoever the test says."""
        return self.current

    async def checkpoint(self) -> None:
        """There are no others to run."""

    async def sleep_until(self, when: float) -> None:
        """Time passes at once."""
        self.time = max(self.time, when)

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """One address for each name, two for the name ``both``, none for ``unknown``."""
        if endpoint.host == "unknown":
            raise ConnectionFailed(f"{endpoint}: the name is not known")
        hosts = ["::1", "127.0.0.1"] if endpoint.host == "both" else [endpoint.host]
        return [Address(2, (host, endpoint.port)) for host in hosts]

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> ScriptedLink:
        """The next of what was prepared."""
        self.configs.append(config)
        script = self.dialled.pop(0)
        if isinstance(script, Exception):
            raise script
        link = ScriptedLink(config.node, script)
        self.links.append(link)
        return link


class InOrder(random.Random):
    """No chance: nodes are tried in the order in which they were given."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Leave it as it is."""

    def uniform(self, a: float, b: float) -> float:
        """Always the greater."""
        return b


class ScriptedClient(AsyncClient):
    """A client over a scripted runtime; it tries nodes in the order in which they are given."""

    runtime: ScriptedRuntime

    def __init__(self, **options: Unpack[ClientKeywords]) -> None:
        super().__init__(**options)
        self._session.nodes.health = Health(InOrder())

    def _make_runtime(self) -> ScriptedRuntime:
        self.runtime = ScriptedRuntime([])
        return self.runtime
