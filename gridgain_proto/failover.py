"""Failover, as pure decisions: which node next, when, and what may be sent again.

A request of which nothing was sent is always sent to another node. One that was sent and not
answered may have been carried out; whether it is sent again is the policy's decision. A node that
cannot be reached is tried less and less often, until it can.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from .operations.operation import Operation, Repeat

N = TypeVar("N", bound=Hashable)

#: How long a node is left alone after its first failure, and at most, in seconds.
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0


class RetryPolicy(enum.Enum):
    """Which requests are sent again when their connection was lost before the answer."""

    SAFE = "safe"
    "Those that only read, so that repeating cannot change the outcome."
    NONE = "none"
    "None."
    ALL = "all"
    "All of them, also where repeating may carry out a change twice."


@dataclass(frozen=True, slots=True)
class LostRequest:
    """What a policy of the user's own decides about.

    Attributes:
        operation: the operation's name in the protocol, such as ``"CACHE_PUT"``.
        repeat: what sending it again would do.
        attempt: how often it was sent so far, 1 at least.
        error: how the last attempt ended.
    """

    operation: str
    repeat: Repeat
    attempt: int
    error: Exception


#: A policy, or a function that says whether to send a request again that was sent and not answered.
Retry: TypeAlias = RetryPolicy | Callable[[LostRequest], bool]


def may_repeat(retry: Retry, operation: Operation[Any], attempt: int, error: Exception) -> bool:
    """Whether a request that was sent and not answered may be sent again.

    Args:
        retry: the policy.
        operation: what it was.
        attempt: how often it was sent so far.
        error: how the last attempt ended.
    """
    if not isinstance(retry, RetryPolicy):
        return retry(LostRequest(operation.name, operation.repeat, attempt, error))
    if retry is RetryPolicy.ALL:
        return True
    return retry is RetryPolicy.SAFE and operation.repeat is Repeat.SAFE


class Health:
    """How nodes have been doing, and when each is to be tried again.

    Args:
        rng: where the jitter comes from, which keeps many clients from coming back all at once.
    """

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()
        self._failures: dict[Hashable, tuple[int, float]] = {}

    def failed(self, node: Hashable, *, now: float) -> None:
        """A node could not be reached, or its connection was lost."""
        count = self._failures.get(node, (0, 0.0))[0] + 1
        pause = min(FIRST_PAUSE * 2.0 ** min(count - 1, 16), LONGEST_PAUSE)
        self._failures[node] = (count, now + pause * self._rng.uniform(0.5, 1.0))

    def succeeded(self, node: Hashable) -> None:
        """A node was reached."""
        self._failures.pop(node, None)

    def due(self, node: Hashable, *, now: float) -> bool:
        """Whether a node may be tried without being asked for."""
        return self._failures.get(node, (0, 0.0))[1] <= now

    def next_due(self, nodes: Iterable[Hashable]) -> float | None:
        """When the first of these is due that is not; None if none of them has failed."""
        times = [self._failures[node][1] for node in nodes if node in self._failures]
        return min(times, default=None)

    def in_order(self, nodes: Iterable[N], *, now: float) -> list[N]:
        """The nodes in the order in which to try them when one is needed at once.

        Those that are due come first, in random order, so that many clients spread over the
        cluster; then the others, the soonest due first.
        """
        shuffled = list(nodes)
        self._rng.shuffle(shuffled)

        def rank(node: N) -> float:
            retry_at = self._failures.get(node, (0, 0.0))[1]
            return retry_at if retry_at > now else float("-inf")

        return sorted(shuffled, key=rank)


#: What servers say when an operation failed because a node left, with the unspecific status 1.
_NODE_LEFT = (
    "node left",
    "node has left",
    "left grid",
    "left topology",
    "left the topology",
    "topology changed",
    "topology projection is empty",
)
STATUS_FAILED = 1
STATUS_INVALID_NODE_STATE = 10


def is_topology_failure(status: int, message: str) -> bool:
    """Whether an error of the server comes from a node that left, and not from the request.

    There is no status for it: texts have to be looked into. Where one is not recognised, the
    caller gets the server's error as it is.
    """
    if status == STATUS_INVALID_NODE_STATE:
        return True
    if status != STATUS_FAILED:
        return False
    words = message.lower()
    return any(phrase in words for phrase in _NODE_LEFT)
