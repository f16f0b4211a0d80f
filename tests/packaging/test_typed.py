"""A user's program is checked against the installed wheel, not against the sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .environments import Environment

# The marked lines are wrong, each in its way: strict mypy complains of a mark that is not needed,
# as all of them would be if types were lost on the way into the wheel.
PROGRAM = """
import gridgain_asyncio
import gridgain_gevent
import gridgain_sync
import gridgain_trio
from gridgain_proto import Connection, Product
from gridgain_proto.datatypes import CharObject
from gridgain_proto.datatypes.cache_config import CacheMode
from gridgain_proto.datatypes.prop_codes import PROP_CACHE_MODE, PROP_NAME
from gridgain_proto.exceptions import ReconnectError
from gridgain_testing.node import ObservedNode


def in_threads() -> int:
    with gridgain_sync.Client(timeout=10).connect("127.0.0.1", 10800) as client:
        cache: gridgain_sync.Cache[str, int] = client.get_or_create_cache(
            {PROP_NAME: "numbers", PROP_CACHE_MODE: CacheMode.REPLICATED}
        )
        cache.put("one", 1)
        cache.put(1, "one")  # type: ignore[arg-type]
        found = cache.get("one")
        return found  # type: ignore[return-value]


def in_greenlets(cache: gridgain_gevent.Cache[str, int]) -> bool:
    cache.get(2)  # type: ignore[arg-type]
    return cache.contains_key("one")


async def in_trio(cache: gridgain_trio.Cache[str, int]) -> int:
    cache.get("one")  # type: ignore[unused-coroutine]
    return await cache.get_size()


async def in_asyncio(client: gridgain_asyncio.Client) -> list[str]:
    await client.create_cache(1)  # type: ignore[arg-type]
    return await client.get_cache_names()


def in_tests(node: ObservedNode) -> list[str]:
    node.fail(status="CACHE_PUT")  # type: ignore[arg-type]
    return node.requests.names()
"""


def test_a_program_of_a_user(testing: Environment, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-I", "-m", "mypy", "--strict", "--config-file=",
         "--cache-dir", tmp_path / "cache", "--python-executable", testing.bin / "python",
         "program.py"],
        cwd=tmp_path, env=testing.variables, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert run.stdout == "Success: no issues found in 1 source file\n", run.stderr
