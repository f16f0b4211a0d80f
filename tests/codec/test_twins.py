"""The compiled twin of the codec does, to the bit, what the one in Python does.

Both run in processes of their own and are asked the same: valid bytes, damaged bytes, cut bytes,
values of every kind. What is compared is exact, errors and their texts included.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, Inexact, localcontext
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from struct import Struct, pack, unpack_from
from typing import Any
from uuid import UUID
from zoneinfo import TZPATH, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgain_proto.codec import Codec, GenericObject, Output
from gridgain_proto.codec.accelerated import ACCELERATED
from gridgain_proto.codec.typecodes import SQL_DATE_CHECKSUM, SQL_DATE_PREFIX
from gridgain_proto.datatypes import (
    BinaryObject,
    ByteObject,
    CharObject,
    DateObject,
    FloatObject,
    IntObject,
    ShortObject,
    WrappedDataObject,
)
from gridgain_proto.exceptions import DecodeError, EncodeError, GridGainError

from .strategies import arrays, decimals, floats, hashable, hinted, signed, texts, times, values
from .tagged import row_bytes, rows
from .twins import OPTIONS, Guarded, Mixed, Numbers, Suit, Twin, Wide, hashes, read, write

pytestmark = pytest.mark.skipif(
    not ACCELERATED and not os.environ.get("GRIDGAIN_ACCELERATOR"),
    reason="the compiled twin is not built: make accelerator",
)

ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Monrovia"]


@contextmanager
def both(zone: str) -> Iterator[Callable[..., None]]:
    """Ask both twins the same, and compare."""
    pure, compiled = Twin(pure=True, zone=zone), Twin(pure=False, zone=zone)

    def agree(call: Callable[..., list[str]], *arguments: Any) -> None:
        assert compiled.ask(call, *arguments) == pure.ask(call, *arguments)

    try:
        yield agree
    finally:
        compiled.close()
        pure.close()


@pytest.fixture(scope="module")
def agree() -> Iterator[Callable[..., None]]:
    with both("UTC") as compare:
        yield compare


# --- values --------------------------------------------------------------------------------------

#: Instants close to each other, so that some share a span and some do not.
instants = st.builds(
    lambda base, delta: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=base, minutes=delta),
    st.sampled_from([0, -1, 1_711_846_800, 1_729_990_800, 4_294_967_296, -2_840_140_800]),
    st.integers(-9000, 9000),
)
small_decimals = st.builds(
    lambda unscaled, scale: Decimal(unscaled).scaleb(-scale, Context(prec=50)),
    signed(64) | st.integers(-300, 300),
    st.integers(-2, 40),
)
numbers = st.builds(
    Numbers, signed(8), signed(16), signed(32), signed(64), floats, st.booleans(),
    st.none() | texts | st.text("x", min_size=180, max_size=240),
)  # fmt: skip
mixed = st.builds(
    Mixed, signed(32), st.none() | texts, small_decimals | decimals, instants, times, st.uuids(),
    st.binary(), st.lists(signed(32), max_size=3), st.lists(st.just(0.5), max_size=3),
    st.just(1) | hashable | st.lists(signed(8), max_size=3), floats,
)  # fmt: skip
wide = st.builds(lambda value: Wide(*range(value, value + 40)), st.integers(0, 9))
guarded = st.builds(Guarded, st.integers(0, 12), st.none() | texts)
objects = numbers | mixed | wide | guarded

#: What a column of a page holds: values and the hints that they are written with.
COLUMNS: list[st.SearchStrategy[tuple[Any, Any]]] = [
    st.tuples(signed(8), st.just(ByteObject)),
    st.tuples(signed(16), st.just(ShortObject)),
    st.tuples(signed(32), st.just(IntObject)),
    st.tuples(st.floats(width=32), st.just(FloatObject)),
    st.tuples(st.characters(max_codepoint=0xFFFF), st.just(CharObject)),
    st.tuples(instants.map(lambda when: when.replace(microsecond=0)), st.just(DateObject)),
    *(
        st.tuples(one, st.none())
        for one in (
            signed(64), st.floats(), st.booleans(), texts, st.uuids(), small_decimals, decimals,
            instants, times, st.binary(), arrays, st.dates(), st.just(Suit.SPADES),
            st.lists(st.integers(0, 3), max_size=12), values, objects,
        )
    ),
    st.tuples(objects, st.just(WrappedDataObject)),
    st.tuples(numbers, st.just(WrappedDataObject)),
    st.tuples(mixed, st.just(BinaryObject)),
    hinted,
]  # fmt: skip


def encoded(codec: Codec, value: Any, hint: Any) -> bytes:
    with suppress(EncodeError, ValueError):  # Guarded has its own
        return codec.encode(value, hint)
    return b"\x65"


@st.composite
def pages(draw: st.DrawFn) -> tuple[bytes, int, int]:
    """The bytes of a page, the number of rows and of columns."""
    codec = Codec(compact_footer=draw(st.booleans()))
    columns = [draw(st.sampled_from(COLUMNS)) for _ in range(draw(st.integers(1, 4)))]
    kinds = [[encoded(codec, *draw(column)) for _ in range(5)] for column in columns]
    count = draw(st.integers(9, 24))
    random = draw(st.randoms(use_true_random=False))
    table = [random.choice(kind) for _ in range(count) for kind in kinds]
    if draw(st.booleans()):
        table[random.randrange(len(table))] = b"\x65"
    return b"".join(table), count, len(columns)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes with a few things wrong, or cut."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, len(changed)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            changed[position : position + 1] = draw(st.binary(max_size=2))
        elif kind == 1:
            number = draw(signed(32) | st.integers(-3, 300))
            changed[position : position + 4] = number.to_bytes(4, "little", signed=True)
        elif kind == 2:
            del changed[position : position + draw(st.integers(1, 9))]
        elif kind == 3 and changed:
            changed[position % len(changed)] ^= 1 << draw(st.integers(0, 7))
        else:
            del changed[position:]
    return bytes(changed)


# --- reading -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=400)
@given(data=st.data(), options=st.sampled_from(sorted(OPTIONS)))
def test_pages(agree: Callable[..., None], data: st.DataObject, options: str) -> None:
    page, count, columns = data.draw(pages())
    changed = data.draw(damaged(page))
    total = count * columns
    agree(
        read,
        options,
        changed,
        [
            ("read_rows", (0, count, columns)),
            ("read_values", (0, total)),
            ("read_pairs", (0, total // 2)),
            ("read_rows", (0, count, columns)),
            ("read_values", (1, total)),
            ("read_rows", (0, total // 70, 70)),
        ],
    )


def widened(data: bytes) -> bytes:
    """An object whose offsets have two bytes each in place of one."""
    length, schema_id, offset = unpack_from("<iii", data, 12)
    fields = length - offset
    flags = data[2] & ~8 | 16
    head = (
        data[:2] + bytes((flags,)) + data[3:12] + pack("<iii", length + fields, schema_id, offset)
    )
    return head + data[24:offset] + b"".join(pack("<H", one) for one in data[offset:])


def wrapped(data: bytes) -> bytes:
    return pack("<Bi", 27, len(data)) + data + bytes(4)


def test_offsets_of_two_bytes(agree: Callable[..., None]) -> None:
    usual = Codec().encode(Mixed(5, "x" * 250))
    assert usual[2] & 16
    # Where one byte would do they are kept, and go back as they came.
    needless = widened(Codec().encode(Mixed(5, "x")))
    for one, other in ((usual, needless), (wrapped(usual), wrapped(needless))):
        agree(read, "plain", one * 12 + other * 2 + one, [("read_values", (0, 15))] * 3)
        agree(read, "plain", other * 12, [("read_values", (0, 12))] * 3)


CODECS = {True: Codec(), False: Codec(compact_footer=False)}
FULL = Mixed(
    5, "text", Decimal("-1.25"), datetime(2024, 1, 1, tzinfo=UTC), time(1, 2), UUID(int=7),
    b"raw", [1, 2], [0.5], date(2024, 1, 1), 1.5,
)  # fmt: skip


@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize(
    "value",
    [Numbers(1, 2, 3, 4, 0.5, True, "text"), Wide(1), FULL, Guarded(5, "text")],
    ids=["numbers", "two bytes", "mixed", "guarded"],
)
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_every_byte_of_an_object_changed(
    agree: Callable[..., None], value: Any, compact: bool, is_wrapped: bool
) -> None:
    # The class of the last one would not set "text" as an attribute, nor does its reader.
    good = CODECS[compact].encode(value).replace(b"told", b"text")
    if is_wrapped:
        good = wrapped(good)
    parts = [good * 12]
    for position in range(len(good)):
        for number in (good[position] ^ 1, good[position] ^ 128, (good[position] + 4) & 255):
            changed = good[:position] + bytes((number,)) + good[position + 1 :]
            parts.append(good * 5 + changed + good * 5)
    reads = []
    start = 0
    for part in parts:
        reads.append(("read_values", (start, 11)))
        start += len(part)
    agree(read, "plain" if compact else "full footers", b"".join(parts), reads)


@pytest.mark.parametrize("levels", range(4))
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_objects_at_the_limit_of_nesting(
    agree: Callable[..., None], levels: int, is_wrapped: bool
) -> None:
    one = Codec().encode(Numbers(1, g="x"))
    data = wrapped(one) if is_wrapped else one
    listed = _listed(data, levels)
    agree(
        read, "shallow", data * 12 + listed, [("read_values", (0, 12)), ("read", (12 * len(data),))]
    )


def _listed(data: bytes, levels: int) -> bytes:
    """Lists in lists, and twelve of the value in the innermost."""
    if levels == 0:
        return data
    inner = data * 12 if levels == 1 else _listed(data, levels - 1) + b"\x65" * 11
    return pack("<Bib", 24, 12, 1) + inner


SEEDS = [row_bytes(row) for row in rows() if "bytes" in row]


@settings(deadline=None, max_examples=200)
@given(data=st.data(), options=st.sampled_from(sorted(OPTIONS)))
def test_vectors(agree: Callable[..., None], data: st.DataObject, options: str) -> None:
    seed = data.draw(st.sampled_from(SEEDS))
    changed = data.draw(damaged(seed))
    agree(read, options, changed, [("decode", ())] * 6)
    agree(read, options, seed * 9 + changed, [("read_values", (0, 10))] * 2)
    listed = b"\x18\x0a\x00\x00\x00\x01" + seed * 9 + changed
    agree(read, options, listed, [("decode", ())] * 2)


@pytest.mark.parametrize("zone", ZONES)
def test_instants_in_the_zone_of_the_process(zone: str) -> None:
    with both(zone) as agree:

        @settings(deadline=None, max_examples=60)
        @given(
            st.integers(-(2**35), 2**38),
            st.lists(st.integers(-10 * 86400, 10 * 86400), min_size=30, max_size=60),
            st.sampled_from([0, 1000, 999_000, 1, 999_999]),
            st.sampled_from([b"\x21", b"\x0b", b"\x24"]),
        )
        def compare(base: int, deltas: list[int], nanos: int, code: bytes) -> None:
            page = b"".join(
                code
                + (1000 * (base + delta) + delta % 7).to_bytes(8, "little", signed=True)
                + (nanos.to_bytes(4, "little") if code == b"\x21" else b"")
                for delta in deltas
            )
            for options in ("plain", "Berlin", "to Lord Howe"):
                agree(read, options, page, [("read_values", (0, len(deltas)))])

        compare()


@pytest.mark.parametrize("options", ["Berlin", "Gaza", "to Lord Howe", "to Casablanca"])
def test_instants_of_many_years(agree: Callable[..., None], options: str) -> None:
    page = b"".join(
        b"\x21" + (1000 * second).to_bytes(8, "little", signed=True) + bytes(4)
        for second in range(-(10**9), 4 * 10**9, 5 * 3600 + 1)
    )
    agree(read, options, page, [("read_values", (0, len(page) // 13))])


@pytest.mark.parametrize("options", ["plain", "Berlin", "São Paulo", "Gaza", "to Lord Howe"])
def test_dates_of_sql(agree: Callable[..., None], options: str) -> None:
    # Days begin at any full hour; in São Paulo some have no midnight, in Gaza some have two.
    page = b"".join(
        b"\xfe"
        + SQL_DATE_PREFIX
        + SQL_DATE_CHECKSUM
        + (1000 * n).to_bytes(8, "little", signed=True)
        for n in range(1_222_819_200, 1_438_387_200, 3600)
    )
    agree(read, options, page, [("read_values", (0, len(page) // 20))])


def test_no_zone_changes_its_offset_twice_within_days() -> None:
    # What is learned of a span of instants, in instants.c, rests on this.
    checked = 0
    for name in sorted(available_timezones()):
        times = offset_changes(name)
        checked += len(times)
        assert all(later - earlier > 1 << 18 for earlier, later in pairwise(times)), name
    assert checked > 10_000


def offset_changes(name: str) -> list[int]:
    """When the offset of a zone changes, from its file in the time zone database (RFC 8536)."""
    for folder in TZPATH:
        with suppress(FileNotFoundError):
            data = Path(folder, name).read_bytes()
            break
    else:
        data = files("tzdata.zoneinfo").joinpath(name).read_bytes()
    header = Struct(">4sc15x6l")
    counts = header.unpack_from(data)[2:]
    is_ut, is_std, leaps, times, kinds, letters = counts
    # The second block has 64 bits for each time.
    start = header.size + times * 5 + kinds * 6 + letters + leaps * 8 + is_std + is_ut
    _, _, _, _, _, times, kinds, _ = header.unpack_from(data, start)
    start += header.size
    found = unpack_from(f">{times}q", data, start)
    indexes = data[start + 8 * times : start + 9 * times]
    offsets = [unpack_from(">l", data, start + 9 * times + 6 * kind)[0] for kind in range(kinds)]
    changes = []
    before = offsets[0]
    for second, index in zip(found, indexes, strict=True):
        if offsets[index] != before:
            changes.append(second)
        before = offsets[index]
    return changes


@pytest.mark.parametrize(
    "context", [Context(prec=5, traps=[Inexact]), Context(Emin=-1, Emax=3), Context(clamp=1)]
)
def test_decimals_are_exact_in_any_context(context: Context) -> None:
    found = [Decimal((0, (1,) * (1 + n % 19), -n)) for n in range(40)]
    out = Output()
    Codec().write_values(out, found)
    with localcontext(context) as inner:
        back, _ = Codec().read_values(bytes(out), 0, len(found))
        assert inner.flags == context.flags
    assert list(map(repr, back)) == list(map(repr, found))


# --- writing -------------------------------------------------------------------------------------

anything: st.SearchStrategy[Any] = st.one_of(
    signed(64),
    signed(70),
    st.floats(),
    st.text(),
    st.booleans(),
    st.none(),
    numbers,
    mixed,
    guarded,
    st.lists(signed(64) | st.text() | st.floats() | st.none(), min_size=9, max_size=20),
    st.tuples(signed(8), st.sampled_from([ByteObject, ShortObject])),
    st.builds(Numbers, st.none() | signed(70), st.just("x"), d=signed(70), g=st.text()),
    st.builds(Numbers, e=st.floats(), f=st.integers(0, 1), g=st.text() | st.binary()),
)


@st.composite
def runs(draw: st.DrawFn) -> list[Any]:
    """Values of which most are alike."""
    common = draw(st.sampled_from([signed(64), texts, floats, numbers, numbers, guarded]))
    found = draw(st.lists(common, max_size=20))
    for _ in range(draw(st.integers(0, 2))):
        found.insert(draw(st.integers(0, len(found))), draw(anything))
    return found


@settings(deadline=None, max_examples=300)
@given(
    keys=runs(),
    items=runs(),
    odd=st.sampled_from([None, 5, (), (1,), [1, 2], (1, 2, 3), "ab"]),
    options=st.sampled_from(["plain", "full footers", "handles", "shallow"]),
)
def test_pairs(
    agree: Callable[..., None], keys: list[Any], items: list[Any], odd: Any, options: str
) -> None:
    pairs: list[Any] = list(zip(keys, items, strict=False))
    agree(write, options, "write_pairs", pairs, 2)
    agree(write, options, "write_pairs", tuple(pairs), 1)
    agree(write, options, "write_pairs", [*pairs, odd, *pairs], 1)


@settings(deadline=None, max_examples=200)
@given(found=runs(), options=st.sampled_from(["plain", "full footers", "handles", "shallow"]))
def test_lists_and_values(agree: Callable[..., None], found: list[Any], options: str) -> None:
    agree(write, options, "write_values", found, 2)
    agree(write, options, "write", found, 2)


def test_fields_that_are_not_there(agree: Callable[..., None]) -> None:
    lacking = Numbers(1)
    del lacking.__dict__["e"]
    agree(write, "plain", "write_pairs", [(1, Numbers(1)), (2, lacking), (3, Numbers(2))], 1)


@settings(deadline=None, max_examples=300)
@given(st.one_of(signed(64), signed(80), st.text(), texts, st.binary(), hashable), signed(34))
def test_hashes(agree: Callable[..., None], value: Any, start: int) -> None:
    agree(hashes, value, start)


# --- what is kept in memory ----------------------------------------------------------------------


def _page(count: int, value: Any, hint: Any = None) -> bytes:
    return Codec().encode(value, hint) * count


FIVE = Numbers(1, 2, 3, 4, 0.5, True, "text")
ODD: list[Any] = [(1, FIVE), (2, FIVE), (3, Suit), 4]
LEAKS: dict[str, Callable[[Codec], Any]] = {
    "numbers": lambda codec: codec.read_rows(_page(40, 5), 0, 20, 2),
    "text": lambda codec: codec.read_pairs(_page(40, "grün"), 0, 20),
    "bad text": lambda codec: codec.read_values(b"\x09\x01\x00\x00\x00\xff" * 20, 0, 20),
    "decimals": lambda codec: codec.read_values(_page(20, Decimal("1.25")), 0, 20),
    "uuids": lambda codec: codec.read_values(_page(20, UUID(int=5)), 0, 20),
    "instants": lambda codec: codec.read_values(_page(20, datetime(2024, 1, 1)), 0, 20),
    "arrays": lambda codec: codec.read_values(b"\x0e\x01\x00\x00\x00\x05\x00\x00\x00" * 20, 0, 20),
    "objects": lambda codec: codec.read_values(_page(20, FIVE), 0, 20),
    "wrapped": lambda codec: codec.read_values(_page(20, FIVE, WrappedDataObject), 0, 20),
    "mixed": lambda codec: codec.read_values(_page(20, Mixed(1)), 0, 20),
    "wide": lambda codec: codec.read_values(_page(20, Wide(1)), 0, 20),
    "one object": lambda codec: codec.decode(_page(1, FIVE)),
    "one wrapped": lambda codec: codec.decode(_page(1, FIVE, WrappedDataObject)),
    "cut": lambda codec: codec.read_values(_page(20, FIVE)[:-1], 0, 20),
    "cut row": lambda codec: codec.read_rows(_page(40, "text")[:-1], 0, 10, 4),
    "wide row": lambda codec: codec.read_rows(_page(80, "text")[:-1], 0, 2, 40),
    "unknown": lambda codec: Codec().read_values(_page(20, FIVE), 0, 20),
    "wrong code": lambda codec: codec.read_values(_page(20, "text") + b"\xc8", 0, 21),
    "handles": lambda codec: codec.read_values(
        _page(20, "text") + b"\x18\x01\x00\x00\x00\x01\x66\x06\x00\x00\x00", 0, 21
    ),
    "pairs": lambda codec: codec.write_pairs(Output(), [(n, "text") for n in range(20)]),
    "pairs of objects": lambda codec: codec.write_pairs(Output(), [(n, FIVE) for n in range(20)]),
    "odd pairs": lambda codec: codec.write_pairs(Output(), ODD),
    "elements": lambda codec: codec.encode([*range(20), "text", None, 0.5, 2**70]),
    "hashes": lambda codec: [codec.hash_code(one) for one in (1, "text", FIVE, b"bytes")],
}


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_is_leaked(name: str) -> None:
    out = Output()
    Codec().write_values(out, [FIVE, Mixed(), Wide(), Suit.HEARTS])
    codec = Codec(Codec().types.with_types(*out.new_types).with_classes(Numbers, Mixed, Wide, Suit))
    watched = [None, True, "text", FIVE, Numbers, Decimal, UUID, GenericObject, codec]

    def repeat(count: int) -> None:
        for _ in range(count):
            with suppress(GridGainError, TypeError):
                LEAKS[name](codec)
        gc.collect()

    repeat(20)
    blocks = sys.getallocatedblocks()
    counts = [sys.getrefcount(one) for one in watched]
    repeat(200)
    # A leaked reference or block would be there 200 times.
    assert sys.getallocatedblocks() - blocks < 100
    after = [sys.getrefcount(one) for one in watched]
    assert all(abs(new - old) < 100 for new, old in zip(after, counts, strict=True))


def test_hostile_counts_take_no_memory() -> None:
    data = b"\x18\xff\xff\xff\x7f\x01" + b"\x65" * 20
    with pytest.raises(DecodeError):
        Codec().decode(data)
    with pytest.raises(DecodeError):
        Codec().read_rows(b"\x09\xff\xff\xff\xff" * 20, 0, 2, 40)
