"""Frames: cutting the stream, and never believing a length further than its bytes have come."""

from __future__ import annotations

import tracemalloc
from struct import pack
from typing import Any, SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgain_proto.exceptions import RemoteProtocolError
from gridgain_proto.framing import DEFAULT_MAX_FRAME, FrameReader

from .support import frame

bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=12)


def frames_of(reader: FrameReader, *chunks: bytes) -> list[bytes]:
    found = []
    for chunk in chunks:
        reader.feed(chunk)
        while (one := reader.next_frame()) is not None:
            found.append(one)
    return found


def test_one_frame_is_handed_on_as_it_is() -> None:
    chunk = frame(bytes(1_000_000))
    reader = FrameReader()
    reader.feed(chunk)
    assert reader.next_frame() is chunk
    assert reader.next_frame() is None
    assert not reader.pending


def test_empty_chunks_do_nothing() -> None:
    reader = FrameReader()
    assert frames_of(reader, b"", b"\x02", b"", b"\0\0\0a", b"", b"b", b"") == [b"\x02\0\0\0ab"]


def test_pending() -> None:
    reader = FrameReader()
    assert not reader.pending
    reader.feed(frame(b"a") + b"\x01")
    assert reader.pending
    assert reader.next_frame() == frame(b"a")
    assert reader.next_frame() is None
    assert reader.pending
    assert frames_of(reader, b"\0\0\0b") == [frame(b"b")]
    assert not reader.pending


@given(bodies)
def test_byte_by_byte(contents: list[bytes]) -> None:
    stream = b"".join(map(frame, contents))
    chunks = [stream[i : i + 1] for i in range(len(stream))]
    assert frames_of(FrameReader(), *chunks) == list(map(frame, contents))


@given(bodies, st.data())
def test_any_split(contents: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, contents))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    reader = FrameReader()
    assert frames_of(reader, *chunks) == list(map(frame, contents))
    assert not reader.pending


@given(st.lists(st.binary(max_size=20), max_size=10), st.integers(1, 100))
def test_any_bytes(chunks: list[bytes], limit: int) -> None:
    """Frames and an error are all that can come of any bytes; no frame is above the limit."""
    reader = FrameReader(limit)
    try:
        for found in frames_of(reader, *chunks):
            assert 4 < len(found) <= 4 + limit
    except RemoteProtocolError:
        pass


@pytest.mark.parametrize("length", [0, -1, -(2**31)])
@pytest.mark.parametrize("behind", [b"", b"more"])
def test_lengths_that_are_none(length: int, behind: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match=f"length of {length}"):
        frames_of(FrameReader(), pack("<i", length) + behind)


@pytest.mark.parametrize("length", [0, -1, DEFAULT_MAX_FRAME + 1, 2**31 - 1])
def test_a_wrong_length_is_noticed_with_its_last_byte(length: int) -> None:
    data = pack("<i", length)
    reader = FrameReader()
    assert frames_of(reader, data[:1], data[1:2], data[2:3]) == []
    with pytest.raises(RemoteProtocolError):
        frames_of(reader, data[3:])


def test_the_limit() -> None:
    body = bytes(10)
    assert frames_of(FrameReader(10), frame(body)) == [frame(body)]
    with pytest.raises(RemoteProtocolError, match="10 bytes, more than the limit of 9"):
        frames_of(FrameReader(9), frame(body))


def test_frames_before_a_wrong_length_come_out() -> None:
    reader = FrameReader()
    reader.feed(frame(b"a") + frame(b"b") + pack("<i", -5))
    assert reader.next_frame() == frame(b"a")
    assert reader.next_frame() == frame(b"b")
    with pytest.raises(RemoteProtocolError):
        reader.next_frame()


@pytest.mark.parametrize("came", [0, 1, 1000])
def test_nothing_is_reserved_for_what_is_only_announced(came: int) -> None:
    tracemalloc.start()
    try:
        reader = FrameReader()
        assert frames_of(reader, pack("<i", DEFAULT_MAX_FRAME), bytes(came)) == []
        assert reader.pending
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()


def test_memory_is_of_the_order_of_what_came() -> None:
    chunk = bytes(65536)
    tracemalloc.start()
    try:
        reader = FrameReader()
        frames_of(reader, pack("<i", DEFAULT_MAX_FRAME), *[chunk] * 64)
        assert tracemalloc.get_traced_memory()[1] < 3 * 64 * len(chunk)
    finally:
        tracemalloc.stop()


def test_a_small_answer_does_not_keep_a_large_chunk_alive() -> None:
    tracemalloc.start()
    try:
        kept = frames_of(FrameReader(), frame(b"a") + frame(bytes(4_000_000)))[0]
        assert kept == frame(b"a")
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()


class Counted(bytes):
    """Bytes that count how many of them are copied out."""

    copied = 0

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        part = super().__getitem__(key)
        Counted.copied += len(part) if isinstance(part, bytes) else 1
        return part


def test_no_byte_of_many_frames_in_one_chunk_is_copied_twice() -> None:
    chunk = Counted(frame(b"0123456789") * 20_000)
    Counted.copied = 0
    assert len(frames_of(FrameReader(), chunk)) == 20_000
    assert Counted.copied <= len(chunk)
