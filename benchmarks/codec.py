"""The codec beside pygridgain 1.6 and beside plain ``struct`` code, in one run.

::

    python -m benchmarks.codec                       # makes an environment for the peer
    python -m benchmarks.codec --peer /path/to/python --json result.json

Every round runs each of the three once, one after the other, so that all see the same weather; the
table shows the best times and the median of each round's ratios. Times are the processor's: what
else runs on the machine does not count. The peer rounds decimals to 28 digits; ours are exact.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tracemalloc
from array import array
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from struct import pack
from time import process_time
from typing import Any

from benchmarks import codec_floor as floor
from benchmarks.codec_cases import CASES, Case, values
from benchmarks.peers import peer_python
from gridgain_proto.codec import Codec, GenericObjectMeta, Output, TypeRegistry
from gridgain_proto.codec.hashing import bytes_hash
from gridgain_proto.datatypes import (
    BoolObject,
    DoubleObject,
    IntObject,
    LongObject,
    String,
    WrappedDataObject,
)

HERE = Path(__file__).parent


def _declare() -> Any:
    class Five(
        metaclass=GenericObjectMeta,
        type_name="Five",
        schema=OrderedDict(
            [
                ("a", IntObject),
                ("b", String),
                ("c", DoubleObject),
                ("d", BoolObject),
                ("e", LongObject),
            ]
        ),
    ):
        pass

    return Five


Five = _declare()


def make_codec() -> Codec:
    out = Output()
    Codec().write(out, Five())
    return Codec(TypeRegistry(out.new_types, [Five]))


CODEC = make_codec()


def prepared(case: Case) -> Any:
    """What our side encodes."""
    made = values(case.kind, case.rows)
    if case.kind == "int_object":
        return {key: Five(*fields) for key, fields in made}
    if case.kind == "int_str":
        return dict(made)
    if case.kind == "floats":
        return [array("f", one) for one in made]
    return made


def encoded(case: Case) -> bytes:
    """The bytes that are decoded."""
    out = Output()
    made = prepared(case)
    if case.kind == "int_object":
        CODEC.write_pairs(out, {key: (one, WrappedDataObject) for key, one in made.items()})
    elif case.kind in ("int_int", "int_str"):
        CODEC.write_pairs(out, made)
    elif case.kind == "sql":
        for row in made:
            CODEC.write_values(out, row)
    elif case.kind == "floats":
        CODEC.write_values(out, made)
    else:
        CODEC.write(out, made)
    return bytes(out)


def ours(case: Case, data: bytes) -> Callable[[], Any]:
    """What is measured of us."""
    if case.decode:
        if case.kind in ("int_int", "int_str", "int_object"):
            return lambda: CODEC.read_pairs(data, 0, case.rows)
        if case.kind == "sql":
            return lambda: CODEC.read_rows(data, 0, case.rows, 5)
        if case.kind == "floats":
            return lambda: CODEC.read_values(data, 0, case.rows)
        return lambda: CODEC.read(data, 0)
    value = prepared(case)
    if isinstance(value, dict):
        return lambda: CODEC.write_pairs(Output(), value)
    if case.kind == "floats":
        return lambda: CODEC.write_values(Output(), value)
    return lambda: CODEC.write(Output(), value)


def plain(case: Case, data: bytes) -> Callable[[], Any]:
    """What is measured of plain ``struct`` code."""
    rows = case.rows
    if case.decode:
        readers: dict[str, Callable[[], Any]] = {
            "int_int": lambda: floor.read_int_int(data, rows),
            "int_str": lambda: floor.read_int_str(data, rows),
            "int_object": lambda: floor.read_int_object(data, rows),
            "sql": lambda: floor.read_sql(data, rows),
            "floats": lambda: floor.read_floats(data, rows),
            "mebibyte": lambda: floor.read_bytes(data),
            "decimal": lambda: floor.read_decimal(data),
            "str": lambda: floor.read_str(data),
            "int": lambda: floor.read_int(data),
        }
        return readers[case.kind]
    value = values(case.kind, rows)
    vectors = prepared(case) if case.kind == "floats" else []
    writers: dict[str, Callable[[], Any]] = {
        "int_str": lambda: floor.write_int_str(value),
        "int_object": lambda: floor.write_int_object(
            value, Five.type_id, Five.schema_id, bytes_hash
        ),
        "floats": lambda: floor.write_floats(vectors),
        "mebibyte": lambda: floor.write_bytes(value),
        "decimal": lambda: floor.write_decimal(value),
        "str": lambda: floor.write_str(value),
        "int": lambda: floor.write_int(value),
    }
    return writers[case.kind]


def peer_bytes(case: Case, data: bytes) -> bytes:
    """The same values in the frame that the peer's readers want."""
    if case.kind == "sql":
        return pack("<ii", 5, case.rows) + data + b"\x00"
    if case.kind in ("int_int", "int_str", "int_object"):
        return pack("<i", case.rows) + data
    return data


class Peer:
    """pygridgain in a process of its own."""

    def __init__(self, python: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(HERE)}
        self.process = subprocess.Popen(
            [python, str(HERE / "codec_pygridgain.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def seconds(self, case: Case, data: bytes, loops: int) -> float:
        source, sink = self.process.stdout, self.process.stdin
        if source is None or sink is None:
            raise RuntimeError("the peer has no pipes")
        pickle.dump((tuple(case), data, loops), sink)
        sink.flush()
        answer: float = pickle.load(source)
        return answer

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


def timed(run: Callable[[], Any], loops: int) -> float:
    started = process_time()
    for _ in range(loops):
        run()
    return process_time() - started


def loops_for(run: Callable[[], Any], seconds: float) -> int:
    run()
    once = timed(run, 1)
    return max(1, min(20000, int(seconds / max(once, 1e-7))))


def peak_ratio(run: Callable[[], Any]) -> float:
    """The most memory in use while decoding, as a multiple of what the values take."""
    run()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    kept = run()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return (peak - before) / max(1, now - before)


def measure(case: Case, peer: Peer | None, rounds: int) -> dict[str, Any]:
    data = encoded(case) if case.decode else b""
    run, base = ours(case, data), plain(case, data)
    framed = peer_bytes(case, data)
    mine, least, theirs = [], [], []
    loops, base_loops = loops_for(run, 0.1), loops_for(base, 0.1)
    peer_loops = 1
    if peer is not None:
        once = peer.seconds(case, framed, 1)
        peer_loops = max(1, int(0.1 / max(once, 1e-6)))
    for _ in range(rounds):
        least.append(timed(base, base_loops) / base_loops)
        mine.append(timed(run, loops) / loops)
        if peer is not None:
            theirs.append(peer.seconds(case, framed, peer_loops) / peer_loops)
    result: dict[str, Any] = {
        "case": case.name,
        "rows": case.rows,
        "microseconds": min(mine) * 1e6,
        "floor_microseconds": min(least) * 1e6,
        "times_floor": median(one / two for one, two in zip(mine, least, strict=True)),
        "target": case.target,
    }
    if theirs:
        result["peer_microseconds"] = min(theirs) * 1e6
        result["times_faster"] = median(one / two for one, two in zip(theirs, mine, strict=True))
    if case.decode and case.rows > 1:
        result["peak_times_values"] = peak_ratio(run)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer",
        default=os.environ.get("PYGRIDGAIN_PYTHON"),
        help="a Python that has pygridgain 1.6.0; 'none' to go without",
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="", help="run the cases whose names contain this")
    options = parser.parse_args()
    peer = None
    if options.peer != "none":
        peer = Peer(options.peer or peer_python("pygridgain"))
    head = f"{'case':34} {'ours µs':>10} {'floor µs':>10} {'× floor':>8}"
    print(head + f" {'peer µs':>10} {'× faster':>9} {'wanted':>7} {'peak':>6}")
    results = []
    for case in CASES:
        if options.only not in case.name:
            continue
        one = measure(case, peer, options.rounds)
        results.append(one)
        line = f"{case.name:34} {one['microseconds']:10.1f} {one['floor_microseconds']:10.1f}"
        line += f" {one['times_floor']:8.2f}"
        if peer is not None:
            line += f" {one['peer_microseconds']:10.1f} {one['times_faster']:9.1f}"
            line += f" {case.target or '':>7}"
        if "peak_times_values" in one:
            line += f" {one['peak_times_values']:6.2f}"
        print(line, flush=True)
    if peer is not None:
        peer.close()
    if options.json:
        options.json.write_text(json.dumps({"python": sys.version, "cases": results}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
