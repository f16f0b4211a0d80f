"""What the command and the workers say to each other: one line of JSON each way for each turn.

Workers run in the environments of their clients, so only the standard library is imported.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a worker is to do: connect, check or not, warm up, measure, disconnect.

    Attributes:
        operation: which call, such as `get`.
        rows: how many entries or rows the call concerns.
        callers: how many callers call at the same time.
        addresses: `host:port` of each node, with commas between them.
        ca: the file with the authority to trust; empty for no TLS.
        aware: `yes` or `no` for partition awareness; empty for the client's default.
        warm_up: seconds before the measurement; 0 for none.
        seconds: seconds of the measurement; every caller calls once at least.
        check: whether this is a turn in which the answers are compared with what they should be,
            and in which nothing is measured.
    """

    operation: str
    rows: int = 1
    callers: int = 1
    addresses: str
    ca: str = ""
    aware: str = ""
    warm_up: float = 0.0
    seconds: float = 0.0
    check: bool = False

    def nodes(self) -> list[tuple[str, int]]:
        """The addresses as pairs."""
        pairs = (address.rpartition(":") for address in self.addresses.split(","))
        return [(host, int(port)) for host, _, port in pairs]

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Turn:
        """The opposite of `to_json`."""
        return cls(**json.loads(line))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a worker has measured.

    Attributes:
        calls: how many calls were made.
        rate: calls per second.
        cpu: seconds of processor time of the worker's process for one call, user and system.
        histogram: how many calls took how long, see `benchmarks.compare.histogram`; empty if
            single calls cannot be told apart.
    """

    calls: int
    rate: float
    cpu: float
    histogram: dict[int, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


class Failed(Exception):
    """A worker could not do what was asked; the message is its error."""


def read_outcome(line: str) -> Outcome:
    """What a worker answered.

    Raises:
        Failed: it answered with an error.
    """
    answer = json.loads(line)
    if "error" in answer:
        raise Failed(answer["error"])
    histogram = {int(bucket): count for bucket, count in answer["histogram"].items()}
    return Outcome(
        calls=answer["calls"], rate=answer["rate"], cpu=answer["cpu"], histogram=histogram
    )
