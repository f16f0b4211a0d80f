"""What the node keeps of values is what real servers give back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gridgain_proto.exceptions import DecodeError
from gridgain_proto.node.failures import Refusal
from gridgain_proto.node.values import MAX_DEPTH, kept

VECTORS = Path(__file__).parent.parent / "vectors" / "binary.json"


def rows() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["rows"]
    return [row for row in loaded if "server_returns" in row and "bytes" in row]


def returned(row: dict[str, Any]) -> str:
    """What the servers gave back, in hexadecimal."""
    data: str = row["bytes"]
    answer = row["server_returns"]
    if isinstance(answer, dict):
        return str(answer["bytes"])
    if answer == "same":
        return data
    if answer.startswith("wrapped"):
        return "1b" + (len(data) // 2).to_bytes(4, "little").hex() + data + "00000000"
    return str(answer)


def is_refused(row: dict[str, Any]) -> bool:
    """Whether only a Java server can keep it."""
    return bool(row["kind"] == "opaque" or row["server_returns"] == "error")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_vectors_of_servers(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["bytes"])
    if is_refused(row) and not row["what"].startswith("java.sql.Date"):
        with pytest.raises(Refusal):
            kept(data, 0)
        return
    value, end = kept(data, 0)
    assert (value.hex(), end) == (returned(row), len(data))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_what_is_kept_is_kept_as_it_is(row: dict[str, Any]) -> None:
    try:
        value, _ = kept(bytes.fromhex(row["bytes"]), 0)
    except Refusal:
        return
    assert kept(value, 0) == (value, len(value))


@pytest.mark.parametrize("row", rows()[::7], ids=lambda row: row["id"])
def test_a_value_cut_short_is_malformed(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["bytes"])
    if is_refused(row):
        return
    for size in range(len(data)):
        with pytest.raises((DecodeError, Refusal)):
            kept(data[:size], 0)


def test_values_may_not_be_nested_for_ever() -> None:
    level = b"\x18\x01\x00\x00\x00\x01"
    inner = b"\x03\x07\x00\x00\x00"
    assert kept(level * MAX_DEPTH + inner, 0)[0] == level * MAX_DEPTH + inner
    with pytest.raises(DecodeError):
        kept(level * (MAX_DEPTH + 1) + inner, 0)
    with pytest.raises(DecodeError):
        kept(level * 100_000, 0)


def test_handles_cannot_make_a_value_grow_without_limit() -> None:
    """Each list holds the one before it twice: sixty of them would be 2**60 elements."""
    data = bytearray(b"\x17\xff\xff\xff\xff\x3d\x00\x00\x00")
    before = len(data)
    data += b"\x18\x00\x00\x00\x00\x01"
    for _ in range(60):
        start = len(data)
        data += b"\x18\x02\x00\x00\x00\x01"
        for _ in range(2):
            data += b"\x66" + (len(data) - before).to_bytes(4, "little")
        before = start
    with pytest.raises(DecodeError):
        kept(bytes(data), 0)


@pytest.mark.parametrize(
    "data",
    [
        "66ffffffff",
        "6600000000",
        "1a00",
        "18ffffffff01",
        "180000000009",
        "1900000000ff",
        "00",
        "1e",
    ],
)
def test_malformed_values(data: str) -> None:
    with pytest.raises(DecodeError):
        kept(bytes.fromhex(data), 0)
