"""Key-value operations: what is in a cache.

Each begins with the cache's header. Keys and values come with their hints, as pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ..exceptions import CacheError
from .layout import (
    header,
    int8s,
    nothing,
    pairs,
    read_bool,
    read_int64,
    read_pairs,
    read_value,
    value,
    values,
)
from .operation import Field, Operation, Reader, Repeat, Transactional

R = TypeVar("R")

_JOINS = Transactional.JOINS
_REFUSED = Transactional.REFUSED


def _on_cache(
    code: int,
    name: str,
    fields: tuple[Field, ...],
    response: Callable[[Reader], R],
    repeat: Repeat,
    transactional: Transactional = _JOINS,
) -> Operation[R]:
    return Operation(
        name=name,
        code=code,
        request=(header, *fields),
        response=response,
        repeat=repeat,
        error=CacheError,
        key=1 if fields and fields[0] is value else None,
        transactional=transactional,
    )


CACHE_GET: Final[Operation[Any]] = _on_cache(1000, "CACHE_GET", (value,), read_value, Repeat.SAFE)
CACHE_PUT: Final = _on_cache(1001, "CACHE_PUT", (value, value), nothing, Repeat.CONVERGES)
CACHE_PUT_IF_ABSENT: Final = _on_cache(
    1002, "CACHE_PUT_IF_ABSENT", (value, value), read_bool, Repeat.NEVER
)
CACHE_GET_ALL: Final = _on_cache(1003, "CACHE_GET_ALL", (values,), read_pairs, Repeat.SAFE)
CACHE_PUT_ALL: Final = _on_cache(1004, "CACHE_PUT_ALL", (pairs,), nothing, Repeat.CONVERGES)
CACHE_GET_AND_PUT: Final[Operation[Any]] = _on_cache(
    1005, "CACHE_GET_AND_PUT", (value, value), read_value, Repeat.NEVER
)
CACHE_GET_AND_REPLACE: Final[Operation[Any]] = _on_cache(
    1006, "CACHE_GET_AND_REPLACE", (value, value), read_value, Repeat.NEVER
)
CACHE_GET_AND_REMOVE: Final[Operation[Any]] = _on_cache(
    1007, "CACHE_GET_AND_REMOVE", (value,), read_value, Repeat.NEVER
)
CACHE_GET_AND_PUT_IF_ABSENT: Final[Operation[Any]] = _on_cache(
    1008, "CACHE_GET_AND_PUT_IF_ABSENT", (value, value), read_value, Repeat.NEVER
)
CACHE_REPLACE: Final = _on_cache(1009, "CACHE_REPLACE", (value, value), read_bool, Repeat.CONVERGES)
#: The key, what is expected there, and what is to be there.
CACHE_REPLACE_IF_EQUALS: Final = _on_cache(
    1010, "CACHE_REPLACE_IF_EQUALS", (value, value, value), read_bool, Repeat.NEVER
)
CACHE_CONTAINS_KEY: Final = _on_cache(1011, "CACHE_CONTAINS_KEY", (value,), read_bool, Repeat.SAFE)
CACHE_CONTAINS_KEYS: Final = _on_cache(
    1012, "CACHE_CONTAINS_KEYS", (values,), read_bool, Repeat.SAFE
)
CACHE_CLEAR: Final = _on_cache(1013, "CACHE_CLEAR", (), nothing, Repeat.CONVERGES, _REFUSED)
CACHE_CLEAR_KEY: Final = _on_cache(
    1014, "CACHE_CLEAR_KEY", (value,), nothing, Repeat.CONVERGES, _REFUSED
)
CACHE_CLEAR_KEYS: Final = _on_cache(
    1015, "CACHE_CLEAR_KEYS", (values,), nothing, Repeat.CONVERGES, _REFUSED
)
CACHE_REMOVE_KEY: Final = _on_cache(1016, "CACHE_REMOVE_KEY", (value,), read_bool, Repeat.NEVER)
#: The key, and what is expected there.
CACHE_REMOVE_IF_EQUALS: Final = _on_cache(
    1017, "CACHE_REMOVE_IF_EQUALS", (value, value), read_bool, Repeat.NEVER
)
CACHE_REMOVE_KEYS: Final = _on_cache(
    1018, "CACHE_REMOVE_KEYS", (values,), nothing, Repeat.CONVERGES
)
CACHE_REMOVE_ALL: Final = _on_cache(
    1019, "CACHE_REMOVE_ALL", (), nothing, Repeat.CONVERGES, _REFUSED
)
CACHE_GET_SIZE: Final = _on_cache(
    1020, "CACHE_GET_SIZE", (int8s,), read_int64, Repeat.SAFE, Transactional.OUTSIDE
)
