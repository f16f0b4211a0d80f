"""Running SQL statements, and what has to be known of servers for that.

A ``DELETE`` whose condition is that the key equals a parameter is carried out by the server as the
removal of that very key, type included: with a 64-bit integer nothing is deleted from a table whose
key is an ``INT``, and the server reports 0 rows. (So it is with every other type that differs, with
``REAL`` and a double for instance, and with decimals of another scale.) Queries and updates compare
as SQL does. So a ``DELETE`` that has deleted nothing is run once more with its parameters inside of
casts, which makes the server compare as SQL does there, too. The statement with casts is not the
first choice because it is not as fast, and nothing but comparisons differs between the two.
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..exceptions import ParameterError
from ..operations.layout import CacheHeader
from ..operations.query import QUERY_SQL_FIELDS, QUERY_SQL_FIELDS_PAGE, SqlOptions
from .cursors import AsyncSqlCursor
from .options import check_timeout

if TYPE_CHECKING:
    from .session import Session

#: The server takes its shortcut for a key, or for a key and its value.
_SHORTCUT_ARGS = 2
_LONGEST_MS = 2**31 - 1

_QUOTED = r"'(?:[^']|'')*'" r'|"(?:[^"]|"")*"' r"|\$\$.*?\$\$"
_COMMENT = r"--[^\n]*|//[^\n]*|/\*.*?\*/"
_IS_DELETE = re.compile(rf"(?:\s|{_COMMENT})*DELETE\b", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(rf"{_QUOTED}|{_COMMENT}|\?\d*", re.DOTALL)

_CASTS: tuple[tuple[type[Any], str | None], ...] = (
    (bool, None),
    (int, "BIGINT"),
    (float, "DOUBLE"),
    (decimal.Decimal, "DECIMAL"),
    (str, "VARCHAR"),
)


async def open_sql(
    session: Session,
    header: CacheHeader,
    options: SqlOptions,
    timeout: float | None,
    *,
    names_first: bool,
) -> AsyncSqlCursor:
    """Run a statement.

    Args:
        session: by which it is carried out.
        header: whose schema is meant, if none is given.
        options: the statement.
        timeout: seconds; None for the client's.
        names_first: whether the names of the columns are the first row.
    """
    deadline = session.deadline(timeout)
    owner = None
    if options.partitions is not None and len(options.partitions) == 1:
        owner = session.nodes.owner_of_partition(header.cache_id, options.partitions[0])
    first, link = await session.perform_keeping(QUERY_SQL_FIELDS(header, options), timeout, owner)
    if first.update_count == 0 and (text := with_casts(options.statement, options.args)):
        left = None if deadline is None else max(deadline - session.runtime.now(), 0.001)
        options = replace(options, statement=text)
        first, link = await session.perform_keeping(QUERY_SQL_FIELDS(header, options), left)
    return AsyncSqlCursor(
        session, link, first, QUERY_SQL_FIELDS_PAGE, timeout, names_first=names_first
    )


def with_casts(statement: str, args: Sequence[Any]) -> str | None:
    """A ``DELETE`` that compares its parameters as SQL does; None if it does so anyway.

    Args:
        statement: any statement.
        args: the values of its parameters; each may be ``(value, hint)``.
    """
    if not 0 < len(args) <= _SHORTCUT_ARGS or not _IS_DELETE.match(statement):
        return None
    casts = [_cast(arg) for arg in args]
    if not any(casts):
        return None
    found: list[int] = []

    def cast(match: re.Match[str]) -> str:
        token = match[0]
        if not token.startswith("?"):
            return token
        found.append(int(token[1:]) - 1 if len(token) > 1 else len(found))
        kind = casts[found[-1]] if 0 <= found[-1] < len(casts) else None
        return token if kind is None else f"CAST({token} AS {kind})"

    text = _TOKEN.sub(cast, statement)
    # If these are not the parameters that the server sees, hands off.
    return text if sorted(set(found)) == list(range(len(args))) else None


def _cast(arg: Any) -> str | None:
    value = arg[0] if isinstance(arg, tuple) and len(arg) == 2 else arg
    return next((cast for kind, cast in _CASTS if isinstance(value, kind)), None)


# -- arguments -------------------------------------------------------------------------------------


def check_statement(text: object) -> str:
    """A statement that is none of those at which a server closes the connection.

    Raises:
        ParameterError: it is empty, or no text.
    """
    if not isinstance(text, str) or not text.strip():
        raise ParameterError(f"query_str: {text!r} is not an SQL statement")
    return text


def check_arguments(args: object) -> list[Any]:
    """The values of a statement's parameters.

    Raises:
        ParameterError: they are not several.
    """
    if args is None:
        return []
    if isinstance(args, str | bytes) or not isinstance(args, Iterable):
        raise ParameterError(f"query_args: several values are expected, not {args!r}")
    return list(args)


def server_limit(timeout: float | None) -> int | None:
    """What the server is told of a call's timeout, in milliseconds.

    Raises:
        ParameterError: it is not a time.
    """
    if timeout is None:
        return None
    check_timeout(timeout)
    return _LONGEST_MS if math.isinf(timeout) else min(math.ceil(timeout * 1000), _LONGEST_MS)
