"""Reading a message that has handles: references to containers that were read before.

A handle counts backwards from itself to the type code of a list, map, array or object. Cycles are
normal. The readers here keep track of every container by its position, and mark what they make as
shared, so that it is written back with handles.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from ..exceptions import DecodeError
from . import typecodes as tc
from .reading import (
    READERS,
    SET_KINDS,
    Read,
    Reading,
    array_head,
    collection_head,
    make_map,
    make_set,
    map_head,
    pairs_at,
    short,
    values_at,
)
from .values import JavaDict, JavaList, JavaSet, MapItems, ObjectArray, ObjectArrayItems

if TYPE_CHECKING:
    from .workings import Workings

_INT: Final = Struct("<i").unpack_from


class TrackedReading(Reading):
    """The state of one message with handles.

    Attributes:
        done: finished containers, and where they end, by position.
        open: containers whose elements are still being read, by position; None for those that can
            be made of their elements alone.
        budget: how many bytes may still be read more than once.
    """

    __slots__ = ("budget", "done", "open")

    def __init__(self, codec: Workings, data: bytes) -> None:
        super().__init__(codec, data)
        self.readers = TRACKED
        self.done: dict[int, tuple[Any, int]] = {}
        self.open: dict[int, Any] = {}
        self.budget = 4 * len(data) + 65536

    def start(self, pos: int, value: Any = None) -> None:
        """Note that a container begins."""
        if pos in self.open:
            raise DecodeError(f"the value at {pos} overlaps itself")
        self.open[pos] = value
        self.depth -= 1

    def finish(self, pos: int, value: Any, end: int) -> tuple[Any, int]:
        """Note that a container is complete."""
        del self.open[pos]
        self.depth += 1
        result = self.done[pos] = (value, end)
        return result


ReadTracked = Callable[[TrackedReading, bytes, int], tuple[Any, int]]


def _once(read: ReadTracked) -> Read:
    """Have a container at the same position read only once."""

    def read_once(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
        if not isinstance(state, TrackedReading):
            raise TypeError("tracked readers need a tracked state")
        return state.done.get(pos - 1) or read(state, data, pos)

    return read_once


def _object_array(state: TrackedReading, data: bytes, pos: int) -> tuple[Any, int]:
    type_id, name, count, at = array_head(state, data, pos)
    start = pos - 1
    state.start(start)
    items, at = values_at(state, data, at, count)
    mutable = state.open[start]
    if mutable is None:
        array = ObjectArray(items, tc.OBJECT_ARRAY, type_id, name, shared=True)
        return state.finish(start, array, at)
    mutable.type_id, mutable.type_name = type_id, name
    mutable.extend(items)
    return state.finish(start, mutable, at)


def _collection(state: TrackedReading, data: bytes, pos: int) -> tuple[Any, int]:
    count, kind, at = collection_head(state, data, pos)
    start = pos - 1
    if kind not in SET_KINDS:
        result: Any = JavaList((), kind, shared=True)
        state.start(start, result)
        items, at = values_at(state, data, at, count)
        result.extend(items)
        return state.finish(start, result, at)
    state.start(start)
    items, at = values_at(state, data, at, count)
    mutable = state.open[start]
    if mutable is not None:
        mutable.kind = kind
        mutable.extend(items)
        return state.finish(start, mutable, at)
    result = make_set(items, kind)
    if type(result) is set:
        result = JavaSet(items, kind)
    result.shared = True
    return state.finish(start, result, at)


def _map(state: TrackedReading, data: bytes, pos: int) -> tuple[Any, int]:
    count, kind, at = map_head(state, data, pos)
    start = pos - 1
    state.start(start)
    items, at = pairs_at(state, data, at, count)
    mutable = state.open[start]
    if mutable is not None:
        mutable.kind = kind
        mutable.extend(items)
        return state.finish(start, mutable, at)
    result = make_map(items, kind)
    if type(result) is dict:
        result = JavaDict(items, kind)
    result.shared = True
    return state.finish(start, result, at)


def _handle(state: TrackedReading, data: bytes, pos: int) -> tuple[Any, int]:
    if pos + 4 > state.end:
        short(state, pos, 4)
    distance: int = _INT(data, pos)[0]
    target = pos - 1 - distance
    if distance < 1 or target < state.base:
        raise DecodeError(f"the handle at {pos - 1} points {distance} bytes back")
    known = state.done.get(target)
    if known is not None:
        return known[0], pos + 4
    code = data[target]
    if target in state.open:
        value = state.open[target]
        if value is None:
            value = state.open[target] = _mutable(code)
        return value, pos + 4
    if code not in _TARGETS:
        raise DecodeError(f"the handle at {pos - 1} points to type code {code}")
    if state.depth <= 0:
        state.too_deep()
    state.depth -= 1
    value, end = TRACKED[code](state, data, target + 1)
    state.depth += 1
    state.budget -= end - target
    if state.budget < 0:
        raise DecodeError("handles point to values that overlap")
    return value, pos + 4


def _mutable(code: int) -> Any:
    """Stands for a set, map or array that contains itself, which Python's own kinds cannot."""
    if code == tc.MAP:
        return MapItems((), shared=True)
    if code == tc.COLLECTION:
        return JavaList((), shared=True)
    return ObjectArrayItems()


_TARGETS: Final = frozenset((tc.OBJECT, tc.OBJECT_ARRAY, tc.COLLECTION, tc.MAP))


def _handle_reader(state: Reading, data: bytes, pos: int) -> tuple[Any, int]:
    if not isinstance(state, TrackedReading):
        raise TypeError("tracked readers need a tracked state")
    return _handle(state, data, pos)


#: The reader of each type code, keeping track; complex objects are added by their own module.
TRACKED: Final[list[Read]] = list(READERS)
TRACKED[tc.OBJECT_ARRAY] = _once(_object_array)
TRACKED[tc.COLLECTION] = _once(_collection)
TRACKED[tc.MAP] = _once(_map)
TRACKED[tc.HANDLE] = _handle_reader
