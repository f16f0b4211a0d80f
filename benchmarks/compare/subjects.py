"""Who takes part, and how its worker is started."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare.compiling import worker_class_path
from benchmarks.peers import PEERS, peer_python
from tests.ignite.java import JVM_OPTIONS, java_tool

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Subject:
    """A client, or what stands for none.

    Attributes:
        name: what the worker and the results call it.
        label: what the report calls it.
        kind: `bare`, `ours`, `java`, or `peer` for the other clients in Python.
    """

    name: str
    label: str
    kind: str

    def command(self) -> list[str]:
        """What starts its worker."""
        if self.kind == "java":
            api = "async" if self.name.endswith("-async") else "sync"
            opened = [option for option in JVM_OPTIONS if option.startswith("--add-opens")]
            # Otherwise as Java comes: with all its compilers, and with what heap it wants.
            options = [*opened, "-cp", worker_class_path()]
            return [java_tool("java"), *options, "ThinClientWorker", api]
        return [self.python(), "-m", "benchmarks.compare.worker", self.name]

    def python(self) -> str:
        """The interpreter of the environment that has it."""
        package = self.name.removesuffix("-aio")
        return peer_python(package) if package in PEERS else sys.executable

    def environment(self) -> dict[str, str]:
        """The worker's environment: it finds this package, in any virtual environment."""
        # Pure Python is how the client is installed unless asked otherwise.
        pure = "0" if self is SYNC_ACCELERATED else "1"
        return {**os.environ, "PYTHONPATH": str(ROOT), "GRIDGAIN_PURE_PYTHON": pure}


def _is_built() -> bool:
    """Whether the codec's compiled twin is there."""
    return importlib.util.find_spec("gridgain_proto.codec._accelerator") is not None


BARE = Subject("bare", "bare socket", "bare")
BARE_ASYNCIO = Subject("bare-asyncio", "bare asyncio protocol", "bare")
SYNC = Subject("gridgain_sync", "gridgain_sync", "ours")
SYNC_ACCELERATED = Subject("gridgain_sync-accelerated", "gridgain_sync, accelerated", "ours")
GEVENT = Subject("gridgain_gevent", "gridgain_gevent", "ours")
TRIO = Subject("gridgain_trio", "gridgain_trio", "ours")
ASYNCIO = Subject("gridgain_asyncio", "gridgain_asyncio", "ours")
UVLOOP = Subject("gridgain_asyncio-uvloop", "gridgain_asyncio, uvloop", "ours")
JAVA = Subject("java", "Java thin client", "java")
JAVA_ASYNC = Subject("java-async", "Java thin client, async", "java")
PYGRIDGAIN = Subject("pygridgain", "pygridgain", "peer")
PYGRIDGAIN_AIO = Subject("pygridgain-aio", "pygridgain, AioClient", "peer")
PYIGNITE = Subject("pyignite", "pyignite", "peer")
PYIGNITE_AIO = Subject("pyignite-aio", "pyignite, AioClient", "peer")

#: In the order of the report.
SUBJECTS = (
    BARE,
    BARE_ASYNCIO,
    SYNC,
    *([SYNC_ACCELERATED] if _is_built() else []),
    GEVENT,
    TRIO,
    ASYNCIO,
    *([UVLOOP] if importlib.util.find_spec("uvloop") else []),
    JAVA,
    JAVA_ASYNC,
    PYGRIDGAIN,
    PYGRIDGAIN_AIO,
    PYIGNITE,
    PYIGNITE_AIO,
)
