"""The command line as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gridgain_sync import Client

COMMAND = [sys.executable, "-m", "gridgain_cli"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRIDGAIN_")}
    return {**kept, "HOME": str(folder), **more}


def test_the_demo(tmp_path: Path) -> None:
    run = subprocess.run(
        [*COMMAND, "demo", "--entries", "500"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(tmp_path),
    )
    assert run.returncode == 0, run.stderr
    assert "501 of 501 entries" in run.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_node_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "node", "--port", "0", "--nodes", "2", "--product", "ignite"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    ) as process:
        if process.stdout is None:
            pytest.fail("there is no output")
        addresses = [process.stdout.readline().strip() for _ in range(2)]
        with Client(timeout=10).connect(addresses) as client:
            client.create_cache("c").put(1, 1)
            assert "Apache Ignite" in repr(client)
        run = subprocess.run(
            [*COMMAND, "get", "c", "1"],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(tmp_path, GRIDGAIN_ADDRESSES=",".join(addresses)),
        )
        assert (run.returncode, run.stdout) == (0, "1\n"), run.stderr
        process.send_signal(number)
        assert process.wait(20) == 0


@pytest.mark.parametrize("package", ["click", "rich"])
def test_without_its_packages_it_says_what_is_missing(package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; import gridgain_cli.main"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    said = f"The command line needs {package}: pip install 'gridgain-proto[cli]'\n"
    assert run.stderr == said
