"""Kinds of settings: how a value is checked, written and read.

A kind knows all three, so that what is read back from a server can be given to another one.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from .. import scalars
from ..exceptions import ParameterError
from ..features import Features
from .layout import boolean, read_bool, string
from .operation import Field, Reader, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a setting can be.

    Attributes:
        check: takes the setting's name and what the user gave, and returns what is written; raises
            ParameterError for what is not allowed. The user's own object is left as it is.
        write: appends it to a request.
        read: takes it from an answer.
    """

    check: Callable[[str, Any], Any]
    write: Field
    read: Callable[[Reader], Any]


def refusal(what: str, value: object, allowed: str) -> ParameterError:
    """The error that says what is allowed."""
    return ParameterError(f"{what}: {value!r} is not {allowed}")


# -- numbers ---------------------------------------------------------------------------------------


def _read_int8(reader: Reader) -> int:
    number, reader.pos = scalars.read_int8(reader.data, reader.pos)
    return number


def _read_int32(reader: Reader) -> int:
    number, reader.pos = scalars.read_int32(reader.data, reader.pos)
    return number


def _read_int64(reader: Reader) -> int:
    number, reader.pos = scalars.read_int64(reader.data, reader.pos)
    return number


def _write_int8(writer: Writer, number: int) -> None:
    writer += scalars.INT8.pack(number)


def _write_int32(writer: Writer, number: int) -> None:
    writer += scalars.INT32.pack(number)


def _write_int64(writer: Writer, number: int) -> None:
    writer += scalars.INT64.pack(number)


def _integer(
    low: int, high: int, write: Field, read: Callable[[Reader], int], unit: str = ""
) -> Kind:
    allowed = f"an integer from {low} to {high}{unit}"

    def check(what: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool | enum.Enum):
            raise refusal(what, value, allowed)
        if not low <= value <= high:
            raise refusal(what, value, allowed)
        return int(value)

    return Kind(check=check, write=write, read=read)


def int32(low: int = -(2**31), high: int = 2**31 - 1) -> Kind:
    """A 32-bit integer within bounds."""
    return _integer(low, high, _write_int32, _read_int32)


def milliseconds() -> Kind:
    """A time, as a 64-bit integer."""
    return _integer(0, 2**63 - 1, _write_int64, _read_int64, " (milliseconds)")


def int64(low: int, high: int) -> Kind:
    """A 64-bit integer within bounds."""
    return _integer(low, high, _write_int64, _read_int64)


def choice(members: type[enum.IntEnum], *, byte: bool = False) -> Kind:
    """One of an enumeration's members, or its number. Other enumerations' members are refused."""
    allowed = "one of " + ", ".join(
        f"{members.__name__}.{member.name} ({member.value})" for member in members
    )

    def check(what: str, value: Any) -> enum.IntEnum:
        if isinstance(value, members):
            return value
        if isinstance(value, int) and not isinstance(value, bool | enum.Enum):
            try:
                return members(value)
            except ValueError:
                pass
        raise refusal(what, value, allowed)

    def read(reader: Reader) -> int:
        number = _read_int8(reader) if byte else _read_int32(reader)
        try:
            return members(number)
        except ValueError:
            return number  # a newer server's

    return Kind(check=check, write=_write_int8 if byte else _write_int32, read=read)


def _check_flag(what: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise refusal(what, value, "True or False")
    return value


#: True or false.
FLAG: Final = Kind(check=_check_flag, write=boolean, read=read_bool)


# -- text ------------------------------------------------------------------------------------------


def text(*, nullable: bool = False) -> Kind:
    """A string that is not empty, or None where that is allowed.

    Servers close the connection at some empty strings and misunderstand others.
    """
    allowed = "a string that is not empty" + (", or None" if nullable else "")

    def check(what: str, value: Any) -> str | None:
        if value is None and nullable:
            return None
        if not isinstance(value, str) or not value:
            raise refusal(what, value, allowed)
        return value

    return Kind(check=check, write=string, read=_read_text)


def _read_text(reader: Reader) -> str | None:
    result, reader.pos = scalars.read_string(reader.data, reader.pos)
    return result


# -- what is made of others ------------------------------------------------------------------------


def several(kind: Kind, of: str) -> Kind:
    """A list of settings of one kind."""

    def check(what: str, values: Any) -> list[Any]:
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise refusal(what, values, f"a list of {of}")
        return [kind.check(f"{what}[{number}]", value) for number, value in enumerate(values)]

    def write(writer: Writer, values: list[Any]) -> None:
        _write_int32(writer, len(values))
        for value in values:
            kind.write(writer, value)

    def read(reader: Reader) -> list[Any]:
        count, reader.pos = scalars.read_count(reader.data, reader.pos, 1, of)
        return [kind.read(reader) for _ in range(count)]

    return Kind(check=check, write=write, read=read)


#: The mark of what has to be given.
REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a record.

    Attributes:
        name: its key in the user's dictionary, and its attribute of the typed form.
        kind: what it can be.
        default: what stands for it where it is missing, or REQUIRED.
        present: whether it is on the wire, by what the connection speaks and the members before it.
    """

    name: str
    kind: Kind
    default: Any = REQUIRED
    present: Callable[[Features, Mapping[str, Any]], bool] | None = None


def record(
    cls: type[Any],
    members: tuple[Member, ...],
    finish: Callable[[str, dict[str, Any]], None] | None = None,
) -> Kind:
    """A dictionary with known keys, or the typed form of it.

    Args:
        cls: the typed form.
        members: the members in the order of the wire.
        finish: looks at the checked members together.
    """
    names = [member.name for member in members]
    allowed = f"a dictionary with {', '.join(names)}, or a {cls.__name__}"
    all_of = attrgetter(*names)

    def given(what: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, cls):
            return dict(zip(names, all_of(value), strict=True))
        if not isinstance(value, Mapping):
            raise refusal(what, value, allowed)
        for name in value:
            if name not in names:
                raise ParameterError(f"{what}: {name!r} is unknown; there are {', '.join(names)}")
        return value

    def check(what: str, value: Any) -> dict[str, Any]:
        source = given(what, value)
        result = {}
        for member in members:
            item = source.get(member.name, member.default)
            where = f"{what}[{member.name!r}]"
            if item is REQUIRED:
                raise ParameterError(f"{where} is missing")
            result[member.name] = member.kind.check(where, item)
        if finish is not None:
            finish(what, result)
        return result

    def write(writer: Writer, value: dict[str, Any]) -> None:
        for member in members:
            if member.present is None or member.present(writer.features, value):
                member.kind.write(writer, value[member.name])

    def read(reader: Reader) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for member in members:
            if member.present is None or member.present(reader.features, result):
                result[member.name] = member.kind.read(reader)
        return result

    return Kind(check=check, write=write, read=read)


def optional(kind: Kind) -> Kind:
    """A setting, or None; on the wire after a byte that says whether it is there."""

    def check(what: str, value: Any) -> Any:
        return None if value is None else kind.check(what, value)

    def write(writer: Writer, value: Any) -> None:
        boolean(writer, value is not None)
        if value is not None:
            kind.write(writer, value)

    def read(reader: Reader) -> Any:
        return kind.read(reader) if read_bool(reader) else None

    return Kind(check=check, write=write, read=read)
