"""Key-value operations: what is in a cache."""

from __future__ import annotations

from typing import Any, Final

from .. import scalars
from ..exceptions import CacheError
from .layout import (
    int8s,
    nothing,
    pairs,
    raw,
    read_bool,
    read_int64,
    read_pairs,
    read_value,
    value,
    values,
)
from .operation import Operation, Repeat

#: Objects stay as they are stored; the server never makes Java objects of them for this client.
KEEP_BINARY = 0x01


def header(cache_id: int) -> bytes:
    """What every operation on a cache begins with: the cache and the flags."""
    return scalars.INT32.pack(cache_id) + scalars.INT8.pack(KEEP_BINARY)


CACHE_GET: Final[Operation[Any]] = Operation(
    name="CACHE_GET",
    code=1000,
    request=(raw, value),
    response=read_value,
    repeat=Repeat.SAFE,
    error=CacheError,
    key=1,
)
CACHE_PUT: Final = Operation(
    name="CACHE_PUT",
    code=1001,
    request=(raw, value, value),
    response=nothing,
    repeat=Repeat.CONVERGES,
    error=CacheError,
    key=1,
)
CACHE_GET_ALL: Final = Operation(
    name="CACHE_GET_ALL",
    code=1003,
    request=(raw, values),
    response=read_pairs,
    repeat=Repeat.SAFE,
    error=CacheError,
)
CACHE_PUT_ALL: Final = Operation(
    name="CACHE_PUT_ALL",
    code=1004,
    request=(raw, pairs),
    response=nothing,
    repeat=Repeat.CONVERGES,
    error=CacheError,
)
CACHE_CONTAINS_KEY: Final = Operation(
    name="CACHE_CONTAINS_KEY",
    code=1011,
    request=(raw, value),
    response=read_bool,
    repeat=Repeat.SAFE,
    error=CacheError,
    key=1,
)
CACHE_REMOVE_KEY: Final = Operation(
    name="CACHE_REMOVE_KEY",
    code=1016,
    request=(raw, value),
    response=read_bool,
    repeat=Repeat.NEVER,
    error=CacheError,
    key=1,
)
CACHE_GET_SIZE: Final = Operation(
    name="CACHE_GET_SIZE",
    code=1020,
    request=(raw, int8s),
    response=read_int64,
    repeat=Repeat.SAFE,
    error=CacheError,
)
