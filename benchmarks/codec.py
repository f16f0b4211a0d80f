"""Both twins of the codec beside pygridgain 1.6 and beside plain ``struct`` code, in one run.

::

    python -m benchmarks.codec                       # makes an environment for the peer
    python -m benchmarks.codec --peer /path/to/python --json result.json

Every round runs each of them once, one after the other, so that all see the same weather; the
table shows the best times and the median of each round's ratios. Times are the processor's: what
else runs on the machine does not count. The peer rounds decimals to 28 digits; ours are exact. The
compiled twin is there if it has been built (``make accelerator``); the memory is the other's.
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
from gridgain_proto.codec import ACCELERATED, Codec, GenericObjectMeta, Output, TypeRegistry
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


class Process:
    """Somebody's codec in a process of its own, told by pipe what to run.

    Args:
        command: what the process runs.
        variables: what its environment has besides.
    """

    def __init__(self, command: list[str], **variables: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **variables},
        )

    def ask(self, *question: Any) -> float:
        """What the process answers, which is a number."""
        source, sink = self.process.stdout, self.process.stdin
        if source is None or sink is None:
            raise RuntimeError("the process has no pipes")
        pickle.dump(question, sink)
        sink.flush()
        answer: float = pickle.load(source)
        return answer

    def close(self) -> None:
        """End it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


def answer() -> None:
    """Answer until there are no more questions: this is what a process of ours runs."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    prepared_runs: dict[tuple[str, str], Callable[[], Any]] = {}
    while True:
        try:
            what, case, data, loops = pickle.load(source)
        except EOFError:
            return
        run = prepared_runs.get((what, case.name))
        if run is None:
            make = plain if what == "floor" else ours
            run = prepared_runs[what, case.name] = make(case, data)
        pickle.dump(peak_ratio(run) if what == "peak" else timed(run, loops), sink)
        sink.flush()


def timed(run: Callable[[], Any], loops: int) -> float:
    started = process_time()
    for _ in range(loops):
        run()
    return process_time() - started


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


#: Those that are measured: a name in the table, and how to ask its process for the time of a run.
Sides = dict[str, Callable[[Case, bytes, int], float]]


def start(options: argparse.Namespace) -> tuple[Sides, list[Process]]:
    """Start the processes: both twins of ours, if there are two, the plain code and the peer."""
    mine = [sys.executable, "-c", "from benchmarks.codec import answer; answer()"]
    pure = Process(mine, GRIDGAIN_PURE_PYTHON="1")
    processes = [pure]
    sides: Sides = {"python": lambda *question: pure.ask("ours", *question)}
    if ACCELERATED:
        compiled = Process(mine)
        processes.append(compiled)
        sides["compiled"] = lambda *question: compiled.ask("ours", *question)
    sides["floor"] = lambda *question: pure.ask("floor", *question)
    if options.peer != "none":
        python = options.peer or peer_python("pygridgain")
        peer = Process([python, str(HERE / "codec_pygridgain.py")], PYTHONPATH=str(HERE))
        processes.append(peer)
        sides["peer"] = lambda case, data, loops: peer.ask(
            tuple(case), peer_bytes(case, data), loops
        )
    return sides, processes


def measure(case: Case, sides: Sides, rounds: int) -> dict[str, Any]:
    """The best times of one run, in microseconds, and the medians of each round's ratios."""
    data = encoded(case) if case.decode else b""
    loops = {}
    for name, seconds in sides.items():
        seconds(case, data, 1)
        loops[name] = max(1, min(20000, int(0.1 / max(seconds(case, data, 1), 1e-6))))
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, seconds in sides.items():
            times[name].append(seconds(case, data, loops[name]) / loops[name])
    result: dict[str, Any] = {
        "case": case.name,
        "rows": case.rows,
        "target": case.target,
        "microseconds": {name: min(found) * 1e6 for name, found in times.items()},
    }
    for base, is_faster in (("floor", False), ("peer", True)):
        if base in times:
            result[f"times_{base}"] = {
                name: median(
                    two / one if is_faster else one / two
                    for one, two in zip(times[name], times[base], strict=True)
                )
                for name in ("python", "compiled")
                if name in times
            }
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
    sides, processes = start(options)
    twins = [name for name in ("python", "compiled") if name in sides]
    head = f"{'case':32}" + "".join(f"{name + ' µs':>12}" for name in sides)
    head += "".join(f"{f'{name} × floor':>18}" for name in twins)
    if "peer" in sides:
        head += "".join(f"{f'{name} × faster':>19}" for name in twins) + f"{'wanted':>8}"
    print(f"{head}{'peak':>6}")
    results = []
    for case in CASES:
        if options.only not in case.name:
            continue
        one = measure(case, sides, options.rounds)
        line = f"{case.name:32}"
        line += "".join(f"{number:12.1f}" for number in one["microseconds"].values())
        line += "".join(f"{one['times_floor'][name]:18.2f}" for name in twins)
        if "peer" in sides:
            line += "".join(f"{one['times_peer'][name]:19.1f}" for name in twins)
            line += f"{case.target or '':>8}"
        if case.decode and case.rows > 1:
            one["peak_times_values"] = processes[0].ask("peak", case, encoded(case), 1)
            line += f"{one['peak_times_values']:6.2f}"
        results.append(one)
        print(line, flush=True)
    for process in processes:
        process.close()
    if options.json:
        options.json.write_text(json.dumps({"python": sys.version, "cases": results}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
