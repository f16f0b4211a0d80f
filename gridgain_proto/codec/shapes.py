"""Pages of one shape: rows whose values have the same type codes, one row after the other.

For a shape that has been met a straight line of Python is generated, compiled once, that reads row
after row: the fixed parts between two variable ones by one ``struct`` call. It checks every type
code and stops at the first row that differs, so that what it reads is what the readers of single
values would read. The source is made of type codes and positions alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from struct import Struct
from struct import error as StructError
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from . import typecodes as tc
from .accelerated import accelerated
from .scalars import decode_decimal, make_uuid

if TYPE_CHECKING:
    from .reading import Reading
    from .times import Clock

#: Values of one struct item that need nothing done to them.
_PLAIN: Final = {
    tc.BYTE: "b",
    tc.SHORT: "h",
    tc.INT: "i",
    tc.LONG: "q",
    tc.FLOAT: "f",
    tc.DOUBLE: "d",
}
#: The shape of nulls; as rows of one column they are numbers of no bytes.
_NULL: Final = (tc.NULL,)
#: The most values in a row for which code is generated.
MOST_COLUMNS: Final = 64
#: Reads rows from a position and appends them; gives the position after the last complete one.
ReadRows = Callable[["Reading", bytes, int, int, Callable[[Any], None]], int]


class Line:
    """Makes the statements that read one row, from ``data`` at ``p``.

    Attributes:
        statements: the statements, without indentation.
        names: the name of each value.
        otherwise: the statement for a row that differs from the shape.
        layouts: the layouts of the struct calls.
        offsets: the expression for the offset of each value, if marks are kept.

    Args:
        codes: the type codes of the row.
        otherwise: the statement for a row that differs from the shape.
        marks: whether the position of each value is kept; rows begin at ``start + 24`` then.
        head: what precedes the row: layout, names of its items, tests that refuse it.
    """

    def __init__(
        self,
        codes: tuple[int, ...],
        otherwise: str,
        *,
        marks: bool = False,
        head: tuple[str, list[str], list[str]] = ("", [], []),
    ) -> None:
        self.statements: list[str] = []
        self.names = [f"v{position}" for position in range(len(codes))]
        self.otherwise = otherwise
        self._marks = marks
        self.offsets: list[str] = []
        self.layouts: list[str] = []
        self._layout = head[0]
        self._targets = list(head[1])
        self._tests = list(head[2])
        self._after: list[str] = []
        self._head_size = Struct("<" + head[0]).size
        for position, code in enumerate(codes):
            self._value(position, code)
        self._flush()

    def _value(self, n: int, code: int) -> None:
        v = f"v{n}"
        if code in _PLAIN:
            self._head(n, code, _PLAIN[code], v)
        elif code == tc.BOOLEAN:
            self._head(n, code, "B", v)
            self._after.append(f"{v} = {v} == 1")
        elif code == tc.CHAR:
            self._head(n, code, "H", v)
            self._after.append(f"{v} = chr({v})")
        elif code == tc.NULL:
            self._head(n, code, "")
            self._after.append(f"{v} = None")
        elif code == tc.UUID:
            self._head(n, code, "QQ", f"h{n}", f"l{n}")
            self._after.append(f"{v} = make_uuid(h{n}, l{n})")
        elif code in (tc.DATE, tc.TIME):
            self._head(n, code, "q", v)
            name = "read_date" if code == tc.DATE else "read_time"
            self._after.append(f"{v} = {name}({v})")
        elif code == tc.TIMESTAMP:
            self._head(n, code, "qI", v, f"n{n}")
            self._tests.append(f"n{n} > 999999")
            self._after.append(f"{v} = read_timestamp({v}, n{n})")
        elif code in (tc.STRING, tc.BYTE_ARRAY):
            self._head(n, code, "I", f"n{n}")
            self._flush()
            decoded = ".decode()" if code == tc.STRING else ""
            self.statements += [
                f"e = p + n{n}",
                f"{v} = data[p:e]{decoded}",
                "p = e",
            ]
        elif code == tc.DECIMAL:
            self._head(n, code, "iI", f"s{n}", f"n{n}")
            self._flush()
            self.statements += [
                f"e = p + n{n}",
                f"if not n{n} or e > end: {self.otherwise}",
                f"{v} = decode_decimal(s{n}, data[p:e])",
                "p = e",
            ]
        elif code == tc.WRAPPED:
            self._flush()
            # Objects of one shape follow each other: the reader of the last one is tried first.
            self.statements += [
                f"if p >= end or data[p] != {code}: {self.otherwise}",
                "wrapped = state.wrapped and state.wrapped(state, data, p + 1)",
                f"{v}, p = wrapped or readers[{code}](state, data, p + 1)",
            ]
        else:
            self._flush()
            if self._marks:
                self.statements.append(f"o{n} = p - start")
                self.offsets.append(f"o{n}")
            self.statements += [
                f"if p >= end or data[p] != {code}: {self.otherwise}",
                f"{v}, p = readers[{code}](state, data, p + 1)",
            ]

    def _head(self, n: int, code: int, layout: str, *targets: str) -> None:
        if self._marks:
            inside = Struct("<" + self._layout).size
            number = len(self.layouts)
            if number == 0:
                self.offsets.append(str(24 - self._head_size + inside))
            else:
                self.offsets.append(f"r{number} + {inside}")
        self._layout += "B" + layout
        self._targets += [f"c{n}", *targets]
        self._tests.append(f"c{n} != {code}")

    def _flush(self) -> None:
        if not self._layout:
            return
        size = Struct("<" + self._layout).size
        number = len(self.layouts)
        self.layouts.append("<" + self._layout)
        self.statements.append(f"{', '.join(self._targets)}, = unpack{number}(data, p)")
        self.statements.append(f"if {' or '.join(self._tests)}: {self.otherwise}")
        if self._marks and number:
            self.statements.append(f"r{number} = p - start")
        self.statements.append(f"p += {size}")
        self.statements += self._after
        self._layout = ""
        self._targets, self._tests, self._after = [], [], []


def unpackers(layouts: list[str], prefix: str = "unpack") -> dict[str, Any]:
    """The names under which generated source has its struct calls."""
    return {f"{prefix}{n}": Struct(layout).unpack_from for n, layout in enumerate(layouts)}


_ROWS: Final = """\
def read_rows(state, data, p, count, append):
    end = state.end
    readers = state.readers
    start = p
    try:
        for _ in range(count):
            {statements}
            if p > end: break
            append({row})
            start = p
    except (StructError, UnicodeDecodeError):
        pass
    return start
"""


@lru_cache(maxsize=512)
def _rows_code(codes: tuple[int, ...], form: str) -> tuple[CodeType, list[str]]:
    line = Line(codes, "break")
    names = ", ".join(line.names)
    row = {"list": f"[{names}]", "tuple": f"({names},)", "value": line.names[0]}[form]
    source = _ROWS.format(statements="\n            ".join(line.statements), row=row)
    return compile(source, f"<rows of {codes}>", "exec"), line.layouts


def rows_reader(clock: Clock, codes: tuple[int, ...], form: str) -> ReadRows:
    """The reader of rows of one shape.

    Args:
        clock: how instants are read.
        codes: the type codes of a row's values.
        form: what a row becomes: a ``list``, a ``tuple``, or the single ``value`` in it.
    """
    code, layouts = _rows_code(codes, form)
    namespace: dict[str, Any] = {
        "StructError": StructError,
        "make_uuid": make_uuid,
        "decode_decimal": decode_decimal,
        "read_date": clock.read_date,
        "read_time": clock.read_time,
        "read_timestamp": clock.read_timestamp,
        **unpackers(layouts),
    }
    exec(code, namespace)
    reader: ReadRows = namespace["read_rows"]
    return reader


@lru_cache(maxsize=512)
def _columns(codes: tuple[int, ...]) -> tuple[Struct, int, list[tuple[int, bytes]]] | None:
    """For rows of numbers alone: their layout without the codes, their size, where codes stand."""
    layout, offset, heads = "<", 0, []
    for code in codes:
        item = "" if codes == _NULL else _PLAIN.get(code)
        if item is None:
            return None
        layout += "x" + item
        heads.append((offset, bytes((code,))))
        offset += Struct("<x" + item).size
    return Struct(layout), offset, heads


def _same_rows(
    data: bytes, pos: int, end: int, count: int, codes: tuple[int, ...], form: str
) -> tuple[list[Any], int]:
    """The rows, from a position on, that are numbers alone and of one shape, many at a time.

    They are taken in blocks that grow, so that what is looked at in vain is no more than what was
    found.
    """
    found: list[Any] = []
    columns = _columns(codes)
    if columns is None:
        return found, pos
    layout, size, heads = columns
    block = _FIRST_BLOCK
    while count:
        block = min(block, count)
        stop = pos + block * size
        if stop > end:
            return found, pos
        for offset, code in heads:
            if data[pos + offset : stop : size] != code * block:
                return found, pos
        if size == len(heads):
            # Nulls have nothing but their code.
            found += [None] * block if form == "value" else [[None] for _ in range(block)]
        else:
            rows = layout.iter_unpack(memoryview(data)[pos:stop])
            if form == "tuple":
                found += rows
            elif form == "list":
                found += map(list, rows)
            else:
                found += chain.from_iterable(rows)
        pos = stop
        count -= block
        block *= 8
    return found, pos


_FIRST_BLOCK: Final = 64

#: With fewer rows than this, working out the shape does not pay.
FEW: Final = 8
#: How many shapes a codec has code for. What comes over the wire must not make it compile for ever.
MOST_SHAPES: Final = 512
#: How many rows are read value by value after a shape that ended at once.
_PAUSE: Final = 32


@accelerated
def rows_at(
    state: Reading, data: bytes, pos: int, count: int, columns: int, form: str
) -> tuple[list[Any], int]:
    """Read rows, those of one shape together.

    Args:
        state: the state of the message.
        data: its bytes.
        pos: where the first row begins.
        count: how many rows there are.
        columns: how many values a row has.
        form: what a row becomes: a ``list``, a ``tuple``, or the single ``value`` in it.
    """
    rows: list[Any] = []
    append = rows.append
    end = state.end
    readers = state.readers
    alone = 0 if columns <= MOST_COLUMNS else count
    while len(rows) < count:
        row, codes = [], []
        for _ in range(columns):
            if pos >= end:
                state.ended(pos)
            code = data[pos]
            value, pos = readers[code](state, data, pos + 1)
            row.append(value)
            codes.append(code)
        append(row if form == "list" else tuple(row) if form == "tuple" else row[0])
        left = count - len(rows)
        if alone > 0 or left < FEW:
            alone -= 1
            continue
        shape = tuple(codes)
        same, pos = _same_rows(data, pos, end, left, shape, form)
        if same:
            rows += same
            continue
        reader = state.codec.page_reader(shape, form)
        if reader is None:
            alone = _PAUSE
            continue
        pos = reader(state, data, pos, left, append)
        if left - (count - len(rows)) < _PAUSE // 8:
            alone = _PAUSE
    return rows, pos
