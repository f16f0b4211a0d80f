"""SQL over caches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..failures import Refusal

if TYPE_CHECKING:
    from ..caches import Cache
    from ..cluster import Cluster
    from ..transactions import Transaction


@dataclass
class Result:
    """What a statement gives."""

    names: list[str]
    rows: Iterator[bytes]


class Database:
    """The tables of a cluster."""

    def __init__(self, cluster: Cluster) -> None: ...

    def add_cache(self, cache: Cache) -> None: ...

    def remove_cache(self, cache: Cache) -> None: ...

    def execute(
        self,
        statement: str,
        args: list[bytes],
        *,
        schema: str | None,
        cache: Cache | None,
        kind: int,
        transaction: Transaction | None,
    ) -> Result:
        raise Refusal("The node in memory has no SQL yet", sqlstate="0A000")
