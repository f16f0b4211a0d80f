"""Values of captured requests and answers."""

from __future__ import annotations

from datetime import date, datetime
from struct import unpack_from
from typing import Any

from gridgain_proto.codec import Codec, RawObject
from gridgain_proto.datatypes import BinaryObject
from tests.codec.tagged import Builder, Comparison


class Inexpressible(Exception):
    """What was captured cannot be said to our operations; the text says why."""


def element(tagged: Any) -> Any:
    """A value with its hint, as it stands in a request."""
    if tagged is None or not isinstance(tagged, dict):
        return tagged
    tag = tagged["t"]
    if "bytes" in tagged:
        return _raw_object(tagged)
    if tag in ("wrapped", "wrapped_object"):
        raise Inexpressible("a wrapped object; they go bare")
    if tag == "object_array" and "component" not in tagged:
        raise Inexpressible("an array of an unknown class")
    return Builder().element(_canonical(tagged))


def pair(tagged: Any) -> tuple[Any, Any]:
    """A value and its hint, None for none."""
    made = element(tagged)
    return made if isinstance(made, tuple) else (made, None)


def check(codec: Codec, value: Any, tagged: Any) -> None:
    """Compare a value that was read with what was captured."""
    if not isinstance(tagged, dict):
        assert value == tagged
        return
    if tagged.get("t") == "wrapped" and "bytes" in tagged["v"]:
        tagged = tagged["v"]
    if tagged.get("t") == "optimized":  # as Apache Ignite writes java.sql.Date
        assert isinstance(value, date)
        assert not isinstance(value, datetime)
    elif "bytes" in tagged:
        assert codec.encode(value, BinaryObject) == _bare(bytes.fromhex(tagged["bytes"]))
    else:
        Comparison().check(value, _canonical(tagged))


def _raw_object(tagged: dict[str, Any]) -> RawObject:
    data = _bare(bytes.fromhex(tagged["bytes"]))
    if data[0] != 103:
        raise Inexpressible(f"an object of type code {data[0]}")
    type_id, hash_code = unpack_from("<ii", data, 4)
    (schema_id,) = unpack_from("<i", data, 16)
    return RawObject(type_id, schema_id, hash_code, data)


def _bare(data: bytes) -> bytes:
    """An object without the wrapping that servers put around it."""
    if data[0] != 27:
        return data
    (start,) = unpack_from("<i", data, len(data) - 4)
    return data[5 + start : -4]


def _canonical(tagged: dict[str, Any]) -> dict[str, Any]:
    """The same value in the form of ``binary.json``."""
    tag: str = tagged["t"]
    value: Any = tagged.get("v")
    if tag in ("float", "double") and not isinstance(value, str):
        return {"t": tag, "v": value.hex()}
    if tag in ("float_array", "double_array"):
        return {"t": tag, "v": [one if isinstance(one, str) else one.hex() for one in value or ()]}
    if tag == "byte_array" and isinstance(value, str):
        return {"t": tag, "v": [one - 256 * (one > 127) for one in bytes.fromhex(value)]}
    if tag == "char" and isinstance(value, str):
        return {"t": tag, "v": ord(value)}
    return tagged
