"""One twin of the codec in a process of its own, told by pipe what to read and to write.

The process is a fresh interpreter, so that the environment decides which twin it imports, and in
which time zone it lives. What it finds comes back as text that is exact: types, bits of floats,
folds and zones of dates, order of attributes.
"""

from __future__ import annotations

import enum
import os
import pickle
import struct
import subprocess
import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from gridgain_proto.codec import (
    Codec,
    GenericObject,
    GenericObjectMeta,
    Output,
    RawObject,
    TypeRegistry,
    binary_enum,
    binary_type,
)
from gridgain_proto.codec.accelerated import ACCELERATED
from gridgain_proto.codec.hashing import bytes_hash, plain_hash, string_hash
from gridgain_proto.datatypes import (
    BoolObject,
    ByteArrayObject,
    ByteObject,
    DecimalObject,
    DoubleObject,
    FloatArrayObject,
    IntArrayObject,
    IntObject,
    LongObject,
    ShortObject,
    String,
    TimeObject,
    TimestampObject,
    UUIDObject,
)

from .tagged import registry

ROOT: Final = Path(__file__).parents[2]


def _declare(name: str, **schema: Any) -> Any:
    # The module is for pickle, which the values come and go by.
    return GenericObjectMeta(
        name, (), {"__module__": __name__}, type_name=name, schema=OrderedDict(schema)
    )


#: Fields that the compiled twin writes.
Numbers: Any = _declare(
    "Numbers",
    a=ByteObject, b=ShortObject, c=IntObject, d=LongObject, e=DoubleObject, f=BoolObject, g=String,
)  # fmt: skip
#: Fields that it reads, in both ways; names that are attributes and names that are not.
Mixed: Any = _declare(
    "Mixed",
    **{
        "id": IntObject, "class": String, "price": DecimalObject, "at": TimestampObject,
        "time": TimeObject, "key": UUIDObject, "raw": ByteArrayObject, "ints": IntArrayObject,
        "floats": FloatArrayObject, "any": None, "größe": DoubleObject,
    },
)  # fmt: skip
#: So many fields that offsets need two bytes, more than are kept on the stack.
Wide: Any = _declare("Wide", **{f"field{n}": LongObject for n in range(40)})


@binary_type(type_name="Guarded")
@dataclass
class Guarded:
    """Setting and getting its fields runs code of its own, which may change them or fail."""

    size: Annotated[int, IntObject]
    name: str | None = None

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, "told" if value == "text" else value)

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if name == "size" and value == 7:
            raise ValueError("seven")
        if name == "size" and value == 8:
            raise AttributeError("eight")
        return value


@binary_enum(type_name="Suit")
class Suit(enum.Enum):
    """A value that no inner loop reads."""

    HEARTS = 1
    SPADES = 2


CLASSES: Final = (Numbers, Mixed, Wide, Guarded, Suit)

#: Options of the codecs, by name.
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "full footers": {"compact_footer": False},
    "shallow": {"max_depth": 3},
    "handles": {"handles": True},
    "UTC": {"sql_timezone": UTC, "timezone": UTC},
    "Berlin": {"sql_timezone": ZoneInfo("Europe/Berlin")},
    "São Paulo": {"sql_timezone": ZoneInfo("America/Sao_Paulo")},
    "Gaza": {"sql_timezone": ZoneInfo("Asia/Gaza")},
    "to Lord Howe": {"timezone": ZoneInfo("Australia/Lord_Howe")},
    "to Casablanca": {"timezone": ZoneInfo("Africa/Casablanca")},
    "odd offset": {"sql_timezone": timezone(timedelta(hours=3, microseconds=7))},
}


@cache
def types() -> TypeRegistry:
    """The classes of this module, and all types of the vectors."""
    out = Output()
    Codec().write_values(out, [Numbers(), Mixed(), Wide(), Guarded(1), Suit.HEARTS])
    return TypeRegistry([*registry().types.values(), *out.new_types], CLASSES)


def make_codec(options: str) -> Codec:
    """A codec that has not read or written anything yet."""
    return Codec(types(), **OPTIONS[options])


def exact(value: Any, seen: tuple[int, ...] = ()) -> str:
    """A value as text, so that nothing of it is lost."""
    kind = type(value).__name__
    if id(value) in seen:
        return f"{kind} again"
    inside = (*seen, id(value))
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, datetime):
        nanosecond = getattr(value, "nanosecond", None)
        return f"{kind} {value!r} {value.tzname()} {value.fold} {nanosecond}"
    if isinstance(value, time):
        return f"{value!r} {value.fold}"
    if isinstance(value, array):
        return f"array {value.typecode} {value.tobytes().hex()}"
    if isinstance(value, RawObject):
        return repr(value)
    details = [
        f"{name}={getattr(value, name)!r}"
        for name in ("kind", "shared", "code", "type_id", "type_name")
        if isinstance(value, (list, tuple, set, dict)) and hasattr(value, name)
    ]
    if isinstance(value, dict):
        items = [f"{exact(key, inside)}: {exact(item, inside)}" for key, item in value.items()]
    elif isinstance(value, (set, frozenset)):
        items = sorted(exact(item, inside) for item in value)
    elif isinstance(value, (list, tuple)):
        items = [exact(item, inside) for item in value]
    elif isinstance(value, GenericObject | Guarded):
        items = [f"{name}={exact(item, inside)}" for name, item in value.__dict__.items()]
    else:
        return f"{kind} {value!r}"
    return f"{kind}({', '.join([*details, *items])})"


# --- what a twin can be asked --------------------------------------------------------------------


def read(options: str, data: bytes, reads: list[tuple[str, tuple[int, ...]]]) -> list[str]:
    """Read the same bytes in several ways, one after the other, with one codec.

    Args:
        options: the name of the codec's options.
        data: the bytes.
        reads: methods of the codec, with their arguments after the data.
    """
    codec = make_codec(options)
    found = [outcome(getattr(codec, name), data, *arguments) for name, arguments in reads]
    return [*found, outcome(_again, codec, data)]


def _again(codec: Codec, data: bytes) -> bytes:
    value, _ = codec.read(data, 0)
    return codec.encode([value, value])


def write(options: str, method: str, values: Any, times: int) -> list[str]:
    """Write the same values several times, with one codec."""
    codec = make_codec(options)
    return [outcome(_write, codec, method, values) for _ in range(times)]


def _write(codec: Codec, method: str, values: Any) -> Any:
    out = Output(b"before")
    try:
        getattr(codec, method)(out, iter(values) if type(values) is tuple else values)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}; left {bytes(out)!r}"
    return bytes(out), repr(out.new_types), repr(out.new_classes)


def hashes(value: Any, start: int) -> list[str]:
    """The hash codes of a value, and its placement as a key."""
    found = [outcome(Codec().hash_code, value), outcome(Codec().routing_hash, value)]
    found.append(outcome(plain_hash, value))
    if isinstance(value, str):
        found.append(outcome(string_hash, value))
    if isinstance(value, bytes):
        found += [outcome(bytes_hash, value, start), outcome(bytes_hash, bytearray(value))]
    return found


def outcome(call: Callable[..., Any], *arguments: Any) -> str:
    """What a call gives, or the type and the text of what it raises."""
    try:
        return exact(call(*arguments))
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"


# --- the process ---------------------------------------------------------------------------------


class Twin:
    """A process with one of the twins.

    Args:
        pure: whether it is the one in Python.
        zone: the time zone of the process.
    """

    def __init__(self, *, pure: bool, zone: str = "UTC") -> None:
        environment = {
            **os.environ,
            "GRIDGAIN_PURE_PYTHON": "1" if pure else "",
            "PYTHONHASHSEED": "0",  # the order of sets
            "TZ": zone,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import answer; answer({pure})"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, call: Callable[..., list[str]], *arguments: Any) -> list[str]:
        """Have the process call a function of this module."""
        source, sink = self.process.stdout, self.process.stdin
        assert source is not None
        assert sink is not None
        pickle.dump((call.__name__, arguments), sink)
        sink.flush()
        try:
            answer: list[str] = pickle.load(source)
        except EOFError:
            raise AssertionError(f"the twin ended with {self.process.wait()}") from None
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def answer(pure: bool) -> None:
    """Answer until there are no more questions; this is run in the process."""
    if ACCELERATED is pure:
        sys.exit("this is the other twin")
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    known = {one.__name__: one for one in (read, write, hashes)}
    while True:
        try:
            name, arguments = pickle.load(source)
        except EOFError:
            return
        pickle.dump(known[name](*arguments), sink)
        sink.flush()
