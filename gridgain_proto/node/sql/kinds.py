"""The types of SQL: how their values are on the wire, in SQLite, and made of each other.

SQLite knows integers, floats, text and blobs only, and converts by itself between them. So every
value is kept there in a form of its own (a *cell*) that sorts and compares as the type does, and
nothing is ever converted but by `convert`.
"""

from __future__ import annotations

import enum
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow
from struct import Struct
from typing import Any, Final, TypeAlias
from uuid import UUID

from ...codec import typecodes as tc
from ...codec.scalars import decimal_digits, decode_decimal, split_decimal
from ...exceptions import DecodeError
from ..failures import Refusal
from ..values import NULL

#: A value as SQLite has it.
Cell: TypeAlias = int | float | str | bytes | None


class Kind(enum.Enum):
    """A type of SQL, by its name."""

    NULL = "NULL"
    BOOLEAN = "BOOLEAN"
    TINYINT = "TINYINT"
    SMALLINT = "SMALLINT"
    INTEGER = "INTEGER"
    BIGINT = "BIGINT"
    DECIMAL = "DECIMAL"
    DOUBLE = "DOUBLE"
    REAL = "REAL"
    VARCHAR = "VARCHAR"
    UUID = "UUID"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP"
    BINARY = "BINARY"
    OBJECT = "OBJECT"


#: Whole numbers, the narrow ones first, with their ranges.
INTEGERS: Final = {
    Kind.TINYINT: 2**7,
    Kind.SMALLINT: 2**15,
    Kind.INTEGER: 2**31,
    Kind.BIGINT: 2**63,
}
#: Numbers in the order in which one is made of the other.
NUMBERS: Final = (*INTEGERS, Kind.DECIMAL, Kind.REAL, Kind.DOUBLE)
FLOATS: Final = frozenset((Kind.DOUBLE, Kind.REAL))
TIMES: Final = frozenset((Kind.DATE, Kind.TIME, Kind.TIMESTAMP))

#: The kind, by the names that SQL has for it.
BY_SQL_NAME: Final = {
    "BOOLEAN": Kind.BOOLEAN,
    "BIT": Kind.BOOLEAN,
    "BOOL": Kind.BOOLEAN,
    "TINYINT": Kind.TINYINT,
    "SMALLINT": Kind.SMALLINT,
    "INT": Kind.INTEGER,
    "INTEGER": Kind.INTEGER,
    "BIGINT": Kind.BIGINT,
    "LONG": Kind.BIGINT,
    "DECIMAL": Kind.DECIMAL,
    "NUMERIC": Kind.DECIMAL,
    "DOUBLE": Kind.DOUBLE,
    "FLOAT": Kind.DOUBLE,
    "REAL": Kind.REAL,
    "VARCHAR": Kind.VARCHAR,
    "CHAR": Kind.VARCHAR,
    "CHARACTER": Kind.VARCHAR,
    "UUID": Kind.UUID,
    "DATE": Kind.DATE,
    "TIME": Kind.TIME,
    "TIMESTAMP": Kind.TIMESTAMP,
    "DATETIME": Kind.TIMESTAMP,
    "BINARY": Kind.BINARY,
    "VARBINARY": Kind.BINARY,
    "OTHER": Kind.OBJECT,
}

#: The Java class of each kind, and the type code of its fields.
JAVA_CLASS: Final = {
    Kind.BOOLEAN: ("java.lang.Boolean", tc.BOOLEAN),
    Kind.TINYINT: ("java.lang.Byte", tc.BYTE),
    Kind.SMALLINT: ("java.lang.Short", tc.SHORT),
    Kind.INTEGER: ("java.lang.Integer", tc.INT),
    Kind.BIGINT: ("java.lang.Long", tc.LONG),
    Kind.DECIMAL: ("java.math.BigDecimal", tc.DECIMAL),
    Kind.DOUBLE: ("java.lang.Double", tc.DOUBLE),
    Kind.REAL: ("java.lang.Float", tc.FLOAT),
    Kind.VARCHAR: ("java.lang.String", tc.STRING),
    Kind.UUID: ("java.util.UUID", tc.UUID),
    Kind.DATE: ("java.sql.Date", tc.OBJECT),
    Kind.TIME: ("java.sql.Time", tc.TIME),
    Kind.TIMESTAMP: ("java.sql.Timestamp", tc.TIMESTAMP),
    Kind.BINARY: ("[B", tc.BYTE_ARRAY),
    Kind.OBJECT: ("java.lang.Object", tc.OBJECT),
}
BY_JAVA_CLASS: Final = {
    **{name: kind for kind, (name, _) in JAVA_CLASS.items()},
    "java.util.Date": Kind.TIMESTAMP,
    "java.lang.Character": Kind.VARCHAR,
    "boolean": Kind.BOOLEAN,
    "byte": Kind.TINYINT,
    "short": Kind.SMALLINT,
    "int": Kind.INTEGER,
    "long": Kind.BIGINT,
    "float": Kind.REAL,
    "double": Kind.DOUBLE,
}

_BY_CODE: Final = {
    tc.NULL: Kind.NULL,
    tc.BOOLEAN: Kind.BOOLEAN,
    tc.BYTE: Kind.TINYINT,
    tc.SHORT: Kind.SMALLINT,
    tc.INT: Kind.INTEGER,
    tc.LONG: Kind.BIGINT,
    tc.DECIMAL: Kind.DECIMAL,
    tc.DOUBLE: Kind.DOUBLE,
    tc.FLOAT: Kind.REAL,
    tc.STRING: Kind.VARCHAR,
    tc.CHAR: Kind.VARCHAR,
    tc.UUID: Kind.UUID,
    tc.DATE: Kind.TIMESTAMP,
    tc.TIMESTAMP: Kind.TIMESTAMP,
    tc.TIME: Kind.TIME,
    tc.BYTE_ARRAY: Kind.BINARY,
    tc.OPAQUE: Kind.DATE,
}

_NUMBER_FORMS: Final = {
    tc.BOOLEAN: Struct("<b"),
    tc.BYTE: Struct("<b"),
    tc.SHORT: Struct("<h"),
    tc.INT: Struct("<i"),
    tc.LONG: Struct("<q"),
    tc.DOUBLE: Struct("<d"),
    tc.FLOAT: Struct("<f"),
}
_LONG: Final = Struct("<q")
_LONG_INT: Final = Struct("<qi")
_TWO_INTS: Final = Struct("<ii")
_TWO_LONGS: Final = Struct("<QQ")
_TWO_BIG_LONGS: Final = Struct(">QQ")
_SIGN: Final = 1 << 63
_CODE_INT: Final = Struct("<Bi")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_MILLI: Final = timedelta(milliseconds=1)

#: How many digits a decimal may have, on either side of the point.
_MAX_DIGITS: Final = 10_000

#: Exact, or an error.
EXACT: Final = Context(
    prec=_MAX_DIGITS,
    Emax=_MAX_DIGITS,
    Emin=-_MAX_DIGITS,
    traps=[Inexact, InvalidOperation, Overflow],
)


def not_supported(what: str) -> Refusal:
    """What this SQL does not have, as servers say it."""
    return Refusal(f"The node in memory does not support {what}", sqlstate="0A000")


def conversion_failed(cell: object, kind: Kind) -> Refusal:
    """A value that cannot be converted."""
    return Refusal(f"Data conversion error converting {cell!r} to {kind.value}")


#: As wide, and rounding where it is told to.
ROUNDING: Final = Context(prec=2 * _MAX_DIGITS)


# -- the wire --------------------------------------------------------------------------------------


class Wire:
    """Values to cells and back, in the time zone of the server.

    Args:
        zone: the zone in which dates and times are what they are; None for the process's own.
        dates_as_opaque: whether dates go back as java.sql.Date, as from Apache Ignite.
    """

    def __init__(self, zone: tzinfo | None, *, dates_as_opaque: bool) -> None:
        self._zone = zone
        self._dates_as_opaque = dates_as_opaque

    def kind_of(self, value: bytes) -> Kind:
        """The kind of a value."""
        return _BY_CODE.get(value[0], Kind.OBJECT)

    def argument(self, value: bytes) -> tuple[Cell, Kind]:
        """A parameter's cell and kind. GridGain takes a date for a day, Ignite for a moment."""
        cell, kind = self.cell(value), self.kind_of(value)
        if value[0] == tc.DATE and not self._dates_as_opaque:
            return convert(cell, kind, Kind.DATE), Kind.DATE
        return cell, kind

    def cell(self, value: bytes) -> Cell:
        """The cell of a value, of the value's own kind.

        Raises:
            Refusal: SQL cannot have it here.
        """
        code = value[0]
        form = _NUMBER_FORMS.get(code)
        if form is not None:
            number: int | float = form.unpack_from(value, 1)[0]
            if number != number:
                raise not_supported("NaN")
            return number
        if code == tc.NULL:
            return None
        if code == tc.STRING:
            return value[5:].decode()
        if code == tc.CHAR:
            return value[1:3].decode("utf-16-le", "replace")
        if code == tc.DECIMAL:
            return str(self._decimal(value))
        if code == tc.UUID:
            high, low = _TWO_LONGS.unpack_from(value, 1)
            return _TWO_BIG_LONGS.pack(high ^ _SIGN, low ^ _SIGN)
        if code in (tc.DATE, tc.TIMESTAMP):
            millis = _LONG.unpack_from(value, 1)[0]
            nanos = _LONG_INT.unpack_from(value, 1)[1] if code == tc.TIMESTAMP else 0
            return f"{self._local(millis).isoformat(' ', 'milliseconds')}{nanos:06d}"
        if code == tc.TIME:
            local = self._local(_LONG.unpack_from(value, 1)[0])
            return local.time().isoformat("milliseconds")
        if code == tc.OPAQUE:
            return self._local(_LONG.unpack_from(value, 12)[0]).date().isoformat()
        if code == tc.BYTE_ARRAY:
            return value[5:]
        return value

    def _decimal(self, value: bytes) -> Decimal:
        scale, _ = _TWO_INTS.unpack_from(value, 1)
        if abs(scale) > _MAX_DIGITS:
            raise not_supported(f"decimals of scale {scale}")
        try:
            return decode_decimal(scale, value[9:])
        except DecodeError:
            raise not_supported("decimals of so many digits") from None

    def _local(self, millis: int) -> datetime:
        try:
            moment = _EPOCH + millis * _MILLI
            return moment.astimezone(self._zone).replace(tzinfo=None)
        except (OverflowError, ValueError):
            raise not_supported("dates outside of the years 1 to 9999") from None

    def _instant(self, local: datetime) -> int:
        try:
            moment = local.replace(tzinfo=self._zone).astimezone(UTC)
        except (OverflowError, ValueError):
            raise not_supported("dates outside of the years 1 to 9999") from None
        return (moment - _EPOCH) // _MILLI

    def value(self, cell: Any, kind: Kind, *, stored: bool = False) -> bytes:
        """The value of a cell.

        Args:
            cell: the cell.
            kind: its kind.
            stored: whether it is to be part of an entry, where dates are always java.sql.Date.
        """
        if cell is None:
            return NULL
        code = JAVA_CLASS[kind][1]
        form = _NUMBER_FORMS.get(code)
        if form is not None:
            return bytes((code,)) + form.pack(cell)
        if kind is Kind.VARCHAR:
            data = cell.encode()
            return _CODE_INT.pack(code, len(data)) + bytes(data)
        if kind is Kind.DECIMAL:
            unscaled, scale = split_decimal(Decimal(cell))
            digits = decimal_digits(unscaled)
            return bytes((code,)) + _TWO_INTS.pack(scale, len(digits)) + digits
        if kind is Kind.UUID:
            high, low = _TWO_BIG_LONGS.unpack(cell)
            return bytes((code,)) + _TWO_LONGS.pack(high ^ _SIGN, low ^ _SIGN)
        if kind is Kind.DATE:
            millis = self._instant(datetime.fromisoformat(cell))
            if stored or self._dates_as_opaque:
                head = bytes((tc.OPAQUE,)) + tc.SQL_DATE_PREFIX + tc.SQL_DATE_CHECKSUM
                return head + _LONG.pack(millis)
            return bytes((tc.DATE,)) + _LONG.pack(millis)
        if kind is Kind.TIME:
            local = datetime.combine(date(1970, 1, 1), time.fromisoformat(cell))
            return bytes((code,)) + _LONG.pack(self._instant(local))
        if kind is Kind.TIMESTAMP:
            millis = self._instant(datetime.fromisoformat(cell[:23]))
            return bytes((code,)) + _LONG_INT.pack(millis, int(cell[23:]))
        if kind is Kind.BINARY:
            return _CODE_INT.pack(code, len(cell)) + bytes(cell)
        return bytes(cell)


# -- conversions -----------------------------------------------------------------------------------

_TIMESTAMP: Final = re.compile(
    r"(\d{4}-\d\d?-\d\d?)(?:[ T](\d\d?:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?", re.ASCII
)
_WHOLE: Final = re.compile(r"[+-]?\d+", re.ASCII)


def convert(cell: Any, source: Kind, target: Kind) -> Any:
    """A cell of one kind as one of another.

    Raises:
        Refusal: it cannot be converted.
    """
    if cell is None or source is target:
        return cell
    try:
        if target in INTEGERS:
            return _to_integer(cell, source, target)
        return _CONVERSIONS[target](cell, source)
    except (ValueError, KeyError, InvalidOperation, OverflowError, TypeError):
        raise conversion_failed(cell, target) from None


def in_range(number: int, kind: Kind) -> int:
    """A whole number, if the kind can hold it.

    Raises:
        Refusal: it cannot.
    """
    limit = INTEGERS[kind]
    if not -limit <= number < limit:
        raise Refusal(f'Numeric value out of range: "{number}"')
    return number


def _to_integer(cell: Any, source: Kind, target: Kind) -> int:
    if source in INTEGERS or source is Kind.BOOLEAN:
        number = int(cell)
    elif source is Kind.VARCHAR:
        if not _WHOLE.fullmatch(cell.strip()):
            raise ValueError
        number = int(cell)
    elif source in FLOATS or source is Kind.DECIMAL:
        wide = Decimal(cell)
        if not wide.is_finite() or wide.adjusted() > 30:
            raise Refusal(f'Numeric value out of range: "{cell}"')
        number = int(wide.to_integral_value(ROUND_HALF_UP))
    else:
        raise ValueError
    return in_range(number, target)


def _to_decimal(cell: Any, source: Kind) -> str:
    if source not in NUMBERS and source not in (Kind.VARCHAR, Kind.BOOLEAN):
        raise ValueError
    number = Decimal(repr(cell) if source in FLOATS else cell)
    if not number.is_finite():
        raise ValueError
    exponent = number.as_tuple().exponent
    if abs(number.adjusted()) >= _MAX_DIGITS or abs(int(exponent)) >= _MAX_DIGITS:
        raise not_supported("decimals of so many digits")
    return str(number)


def _to_float(cell: Any, source: Kind) -> float:
    if source not in NUMBERS and source not in (Kind.VARCHAR, Kind.BOOLEAN):
        raise ValueError
    number = float(cell)
    if number != number:
        raise ValueError
    return number


def _to_real(cell: Any, source: Kind) -> float:
    return narrowed(_to_float(cell, source))


def narrowed(number: float) -> float:
    """A number as a float of 32 bits has it."""
    form = _NUMBER_FORMS[tc.FLOAT]
    narrow: float = form.unpack(form.pack(number))[0]
    return narrow


def _to_boolean(cell: Any, source: Kind) -> int:
    if source is Kind.VARCHAR:
        return {"true": 1, "t": 1, "yes": 1, "y": 1, "false": 0, "f": 0, "no": 0, "n": 0}[
            cell.strip().lower()
        ]
    if source not in NUMBERS:
        raise ValueError
    return int(Decimal(cell) != 0)


def _to_varchar(cell: Any, source: Kind) -> str:
    if source in INTEGERS or source is Kind.DECIMAL:
        return str(cell)
    if source is Kind.BOOLEAN:
        return "TRUE" if cell else "FALSE"
    if source is Kind.UUID:
        high, low = _TWO_BIG_LONGS.unpack(cell)
        return str(UUID(int=(high ^ _SIGN) << 64 | low ^ _SIGN))
    if source is Kind.DATE:
        return str(cell)
    raise ValueError


def _to_uuid(cell: Any, source: Kind) -> bytes:
    if source is not Kind.VARCHAR:
        raise ValueError
    number = UUID(cell).int
    return _TWO_BIG_LONGS.pack(number >> 64 ^ _SIGN, number & (2**64 - 1) ^ _SIGN)


def _to_date(cell: Any, source: Kind) -> str:
    if source is Kind.TIMESTAMP:
        return str(cell[:10])
    if source is not Kind.VARCHAR:
        raise ValueError
    return _parsed(cell)[:10]


def _to_time(cell: Any, source: Kind) -> str:
    if source is Kind.TIMESTAMP:
        return str(cell[11:23])
    if source is not Kind.VARCHAR:
        raise ValueError
    return time.fromisoformat(cell.strip()).isoformat("milliseconds")


def _to_timestamp(cell: Any, source: Kind) -> str:
    if source is Kind.DATE:
        return f"{cell} 00:00:00.000000000"
    if source is not Kind.VARCHAR:
        raise ValueError
    return _parsed(cell)


def _parsed(text: str) -> str:
    """A timestamp's cell of its text."""
    match = _TIMESTAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError
    day, clock, fraction = match.groups()
    year, month, number = map(int, day.split("-"))
    moment = datetime.combine(date(year, month, number), time())
    if clock:
        hours, minutes, *seconds = map(int, clock.split(":"))
        moment = moment.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0)
    return f"{moment.isoformat(' ')}.{(fraction or '').ljust(9, '0')}"


def _to_binary(cell: Any, source: Kind) -> bytes:
    if source is not Kind.VARCHAR:
        raise ValueError
    return bytes.fromhex(cell)


def _to_object(cell: Any, source: Kind) -> Any:
    raise ValueError


_CONVERSIONS: Final = {
    Kind.BOOLEAN: _to_boolean,
    Kind.DECIMAL: _to_decimal,
    Kind.DOUBLE: _to_float,
    Kind.REAL: _to_real,
    Kind.VARCHAR: _to_varchar,
    Kind.UUID: _to_uuid,
    Kind.DATE: _to_date,
    Kind.TIME: _to_time,
    Kind.TIMESTAMP: _to_timestamp,
    Kind.BINARY: _to_binary,
    Kind.OBJECT: _to_object,
}
