"""Where a run took place, and with what versions."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers import PEERS
from gridgain_proto import __version__
from tests.ignite.classpath import HERE
from tests.ignite.java import java_tool

_LIBRARIES = ("trio", "gevent", "uvloop")


def machine() -> dict[str, str]:
    """Names and values for the head of a report."""
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": f"{os.cpu_count()}, shared by the nodes and the clients",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Java": _java(),
        "Apache Ignite": _ignite(),
        "gridgain-proto": __version__,
    }
    for library in _LIBRARIES:
        try:
            facts[library] = version(library)
        except PackageNotFoundError:
            continue
    for name, requirement in PEERS.items():
        facts[name] = requirement.rpartition("==")[2]
    return facts


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", file.read_text("utf-8")) if file.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _java() -> str:
    done = subprocess.run(
        [java_tool("java"), "-version"], capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()[0]


def _ignite() -> str:
    found = re.search(r"<ignite\.version>(.+?)</", (HERE / "pom.xml").read_text("utf-8"))
    return found[1] if found else "of the installation"
