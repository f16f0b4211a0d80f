"""Runs of keys and values, or of elements, that are of the same Python types.

For each pair of plain types a loop is generated, compiled once, that tests the types of what comes
and writes it in as few steps as can be. What is of other types, or does not fit, is given back to
be written, or refused, by the writers of single values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Any, Final

from . import typecodes as tc
from .accelerated import accelerated

if TYPE_CHECKING:
    from .shapes_objects import WriteObject
    from .writing import Output

#: Writes what an iterator gives; returns the first item that is not of the run, in a tuple of its
#: own, with nothing of it written; None at the end.
WriteRun = Callable[["Output", Iterator[Any]], "tuple[Any] | None"]

#: The layout after the type code of each type that is written by one struct item.
_ITEMS: Final = {int: (tc.LONG, "q"), float: (tc.DOUBLE, "d")}

_LOOP: Final = """\
def write_run(out, items):
    for {item} in items:
        if {tests}:
            return ({item},)
        try:
            {statements}
        except (StructError, UnicodeEncodeError):
            return ({item},)
        out += head
        {appends}
    return None
"""


@accelerated
def make_run(
    types: tuple[type[Any], ...], writers: tuple[WriteObject | None, ...]
) -> WriteRun | None:
    """The loop for elements, or for keys and values, of these types.

    Args:
        types: one type, or those of key and value.
        writers: what writes objects of each, if it is a class; None for a plain type.

    Returns:
        The loop; None if there are writers: in Python a loop of theirs would gain nothing.
    """
    if any(writers):
        return None
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
    item = values if len(types) == 1 else f"({values})"
    source = _LOOP.format(
        item=item,
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
ELEMENTS: Final = {one: run for one in RUN_TYPES if (run := make_run((one,), (None,)))}
PAIRS: Final = {
    (key, value): run
    for key, value in product(RUN_TYPES, repeat=2)
    if (run := make_run((key, value), (None, None)))
}
