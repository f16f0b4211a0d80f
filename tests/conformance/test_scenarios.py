"""Every scenario in every runtime, on a live node and on the one in memory.

A runtime that lacks something fails; it does not skip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .conftest import GreenletWorker, has_uvloop, servers_of
from .harness import Harness, Listed, Traits
from .in_asyncio import AsyncioHarness, UvloopHarness
from .in_threads import ThreadHarness
from .in_trio import TrioHarness
from .scenarios import scenario

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

IN_PROCESS: list[type[Harness]] = [ThreadHarness, TrioHarness, AsyncioHarness]
if has_uvloop():
    IN_PROCESS.append(UvloopHarness)


class _Gevent(Traits):
    """What is known here of the runtime in the other processes."""

    name = "gevent"
    blocking = True
    cancels = True


def cases(runtime: type[Traits]) -> list[ParameterSet]:
    """The scenarios that have a meaning in a runtime."""
    return [
        pytest.param(
            runtime,
            listed,
            server,
            id=f"{runtime.name}: {listed.name} {server}".rstrip(),
            marks=marks,
        )
        for listed in scenario.listed.values()
        if listed.only_if(runtime)
        for server, marks in servers_of(listed)
    ]


@pytest.mark.parametrize(
    ("runtime", "listed", "server"), [case for runtime in IN_PROCESS for case in cases(runtime)]
)
def test_in_this_process(
    runtime: type[Harness],
    listed: Listed,
    server: str,
    facts_of: Callable[[str | None, str], dict[str, str]],
) -> None:
    runtime(facts_of(listed.live, server)).run(listed.function)


@pytest.mark.parametrize("kind", ["patched", "unpatched"])
@pytest.mark.parametrize(("runtime", "listed", "server"), cases(_Gevent))
def test_in_gevent(
    kind: str,
    runtime: type[Traits],
    listed: Listed,
    server: str,
    facts_of: Callable[[str | None, str], dict[str, str]],
    request: pytest.FixtureRequest,
) -> None:
    worker: GreenletWorker = request.getfixturevalue(f"gevent_{kind}")
    problem = worker.run(listed.name, facts_of(listed.live, server), f"{runtime.name} {kind}")
    assert not problem, problem
