"""The examples, run as a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ignite.node import Node

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.live
@pytest.mark.parametrize("runtime", ["", "_trio", "_asyncio", "_gevent"])
def test_quickstart(runtime: str, ignite_node: Node) -> None:
    address = ignite_node.address
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / f"quickstart{runtime}.py"), address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == f"Connected to {address}"
    assert lines[1:5] == [
        "cache.get('answer') = 42",
        "cache.get('question') = None",
        "cache.get_all(...) = {'key 0': 0, 'key 250': 62500, 'key 500': 250000, 'key 750': 562500}",
        "cache.get_size() = 1001",
    ]
    assert "quickstart" not in lines[5]


@pytest.mark.live
def test_custom_adapter(ignite_node: Node) -> None:
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / "custom_adapter.py"), ignite_node.address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "cache.get('answer') = 42\n"
