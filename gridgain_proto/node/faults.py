"""Faults on demand, for tests: what goes wrong with a request, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .failures import FAILED
from .names import operation_name


@dataclass(frozen=True, slots=True)
class Received:
    """A request as a node has received it.

    Attributes:
        code: the operation's code.
        request_id: its id.
        payload: what follows the header.
        connection: the number of the connection, counted over the cluster.
        port: the port of the node.
    """

    code: int
    request_id: int
    payload: bytes
    connection: int
    port: int

    @property
    def name(self) -> str:
        """The operation's name in the protocol, such as ``CACHE_PUT``."""
        return operation_name(self.code)


@dataclass(frozen=True, slots=True)
class Delay:
    """The answer comes later by that many seconds; the request is carried out at once."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """There is no answer.

    Attributes:
        execute: whether the request is carried out all the same.
    """

    execute: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends in the middle of the answer.

    Attributes:
        sent: how many bytes of the answer's frame still come.
    """

    sent: int = 7


@dataclass(frozen=True, slots=True)
class Fail:
    """The request is not carried out, and answered with an error."""

    status: int = FAILED
    message: str | None = "a fault on demand"


@dataclass(frozen=True, slots=True)
class Kill:
    """The connection ends without an answer.

    Attributes:
        execute: whether the request is carried out before.
    """

    execute: bool = False


#: What may go wrong with a request.
Fault: TypeAlias = Delay | Drop | Cut | Fail | Kill

#: Sees every request, and says what goes wrong with it; None for nothing.
Interceptor: TypeAlias = Callable[[Received], Fault | None]
