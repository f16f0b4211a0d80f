"""Text, decimals and UUIDs: Python values to their bytes and back, exactly."""

from __future__ import annotations

import codecs
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Final
from uuid import UUID, SafeUUID

from ..exceptions import DecodeError

#: How Java replaces what is no UTF-8: one U+FFFD for each malformed sequence.
JAVA_ERRORS: Final = "gridgain_proto.java"

#: The most bytes of a decimal's digits: turning them to base ten takes quadratic time.
MAX_DECIMAL_BYTES: Final = 1 << 16

#: Exact: wide enough for every scale that the wire can carry, whatever the caller's context is.
_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_scaleb: Final = _EXACT.scaleb
#: Exact for all that has no more than MAX_DECIMAL_BYTES; sums need a precision to reserve room for.
_WIDE: Final = Context(prec=400_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def _replace_as_java(exc: UnicodeError) -> tuple[str, int]:
    if not isinstance(exc, UnicodeDecodeError):
        raise exc
    data, start = exc.object, exc.start
    # Java takes an encoded surrogate as one malformed sequence, Python as three.
    surrogate = data[start : start + 1] == b"\xed" and data[start + 1 : start + 2] >= b"\xa0"
    if (
        surrogate
        and len(data) >= start + 3
        and data[start + 1] & 0xC0 == data[start + 2] & 0xC0 == 0x80
    ):
        return "\ufffd", start + 3
    return "\ufffd", exc.end


codecs.register_error(JAVA_ERRORS, _replace_as_java)


def decode_text(data: bytes) -> str:
    """Text that strict UTF-8 has refused.

    Java can be told to write modified UTF-8: NUL in two bytes, and surrogate pairs as two
    sequences of three. That is read as what it means; the rest as Java reads it, with U+FFFD.
    """
    try:
        text = data.replace(b"\xc0\x80", b"\x00").decode("utf-8", "surrogatepass")
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return data.decode("utf-8", JAVA_ERRORS)


def decode_decimal(scale: int, digits: bytes) -> Decimal:
    """The decimal of a scale and of sign-and-magnitude bytes, most significant first.

    Raises:
        DecodeError: there are no digits, or too many.
    """
    unscaled = int.from_bytes(digits, "big")
    size = len(digits)
    if not 0 < size <= MAX_DECIMAL_BYTES:
        raise DecodeError(f"a decimal of {size} bytes")
    if digits[0] & 0x80:
        unscaled = (1 << (8 * size - 1)) - unscaled
    exact = Decimal(unscaled) if size <= _SMALL_BYTES else _large_decimal(unscaled, size)
    return _scaleb(exact, -scale) if scale else exact


#: Up to these sizes Python's own conversions are the fastest; they take quadratic time.
_SMALL_BYTES: Final = 1024
_SMALL_DIGITS: Final = 2000


def _large_decimal(number: int, size: int) -> Decimal:
    """``Decimal(number)`` by halves, whose products libmpdec makes in nearly linear time."""
    if size <= _SMALL_BYTES:
        return Decimal(number)
    if number < 0:
        return _large_decimal(-number, size).copy_negate()
    half = size >> 1
    high, low = number >> (8 * half), number & ((1 << (8 * half)) - 1)
    return _WIDE.fma(
        _large_decimal(high, size - half), _power_of_256(half), _large_decimal(low, half)
    )


def _power_of_256(exponent: int) -> Decimal:
    return _WIDE.power(Decimal(256), exponent)


def _large_int(value: Decimal, digits: int) -> int:
    """``int(value)`` by halves, for an integer of many digits."""
    if digits <= _SMALL_DIGITS:
        return int(value)
    half = digits >> 1
    high, low = _WIDE.divmod(value, Decimal((0, (1,), half)))
    shift: int = 10**half
    return _large_int(high, digits - half) * shift + _large_int(low, half)


def split_decimal(value: Decimal) -> tuple[int, int]:
    """The unscaled value and the scale of a finite decimal."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a number")
    if exponent == 0:
        return _whole(value), 0
    if not value:
        return 0, -exponent
    return _whole(_scaleb(value, -exponent)), -exponent


def _whole(value: Decimal) -> int:
    digits = value.adjusted() + 1
    return int(value) if digits <= _SMALL_DIGITS else _large_int(value, digits)


def decimal_digits(unscaled: int) -> bytes:
    """The sign-and-magnitude bytes of an unscaled value, as few as there can be."""
    size = (unscaled.bit_length() >> 3) + 1
    if unscaled < 0:
        return ((1 << (8 * size - 1)) - unscaled).to_bytes(size, "big")
    return unscaled.to_bytes(size, "big")


_set_int: Final = UUID.__dict__["int"].__set__
_set_is_safe: Final = UUID.__dict__["is_safe"].__set__
_UNKNOWN: Final = SafeUUID.unknown


def make_uuid(high: int, low: int) -> UUID:
    """A UUID of its two halves; UUID's own constructor takes several times as long."""
    result = UUID.__new__(UUID)
    _set_int(result, high << 64 | low)
    _set_is_safe(result, _UNKNOWN)
    return result
