"""Damaged pages for both twins of the codec: they have to find the same, and to live.

::

    make accelerator
    python fuzz/twins.py --seconds 300 --seed 1

What is compared is exact, the texts of errors included; see ``tests/codec/twins.py``. A twin that
ends is reported with what it was asked. Build the compiled one with sanitizers to see more::

    CFLAGS='-g -fsanitize=address,undefined -fno-sanitize-recover=undefined' \\
        GRIDGAIN_ACCELERATOR=1 pip install --no-deps --editable .
    LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \\
        PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 python fuzz/twins.py
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from struct import pack
from time import monotonic
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from gridgain_proto.codec import Codec
from tests.codec.tagged import row_bytes, rows
from tests.codec.twins import OPTIONS, Guarded, Mixed, Numbers, Suit, Twin, Wide, read

#: How many pages are damaged and read by one codec, with all that it learns on the way.
BATCH = 40


def seeds() -> list[bytes]:
    """Values of every type: those of the vectors, and some that fill pages."""
    when = datetime(2024, 3, 31, tzinfo=UTC)
    made: list[Any] = [
        5, 2**40, 0.5, True, None, "text", "größer 😀", b"raw", UUID(int=1 << 90),
        Decimal("-12.50"), Decimal("1E+5"), Decimal(2**90), when, when.date(),
        timedelta(hours=3), Suit.SPADES,
        [1, "a", None] * 4, {n: str(n) for n in range(10)}, (1, 2), {"x"},
        Numbers(1, 2, 3, 4, 0.5, True, "text"), Numbers(g="x" * 250), Guarded(5, "text"), Wide(1),
        Mixed(
            5, "name", Decimal("1.25"), when, timedelta(0), UUID(int=1), b"", [1], [0.5],
            when.date(), 1.5,
        ),
    ]  # fmt: skip
    codecs = (Codec(), Codec(compact_footer=False))
    found = [codec.encode(one) for one in made for codec in codecs]
    found += [pack("<Bi", 27, len(one)) + one + bytes(4) for one in found if one[0] == 103]
    return found + [row_bytes(row) for row in rows() if "bytes" in row]


def damage(random: Random, data: bytearray, pool: list[bytes]) -> None:
    """Change one thing."""
    position = random.randrange(len(data) + 1)
    kind = random.randrange(7)
    if kind == 0:
        data[position : position + 1] = random.randbytes(random.randrange(3))
    elif kind == 1:
        number = random.choice([-1, 0, 1, 255, 65535, 2**31 - 1, -(2**31), random.randrange(300)])
        data[position : position + 4] = pack("<i", number)
    elif kind == 2:
        del data[position : position + random.randrange(1, 9)]
    elif kind == 3:
        data[position:position] = random.choice(pool)
    elif kind == 4:
        del data[position:]
    elif data:
        data[position % len(data)] ^= 1 << random.randrange(8)


def batch(random: Random, pool: list[bytes]) -> tuple[bytes, list[tuple[str, tuple[int, ...]]]]:
    """Pages, one after the other, and how each is to be read."""
    everything = bytearray()
    reads: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(BATCH):
        columns = random.choices(pool, k=random.randrange(1, 5))
        count = random.randrange(9, 20)
        page = bytearray(b"".join(columns) * count)
        for _ in range(random.randrange(4)):
            damage(random, page, pool)
        start = len(everything)
        everything += page
        total = count * len(columns)
        reads.append(
            random.choice(
                [
                    ("read_rows", (start, count, len(columns))),
                    ("read_values", (start, total)),
                    ("read_pairs", (start, total // 2)),
                    ("read_rows", (start, 2, total // 2)),
                ]
            )
        )
    return bytes(everything), reads


def main() -> int:
    """Run for a time, and say how much was read."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = Random(options.seed)
    pool = seeds()
    pure, compiled = Twin(pure=True), Twin(pure=False)
    outcomes: Counter[str] = Counter()
    end = monotonic() + options.seconds
    while monotonic() < end:
        name = random.choice(sorted(OPTIONS))
        data, reads = batch(random, pool)
        found, expected = (twin.ask(read, name, data, reads) for twin in (compiled, pure))
        for how, mine, theirs in zip(reads, found, expected, strict=False):
            if mine != theirs:
                print(f"options {name!r}, {how}, data {data.hex()}\n{mine}\n{theirs}")
                return 1
            kind = theirs.partition(": ")[0]
            outcomes[kind if kind.isidentifier() else "values"] += 1
    pure.close()
    compiled.close()
    print(f"seed {options.seed}: {sum(outcomes.values())} pages, {dict(outcomes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
