"""Runs the turns of one client: `python -m benchmarks.compare.worker CLIENT`.

Each line of standard input is a turn, each line of standard output what came of it, see
`benchmarks.compare.protocol`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from benchmarks.compare.protocol import Turn
from benchmarks.compare.worker import bare, blocking, tasks

#: What makes the function that runs a client's turns.
CLIENTS: dict[str, Callable[[], blocking.Run]] = {
    "bare": lambda: bare.run,
    "bare-asyncio": lambda: bare.run_asyncio,
    "gridgain_sync": lambda: blocking.shared("gridgain_sync", blocking.in_threads),
    "gridgain_sync-accelerated": lambda: blocking.shared("gridgain_sync", blocking.in_threads),
    "gridgain_gevent": lambda: blocking.shared("gridgain_gevent", blocking.in_greenlets),
    "gridgain_trio": lambda: tasks.in_trio,
    "gridgain_asyncio": lambda: tasks.in_asyncio("gridgain_asyncio"),
    "gridgain_asyncio-uvloop": lambda: tasks.in_uvloop,
    "pygridgain": lambda: blocking.pooled("pygridgain"),
    "pygridgain-aio": lambda: tasks.in_asyncio("pygridgain", "AioClient"),
    "pyignite": lambda: blocking.pooled("pyignite"),
    "pyignite-aio": lambda: tasks.in_asyncio("pyignite", "AioClient"),
}


def main() -> None:
    """Answers until there is no further turn."""
    # What clients print is not to get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    run = CLIENTS[sys.argv[1]]()
    for line in sys.stdin:
        try:
            answer = run(Turn.from_json(line)).to_json()
        except Exception as exc:
            answer = json.dumps({"error": f"{type(exc).__name__}: {exc}"})
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
