"""What a node answers when it does not do as it is told."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
INVALID_OPERATION: Final = 2
FUNCTIONALITY_DISABLED: Final = 100
CACHE_DOES_NOT_EXIST: Final = 1000
CACHE_EXISTS: Final = 1001
TOO_MANY_CURSORS: Final = 1010
RESOURCE_DOES_NOT_EXIST: Final = 1011
TRANSACTION_LIMIT: Final = 1020
TRANSACTION_NOT_FOUND: Final = 1021
TRANSACTION_TIMED_OUT: Final = 1022
AUTHENTICATION_FAILED: Final = 2000

#: SQLSTATE of what went wrong in no particular way.
GENERAL_ERROR: Final = "50000"


class Refusal(Exception):
    """A request that is answered with an error.

    Args:
        message: the words; None for null on the wire.
        status: the status.
        sqlstate: the SQLSTATE, for operations whose messages begin with one.
    """

    def __init__(
        self, message: str | None, status: int = FAILED, sqlstate: str = GENERAL_ERROR
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.sqlstate = sqlstate
