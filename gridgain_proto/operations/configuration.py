"""Operations on caches as a whole: which there are, creating and destroying them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .. import scalars
from ..exceptions import CacheError, DecodeError
from .cache_properties import PROPERTIES, READ_ORDER
from .layout import header, int32, nothing, read_strings, string
from .operation import Operation, Reader, Repeat, Writer


def _settings(writer: Writer, settings: Mapping[int, Any]) -> None:
    """Checked settings, after their length and their number."""
    start = len(writer)
    writer += scalars.INT32.pack(0)
    writer += scalars.INT16.pack(len(settings))
    for code, value in settings.items():
        writer += scalars.INT16.pack(code)
        PROPERTIES[code].write(writer, value)
    scalars.INT32.pack_into(writer, start, len(writer) - start - 4)


def _read_settings(reader: Reader) -> dict[int, Any]:
    length, reader.pos = scalars.read_count(reader.data, reader.pos, 1, "bytes")
    end = reader.pos + length
    settings = {
        code: PROPERTIES[code].kind.read(reader)
        for code in READ_ORDER
        if PROPERTIES[code].known_to(reader.features)
    }
    if reader.pos > end:
        raise DecodeError(f"the configuration is {reader.pos - end} bytes longer than it says")
    reader.pos = end  # a newer server may tell more
    return dict(sorted(settings.items()))


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
CACHE_CREATE_WITH_CONFIGURATION: Final = Operation(
    name="CACHE_CREATE_WITH_CONFIGURATION",
    code=1053,
    request=(_settings,),
    response=nothing,
    repeat=Repeat.NEVER,
    error=CacheError,
)
CACHE_GET_OR_CREATE_WITH_CONFIGURATION: Final = Operation(
    name="CACHE_GET_OR_CREATE_WITH_CONFIGURATION",
    code=1054,
    request=(_settings,),
    response=nothing,
    repeat=Repeat.CONVERGES,
    error=CacheError,
)
CACHE_GET_CONFIGURATION: Final = Operation(
    name="CACHE_GET_CONFIGURATION",
    code=1055,
    request=(header,),
    response=_read_settings,
    repeat=Repeat.SAFE,
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
