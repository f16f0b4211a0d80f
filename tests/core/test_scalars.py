"""The few typed values that handshakes and headers are made of."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgain_proto import scalars
from gridgain_proto.exceptions import DecodeError, EncodeError

from .fake_node import byte_array, string, typed_uuid

texts = st.text(st.characters(exclude_categories=["Cs"]))
Reader = Callable[[bytes, int], tuple[object, int]]
TYPED: list[Reader] = [scalars.read_string, scalars.read_bytes, scalars.read_uuid]
READERS: list[Reader] = [
    *TYPED,
    scalars.read_raw_uuid,
    scalars.read_int8,
    scalars.read_int16,
    scalars.read_int32,
    scalars.read_int64,
]


@given(texts, st.binary(max_size=3))
def test_strings(text: str, before: bytes) -> None:
    data = scalars.encode_string(text)
    assert data == string(text)
    assert scalars.read_string(before + data + b"x", len(before)) == (
        text,
        len(before) + len(data),
    )


@given(st.binary())
def test_bytes(value: bytes) -> None:
    data = scalars.encode_bytes(value)
    assert data == byte_array(value)
    assert scalars.read_bytes(data, 0) == (value, len(data))


@given(st.uuids())
def test_uuids(value: UUID) -> None:
    data = typed_uuid(value)
    assert b"\x0a" + scalars.raw_uuid(value) == data
    assert scalars.read_uuid(data, 0) == (value, 17)
    assert scalars.read_raw_uuid(data, 1) == (value, 17)


def test_a_uuid_s_halves_are_reversed() -> None:
    value = UUID("00112233-4455-6677-8899-aabbccddeeff")
    assert scalars.raw_uuid(value).hex() == "7766554433221100ffeeddccbbaa9988"


def test_null() -> None:
    assert scalars.encode_string(None) == b"\x65"
    assert scalars.encode_string_map(None) == scalars.encode_string_map({}) == b"\x65"
    for reader in TYPED:
        assert reader(b"\x65", 0) == (None, 1)


def test_a_map() -> None:
    data = scalars.encode_string_map({"b": "1", "a": ""})
    assert data == (b"\x19\2\0\0\0\1" + string("b") + string("1") + string("a") + string(""))


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d\ude00"])
def test_lone_surrogates(text: str) -> None:
    with pytest.raises(EncodeError, match="name: surrogates not allowed at character"):
        scalars.encode_string(text, "name")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@given(data=st.binary(max_size=30), pos=st.integers(0, 40))
def test_any_bytes(reader: Reader, data: bytes, pos: int) -> None:
    with contextlib.suppress(DecodeError):
        _, end = reader(data, pos)
        assert pos < end <= len(data)


@pytest.mark.parametrize(
    ("count", "size", "left"), [(-1, 1, 10), (11, 1, 10), (6, 2, 10), (2**31 - 1, 4, 10)]
)
def test_counts_beyond_what_is_left(count: int, size: int, left: int) -> None:
    data = count.to_bytes(4, "little", signed=True) + bytes(left)
    with pytest.raises(DecodeError, match=f"a count of {count} items with {left} bytes left"):
        scalars.read_count(data, 0, size, "items")


def test_counts_within_what_is_left() -> None:
    assert scalars.read_count(b"\5\0\0\0" + bytes(10), 0, 2) == (5, 4)


@pytest.mark.parametrize("data", [b"\x09\x0b\0\0\0abc", b"\x09\xff\xff\xff\xff", b"\x08", b""])
def test_broken_strings(data: bytes) -> None:
    with pytest.raises(DecodeError):
        scalars.read_string(data, 0)
