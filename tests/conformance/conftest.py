"""The runtimes in which every scenario has to hold."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.ignite.cluster import Cluster
from tests.ignite.node import Node
from tests.ignite.tls import TlsFiles
from tests.in_memory import IN_MEMORY, LIVE

from .harness import Listed

pytest.register_assert_rewrite("tests.conformance.scenarios")

ROOT = Path(__file__).parents[2]


class GreenletWorker:
    """A process with gevent in it that runs scenarios.

    Args:
        patched: whether gevent patches the standard library there.
    """

    def __init__(self, *, patched: bool) -> None:
        command = [sys.executable, "-W", "error", "-m", "tests.conformance.worker"]
        if patched:
            command.append("patched")
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, name: str, facts: Mapping[str, str], runtime: str) -> str:
        """Run one scenario.

        Returns:
            what went wrong, if anything.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps([name, dict(facts), runtime]) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BaseException:
            process.kill()  # it is out of step
            raise
        if not line:
            return f"the process with gevent ended with {process.wait()}"
        problem: str = json.loads(line)
        return problem

    def close(self) -> None:
        """End it."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.stdout.close()
            process.wait()


@pytest.fixture(scope="session")
def gevent_unpatched() -> Iterator[GreenletWorker]:
    """A process with gevent, and the standard library as it is."""
    worker = GreenletWorker(patched=False)
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def gevent_patched() -> Iterator[GreenletWorker]:
    """A process with gevent in which the standard library is patched."""
    worker = GreenletWorker(patched=True)
    yield worker
    worker.close()


@pytest.fixture
def facts_of(request: pytest.FixtureRequest) -> Callable[[str | None, str], dict[str, str]]:
    """What a scenario is told about the node that it needs, by its fixture and where it runs."""

    def facts_of(fixture: str | None, server: str) -> dict[str, str]:
        if fixture is None:
            return {}
        found: Node | Cluster[Node]
        if server == IN_MEMORY:
            found = request.getfixturevalue("in_memory")(fixture)
        else:
            found = request.getfixturevalue(fixture)
        facts = {"address": (found[0] if isinstance(found, Cluster) else found).address}
        if "tls" in fixture:
            files: TlsFiles = request.getfixturevalue("tls_files")
            names = ("ca", "client_cert", "client_key", "other_ca")
            facts |= {name: str(getattr(files, name)) for name in names}
        return facts

    return facts_of


def servers_of(listed: Listed) -> list[tuple[str, list[pytest.MarkDecorator]]]:
    """Where a scenario is run, and with which marks."""
    if listed.live is None:
        return [("", [])]
    return [(IN_MEMORY, []), (LIVE, [pytest.mark.live])]


def has_uvloop() -> bool:
    """Whether uvloop can be tried."""
    return importlib.util.find_spec("uvloop") is not None
