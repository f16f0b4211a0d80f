"""How long entries live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, TypeAlias

from ..exceptions import ParameterError

__all__ = ["ExpiryPolicy"]

#: A lifetime: milliseconds, a ``timedelta``, or one of the two constants of the class below.
Lifetime: TypeAlias = int | timedelta

_MILLISECOND = timedelta(milliseconds=1)
_MAX = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class ExpiryPolicy:
    """How long an entry lives after it was created, updated or read.

    Args:
        create: after its creation.
        update: after an update.
        access: after it was read.

    Each is a number of milliseconds or a ``timedelta`` (a fraction of a millisecond is rounded up),
    `ETERNAL`, or `UNCHANGED`: whatever it was before. 0 is the end at once.

    Raises:
        ParameterError: one is neither.
    """

    UNCHANGED: ClassVar[int] = -2
    ETERNAL: ClassVar[int] = -1

    create: Lifetime = UNCHANGED
    update: Lifetime = UNCHANGED
    access: Lifetime = UNCHANGED

    def __post_init__(self) -> None:
        self.milliseconds()

    def milliseconds(self) -> tuple[int, int, int]:
        """The three lifetimes as the protocol has them."""
        return (
            _milliseconds("create", self.create),
            _milliseconds("update", self.update),
            _milliseconds("access", self.access),
        )


def _milliseconds(what: str, lifetime: object) -> int:
    if isinstance(lifetime, timedelta) and lifetime >= timedelta(0):
        return -(-lifetime // _MILLISECOND)
    if isinstance(lifetime, int) and not isinstance(lifetime, bool) and -2 <= lifetime <= _MAX:
        return int(lifetime)
    raise ParameterError(
        f"{what}: {lifetime!r} is not a number of milliseconds, a positive timedelta, "
        "ExpiryPolicy.ETERNAL or ExpiryPolicy.UNCHANGED"
    )
