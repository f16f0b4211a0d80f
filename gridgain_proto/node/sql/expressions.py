"""Expressions: read from tokens and compiled for SQLite, with their types worked out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..failures import Refusal
from .kinds import BY_SQL_NAME, FLOATS, INTEGERS, NUMBERS, TIMES, Kind, convert, not_supported
from .scope import RESERVED, Expression, Scope, combined, common_kind, result_kind
from .tokens import TokenStream

if TYPE_CHECKING:
    from .select import Query

#: How deep expressions may be nested.
_MAX_DEPTH: Final = 60

_COMPARISONS: Final = ("=", "<>", "!=", "<", "<=", ">", ">=")

_AGGREGATES: Final = frozenset(("COUNT", "SUM", "AVG", "MIN", "MAX"))

#: Functions of texts: what they are in SQLite, how many arguments they have, what they give.
_TEXT_FUNCTIONS: Final = {
    "UPPER": ("gg_upper", 1, Kind.VARCHAR),
    "UCASE": ("gg_upper", 1, Kind.VARCHAR),
    "LOWER": ("gg_lower", 1, Kind.VARCHAR),
    "LCASE": ("gg_lower", 1, Kind.VARCHAR),
    "LTRIM": ("gg_ltrim", 1, Kind.VARCHAR),
    "RTRIM": ("gg_rtrim", 1, Kind.VARCHAR),
    "TRIM": ("gg_trim", 1, Kind.VARCHAR),
    "LENGTH": ("gg_length", 1, Kind.BIGINT),
    "CHAR_LENGTH": ("gg_length", 1, Kind.INTEGER),
    "CHARACTER_LENGTH": ("gg_length", 1, Kind.INTEGER),
    "REPLACE": ("gg_replace", 3, Kind.VARCHAR),
}


class ExpressionReader:
    """Reads expressions.

    Args:
        stream: the statement.
        kinds: the kinds of the parameters.
        values: the cells of the parameters; constants are added to them.
        subquery: reads a query within an expression.
    """

    def __init__(
        self,
        stream: TokenStream,
        kinds: Sequence[Kind],
        values: list[Any],
        subquery: Callable[[Scope], Query],
    ) -> None:
        self._stream = stream
        self._kinds = kinds
        self._values = values
        self._subquery = subquery
        self._in_aggregate = False

    def read(self, scope: Scope) -> Expression:
        """An expression."""
        stream = self._stream
        stream.depth += 1
        if stream.depth > _MAX_DEPTH:
            raise not_supported("expressions nested so deeply")
        left = self._and(scope)
        while stream.word("OR"):
            left = _logic("OR", left, self._and(scope))
        stream.depth -= 1
        return left

    def condition(self, scope: Scope) -> str:
        """An expression that is true or false."""
        return _truth(self.read(scope)).sql

    def constant(self, cell: Any, kind: Kind, name: str) -> Expression:
        """A constant: a parameter of our own."""
        self._values.append(cell)
        return Expression(f":p{len(self._values)}", kind, name)

    def _and(self, scope: Scope) -> Expression:
        left = self._not(scope)
        while self._stream.word("AND"):
            left = _logic("AND", left, self._not(scope))
        return left

    def _not(self, scope: Scope) -> Expression:
        if self._stream.word("NOT"):
            self._stream.depth += 1
            if self._stream.depth > _MAX_DEPTH:
                raise not_supported("expressions nested so deeply")
            operand = _truth(self._not(scope))
            self._stream.depth -= 1
            return combined(f"(NOT {operand.sql})", Kind.BOOLEAN, f"NOT {operand.name}", operand)
        return self._comparison(scope)

    def _comparison(self, scope: Scope) -> Expression:
        stream = self._stream
        left = self._sum(scope)
        while True:
            operator = stream.mark(*_COMPARISONS)
            if operator:
                if stream.next.kind == "word" and stream.next.text in ("ANY", "ALL", "SOME"):
                    raise not_supported("ANY and ALL")
                left = _compared("<>" if operator == "!=" else operator, left, self._sum(scope))
            elif stream.word("IS"):
                negated = stream.word("NOT") is not None
                stream.expect_word("NULL")
                sql = f"({left.sql} IS {'NOT ' if negated else ''}NULL)"
                left = combined(
                    sql, Kind.BOOLEAN, f"{left.name} IS {'NOT ' if negated else ''}NULL", left
                )
            else:
                negated = stream.next.text == "NOT" and stream.peek(1).text in (
                    "IN",
                    "LIKE",
                    "BETWEEN",
                )
                if negated:
                    stream.take()
                word = stream.word("IN", "LIKE", "BETWEEN")
                if word is None:
                    return left
                found = {"IN": self._in, "LIKE": self._like, "BETWEEN": self._between}[word](
                    left, scope
                )
                if negated:
                    found = combined(
                        f"(NOT {found.sql})", Kind.BOOLEAN, f"NOT ({found.name})", found
                    )
                left = found

    def _in(self, left: Expression, scope: Scope) -> Expression:
        stream = self._stream
        stream.expect_mark("(")
        if stream.next.text in ("SELECT", "WITH") and stream.next.kind == "word":
            query = self._subquery(scope)
            stream.expect_mark(")")
            if len(query.kinds) != 1:
                raise stream.error("a query of one column expected")
            kind = common_kind(left.kind, query.kinds[0])
            if query.kinds[0] is not kind and not {kind, query.kinds[0]} <= set(INTEGERS):
                raise not_supported(f"IN over a query of {query.kinds[0].value}; use CAST in it")
            one = left.as_kind(kind) if left.kind not in INTEGERS or kind not in INTEGERS else left
            return combined(f"({one.compared()} IN ({query.sql}))", Kind.BOOLEAN, "IN", left)
        items = [self.read(scope)]
        while stream.mark(","):
            items.append(self.read(scope))
        stream.expect_mark(")")
        kind = left.kind
        for item in items:
            kind = common_kind(kind, item.kind)
        texts = ", ".join(_fitted(item, kind).compared() for item in items)
        sql = f"({_fitted(left, kind).compared()} IN ({texts}))"
        name = f"{left.name} IN({', '.join(item.name for item in items)})"
        return combined(sql, Kind.BOOLEAN, name, left, *items)

    def _like(self, left: Expression, scope: Scope) -> Expression:
        pattern = self._sum(scope)
        escape = self.constant("\\", Kind.VARCHAR, "'\\'")
        if self._stream.word("ESCAPE"):
            escape = self._sum(scope)
        parts = [_text(part) for part in (left, pattern, escape)]
        sql = f"gg_like({', '.join(part.sql for part in parts)})"
        return combined(sql, Kind.BOOLEAN, f"{left.name} LIKE {pattern.name}", left, pattern)

    def _between(self, left: Expression, scope: Scope) -> Expression:
        low = self._sum(scope)
        self._stream.expect_word("AND")
        high = self._sum(scope)
        return _logic("AND", _compared(">=", left, low), _compared("<=", left, high))

    def _sum(self, scope: Scope) -> Expression:
        left = self._product(scope)
        while operator := self._stream.mark("+", "-", "||"):
            right = self._product(scope)
            if operator == "||":
                parts = (_text(left), _text(right))
                sql = f"gg_concat({parts[0].sql}, {parts[1].sql})"
                left = combined(sql, Kind.VARCHAR, f"{left.name} || {right.name}", left, right)
            else:
                left = _arithmetic(operator, left, right)
        return left

    def _product(self, scope: Scope) -> Expression:
        left = self._unary(scope)
        while operator := self._stream.mark("*", "/", "%"):
            left = _arithmetic(operator, left, self._unary(scope))
        return left

    def _unary(self, scope: Scope) -> Expression:
        stream = self._stream
        negative = False
        signed = False
        while sign := stream.mark("-", "+"):
            signed = True
            negative ^= sign == "-"
        if negative and stream.next.kind == "number":
            return self._number("-" + stream.take().text)
        operand = self._primary(scope)
        if not signed or not negative:
            return operand
        if operand.kind not in NUMBERS:
            raise not_supported(f"the negative of {operand.kind.value}")
        sql = f"gg_negate('{operand.kind.value}', {operand.sql})"
        return combined(sql, operand.kind, f"- {operand.name}", operand)

    def _number(self, text: str) -> Expression:
        if len(text) > 1000:
            raise not_supported("numbers of so many digits")
        if text.lstrip("-").isdigit():
            number = int(text)
            if -(2**31) <= number < 2**31:
                return self.constant(number, Kind.INTEGER, text)
            if -(2**63) <= number < 2**63:
                return self.constant(number, Kind.BIGINT, text)
        return self.constant(convert(text, Kind.VARCHAR, Kind.DECIMAL), Kind.DECIMAL, text)

    def _primary(self, scope: Scope) -> Expression:
        stream = self._stream
        token = stream.next
        if token.kind == "number":
            return self._number(stream.take().text)
        if token.kind == "string":
            name = "'" + stream.take().text.replace("'", "''") + "'"
            return self.constant(token.text, Kind.VARCHAR, name)
        if stream.takes_parameter():
            return self._parameter()
        if stream.mark("("):
            return self._parenthesis(scope)
        if token.kind == "word":
            found = self._word(token.text, scope)
            if found is not None:
                return found
            if token.text in RESERVED:
                raise stream.error("an expression expected")
        elif token.kind != "name":
            raise stream.error("an expression expected")
        return self._name(scope)

    def _parameter(self) -> Expression:
        position = self._stream.parameter()
        if position >= len(self._kinds):
            raise Refusal(
                "Invalid number of query parameters "
                f"[expected={self._stream.parameters}, actual={len(self._kinds)}]"
            )
        return Expression(f":p{position + 1}", self._kinds[position], f"?{position + 1}")

    def _parenthesis(self, scope: Scope) -> Expression:
        stream = self._stream
        if stream.next.kind == "word" and stream.next.text in ("SELECT", "WITH"):
            query = self._subquery(scope)
            stream.expect_mark(")")
            if len(query.kinds) != 1:
                raise stream.error("a query of one column expected")
            return Expression(f"({query.sql})", query.kinds[0], f"({query.names[0]})")
        inner = self.read(scope)
        if stream.mark(","):
            raise not_supported("rows of several values")
        stream.expect_mark(")")
        return inner

    def _word(self, word: str, scope: Scope) -> Expression | None:
        """An expression that begins with a certain word; None if it is a name."""
        stream = self._stream
        following = stream.peek(1)
        if word in ("TRUE", "FALSE"):
            stream.take()
            return self.constant(int(word == "TRUE"), Kind.BOOLEAN, word)
        if word == "NULL":
            stream.take()
            return Expression("NULL", Kind.NULL, "NULL")
        if word == "CASE":
            stream.take()
            return self._case(scope)
        if word == "EXISTS" and following.text == "(":
            stream.take()
            stream.take()
            query = self._subquery(scope)
            stream.expect_mark(")")
            return Expression(f"EXISTS({query.sql})", Kind.BOOLEAN, "EXISTS")
        if word in ("DATE", "TIME", "TIMESTAMP") and following.kind == "string":
            stream.take()
            text = stream.take().text
            kind = Kind(word)
            return self.constant(convert(text, Kind.VARCHAR, kind), kind, f"{word} '{text}'")
        if following.kind == "mark" and following.text == "(":
            stream.take()
            stream.take()
            return self._function(word, scope)
        return None

    def _name(self, scope: Scope) -> Expression:
        stream = self._stream
        parts = [stream.identifier()]
        while stream.mark("."):
            parts.append(stream.identifier())
        qualifier = parts[-2] if len(parts) > 1 else None
        found = scope.find(qualifier, parts[-1])
        if found is None:
            words = f'Column "{".".join(parts)}" not found'
            raise Refusal(f"Failed to parse query. {words}", sqlstate="42000")
        return found

    def _case(self, scope: Scope) -> Expression:
        stream = self._stream
        subject = None
        if stream.next.text != "WHEN":
            subject = self.read(scope)
        conditions: list[Expression] = []
        results: list[Expression] = []
        while stream.word("WHEN"):
            condition = self.read(scope)
            if subject is not None:
                condition = _compared("=", subject, condition)
            conditions.append(_truth(condition))
            stream.expect_word("THEN")
            results.append(self.read(scope))
        if not conditions:
            raise stream.error("'WHEN' expected")
        if stream.word("ELSE"):
            results.append(self.read(scope))
        stream.expect_word("END")
        kind = result_kind([result.kind for result in results])
        fitted = [_fitted(result, kind) for result in results]
        text = " ".join(
            f"WHEN {condition.sql} THEN {result.sql}"
            for condition, result in zip(conditions, fitted, strict=False)
        )
        if len(fitted) > len(conditions):
            text += f" ELSE {fitted[-1].sql}"
        return combined(f"(CASE {text} END)", kind, "CASE", *conditions, *results)

    # -- functions -------------------------------------------------------------------------------

    def _function(self, name: str, scope: Scope) -> Expression:
        """A function, whose parenthesis has been taken."""
        if name == "CAST":
            return self._cast(scope)
        if name in _AGGREGATES:
            return self._aggregate(name, scope)
        args: list[Expression] = []
        stream = self._stream
        if not stream.mark(")"):
            args.append(self.read(scope))
            while stream.mark(","):
                args.append(self.read(scope))
            stream.expect_mark(")")
        shown = f"{name}({', '.join(arg.name for arg in args)})"
        if name in _TEXT_FUNCTIONS:
            function, count, kind = _TEXT_FUNCTIONS[name]
            if len(args) != count:
                raise not_supported(f"{name} with {len(args)} arguments")
            sql = f"{function}({', '.join(_text(arg).sql for arg in args)})"
            return combined(sql, kind, shown, *args)
        special = {
            "CONCAT": _concat,
            "SUBSTRING": _substring,
            "SUBSTR": _substring,
            "COALESCE": _coalesce,
            "IFNULL": _coalesce,
            "NVL": _coalesce,
            "NULLIF": _nullif,
            "ABS": _abs,
            "MOD": _mod,
        }.get(name)
        if special is None:
            raise not_supported(f"the function {name}")
        found = special(args)
        return combined(found.sql, found.kind, shown, *args)

    def _cast(self, scope: Scope) -> Expression:
        stream = self._stream
        operand = self.read(scope)
        stream.expect_word("AS")
        kind, size, scale, type_name = read_type(stream)
        stream.expect_mark(")")
        name = f"CAST({operand.name} AS {type_name})"
        if operand.kind is Kind.NULL:
            return combined("NULL", kind, name, operand)
        sql = f"gg_cast('{operand.kind.value}', '{kind.value}', {size}, {scale}, {operand.sql})"
        return combined(sql, kind, name, operand)

    def _aggregate(self, name: str, scope: Scope) -> Expression:
        stream = self._stream
        if self._in_aggregate:
            raise stream.error("an aggregate within an aggregate")
        if name == "COUNT" and stream.mark("*"):
            stream.expect_mark(")")
            return Expression("COUNT(*)", Kind.BIGINT, "COUNT(*)", aggregate=True)
        distinct = "DISTINCT " if stream.word("DISTINCT") else ""
        self._in_aggregate = True
        operand = self.read(scope)
        self._in_aggregate = False
        stream.expect_mark(")")
        shown = f"{name}({distinct}{operand.name})"
        sql, kind = _aggregated(name, distinct, operand)
        return Expression(sql, kind, shown, aggregate=True, scale=operand.scale)


def read_type(stream: TokenStream) -> tuple[Kind, int, int, str]:
    """A type: its kind, precision and scale (-1 where not said), and its name."""
    token = stream.take()
    if token.kind != "word" or token.text not in BY_SQL_NAME:
        raise stream.error(f"unknown data type {token.text!r}")
    kind = BY_SQL_NAME[token.text]
    name = token.text
    if token.text == "DOUBLE":
        stream.word("PRECISION")
    if token.text == "CHARACTER":
        stream.word("VARYING")
    size = scale = -1
    if stream.mark("("):
        size = stream.integer()
        if stream.mark(","):
            scale = stream.integer()
        stream.expect_mark(")")
    return kind, size, scale, name


# -- parts -----------------------------------------------------------------------------------------


def _fitted(one: Expression, kind: Kind) -> Expression:
    """An expression as one of a kind; whole numbers fit each other as they are."""
    if one.kind in INTEGERS and kind in INTEGERS:
        return one
    return one.as_kind(kind)


def _truth(one: Expression) -> Expression:
    if one.kind in (Kind.BOOLEAN, Kind.NULL):
        return one
    return one.as_kind(Kind.BOOLEAN)


def _text(one: Expression) -> Expression:
    if one.kind in (Kind.VARCHAR, Kind.NULL):
        return one
    if one.kind in FLOATS or one.kind in TIMES - {Kind.DATE}:
        raise not_supported(f"the text of {one.kind.value}; Java writes it in its own way")
    return one.as_kind(Kind.VARCHAR)


def _logic(operator: str, left: Expression, right: Expression) -> Expression:
    one, other = _truth(left), _truth(right)
    return combined(
        f"({one.sql} {operator} {other.sql})",
        Kind.BOOLEAN,
        f"({left.name}) {operator} ({right.name})",
        left,
        right,
    )


def _compared(operator: str, left: Expression, right: Expression) -> Expression:
    kind = common_kind(left.kind, right.kind)
    if kind is Kind.OBJECT:
        raise not_supported("comparing objects")
    one, other = _fitted(left, kind), _fitted(right, kind)
    sql = f"({one.compared()} {operator} {other.sql})"
    return combined(sql, Kind.BOOLEAN, f"{left.name} {operator} {right.name}", left, right)


def _arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    kind = common_kind(left.kind, right.kind)
    if kind is Kind.NULL:
        return combined("NULL", Kind.NULL, "NULL", left, right)
    for one in (left, right):
        if one.kind is not Kind.NULL and one.kind not in NUMBERS:
            raise not_supported(f"arithmetic with {one.kind.value}")
    parts = [_fitted(one, kind).sql for one in (left, right)]
    sql = f"gg_arithmetic('{operator}', '{kind.value}', {parts[0]}, {parts[1]})"
    return combined(sql, kind, f"{left.name} {operator} {right.name}", left, right)


def _aggregated(name: str, distinct: str, operand: Expression) -> tuple[str, Kind]:
    kind = operand.kind
    if name == "COUNT":
        return f"COUNT({distinct}{operand.compared()})", Kind.BIGINT
    if name in ("MIN", "MAX"):
        if kind in (Kind.OBJECT, Kind.BINARY, Kind.NULL):
            raise not_supported(f"{name} of {kind.value}")
        sql = f"{name}({operand.compared()})"
        return (f"gg_micros({sql})" if kind is Kind.TIMESTAMP else sql), kind
    if kind not in NUMBERS:
        raise not_supported(f"{name} of {kind.value}")
    if name == "AVG":
        if distinct:
            raise not_supported("AVG(DISTINCT)")
        return f"gg_avg('{kind.value}', {operand.sql})", kind
    if kind in (Kind.BIGINT, Kind.DECIMAL):
        if distinct and kind is Kind.DECIMAL:
            raise not_supported("SUM(DISTINCT) of DECIMAL")
        return f"gg_sum({distinct}{operand.sql})", Kind.DECIMAL
    target = Kind.DOUBLE if kind in FLOATS else Kind.BIGINT
    return f"SUM({distinct}{operand.sql})", target


def _concat(args: list[Expression]) -> Expression:
    texts = ", ".join(_text(arg).sql for arg in args)
    return combined(f"gg_concat_all({texts})", Kind.VARCHAR, "", *args)


def _substring(args: list[Expression]) -> Expression:
    if len(args) not in (2, 3):
        raise not_supported(f"SUBSTRING with {len(args)} arguments")
    parts = [_text(args[0]).sql] + [arg.as_kind(Kind.BIGINT).sql for arg in args[1:]]
    if len(args) == 2:
        parts.append(str(2**31))
    return combined(f"gg_substring({', '.join(parts)})", Kind.VARCHAR, "", *args)


def _coalesce(args: list[Expression]) -> Expression:
    if len(args) < 2:
        raise not_supported("COALESCE of one argument")
    kind = result_kind([arg.kind for arg in args])
    texts = ", ".join(_fitted(arg, kind).sql for arg in args)
    return combined(f"COALESCE({texts})", kind, "", *args)


def _nullif(args: list[Expression]) -> Expression:
    if len(args) != 2:
        raise not_supported(f"NULLIF with {len(args)} arguments")
    if args[0].kind is not args[1].kind and Kind.NULL not in (args[0].kind, args[1].kind):
        raise not_supported("NULLIF of different types; use CAST")
    equal = _compared("=", args[0], args[1])
    sql = f"(CASE WHEN {equal.sql} THEN NULL ELSE {args[0].sql} END)"
    return combined(sql, args[0].kind, "", *args)


def _abs(args: list[Expression]) -> Expression:
    if len(args) != 1 or args[0].kind not in NUMBERS:
        raise not_supported("ABS of these arguments")
    return combined(f"gg_abs('{args[0].kind.value}', {args[0].sql})", args[0].kind, "", *args)


def _mod(args: list[Expression]) -> Expression:
    if len(args) != 2 or not all(arg.kind in INTEGERS for arg in args):
        raise not_supported("MOD of these arguments")
    return _arithmetic("%", args[0], args[1])
