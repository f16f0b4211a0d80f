"""A node for the command line, and the command line itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gridgain_cli.main import cli
from gridgain_proto.client.blocking_base import Connected
from gridgain_sync import Client
from gridgain_sync.node import EmbeddedNode


class Cli:
    """Runs commands against a node.

    Args:
        node: the node.
        folder: where the command line is at home.
    """

    def __init__(self, node: EmbeddedNode, folder: Path) -> None:
        self.node = node
        self.folder = folder
        self.environment = {
            **{name: None for name in os.environ if name.startswith("GRIDGAIN_")},
            "GRIDGAIN_ADDRESSES": f"{node.host}:{node.port}",
            "HOME": str(folder),
            "COLUMNS": "200",
        }

    def __call__(
        self,
        *arguments: str,
        input: str | None = None,
        code: int = 0,
        env: Mapping[str, str | None] | None = None,
    ) -> Result:
        """Run a command, and check its exit code."""
        environment = {**self.environment, **(env or {})}
        result = CliRunner().invoke(
            cli, list(arguments), input=input, env=environment, prog_name="gridgain"
        )
        assert result.exit_code == code, result.output + result.stderr
        return result

    def json(self, *arguments: str, **options: Any) -> list[Any]:
        """Run a command, and read its output as JSON lines."""
        return [json.loads(line) for line in self(*arguments, **options).stdout.splitlines()]

    def client(self) -> Connected[Client]:
        """A client of the node, to be entered."""
        return Client(timeout=10).connect(*self.node.address)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Cli]:
    """A command line with a node of its own."""
    with EmbeddedNode() as node:
        yield Cli(node, tmp_path)
