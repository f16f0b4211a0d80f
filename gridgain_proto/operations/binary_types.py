"""Operations on the descriptions of binary types that the cluster keeps."""

from __future__ import annotations

from typing import Final, NamedTuple

from .. import scalars
from ..codec.registry import TypeDescription
from ..exceptions import BinaryTypeError, DecodeError
from ..features import Feature
from .layout import int8, int32, nothing, read_bool, string
from .operation import Operation, Reader, Repeat, Writer

#: The platform of type names: Java's, which is also what the cluster itself looks for.
JAVA: Final = 0


class BinaryConfiguration(NamedTuple):
    """How the cluster wants complex objects."""

    compact_footer: bool
    "Whether objects leave the ids of their fields out."
    name_mapper: int
    "How type names become ids: 0 as given, 1 without the package, 2 by the user's own code."


def _description(writer: Writer, description: TypeDescription) -> None:
    writer += description.to_bytes()


def _read_description(reader: Reader) -> TypeDescription | None:
    if not read_bool(reader):
        return None
    description, reader.pos = TypeDescription.parse(reader.data, reader.pos)
    return description


def _read_name(reader: Reader) -> str:
    name, reader.pos = scalars.read_string(reader.data, reader.pos)
    if name is None:
        raise DecodeError("null where the name of a type should be")
    return name


def _read_configuration(reader: Reader) -> BinaryConfiguration:
    compact_footer = read_bool(reader)
    mapper, reader.pos = scalars.read_int8(reader.data, reader.pos)
    return BinaryConfiguration(compact_footer, mapper)


BINARY_TYPE_NAME_GET: Final = Operation(
    name="BINARY_TYPE_NAME_GET",
    code=3000,
    request=(int8, int32),
    response=_read_name,
    repeat=Repeat.SAFE,
    error=BinaryTypeError,
)
BINARY_TYPE_NAME_PUT: Final = Operation(
    name="BINARY_TYPE_NAME_PUT",
    code=3001,
    request=(int8, int32, string),
    response=read_bool,
    repeat=Repeat.SAFE,
    error=BinaryTypeError,
)
BINARY_TYPE_GET: Final = Operation(
    name="BINARY_TYPE_GET",
    code=3002,
    request=(int32,),
    response=_read_description,
    repeat=Repeat.SAFE,
    error=BinaryTypeError,
)
BINARY_TYPE_PUT: Final = Operation(
    name="BINARY_TYPE_PUT",
    code=3003,
    request=(_description,),
    response=nothing,
    repeat=Repeat.SAFE,
    error=BinaryTypeError,
)
BINARY_CONFIGURATION_GET: Final = Operation(
    name="BINARY_CONFIGURATION_GET",
    code=3004,
    request=(),
    response=_read_configuration,
    repeat=Repeat.SAFE,
    error=BinaryTypeError,
    feature=Feature.BINARY_CONFIGURATION,
)
