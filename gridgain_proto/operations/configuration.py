"""Operations on caches as a whole: which there are, creating and destroying them."""

from __future__ import annotations

from typing import Final

from ..exceptions import CacheError
from .layout import int32, nothing, read_strings, string
from .operation import Operation, Repeat

CACHE_GET_NAMES: Final = Operation(
    name="CACHE_GET_NAMES",
    code=1050,
    request=(),
    response=read_strings,
    repeat=Repeat.SAFE,
    error=CacheError,
)
CACHE_CREATE_WITH_NAME: Final = Operation(
    name="CACHE_CREATE_WITH_NAME",
    code=1051,
    request=(string,),
    response=nothing,
    repeat=Repeat.NEVER,
    error=CacheError,
)
CACHE_GET_OR_CREATE_WITH_NAME: Final = Operation(
    name="CACHE_GET_OR_CREATE_WITH_NAME",
    code=1052,
    request=(string,),
    response=nothing,
    repeat=Repeat.CONVERGES,
    error=CacheError,
)
CACHE_DESTROY: Final = Operation(
    name="CACHE_DESTROY",
    code=1056,
    request=(int32,),
    response=nothing,
    repeat=Repeat.NEVER,
    error=CacheError,
)
