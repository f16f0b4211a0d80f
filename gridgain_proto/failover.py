"""What may be sent again after a connection was lost. Pure decisions, no I/O.

A request of which nothing was sent is always sent to another node. One that was sent and not
answered may have been carried out; whether it is sent again is the policy's decision.
"""

from __future__ import annotations

import enum
from typing import Any

from .operations.operation import Operation, Repeat


class RetryPolicy(enum.Enum):
    """Which requests are sent again when their connection was lost before the answer."""

    SAFE = "safe"
    "Those that only read, so that repeating cannot change the outcome."
    NONE = "none"
    "None."
    ALL = "all"
    "All of them, also where repeating may carry out a change twice."

    def allows(self, operation: Operation[Any]) -> bool:
        """Whether a request of this operation, sent and unanswered, may be sent again."""
        if self is RetryPolicy.ALL:
            return True
        return self is RetryPolicy.SAFE and operation.repeat is Repeat.SAFE
