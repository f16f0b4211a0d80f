"""From Python values to bytes, by the Python type of each value.

A writer function takes the state of the message, the bytes written so far and the value. What does
not fit raises `Failure`; the containers on the way out note where in them it happened, so
that the path to the element costs nothing until then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NoReturn

from . import typecodes as tc
from .registry import TypeDescription

if TYPE_CHECKING:
    from .workings import Workings

Write = Callable[["Writing", "Output", Any], None]

CODE_BYTE: Final = Struct("<Bb").pack
CODE_SHORT: Final = Struct("<Bh").pack
CODE_INT: Final = Struct("<Bi").pack
CODE_LONG: Final = Struct("<Bq").pack
CODE_FLOAT: Final = Struct("<Bf").pack
CODE_DOUBLE: Final = Struct("<Bd").pack
CODE_CHAR: Final = Struct("<BH").pack
CODE_LONG_INT: Final = Struct("<Bqi").pack
CODE_TWO_LONGS: Final = Struct("<BQQ").pack
CODE_TWO_INTS: Final = Struct("<Bii").pack
CODE_COUNT_KIND: Final = Struct("<Bib").pack
INT: Final = Struct("<i").pack

_LOW: Final = (1 << 64) - 1
_NAN: Final = float("nan")
_SWAP: Final = sys.byteorder != "little"


class Output(bytearray):
    """Bytes being written.

    Attributes:
        new_types: what has to be registered before these bytes may be sent, in order: one
            description for each type, with the schemas that the registry does not have.
        new_classes: the Python classes written that the registry does not have, in order.
    """

    __slots__ = ("new_classes", "new_types")

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.new_types: list[TypeDescription] = []
        self.new_classes: list[type[Any]] = []


class Failure(Exception):
    """A value cannot be written.

    Attributes:
        reason: what is wrong with it.
        path: the steps from the outermost value to it, innermost first.
        too_deep: whether it is the nesting limit that was reached.
    """

    def __init__(self, reason: str, *, too_deep: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []
        self.too_deep = too_deep

    def inside(self, step: str) -> Failure:
        """Note one step of the path."""
        self.path.append(step)
        return self

    def text(self, root: str) -> str:
        """The whole message."""
        steps = self.path[::-1]
        if len(steps) > 12:
            steps = [*steps[:6], "…", *steps[-5:]]
        return f"{root}{''.join(steps)}: {self.reason}"


def shown(value: object) -> str:
    """A value in a message, cut to a length that leaves the message readable."""
    try:
        text = repr(value)
    except Exception as exc:  # the value's own code; the message must not depend on it
        text = f"<{type(value).__name__}, whose repr fails: {exc}>"
    return text if len(text) <= 60 else f"{text[:57]}..."


class Writing:
    """The state of one value while it is written.

    Attributes:
        codec: the codec.
        table: the writer of each Python type met so far.
        base: that table outside of containers whose elements have narrow types.
        depth: how many more containers may be opened.
        places: where each container was written, by identity; None unless handles are written.
        active: the containers being written, by identity; None unless a cycle is looked for.
    """

    __slots__ = ("active", "base", "codec", "depth", "places", "table")

    def __init__(self, codec: Workings) -> None:
        self.codec = codec
        self.table = self.base = codec.writers
        self.depth = codec.max_depth
        self.places: dict[int, int] | None = None
        self.active: set[int] | None = None
        if codec.handles:
            self.track()

    def track(self) -> None:
        """Write a container that occurs again as a handle."""
        self.places = {}
        self.table = self.base = self.codec.tracked_writers

    def stop_tracking(self) -> None:
        """Write no more handles."""
        self.places = None
        self.table = self.base = self.codec.writers

    def look_for_cycle(self) -> None:
        """Refuse a container that contains itself."""
        self.active = set()
        self.table = self.base = self.codec.tracked_writers

    def too_deep(self) -> NoReturn:
        """Refuse one more level."""
        raise Failure(
            f"nested deeper than {self.codec.max_depth} levels, or containing itself",
            too_deep=True,
        )


def tracked(write: Write) -> Write:
    """The writer of a container, for messages in which handles are written or cycles refused."""

    def write_tracked(state: Writing, out: Output, value: Any) -> None:
        key = id(value)
        places = state.places
        if places is not None:
            place = places.get(key)
            if place is not None:
                out += CODE_INT(tc.HANDLE, len(out) - place)
                return
            places[key] = len(out)
        active = state.active
        if active is not None:
            if key in active:
                raise Failure(f"this {type(value).__name__} contains itself")
            active.add(key)
            write(state, out, value)
            active.discard(key)
            return
        write(state, out, value)

    return write_tracked


def write_value(state: Writing, out: Output, value: Any) -> None:
    """Write one value as its Python type says."""
    (state.table.get(type(value)) or writer_of(state, value))(state, out, value)


def writer_of(state: Writing, value: Any) -> Write:
    """Find the writer of a type that is met for the first time."""
    is_tracked = state.places is not None or state.active is not None
    return state.codec.find_writer(type(value), is_tracked)


def with_handles(write: Write) -> Write:
    """The writer of a container that may have been read with handles, and then has them again."""

    def write_shared(state: Writing, out: Output, value: Any) -> None:
        if not value.shared or state.places is not None or state.active is not None:
            write(state, out, value)
            return
        table = state.table
        state.track()
        state.table[type(value)](state, out, value)
        state.stop_tracking()
        state.table = table

    return write_shared
