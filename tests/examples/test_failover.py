"""The guide's loop as a program of its own, while the node that it talks to is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ignite.cluster import IgniteCluster

PROGRAM = Path(__file__).parents[2] / "examples" / "failover.py"


@pytest.mark.live
@pytest.mark.timeout(120)
def test_it_goes_on_while_one_node_lives(failover_cluster: IgniteCluster) -> None:
    addresses = [node.address for node in failover_cluster]
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), *addresses], stdout=subprocess.PIPE, text=True
    ) as program:
        killed: list[str] = []
        lines = []
        for line in program.stdout or ():
            lines.append(line.strip())
            counted, on, node = line.partition(" on ")
            if on and len(killed) < 2 and int(counted) >= 2000 * (len(killed) + 1):
                victim = next(one for one in failover_cluster if one.address in node)
                killed.append(victim.address)
                victim.kill()
        assert program.wait(30) == 0, lines
    assert len(killed) == 2
    assert lines[-1] == "Counted to 20000", lines
    # Each kill cost at most the one call that was under way.
    assert sum(line.startswith("Error: ") for line in lines) <= 2, lines
