"""Fresh virtual environments, and nodes that are served from them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .project import ROOT

#: Environment variables that would change what is installed, imported or connected to.
_LEFT_OUT = ("COV_", "GRIDGAIN_", "MYPY", "PYTEST_", "PYTHON", "VIRTUAL_ENV")

_NODE = """
import sys
from gridgain_sync.node import EmbeddedNode
with EmbeddedNode() as node:
    print(f"{node.host}:{node.port}", flush=True)
    sys.stdin.read()
"""


class Environment:
    """A new virtual environment, and an empty folder to run in: the checkout is out of sight.

    Its path has its own commands only, so that neither a compiler nor git is there.

    Args:
        interpreter: the Python to make it of.
        folder: where it goes.
        installer: an environment of the same version whose pip installs into this one; by default
            it has a pip of its own, which takes most of the time that making it takes.
    """

    def __init__(
        self, interpreter: Path, folder: Path, installer: Environment | None = None
    ) -> None:
        options = ["--without-pip"] if installer else []
        run([interpreter, "-I", "-m", "venv", *options, folder / "venv"], cwd=folder)
        self._installer = installer
        self.folder = folder / "venv"
        self.bin = self.folder / "bin"
        self.empty = folder / "empty"
        self.empty.mkdir()

    def pip(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        """Run pip, and return what it printed."""
        if self._installer:
            return self._installer.pip("--python", self.bin / "python", *arguments, cwd=cwd)
        return self.python("-m", "pip", *arguments, cwd=cwd)

    def python(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        """Run the interpreter, isolated, and return what it printed."""
        return run(
            [self.bin / "python", "-I", *arguments], cwd=cwd or self.empty, env=self.variables
        )

    @property
    def variables(self) -> dict[str, str]:
        """The variables that its processes get."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_LEFT_OUT)}
        return {**kept, "PATH": str(self.bin)}

    @contextmanager
    def node(self) -> Iterator[str]:
        """The address of a node in memory, served by the installed package in a process."""
        with subprocess.Popen(
            [self.bin / "python", "-I", "-c", _NODE],
            cwd=self.empty,
            env=self.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            # Leaving the block closes its input, which ends it.
            yield process.stdout.readline().strip() if process.stdout else ""


def run(command: list[str | Path], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command that has to succeed, and return what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        words = " ".join(map(str, command))
        pytest.fail(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}", False)
    return done.stdout


def run_quickstart(environment: Environment, name: str) -> None:
    """Run one of the examples for a first look, on a node of the environment's own."""
    with environment.node() as address:
        printed = environment.python("-W", "error", ROOT / "examples" / f"{name}.py", address)
    lines = printed.splitlines()
    assert lines[0] == f"Connected to {address}"
    assert lines[1] == "cache.get('answer') = 42"
    assert lines[4] == "cache.get_size() = 1001"
