"""Fuzzing the decoder: whatever the bytes, a value, a DecodeError or an UnknownType.

How it is run:

    pip install atheris
    python fuzz/decode.py -runs=10000000 fuzz/corpus

The corpus is made from the vectors of real servers at the start, if the folder is empty. What is
decoded is encoded again, which may be refused with an EncodeError and nothing else; what that
gives has to decode.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from hashlib import sha1
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gridgain_proto"]):
    from gridgain_proto.codec import Codec, TypeDescription, TypeRegistry
    from gridgain_proto.exceptions import DecodeError, EncodeError

VECTORS = Path(__file__).parents[1] / "tests" / "vectors"


def load() -> tuple[TypeRegistry, list[bytes]]:
    """The registry that the vectors' objects need, and their bytes."""
    content = json.loads((VECTORS / "binary.json").read_text())
    types = [
        TypeDescription.parse(bytes.fromhex(one["description_bytes"]))[0]
        for one in content["binary_types"]
    ]
    seeds = [bytes.fromhex(row["bytes"]) for row in content["rows"] if "bytes" in row]
    seeds += [bytes.fromhex(one["description_bytes"]) for one in content["binary_types"]]
    keys = json.loads((VECTORS / "affinity.json").read_text())["partition_of_key"]
    seeds += [bytes.fromhex(row["wire"]) for row in keys]
    return TypeRegistry(types), seeds


REGISTRY, SEEDS = load()
CODEC = Codec(REGISTRY)
KNOWS_NOTHING = Codec()


def test_one_input(data: bytes) -> None:
    """Decode the bytes in every way there is."""
    codec = CODEC if len(data) % 4 else KNOWS_NOTHING
    try:
        value = codec.decode(data)
    except DecodeError:
        pass
    else:
        try:
            again = codec.encode(value)
        except EncodeError:
            pass
        else:
            codec.decode(again)
            repr(value)
    for read in (codec.read_rows, codec.read_pairs):
        try:
            if read == codec.read_pairs:
                codec.read_pairs(data, 0, len(data) // 8)
            else:
                codec.read_rows(data, 0, len(data) // 16, 3)
        except DecodeError:
            pass
    with suppress(DecodeError):
        TypeDescription.parse(data)


def main() -> None:
    """Fill the corpus and start."""
    folders = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]
    for folder in folders[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            for seed in SEEDS:
                (folder / sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
