"""What SQLite is taught: arithmetic, comparison and functions as H2 has them.

SQLite's own operators overflow into floats, divide by zero into null and compare decimals as text,
so that none of them is used where it would matter.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any, Final

from ..failures import Refusal
from .kinds import (
    EXACT,
    FLOATS,
    INTEGERS,
    ROUNDING,
    Kind,
    convert,
    in_range,
    narrowed,
    not_supported,
)

#: How many digits a quotient of decimals has more after the point than what is divided.
_DIVISION_SCALE: Final = 25
_MAX_DIVISION_DIGITS: Final = 2000


def arithmetic(operator: str, kind_name: str, left: Any, right: Any) -> Any:
    """A sum, difference, product, quotient or remainder of two cells of one kind."""
    if left is None or right is None:
        return None
    kind = Kind(kind_name)
    if operator in "/%" and not Decimal(right):
        raise Refusal(f'Division by zero: "{left}"')
    if kind in INTEGERS:
        return in_range(_integers(operator, left, right), kind)
    if kind in FLOATS:
        number = _floats(operator, left, right)
        return narrowed(number) if kind is Kind.REAL else number
    return str(_decimals(operator, Decimal(left), Decimal(right)))


def _integers(operator: str, left: int, right: int) -> int:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    quotient = abs(left) // abs(right)  # Java's goes towards zero
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if operator == "/" else left - quotient * right


def _floats(operator: str, left: float, right: float) -> float:
    if operator == "+":
        result = left + right
    elif operator == "-":
        result = left - right
    elif operator == "*":
        result = left * right
    elif operator == "/":
        result = left / right
    else:
        raise not_supported("the remainder of floating-point numbers")
    if result != result:
        raise not_supported("NaN")
    return result


def _decimals(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator == "+":
        return EXACT.add(left, right)
    if operator == "-":
        return EXACT.subtract(left, right)
    if operator == "*":
        return EXACT.multiply(left, right)
    if operator == "%":
        return EXACT.remainder(left, right)
    return divided(left, right)


def divided(left: Decimal, right: Decimal) -> Decimal:
    """A quotient as H2 rounds it, zeros at its end left out."""
    exponent = left.as_tuple().exponent
    scale = _DIVISION_SCALE - int(exponent)
    step = Decimal((0, (1,), -scale))
    wide = Context(prec=_MAX_DIVISION_DIGITS)
    if scale + left.adjusted() - right.adjusted() + 2 > _MAX_DIVISION_DIGITS:
        raise not_supported("a quotient of so many digits")
    quotient = wide.divide(left, right).quantize(step, ROUND_HALF_DOWN, wide)
    if not quotient:
        return Decimal(0)
    while scale > 0 and quotient.as_tuple().digits[-1] == 0:
        scale -= 1
        quotient = quotient.quantize(Decimal((0, (1,), -scale)), context=wide)
    return quotient


def negate(kind_name: str, value: Any) -> Any:
    """The negative of a cell."""
    if value is None:
        return None
    kind = Kind(kind_name)
    if kind in INTEGERS:
        return in_range(-value, kind)
    return -value if kind in FLOATS else str(EXACT.minus(Decimal(value)))


def absolute(kind_name: str, value: Any) -> Any:
    """The absolute value of a cell."""
    if value is None:
        return None
    negative = Decimal(value) < 0
    return negate(kind_name, value) if negative else value


def cast(source: str, target: str, size: int, scale: int, value: Any) -> Any:
    """A cell as one of another kind, cut or rounded to a size."""
    kind = Kind(target)
    result = convert(value, Kind(source), kind)
    if result is None:
        return None
    if kind is Kind.VARCHAR and size >= 0:
        return result[:size]
    if kind is Kind.DECIMAL and size >= 0:
        number = Decimal(result)
        wanted = max(scale, 0)
        if -int(number.as_tuple().exponent) > wanted:
            number = number.quantize(Decimal((0, (1,), -wanted)), ROUND_HALF_UP, ROUNDING)
        if len(number.as_tuple().digits) > size:
            raise Refusal(f'Numeric value out of range: "{number}"')
        return str(number)
    if kind is Kind.TIMESTAMP:
        return result[:26] + "000"
    return result


def micros(value: Any) -> Any:
    """A timestamp rounded to microseconds, as servers do when they gather an aggregate."""
    if value is None or value.endswith("000"):
        return value
    moment = datetime.fromisoformat(value[:26])
    if value[26] >= "5":
        moment += timedelta(microseconds=1)
    return f"{moment.isoformat(' ', 'microseconds')}000"


def like(value: Any, pattern: Any, escape: Any) -> Any:
    """Whether a text matches a pattern."""
    if value is None or pattern is None:
        return None
    return int(_compiled(pattern, escape).fullmatch(value) is not None)


@lru_cache(maxsize=256)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    parts = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, "")
            if following not in ("%", "_", escape):
                raise Refusal(f'Error in LIKE ESCAPE: "{pattern}"')
            parts.append(re.escape(following))
        elif character == "%":
            parts.append(".*")
        elif character == "_":
            parts.append(".")
        else:
            parts.append(re.escape(character))
    return re.compile("".join(parts), re.DOTALL)


def length(value: Any) -> Any:
    """How many UTF-16 units a text has."""
    return None if value is None else len(value.encode("utf-16-le")) // 2


def concat(*values: Any) -> Any:
    """Texts in a row; null if one of them is."""
    return None if None in values else "".join(values)


def concat_all(*values: Any) -> Any:
    """Texts in a row, nulls left out."""
    given = [value for value in values if value is not None]
    return "".join(given) if given else None


def substring(value: Any, start: Any, count: Any) -> Any:
    """A part of a text, the first character being 1."""
    if value is None or start is None or count is None:
        return None
    first = max(start - 1, 0)
    return value[first : first + max(count, 0)]


def _text(function: Callable[[str], str]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        return None if value is None else function(value)

    return apply


def replace(value: Any, old: Any, new: Any) -> Any:
    """A text with every occurrence of a part replaced."""
    if value is None or old is None:
        return None
    return value.replace(old, new or "") if old else value


class DecimalSum:
    """The sum of decimals, or of whole numbers that grow too large for one."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, value: Any) -> None:
        """Add one."""
        if value is not None:
            number = Decimal(value)
            self._sum = number if self._sum is None else EXACT.add(self._sum, number)

    def finalize(self) -> Any:
        """The sum."""
        return None if self._sum is None else str(self._sum)


class Average:
    """The average, of the same kind as what it is of."""

    def __init__(self) -> None:
        self._kind = Kind.NULL
        self._sum: Any = 0
        self._count = 0

    def step(self, kind_name: str, value: Any) -> None:
        """Add one."""
        if value is None:
            return
        self._kind = Kind(kind_name)
        self._count += 1
        self._sum += Decimal(value) if self._kind is Kind.DECIMAL else value

    def finalize(self) -> Any:
        """The average."""
        if not self._count:
            return None
        if self._kind in INTEGERS:
            return _integers("/", self._sum, self._count)
        if self._kind is Kind.DECIMAL:
            return str(divided(self._sum, Decimal(self._count)))
        return self._sum / self._count


def compare_decimals(left: str, right: str) -> int:
    """Less, equal or greater: decimals."""
    one, other = Decimal(left), Decimal(right)
    return (one > other) - (one < other)


def compare_texts(left: str, right: str) -> int:
    """Less, equal or greater: texts by their UTF-16 units, as Java compares."""
    if left == right:
        return 0
    return 1 if left.encode("utf-16-be") > right.encode("utf-16-be") else -1


_SCALARS: Final[tuple[tuple[str, int, Callable[..., Any]], ...]] = (
    ("gg_arithmetic", 4, arithmetic),
    ("gg_negate", 2, negate),
    ("gg_abs", 2, absolute),
    ("gg_cast", 5, cast),
    ("gg_like", 3, like),
    ("gg_micros", 1, micros),
    ("gg_length", 1, length),
    ("gg_concat", -1, concat),
    ("gg_concat_all", -1, concat_all),
    ("gg_substring", 3, substring),
    ("gg_upper", 1, _text(str.upper)),
    ("gg_lower", 1, _text(str.lower)),
    ("gg_trim", 1, _text(lambda value: value.strip(" "))),
    ("gg_ltrim", 1, _text(lambda value: value.lstrip(" "))),
    ("gg_rtrim", 1, _text(lambda value: value.rstrip(" "))),
    ("gg_replace", 3, replace),
)


#: How much a statement may do, in steps of SQLite: about a second. One thread does
#: everything, and nobody may stop the others for long.
_STEPS: Final = 100_000
_MAX_STEPS: Final = 10_000_000


class Engine:
    """SQLite with what it has been taught.

    Attributes:
        connection: the database, in memory.
    """

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._failure: Refusal | None = None
        self._work = 0
        self.connection.set_progress_handler(self._worked, _STEPS)
        for name, count, function in _SCALARS:
            self.connection.create_function(name, count, self._noting(function), deterministic=True)
        self.connection.create_collation("gg_decimal", compare_decimals)
        self.connection.create_collation("gg_text", compare_texts)
        # The types of the standard library's stubs do not allow a class with a step of its own.
        add_aggregate: Callable[[str, int, Any], None] = self.connection.create_aggregate
        add_aggregate("gg_sum", 1, DecimalSum)
        add_aggregate("gg_avg", 2, Average)

    def _worked(self) -> int:
        """Called after so many steps: other than 0 ends the statement."""
        self._work += _STEPS
        if self._work <= _MAX_STEPS:
            return 0
        self._failure = Refusal("The query was cancelled while executing: it takes too long here.")
        return 1

    def _noting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function; SQLite does not hand on what is raised in it."""

        def call(*args: Any) -> Any:
            try:
                return function(*args)
            except Refusal as refusal:
                self._failure = refusal
                raise
            except ArithmeticError:
                self._failure = Refusal("Numeric value out of range")
                raise
            except (TypeError, ValueError):
                # A cell that is not of the kind it should be: a defect, and not the client's.
                self._failure = Refusal("The node in memory failed to evaluate an expression")
                raise

        return call

    def execute(self, statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; its rows.

        Args:
            statement: the statement.
            parameters: what ``:p1`` and so on mean in it. Not all have to occur.

        Raises:
            Refusal: it failed.
        """
        self._failure = None
        self._work = 0
        try:
            named = {f"p{number}": cell for number, cell in enumerate(parameters, 1)}
            return self.connection.execute(statement, named).fetchall()
        except (sqlite3.Error, OverflowError) as exc:
            raise self._failure or Refusal(f"Failed to run the statement: {exc}") from None

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
