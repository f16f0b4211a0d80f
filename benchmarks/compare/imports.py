"""How long it takes to import a client, in a fresh interpreter."""

from __future__ import annotations

import os
import random
import subprocess

from benchmarks.compare.results import Single
from benchmarks.compare.subjects import (
    ASYNCIO,
    GEVENT,
    PYGRIDGAIN,
    PYIGNITE,
    ROOT,
    SYNC,
    TRIO,
    Subject,
)

_SUBJECTS = (SYNC, GEVENT, TRIO, ASYNCIO, PYGRIDGAIN, PYIGNITE)
_SCRIPT = """
from time import perf_counter
began = perf_counter()
from {} import Client
print(perf_counter() - began)
"""


def import_times(rounds: int, order: random.Random) -> list[Single]:
    """Imports every client in every round, in another order each time."""
    singles = {subject: Single("import", subject.name) for subject in _SUBJECTS}
    for number in range(rounds + 1):
        for subject in order.sample(_SUBJECTS, len(_SUBJECTS)):
            seconds = _once(subject)
            if number:  # the first one only brings the files into memory
                singles[subject].values.append(seconds)
    return list(singles.values())


def _once(subject: Subject) -> float:
    command = [subject.python(), "-c", _SCRIPT.format(subject.name)]
    # With compiled modules kept, as pip leaves them: what is measured is not the compiler.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return float(done.stdout)
