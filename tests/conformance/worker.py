"""Runs scenarios in a process with gevent in it: ``python -m tests.conformance.worker [patched]``.

It takes one scenario a line, as JSON, and answers each with a line: an empty string, or what went
wrong.
"""

from __future__ import annotations

import gc
import json
import sys
import traceback


def main() -> None:
    """Serve until there are no more lines."""
    from .in_gevent import GreenletHarness
    from .scenarios import scenario

    # Lines are few, so that waiting for one may hold up all greenlets: there are none then.
    for line in sys.stdin:
        name, facts, runtime = json.loads(line)
        unraisable: list[str] = []
        sys.unraisablehook = lambda args, found=unraisable: found.append(repr(args))  # type: ignore[misc]
        harness = GreenletHarness(facts)
        harness.name = runtime
        problem = ""
        try:
            harness.run(scenario.listed[name].function)
            gc.collect()
            if unraisable:
                problem = "\n".join(unraisable)
        except BaseException:
            problem = traceback.format_exc()
        print(json.dumps(problem), flush=True)


if __name__ == "__main__":
    if "patched" in sys.argv:
        import gevent.monkey

        gevent.monkey.patch_all()
    main()
