"""Values as people write and read them: JSON, with what JSON does not have in strings."""

from __future__ import annotations

import base64
import dataclasses
import enum
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import click

from gridgain_proto import datatypes as types

#: What a value can be told to be: how its text is read, and what it is on the wire.
TYPES: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "byte": (int, types.ByteObject),
    "short": (int, types.ShortObject),
    "int": (int, types.IntObject),
    "long": (int, types.LongObject),
    "float": (float, types.FloatObject),
    "double": (float, types.DoubleObject),
    "bool": (bool, types.BoolObject),
    "char": (str, types.CharObject),
    "string": (str, types.String),
    "decimal": (lambda text: Decimal(str(text)), types.DecimalObject),
    "uuid": (UUID, types.UUIDObject),
    "date": (date.fromisoformat, None),
    "time": (time.fromisoformat, types.TimeObject),
    "timestamp": (datetime.fromisoformat, types.TimestampObject),
    "bytes": (base64.b64decode, types.ByteArrayObject),
}


def read_value(text: str, type_name: str | None = None) -> Any:
    """A value of what was typed: JSON, or else just the text.

    Args:
        text: what was typed.
        type_name: what it is to be; None to go by JSON.

    Raises:
        ClickException: it is not of that type.
    """
    try:
        value = json.loads(text, parse_float=_number)
    except ValueError:
        value = text
    if type_name is None:
        return value
    convert, hint = TYPES[type_name]
    try:
        plain = type_name in ("string", "char", "date", "uuid", "decimal") and text[:1] != '"'
        found = convert(text if plain else value)
    except (ValueError, TypeError, ArithmeticError):
        raise click.ClickException(f"{text!r} is no {type_name}") from None
    return found if hint is None else (found, hint)


def _number(text: str) -> float:
    return float(text)


def shown(value: Any) -> Any:
    """A value as something that JSON has."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime):
        nanosecond = getattr(value, "nanosecond", 0)
        return value.isoformat() + (f"{nanosecond:03d}" if nanosecond else "")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, Mapping):
        return {_key(key): shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(item) for item in value]
    return _object(value)


def _key(key: Any) -> str:
    text = shown(key)
    return text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)


def _object(value: Any) -> Any:
    """A complex object as a mapping of its fields."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: shown(getattr(value, name, None)) for name in names}
    schema = getattr(type(value), "schema", None)
    if isinstance(schema, Mapping):
        return {name: shown(getattr(value, name, None)) for name in schema}
    try:
        return [shown(item) for item in value]  # arrays
    except TypeError:
        return repr(value)


def to_json(value: Any) -> str:
    """A value as one line of JSON."""
    return json.dumps(shown(value), ensure_ascii=False)


def to_text(value: Any) -> str:
    """A value as a cell of a table."""
    found = shown(value)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


#: The option that says what a key is.
type_choice = click.Choice(sorted(TYPES))
