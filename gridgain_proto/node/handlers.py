"""All operations by their codes. What is not here is answered as unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from . import binary_types, cluster_operations, key_value, management, queries

if TYPE_CHECKING:
    from .calls import Call

HANDLERS: Final[dict[int, Callable[[Call], None]]] = {
    **key_value.HANDLERS,
    **management.HANDLERS,
    **queries.HANDLERS,
    **binary_types.HANDLERS,
    **cluster_operations.HANDLERS,
}
