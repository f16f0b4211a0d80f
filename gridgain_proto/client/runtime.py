"""What the flows need of a runtime: time, connections, and a lock.

The flows of this package are written once, as ``async def``, over these protocols. In trio and
asyncio they are awaited. In threads and in gevent a runtime's coroutines never suspend, so that
`run_blocking` runs a flow from its beginning to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from ..connection import ConnectionConfig
from ..events import ResponseReceived
from ..features import Features

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node may be found, as the user says it.

    Args:
        host: a name or a literal IPv4 or IPv6 address.
        port: the port of the node's client connector.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of an endpoint, resolved.

    Args:
        family: the address family, as the operating system numbers it.
        sockaddr: the socket address of that family.
    """

    family: int
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        return str(Endpoint(self.sockaddr[0], self.sockaddr[1]))


class Link(Protocol):
    """One connection to one node, shared by any number of callers.

    A link is never reconnected; a new one replaces it.
    """

    @property
    def node(self) -> str:
        """The node's address, for messages."""

    @property
    def node_id(self) -> UUID | None:
        """The node's id, or None before protocol 1.4."""

    @property
    def features(self) -> Features:
        """What both sides speak."""

    @property
    def topology(self) -> tuple[int, int] | None:
        """The newest topology version that the node has reported here."""

    @property
    def closed(self) -> bool:
        """Whether it takes no more requests."""

    @property
    def failure(self) -> Exception | None:
        """Why it takes no more requests; None while it does."""

    @property
    def in_flight(self) -> int:
        """How many callers wait for an answer."""

    #: Called when the node has told of a newer topology, by whoever reads, so it must be short.
    on_topology: Callable[[tuple[int, int]], None] | None

    async def exchange(
        self,
        op_code: int,
        payload: bytes | bytearray,
        *,
        deadline: float | None,
        when_late: Callable[[ResponseReceived], None] | None = None,
    ) -> ResponseReceived:
        """Send one request and wait for its answer.

        Args:
            op_code: the operation's code.
            payload: the request's body, valid and whole.
            deadline: the time by the runtime's clock at which to give up; None for never.
            when_late: takes the answer if it comes when the caller has gone, cancelled or out of
                time; None to drop it. It is called by whoever reads, so it must be short.

        Raises:
            ConnectionFailed: the connection is lost, and nothing of the request was sent.
            OutcomeUnknown: the connection is lost, and the request had been sent.
            RequestTimeout: the deadline passed.
            ClientClosed: the link was closed from this side.
        """

    def post(self, op_code: int, payload: bytes | bytearray) -> None:
        """Send a request whose answer nobody waits for. It does not wait either.

        Raises:
            ConnectionFailed, ClientClosed: the connection is gone.
        """

    async def aclose(self) -> None:
        """Close the connection; whoever waits for an answer gets `ClientClosed`."""


class Background(Protocol):
    """A flow that runs by itself."""

    @property
    def done(self) -> bool:
        """Whether it is over, by whatever way."""

    async def wait(self) -> None:
        """Wait until it is over."""

    def cancel(self) -> None:
        """Have it end soon, where that can be done from outside."""


class Lock(Protocol):
    """Mutual exclusion among callers, held across waiting."""

    async def acquire(self, deadline: float | None) -> bool:
        """Wait for the lock; False if the deadline passed first."""

    def release(self) -> None:
        """Let the next one in."""


class Runtime(Protocol):
    """What an adapter provides."""

    def now(self) -> float:
        """The time in seconds, by a clock that does not go back."""

    def lock(self) -> Lock:
        """A new lock."""

    def mutex(self) -> AbstractContextManager[object]:
        """A new lock for short sections without any waiting in them."""

    def spawn(self, flow: Callable[[], Coroutine[Any, Any, None]]) -> Background:
        """Run a flow beside the callers. It must not raise, and ends with the scope."""

    def scope(self) -> AbstractAsyncContextManager[None]:
        """What a client's background tasks live in; leaving it ends them."""

    def caller(self) -> Hashable:
        """The thread or task that is running; the same one is always equal, no other ever is."""

    async def checkpoint(self) -> None:
        """Let others run, and be cancelled here, where that has to be asked for."""

    async def sleep_until(self, when: float) -> None:
        """Wait until that time."""

    async def resolve(self, endpoint: Endpoint, *, deadline: float | None) -> Sequence[Address]:
        """All addresses of an endpoint, in the operating system's order of preference.

        Raises:
            ConnectionFailed: the name is not known.
            RequestTimeout: the deadline passed.
        """

    async def dial(
        self, address: Address, config: ConnectionConfig, *, deadline: float | None
    ) -> Link:
        """Connect to one address, handshake included.

        Raises:
            ConnectionFailed: nobody answers there, or what answers refuses; the message names the
                node and the reason.
            AuthenticationError: user name or password refused.
            RequestTimeout: the deadline passed.
        """


def run_blocking(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow whose runtime never suspends.

    Raises:
        RuntimeError: the flow suspended, so its runtime is not a blocking one.
    """
    try:
        flow.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    flow.close()
    raise RuntimeError("a blocking flow was suspended: its runtime is not a blocking one")
