"""Runs of keys and values, or of elements, that are of the same Python types.

For each pair of plain types a loop is generated, compiled once, that tests the types of what comes
and writes it in as few steps as can be. What is of other types, or does not fit, is given back to
be written, or refused, by the writers of single values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Any, Final

from . import typecodes as tc

if TYPE_CHECKING:
    from .writing import Output

#: Writes what an iterator gives; returns the first item that is not of the run, as a tuple, with
#: nothing of it written; None at the end.
WriteRun = Callable[["Output", Iterator[Any]], "tuple[Any, ...] | None"]

#: The layout after the type code of each type that is written by one struct item.
_ITEMS: Final = {int: (tc.LONG, "q"), float: (tc.DOUBLE, "d")}

_LOOP: Final = """\
def write_run(out, items):
    for {item} in items:
        if {tests}:
            return {values}
        try:
            {statements}
        except (StructError, UnicodeEncodeError):
            return {values}
        out += head
        {appends}
    return None
"""


def _make(types: tuple[type[Any], ...]) -> WriteRun:
    tests, statements, pieces = [], [], []
    arguments: list[str] = []
    layout = "<"
    namespace: dict[str, Any] = {"StructError": StructError}

    def flush() -> None:
        nonlocal layout, arguments
        if len(layout) > 1:
            number = len(namespace)
            namespace[f"pack{number}"] = Struct(layout).pack
            pieces.append(f"pack{number}({', '.join(arguments)})")
            layout, arguments = "<", []

    for n, one in enumerate(types):
        tests.append(f"type(v{n}) is not {one.__name__}")
        if one in _ITEMS:
            code, item = _ITEMS[one]
            layout += "B" + item
            arguments += [str(code), f"v{n}"]
            if one is float:
                tests.append(f"v{n} != v{n}")
        else:
            statements.append(f"t{n} = v{n}.encode()")
            layout += "Bi"
            arguments += [str(tc.STRING), f"len(t{n})"]
            flush()
            pieces.append(f"t{n}")
    flush()
    # The last piece may be long text: it is not copied once more to be joined.
    joined, last = pieces, ""
    if pieces[-1].startswith("t"):
        joined, last = pieces[:-1], pieces[-1]
    values = ", ".join(f"v{n}" for n in range(len(types)))
    source = _LOOP.format(
        item=f"{values}" if len(types) > 1 else "v0",
        values=f"({values},)",
        tests=" or ".join(tests),
        statements="\n            ".join([*statements, f"head = {' + '.join(joined)}"]),
        appends=f"out += {last}" if last else "",
    )
    exec(compile(source, f"<run of {[one.__name__ for one in types]}>", "exec"), namespace)
    writer: WriteRun = namespace["write_run"]
    return writer


#: The types that make runs.
RUN_TYPES: Final = frozenset((int, float, str))
#: The loops of elements by their type, and of pairs by the types of key and value.
ELEMENTS: Final = {one: _make((one,)) for one in (int, float, str)}
PAIRS: Final = {
    (key, one): _make((key, one)) for key in (int, float, str) for one in (int, float, str)
}
