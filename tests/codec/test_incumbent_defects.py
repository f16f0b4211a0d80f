"""What the existing Python clients get wrong with users' data and with damaged bytes."""

from __future__ import annotations

import enum
import gc
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from random import Random
from struct import pack
from time import process_time
from typing import Any

import pytest

from gridgain_proto.codec import Codec, RawDate, RawTimestamp
from gridgain_proto.datatypes import ByteObject, DateObject, IntObject, MapObject, ShortObject
from gridgain_proto.exceptions import DecodeError, EncodeError

CODEC = Codec()


def there_and_back(value: Any) -> Any:
    return CODEC.decode(CODEC.encode(value))


@pytest.mark.parametrize("value", [2**63, 2**64 + 5, -(2**63) - 1])
def test_an_int_past_64_bits_is_refused(value: int) -> None:
    with pytest.raises(EncodeError, match="does not fit the 64 bits of a Long"):
        CODEC.encode(value)


@pytest.mark.parametrize(
    ("value", "hint"), [(2**31, IntObject), (300, ByteObject), (70000, ShortObject)]
)
def test_an_int_past_its_hint_is_refused(value: int, hint: type[Any]) -> None:
    with pytest.raises(EncodeError, match="does not fit the"):
        CODEC.encode(value, hint)


def test_42_takes_nine_bytes_or_three() -> None:
    assert len(CODEC.encode(42)) == 9
    assert len(CODEC.encode(42, ShortObject)) == 3


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": 2},
        {1: 2},
        [5, "ab"],
        [],
        {},
        [None],
        [1, "a", None, 2.5],
        [[1], [2, [3]]],
        (),
        set(),
        time(13, 14, 15),
    ],
)
def test_containers_are_what_they_are(value: Any) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


class Words(str):
    __slots__ = ()


class Level(enum.IntEnum):
    LOW = 1


class Colour(enum.StrEnum):
    RED = "red"


def test_subclasses_of_str_and_int_go_as_their_base() -> None:
    assert CODEC.encode(Words("abc")) == CODEC.encode("abc")
    assert CODEC.encode(Colour.RED) == CODEC.encode("red")
    assert CODEC.encode(Level.LOW) == CODEC.encode(1)
    assert there_and_back({Colour.RED: Level.LOW}) == {"red": 1}


def test_a_string_with_nul() -> None:
    assert there_and_back("a\0b") == "a\0b"
    assert CODEC.encode("a\0b").endswith(b"a\x00b")


@pytest.mark.parametrize(
    "text",
    ["1.00", "100", "1E+2", "0.00", "-12345678901234567890.123456789012345678901234567890", "0E+7"],
)
def test_decimals_keep_every_digit_and_the_scale(text: str) -> None:
    with localcontext(prec=3):
        back = there_and_back(Decimal(text))
    assert back.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_decimals_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(EncodeError, match="not a number"):
        CODEC.encode(Decimal(text))


def test_every_millisecond_is_kept() -> None:
    random = Random(5)
    codec = Codec(timezone=UTC)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for ms in [random.randrange(-(2**41), 2**42) for _ in range(3000)] + list(range(-1000, 0)):
        when = epoch + timedelta(milliseconds=ms)
        data = codec.encode(when, DateObject)
        assert data == pack("<Bq", 11, ms)
        assert codec.decode(data) == when


def test_microseconds_that_a_date_cannot_hold_are_refused() -> None:
    when = datetime(2020, 1, 1, 1, 1, 1, 1001, tzinfo=UTC)
    with pytest.raises(EncodeError, match="finer than the milliseconds"):
        CODEC.encode(when, DateObject)
    assert Codec(timezone=UTC).decode(CODEC.encode(when)) == when


def test_naive_times_are_local_as_in_the_standard_library() -> None:
    when = datetime(2021, 7, 1, 12, 30)
    assert there_and_back(when) == when
    assert CODEC.encode(when) == CODEC.encode(when.astimezone())


def test_a_date_after_the_year_9999_does_not_fail_the_page() -> None:
    ms = 253402300800000
    data = pack("<Bq", 11, ms) + pack("<Bqi", 33, ms, 5) + b"\x04" + bytes(8)
    rows, end = CODEC.read_rows(data, 0, 1, 3)
    assert rows == [[RawDate(ms), RawTimestamp(ms, 5), 0]]
    assert end == len(data)
    assert CODEC.encode(rows[0][0]) + CODEC.encode(rows[0][1]) == data[:-9]


def test_dates_of_the_first_and_last_year() -> None:
    codec = Codec(sql_timezone=UTC)
    for day in (date.min, date.max, date(1582, 10, 10)):
        assert codec.decode(codec.encode(day)) == day


def test_keys_of_objects_can_be_keys_of_a_dict() -> None:
    pairs = {("compound", 1): "a", 1: "b"}
    assert there_and_back(pairs) == pairs


def test_an_unknown_hint_is_refused() -> None:
    with pytest.raises(EncodeError, match="not a hint"):
        CODEC.encode(1, int)
    with pytest.raises(EncodeError, match=r"value\[0\]: values of type type cannot be sent"):
        CODEC.encode([int])


# --- hostile or corrupt input --------------------------------------------------------------------


def nested(depth: int) -> bytes:
    return b"\x18\x01\x00\x00\x00\x01" * depth + b"\x65"


def test_nesting_up_to_the_limit() -> None:
    value: Any = None
    for _ in range(400):
        value = [value]
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    "head",
    [
        b"\x18\x01\x00\x00\x00\x01",
        b"\x17\xff\xff\xff\xff\x01\x00\x00\x00",
        b"\x19\x01\x00\x00\x00\x02\x65",
        b"\x23\x00\x00\x00\x00",
    ],
)
def test_a_hundred_thousand_nested_containers(head: bytes) -> None:
    with pytest.raises(DecodeError, match="nested"):
        CODEC.decode(head * 100_000 + b"\x65")


def test_nesting_past_the_limit_is_refused_both_ways() -> None:
    value: Any = None
    for _ in range(600):
        value = (value,)
    with pytest.raises(EncodeError, match="nested deeper than 512"):
        CODEC.encode(value)
    with pytest.raises(DecodeError, match="nested deeper than 512"):
        CODEC.decode(nested(513))
    deep = Codec(max_depth=3)
    assert deep.decode(nested(3)) == [[[None]]]
    with pytest.raises(DecodeError, match="nested deeper than 3"):
        deep.decode(nested(4))


def test_no_recursion_error_where_the_stack_is_nearly_used_up() -> None:
    def down(levels: int) -> None:
        if levels:
            down(levels - 1)
            return
        with suppress(DecodeError):
            CODEC.decode(nested(300))
        value: Any = None
        for _ in range(300):
            value = [value]
        with suppress(EncodeError):
            CODEC.encode(value)

    down(sys.getrecursionlimit() - 250)


def test_a_value_that_contains_itself_is_refused_with_its_path() -> None:
    value: dict[str, Any] = {"a": [1, 2]}
    value["a"].append(value)
    with pytest.raises(EncodeError, match=r"value\['a'\]\[2\]: this dict contains itself"):
        CODEC.encode(value)


@pytest.mark.parametrize("code", [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 31, 34, 37])
@pytest.mark.parametrize("count", [2**31 - 1, -1, -(2**31), 10_000])
def test_counts_that_do_not_fit_cost_nothing(code: int, count: int) -> None:
    data = pack("<Bi", code, count) + b"\x01" + bytes(14)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="count"):
            CODEC.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("count", [2**31 - 1, -1, 100])
def test_counts_of_the_caller_are_checked(count: int) -> None:
    with pytest.raises(DecodeError):
        CODEC.read_values(b"\x65" * 5, 0, count)
    with pytest.raises(DecodeError):
        CODEC.read_pairs(b"\x65" * 5, 0, count)
    with pytest.raises(DecodeError):
        CODEC.read_rows(b"\x65" * 5, 0, count, 3)
    with pytest.raises(DecodeError):
        CODEC.read_rows(b"\x65" * 5, 0, 3, count)
    with pytest.raises(DecodeError):
        CODEC.read(b"\x65", 1)
    with pytest.raises(DecodeError):
        CODEC.read(b"\x65", -1)


def seconds(run: Any) -> float:
    """The processor's time, which other processes do not add to; without the collector's."""
    best = 1e9
    gc.disable()
    try:
        for _ in range(5):
            started = process_time()
            run()
            best = min(best, process_time() - started)
    finally:
        gc.enable()
    return best


def test_three_hundred_thousand_nulls_decode_at_once() -> None:
    data = pack("<Bib", 24, 300_000, 1) + b"\x65" * 300_000
    assert CODEC.decode(data) == [None] * 300_000
    assert seconds(lambda: CODEC.decode(data)) < 0.1


@pytest.mark.parametrize(
    "element",
    [b"\x65", b"\x0803"[:1] + b"\x01", b"\x18\x00\x00\x00\x00\x01", b"\x65\x08\x01"],
)
def test_the_time_is_linear(element: bytes) -> None:
    values = 2 if len(element) == 3 else 1
    small = pack("<Bib", 24, 5_000 * values, 1) + element * 5_000
    large = pack("<Bib", 24, 100_000 * values, 1) + element * 100_000
    CODEC.decode(small)
    ratio = seconds(lambda: CODEC.decode(large)) / seconds(lambda: CODEC.decode(small))
    assert ratio < 20 * 3


def test_pages_of_one_shape_and_of_two_in_turn() -> None:
    one, two, null = CODEC.encode(1), CODEC.encode(2, IntObject), b"\x65"
    for rows, values in (
        ([null] * 1000, [None] * 1000),
        ([one] * 1000, [1] * 1000),
        ([one] * 700 + [null] * 700 + [two] * 90, [1] * 700 + [None] * 700 + [2] * 90),
        ([one, two] * 500, [1, 2] * 500),
        ([null, one] * 500, [None, 1] * 500),
        ([one] * 64 + [two] * 8 + [CODEC.encode("x")] * 9, [1] * 64 + [2] * 8 + ["x"] * 9),
    ):
        data = b"".join(rows)
        assert CODEC.read_values(data, 0, len(rows)) == (values, len(data))
        assert CODEC.read_rows(data, 0, len(rows), 1)[0] == [[value] for value in values]
        assert CODEC.read_pairs(data + data, 0, len(rows))[0] == list(
            zip((values + values)[::2], (values + values)[1::2], strict=True)
        )
        with pytest.raises(DecodeError):
            CODEC.read_values(data, 0, len(rows) + 1)


def test_shapes_that_change_all_the_time_take_linear_time() -> None:
    rows = (CODEC.encode(1) + CODEC.encode(2, IntObject)) * 150_000
    assert seconds(lambda: CODEC.read_values(rows, 0, 300_000)) < 2


@pytest.mark.parametrize("cut", range(40))
def test_truncated_values(cut: int) -> None:
    data = CODEC.encode([1, "two", {"three": Decimal("3.00")}, (4, b"5")])
    if cut < len(data):
        with pytest.raises(DecodeError):
            CODEC.decode(data[:cut])


def test_bytes_left_over() -> None:
    with pytest.raises(DecodeError, match="1 bytes are left over"):
        CODEC.decode(b"\x65\x65")


def test_text_that_is_no_utf8_is_read_as_java_reads_it() -> None:
    def text(data: bytes) -> Any:
        return CODEC.decode(pack("<Bi", 9, len(data)) + data)

    assert text(b"x\xed\xa0\x80y") == "x\ufffdy"
    assert text(b"\xff\xfe") == "\ufffd\ufffd"
    assert text(b"a\xe2\x82") == "a\ufffd"
    # Modified UTF-8, which Java can be told to write.
    assert text(b"a\xc0\x80b") == "a\0b"
    assert text(b"\xed\xa0\xbd\xed\xb8\x80") == "😀"


def test_only_one_is_true() -> None:
    assert [CODEC.decode(bytes((8, value))) for value in (0, 1, 2, 255)] == [
        False,
        True,
        False,
        False,
    ]


def test_decimals_of_hostile_sizes() -> None:
    with pytest.raises(DecodeError, match="decimal of 0 bytes"):
        CODEC.decode(pack("<Bii", 30, 0, 0))
    with pytest.raises(DecodeError, match="decimal of"):
        CODEC.decode(pack("<Bii", 30, 0, 1 << 20) + b"\x01" * (1 << 20))
    largest = pack("<Bii", 30, 0, 1 << 16) + b"\x01" * (1 << 16)
    assert seconds(lambda: CODEC.decode(largest)) < 1
    with pytest.raises(EncodeError, match="too long"):
        CODEC.encode(Decimal((0, (9,) * 157_900, 0)))
    with pytest.raises(EncodeError, match="exponent"):
        CODEC.encode(Decimal("1E+3000000000"))


def test_handles_that_lead_nowhere() -> None:
    for distance in (0, -1, 7, 2**31 - 1):
        data = b"\x18\x01\x00\x00\x00\x01" + pack("<Bi", 102, distance)
        with pytest.raises(DecodeError):
            CODEC.decode(data)
    with pytest.raises(DecodeError, match="type code"):
        CODEC.decode(b"\x18\x02\x00\x00\x00\x01\x65" + pack("<Bi", 102, 1))


def test_handles_to_overlapping_values_stay_linear() -> None:
    # Each handle's target is a list whose first element is a string that hides the next targets.
    targets = 2000
    nulls = 20_000
    head = 11
    body = b""
    for position in range(targets):
        hidden = (targets - position - 1) * head
        body += pack("<Bib", 24, nulls + 1, 1) + pack("<Bi", 9, hidden)
    body += b"\x65" * nulls
    data = pack("<Bib", 24, 1 + targets, 1) + pack("<Bi", 9, len(body)) + body
    start = 6 + 5
    for position in range(targets):
        data += pack("<Bi", 102, len(data) - (start + position * head))
    started = process_time()
    with pytest.raises(DecodeError):
        CODEC.decode(data)
    assert process_time() - started < 2


def test_nothing_that_the_bytes_name_is_imported() -> None:
    script = (
        "import sys\n"
        "from gridgain_proto.codec import Codec\n"
        "before = set(sys.modules)\n"
        "name = b'os.system'\n"
        "size = len(name).to_bytes(4, 'little')\n"
        "codec = Codec()\n"
        "codec.decode(b'\\x20' + bytes(4) + b'\\x09' + size + name)\n"
        "codec.decode(b'\\x1c' + bytes(4) + b'\\x09' + size + name + bytes(4))\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_hint_refuses_what_it_is_not() -> None:
    with pytest.raises(EncodeError, match="is no MapObject"):
        CODEC.encode(5, MapObject)
    with pytest.raises(EncodeError, match="True of type bool is no IntObject"):
        CODEC.encode(True, IntObject)
